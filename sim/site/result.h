/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_SITE_RESULT_H
#define SIM_SITE_RESULT_H

/* The result of a run in memory: what the result file holds and the summary prints. Names are the
 * contract of DESIGN 9. */

#include "sim/measure/figure.h"
#include "sim/measure/series.h"
#include "sim/measure/sketch.h"
#include "sim/serving/cell.h"

enum result_ledger {
    RESULT_GPU_STATIC,
    RESULT_GPU_COMPUTE,
    RESULT_GPU_MEMORY,
    RESULT_HOST,
    RESULT_LOSSES,
    RESULT_COOLING,
    RESULT_FIXED,
    RESULT_LEDGER_COUNT
};
extern const char *const result_ledger_name[RESULT_LEDGER_COUNT]; /* "gpu_static", ... */

enum result_convention { RESULT_REALIZED, RESULT_PEAK }; /* of K_eff */
extern const char *const result_convention_name[2];      /* "realized", "peak" */

struct result_crossing {
    double time;   /* s, interpolated */
    int direction; /* +1: rho rose above rho* (power -> compute binds); -1: fell below */
    enum result_convention convention;
};

struct result_cell {
    const char *group; /* its name; the specification's */
    long index;        /* of the cell in its group */
    double weight;     /* nodes of the site that each of its nodes stands for; in a run that samples
                          cells, cells of the site that it stands for */
    long nodes;        /* simulated in it */
    double tokens, good_tokens, requests_done, it_energy; /* not scaled; J */
};

struct result_node {
    long cell; /* index into cells of the result */
    struct cell_node_total total;
};

/* What 1 % more of a resource would bring: d ln tokens / d ln resource, and of good tokens, with
 * the half widths of their 95 % intervals (INFINITY: none). */
struct result_marginal {
    const char *resource;
    double factor; /* by which the resource was really multiplied */
    double tokens, tokens_half;
    double good, good_half;
    struct figure more; /* what that is in another measure: tokens/s by a MW of feed or a node,
                           d ln tokens / d ln K_eff of the clock; no name: nothing */
};

struct result {
    struct series series;   /* columns in the order of DESIGN 9; the last is `binding` */
    struct figure *summary; /* DESIGN 9's scalars in order, then those that dcsim adds */
    size_t summaries;
    double binding_share[BINDING_COUNT];
    double ledger[RESULT_LEDGER_COUNT]; /* J, scaled to the site */
    struct result_crossing *crossing;
    size_t crossings;
    struct result_cell *cell;
    size_t cells;
    struct result_node *node;
    size_t nodes;
    struct result_marginal *marginal; /* where they were asked for, in the order of enum resource */
    size_t marginals;
    struct sketch latency[CELL_LATENCY_COUNT]; /* of the simulated cells, not scaled */
    double batch_intervals;                    /* batches behind the intervals; 0: none */
    uint64_t state_hash;                       /* of the final state */
};

void result_clear(struct result *r);

/* The figures of every summary, in order, without values; *count of them. */
const struct figure *result_summary_table(size_t *count);

/* A figure of the summary by name; NULL when there is none. */
const struct figure *result_figure(const struct result *r, const char *name);

#endif
