/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ANALYSIS_COMPARISON_H
#define ANALYSIS_COMPARISON_H

/* A comparison: what was measured at a point beside what the simulator says, for each quantity that
 * can be compared there. */

#include "analysis/trial.h"
#include "sim/io/library.h"

enum quantity {
    QUANTITY_TPOT,
    QUANTITY_ITL,
    QUANTITY_TTFT, /* at low load only: beyond it, queueing */
    QUANTITY_TOKEN_RATE,
    QUANTITY_GPU_POWER,
    QUANTITY_E_TOK,
    QUANTITY_WALL_POWER,
    QUANTITY_COUNT
};

struct quantity_info {
    const char *name, *unit, *long_name; /* static; name as in results, unit in UDUNITS syntax */
    const char *title;                   /* in tables */
    double bar;         /* median absolute error that issue and docs ask for; NAN: none */
    double bar_p90;     /* the same of its 90th percentile */
    const char *remark; /* told with the errors; NULL: none */
};
extern const struct quantity_info quantity_info[QUANTITY_COUNT];

struct comparison {
    const struct measured_point *point;
    struct trial trial;
    double measured[QUANTITY_COUNT], predicted[QUANTITY_COUNT]; /* NAN where not compared */
    const char *excluded; /* why it is left out; NULL: it counts. Static text */
};

struct comparisons {
    struct comparison *one; /* in the order of the points; owned */
    size_t count;
};

/* Low load, where TTFT says how long a prompt takes and not how it queues: at most 16 clients whose
 * prompts come at most 200 to an output token. */
bool comparison_low_load(const struct measured_point *p);

/* Runs every point of *m that counts, on up to `threads` threads, with the library's tables. The
 * result does not depend on the number of threads. False with messages in *e when a table cannot be
 * read; nothing is to be cleared then. *m must outlive *out. */
bool comparisons_run(const struct measured *m, struct library *library, int threads,
                     struct comparisons *out, struct error *e);
void comparisons_clear(struct comparisons *c);

/* Signed relative error, predicted / measured - 1; NAN where not compared. */
static inline double comparison_error(const struct comparison *c, enum quantity q) {
    return c->predicted[q] / c->measured[q] - 1;
}

#endif
