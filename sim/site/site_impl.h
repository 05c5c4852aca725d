/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_SITE_SITE_IMPL_H
#define SIM_SITE_SITE_IMPL_H

/* The state of a run: for the files that make up the site, and for tests of its inside. */

#include "sim/site/book.h"
#include "sim/site/manager.h"
#include "sim/site/spread.h"

/* Control periods that cells may be advanced through in one window, at most. */
#define SITE_WINDOW 60

struct site_group {
    const struct cell_spec *spec;
    struct site_sample sample;
    size_t first;           /* its first cell, of the simulated ones */
    struct cell_tick total; /* of its simulated cells, over the horizon; not scaled */
};

/* What is asked of a cell when the run has ended. */
struct site_cell_end {
    struct cell_totals totals;
    double latency_sum[CELL_LATENCY_COUNT]; /* s */
    uint64_t hash;
};

struct site_cell {
    struct cell *cell; /* owned; NULL: it is another rank's, and here are only its figures */
    size_t group;
    long index; /* of the cell in its group */
    long nodes;
    size_t first_node;      /* in the power manager's list */
    struct cell_tick *tick; /* of the present window, SITE_WINDOW of them; in site_state.tick */
    struct cell_tick total;
    struct site_cell_end end; /* filled at the end of the run */
};

struct site_state {
    const struct site_spec *spec;
    struct site_group *group;
    struct ceiling *ceiling; /* by group */
    struct site_cell *cell;  /* group after group, in order of index */
    size_t cells;
    struct cell_tick *tick;
    struct manager manager;
    struct book book;
    struct spread spread;
    size_t ticks;          /* of the whole run */
    size_t warmup;         /* of them before the horizon begins */
    double simulated_done; /* requests completed in the simulated cells */
};

/* End of period i (s after the run began): the last one may be shorter than the others. */
double site_tick_end(const struct site_spec *s, size_t i);

/* site_run with windows of at most `window` periods (1 to SITE_WINDOW): the same result for all. */
bool site_run_windows(const struct site_spec *s, size_t window, site_progress *progress, void *user,
                      struct result *out, struct error *e);

/* Fills everything of *out but its series from a run that has ended. */
void summary_fill(struct site_state *s, struct result *out);

#endif
