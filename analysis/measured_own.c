/* SPDX-License-Identifier: GPL-3.0-or-later */

/* dcsim's own format: a column for each field of struct measured_point, named as it, with its unit
 * where it has one; names are those of tables (docs/measured.md). */

#include "analysis/measured_format.h"
#include "analysis/near.h"
#include "sim/engine/memory.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const telling[] = {"llm", "engine", "output_tokens", NULL};
static const char *const needed[] = {"hardware", "gpus", "weights", NULL};

/* The columns that hold something else than one measured or stated number; and `spread`. */
static const char *const others[] = {
    "hardware",    "engine",  "llm",  "version", "published", "task",
    "date",        "kind",    "gpus", "copies",  "attention", "expert_parallel",
    "speculative", "weights", "kv",   "spread",
};

/* The columns that hold one number. */
static const struct figure {
    const char *column;
    enum measured_csv_range range;
    bool measured; /* not part of the configuration: one at least must be there */
    size_t offset;
} figures[] = {
#define FIGURE(column, range, measured, member)                                                    \
    { column, MEASURED_CSV_##range, measured, offsetof(struct measured_point, member) }
    FIGURE("prompt_tokens", POSITIVE, false, prompt),
    FIGURE("output_tokens", POSITIVE, false, output),
    FIGURE("clients", POSITIVE, false, clients),
    FIGURE("requests", POSITIVE, false, requests),
    FIGURE("cap_W", POSITIVE, false, cap),
    FIGURE("ttft_s", POSITIVE, true, ttft),
    FIGURE("tpot_s", POSITIVE, true, tpot),
    FIGURE("itl_p50_s", POSITIVE, true, itl_p50),
    FIGURE("token_rate_per_s", POSITIVE, true, token_rate),
    FIGURE("gpu_power_W", POSITIVE, true, gpu_power),
    FIGURE("wall_power_W", POSITIVE, true, wall_power),
    FIGURE("e_tok_J", POSITIVE, true, e_tok),
};

enum {
    OTHERS = sizeof others / sizeof others[0],
    COLUMNS = OTHERS + sizeof figures / sizeof figures[0]
};

/* The columns of the format, from 0 to COLUMNS - 1. */
static const char *column_at(size_t i) {
    return i < OTHERS ? others[i] : figures[i - OTHERS].column;
}

/* Tells of one column that is not of the format. */
static void refuse_column(struct measured_csv *c, const struct near *near) {
    c->mistakes++;
    if (near_enough(near)) {
        error_add(c->error, c->path, c->line,
                  "found the column '%s', which is none of the format's; '%s' would be right",
                  near->found, near->name);
        return;
    }
    char *known = memory_text(column_at(0));
    for (size_t i = 1; i < COLUMNS; i++) {
        char *longer = memory_print("%s, %s", known, column_at(i));
        free(known);
        known = longer;
    }
    error_add(c->error, c->path, c->line,
              "found the column '%s', which is none of the format's; one of %s would be right",
              near->found, known);
    free(known);
}

/* A column of another name is a mistake: a figure in it would be lost in silence. Those without a
 * name, as spreadsheets add them, are let be. */
static void own_header(struct measured_csv *c) {
    for (size_t i = 0; i < c->columns; i++) {
        struct near near;
        bool known = c->name[i][0] == '\0';
        near_begin(&near, c->name[i]);
        for (size_t k = 0; k < COLUMNS && !known; k++) {
            known = strcmp(c->name[i], column_at(k)) == 0;
            near_offer(&near, column_at(k), strlen(column_at(k)));
        }
        if (!known)
            refuse_column(c, &near);
    }
}

/* The field's place among `words`, that end with NULL; 0 when it is empty or, with a mistake, none
 * of them. */
static int choose(struct measured_csv *c, const char *column, const char *const *words,
                  const char *right) {
    const char *text = measured_csv_text(c, column);
    for (int i = 0; words[i] != NULL; i++)
        if (strcmp(words[i], text) == 0)
            return i;
    if (*text != '\0')
        measured_csv_refuse(c, column, right);
    return 0;
}

static enum precision read_precision(struct measured_csv *c, const char *column,
                                     enum precision fallback) {
    enum precision p = fallback;
    const char *text = measured_csv_text(c, column);
    if (*text == '\0' ? fallback == PRECISION_COUNT : !precision_of(text, &p)) {
        measured_csv_refuse(c, column, "FP16, FP8, INT8, FP4 or INT4");
        return PRECISION_FP16;
    }
    return p;
}

/* A name that must be there. */
static void read_name(struct measured_csv *c, const char *column, char *out, size_t size) {
    measured_csv_copy(c, column, out, size);
    if (out[0] == '\0')
        measured_csv_refuse(c, column, "the name of a table");
}

static void read_figures(struct measured_csv *c, struct measured_point *p) {
    bool any = false;
    for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++) {
        double *out = (double *)((char *)p + figures[i].offset);
        *out = measured_csv_optional(c, figures[i].column, figures[i].range);
        any = any || (figures[i].measured && !isnan(*out));
    }
    const double spread = measured_csv_optional(c, "spread", MEASURED_CSV_NONNEGATIVE);
    p->spread = isnan(spread) ? 0 : spread;
    if (p->spread >= 1)
        measured_csv_refuse(c, "spread", "a number below 1");
    if (isnan(p->output))
        measured_csv_refuse(c, "output_tokens", "the mean number of output tokens");
    if (isnan(p->clients) && (p->kind == MEASURED_CLOSED_LOOP || p->kind == MEASURED_BATCH))
        measured_csv_refuse(c, "clients", "the concurrency, or the batch's size,");
    if (!any)
        measured_csv_refuse(c, "tpot_s", "one measured figure at least, here or in another column");
}

static void own_read(struct measured_csv *c, struct measured_point *p) {
    static const char *const kinds[] = {"closed_loop", "batch", "offline", "server", NULL};
    static const char *const attentions[] = {"tensor", "data", NULL};
    static const char *const answers[] = {"no", "yes", NULL};
    read_name(c, "hardware", p->hardware, sizeof p->hardware);
    read_name(c, "engine", p->engine, sizeof p->engine);
    read_name(c, "llm", p->llm, sizeof p->llm);
    measured_csv_copy(c, "version", p->version, sizeof p->version);
    measured_csv_copy(c, "published", p->published, sizeof p->published);
    measured_csv_copy(c, "task", p->task, sizeof p->task);
    measured_csv_copy(c, "date", p->date, sizeof p->date);
    p->kind = (enum measured_kind)choose(c, "kind", kinds, "closed_loop, batch, offline or server");
    p->gpus = measured_csv_count(c, "gpus", 1, 0);
    p->copies = measured_csv_count(c, "copies", 0, 1);
    p->attention = (enum platform_attention)choose(c, "attention", attentions, "tensor or data");
    p->expert_parallel = choose(c, "expert_parallel", answers, "yes or no") == 1;
    p->speculative = choose(c, "speculative", answers, "yes or no") == 1;
    p->weights = read_precision(c, "weights", PRECISION_COUNT);
    p->kv = read_precision(c, "kv", PRECISION_FP16);
    read_figures(c, p);
    if (p->speculative)
        measured_point_exclude(p, "speculative decoding");
    if (p->kind == MEASURED_SERVER)
        measured_point_exclude(p, measured_server);
}

const struct measured_format measured_own = {"dcsim", telling, needed, own_read, NULL, own_header};
