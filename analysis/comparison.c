/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/comparison.h"

#include "sim/engine/memory.h"
#include "sim/engine/window.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The 90th percentile that is asked for (issue). */
#define BAR_P90 0.25

const struct quantity_info quantity_info[QUANTITY_COUNT] = {
    [QUANTITY_TPOT] = {"tpot", "s", "mean time per output token after the first", "TPOT", 0.08,
                       BAR_P90, NULL},
    [QUANTITY_ITL] = {"itl_p50", "s", "median gap between tokens", "ITL p50", NAN, BAR_P90, NULL},
    [QUANTITY_TTFT] = {"ttft", "s", "mean time to first token, low load", "TTFT", 0.20, NAN, NULL},
    [QUANTITY_TOKEN_RATE] = {"token_rate", "s-1", "output tokens per second", "tokens/s", 0.10,
                             BAR_P90, NULL},
    [QUANTITY_GPU_POWER] = {"gpu_power", "W", "mean power of all GPUs", "GPU power", 0.08, BAR_P90,
                            NULL},
    [QUANTITY_E_TOK] = {"e_tok", "J", "energy of the GPUs per output token", "J/token", 0.12,
                        BAR_P90, NULL},
    [QUANTITY_WALL_POWER] = {"wall_power", "W", "mean power at the wall", "wall power", NAN, NAN,
                             "Not a test: the host's power and slope in the table of H200 were "
                             "fitted to this figure (docs/measured.md)."},
};

/* Bounds of low load (issue: TTFT at low load). */
#define LOW_LOAD_RATIO   200.0
#define LOW_LOAD_CLIENTS 16.0
/* A TPOT that is clients / (tokens/s) to this, relative, was worked out and not clocked. */
#define DERIVED_TOLERANCE 1e-6

bool comparison_low_load(const struct measured_point *p) {
    return p->clients <= LOW_LOAD_CLIENTS && p->clients * p->prompt / p->output <= LOW_LOAD_RATIO;
}

/* Some sources' TPOT is clients / (tokens/s), in which prompts' time is too: then ours must be. */
static double tpot_like(const struct measured_point *p, const struct trial *t) {
    const double derived = p->clients / p->token_rate;
    return fabs(p->tpot - derived) <= DERIVED_TOLERANCE * derived ? t->clients / t->token_rate
                                                                  : t->tpot;
}

static void compare(struct comparison *c) {
    const struct measured_point *p = c->point;
    const struct trial *t = &c->trial;
    const bool ttft = p->kind == MEASURED_BATCH || comparison_low_load(p);
    const double measured[] = {
        [QUANTITY_TPOT] = p->tpot,
        [QUANTITY_ITL] = p->itl_p50,
        [QUANTITY_TTFT] = ttft ? p->ttft : NAN,
        [QUANTITY_TOKEN_RATE] = p->token_rate,
        [QUANTITY_GPU_POWER] = p->gpu_power,
        [QUANTITY_E_TOK] = p->e_tok,
        [QUANTITY_WALL_POWER] = p->wall_power,
    };
    const double predicted[] = {
        [QUANTITY_TPOT] = tpot_like(p, t),
        [QUANTITY_ITL] = t->itl_p50,
        [QUANTITY_TTFT] = t->ttft,
        [QUANTITY_TOKEN_RATE] = t->token_rate,
        [QUANTITY_GPU_POWER] = t->gpu_power,
        [QUANTITY_E_TOK] = t->e_tok,
        [QUANTITY_WALL_POWER] = t->wall_power,
    };
    for (int q = 0; q < QUANTITY_COUNT; q++) {
        const bool both = measured[q] > 0 && isfinite(predicted[q]); /* NAN: neither */
        c->measured[q] = both ? measured[q] : NAN;
        c->predicted[q] = both ? predicted[q] : NAN;
    }
}

/* The points' work, handed to threads the longest first as far as their clients tell. */
struct task {
    struct comparison *comparison;
    struct trial_tables tables;
    double size;
};

static void run_task(void *user, size_t index) {
    struct task *task = (struct task *)user + index;
    struct comparison *c = task->comparison;
    struct platform platform;
    trial_platform(c->point, &task->tables, &platform);
    if (trial_run(c->point, &task->tables, &platform, &c->trial))
        compare(c);
    else
        c->excluded = c->trial.failed;
}

static int by_size(const void *a, const void *b) {
    const struct task *x = a, *y = b;
    if (x->size != y->size)
        return x->size > y->size ? -1 : 1;
    return x->comparison < y->comparison ? -1 : x->comparison > y->comparison;
}

static void nothing(struct comparison *c, const struct measured_point *p) {
    *c = (struct comparison){.point = p, .excluded = p->excluded};
    c->trial = (struct trial){NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NULL};
    for (int q = 0; q < QUANTITY_COUNT; q++)
        c->measured[q] = c->predicted[q] = NAN;
}

bool comparisons_run(const struct measured *m, struct library *library, int threads,
                     struct comparisons *out, struct error *e) {
    struct task *task = memory_new(m->count + 1, sizeof *task);
    size_t tasks = 0;
    bool right = true;
    *out = (struct comparisons){memory_new(m->count + 1, sizeof *out->one), m->count};
    for (size_t i = 0; i < m->count; i++) {
        const struct measured_point *p = &m->point[i];
        nothing(&out->one[i], p);
        if (p->excluded != NULL)
            continue;
        const struct trial_tables tables = {
            .llm = library_llm(library, p->llm, e),
            .hardware = library_hardware(library, p->hardware, e),
            .engine = library_engine(library, p->engine, e),
        };
        right = right && tables.llm != NULL && tables.hardware != NULL && tables.engine != NULL;
        task[tasks++] = (struct task){&out->one[i], tables, isnan(p->clients) ? 1e9 : p->clients};
    }
    if (right) {
        qsort(task, tasks, sizeof *task, by_size);
        window_run(threads, tasks, run_task, task);
    } else {
        comparisons_clear(out);
    }
    free(task);
    return right;
}

void comparisons_clear(struct comparisons *c) {
    free(c->one);
    *c = (struct comparisons){0};
}
