/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/validation_file.h"

#include "config.h"

#include "sim/engine/memory.h"
#include "sim/io/h5out.h"
#include "sim/io/outfile.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char scale[] = "point";

static const char *kind_name(enum measured_kind kind) {
    switch (kind) {
    case MEASURED_CLOSED_LOOP:
        return "closed_loop";
    case MEASURED_BATCH:
        return "batch";
    case MEASURED_OFFLINE:
        return "offline";
    case MEASURED_SERVER:
        return "server";
    }
    return "";
}

/* A text of each point. */
static void write_texts(struct h5out *o, hid_t group, const struct comparisons *c) {
    enum { DATA, HARDWARE, ENGINE, RELEASE, LLM, TASK, KIND, WEIGHTS, KV, EXCLUDED, TEXTS };
    static const char *const names[TEXTS][2] = {
        [DATA] = {"data", "format of the file the point was read from"},
        [HARDWARE] = {"hardware", "hardware table"},
        [ENGINE] = {"engine", "serving engine table"},
        [RELEASE] = {"version", "version of the engine as published"},
        [LLM] = {"llm", "model table"},
        [TASK] = {"task", "task of the benchmark whose prompts are assumed"},
        [KIND] = {"kind", "how the load was brought"},
        [WEIGHTS] = {"weights", "precision of weights"},
        [KV] = {"kv", "precision of KV elements"},
        [EXCLUDED] = {"excluded", "why the point is left out; empty when it counts"},
    };
    const char **text = memory_new(c->count, sizeof *text);
    for (int k = 0; k < TEXTS; k++) {
        for (size_t i = 0; i < c->count; i++) {
            const struct measured_point *p = c->one[i].point;
            const char *excluded = c->one[i].excluded != NULL ? c->one[i].excluded : "";
            const char *const all[TEXTS] = {p->source,
                                            p->hardware,
                                            p->engine,
                                            p->version,
                                            p->llm,
                                            p->task,
                                            kind_name(p->kind),
                                            precision_name(p->weights),
                                            precision_name(p->kv),
                                            excluded};
            text[i] = all[k];
        }
        h5out_names(o, group, names[k][0], names[k][1], text, c->count, scale);
    }
    free(text);
}

/* A number of each point that says what was measured. */
static void write_numbers(struct h5out *o, hid_t group, const struct comparisons *c) {
    enum {
        LINE,
        GPUS,
        COPIES,
        CLIENTS,
        PROMPT,
        OUTPUT,
        SPREAD,
        CAP,
        RUNNING,
        REQUESTS,
        PLACES,
        NUMBERS
    };
    static const char *const names[NUMBERS][3] = {
        [LINE] = {"line", "1", "line of the file"},
        [GPUS] = {"gpus", "1", "GPUs of one replica"},
        [COPIES] = {"copies", "1", "replicas that share the load"},
        [CLIENTS] = {"clients", "1", "concurrency over all copies"},
        [PROMPT] = {"prompt_tokens", "1", "mean prompt tokens"},
        [OUTPUT] = {"output_tokens", "1", "mean output tokens"},
        [SPREAD] = {"spread", "1", "half width of the lengths over their mean"},
        [CAP] = {"cap", "W", "power limit of one GPU"},
        [RUNNING] = {"running", "1", "simulated: mean running sequences over all copies"},
        [REQUESTS] = {"requests", "1", "simulated: requests of one copy in the window"},
        [PLACES] = {"places", "1", "sequences of mean length that the memory holds, all copies"},
    };
    double *value = memory_new(c->count, sizeof *value);
    for (int k = 0; k < NUMBERS; k++) {
        for (size_t i = 0; i < c->count; i++) {
            const struct measured_point *p = c->one[i].point;
            const double all[NUMBERS] = {(double)p->line,
                                         p->gpus,
                                         p->copies,
                                         p->clients,
                                         p->prompt,
                                         p->output,
                                         p->spread,
                                         p->cap,
                                         c->one[i].trial.running,
                                         c->one[i].trial.requests,
                                         c->one[i].trial.places};
            value[i] = all[k];
        }
        h5out_reals(o, group, names[k][0], names[k][1], names[k][2], value, c->count, scale);
    }
    free(value);
}

/* Measured and predicted of one quantity. */
static void write_quantity(struct h5out *o, hid_t group, const struct comparisons *c, int q) {
    const struct quantity_info *info = &quantity_info[q];
    double *value = memory_new(c->count, sizeof *value);
    for (int predicted = 0; predicted < 2; predicted++) {
        const char *side = predicted ? "predicted" : "measured";
        char *name = memory_print("%s_%s", info->name, side);
        char *text = memory_print("%s, %s; NaN where not compared", info->long_name, side);
        for (size_t i = 0; i < c->count; i++)
            value[i] = predicted ? c->one[i].predicted[q] : c->one[i].measured[q];
        h5out_reals(o, group, name, info->unit, text, value, c->count, scale);
        free(text);
        free(name);
    }
    free(value);
}

bool validation_file_write(const char *path, const struct comparisons *c, const char *command,
                           struct error *e) {
    struct h5out o;
    h5out_open(&o);
    const hid_t root = h5out_group(&o, "/");
    int64_t *index = memory_new(c->count, sizeof *index);
    for (size_t i = 0; i < c->count; i++)
        index[i] = (int64_t)i;
    h5out_text(&o, root, "Conventions", "CF-1.10");
    h5out_text(&o, root, "title", "dcsim against measured points");
    h5out_text(&o, root, "dcsim_version", PACKAGE_VERSION);
    h5out_text(&o, root, "command", command);
    h5out_counts(&o, root, scale, NULL, "number of the point", index, c->count, scale);
    write_texts(&o, root, c);
    write_numbers(&o, root, c);
    for (int q = 0; q < QUANTITY_COUNT; q++)
        write_quantity(&o, root, c, q);
    h5out_leave(&o, root);
    size_t size;
    void *bytes = h5out_close(&o, &size);
    if (bytes == NULL)
        error_add(e, path, 0, "%s", o.message);
    const bool done = bytes != NULL && outfile_write(path, bytes, size, e);
    free(bytes);
    free(index);
    return done;
}
