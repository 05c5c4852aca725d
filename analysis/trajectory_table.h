/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ANALYSIS_TRAJECTORY_TABLE_H
#define ANALYSIS_TRAJECTORY_TABLE_H

/* The table of a trajectory: what the runs of its windows come to per period and in all, with
 * intervals, marginal values and crossovers (docs/trajectory.md). */

#include "analysis/crossover.h"
#include "analysis/outcome.h"
#include "sim/io/course.h"

/* Runs of a window: as it is, and with more of a resource. */
enum trajectory_trial { TRAJECTORY_BASE, TRAJECTORY_FEED, TRAJECTORY_NODES, TRAJECTORY_TRIALS };

/* What a crossover is one of. */
enum trajectory_method {
    TRAJECTORY_RHO,      /* rho - rho*, K_eff realized */
    TRAJECTORY_PEAK,     /* rho - rho*, K_eff peak */
    TRAJECTORY_MARGINAL, /* value of nodes less that of feed */
    TRAJECTORY_METHODS
};
extern const char *const trajectory_method_name[TRAJECTORY_METHODS]; /* "rho", "rho_peak", ... */

/* Marginal values of which neither reaches this tell nothing of feed against nodes: the demand
 * binds. */
#define TRAJECTORY_DECIDED 0.1

struct trajectory_table {
    const struct course *course;
    size_t periods, days, windows, replications; /* days, windows: of a period; of a day */
    double horizon;                              /* s of a window */
    const struct outcome *run;                   /* trajectory_run() tells where; not owned */
    const double *factor; /* by period and trial: what the resource was multiplied by; not owned */
    double *time;         /* middle of each period, days after the course begins */
    struct outcome *figure;   /* of each period and then of all, trajectory_figures() each */
    struct outcome *marginal; /* d ln Q / d ln R of each period: feed, nodes */
    struct crossover *crossing[TRAJECTORY_METHODS];
    size_t crossings[TRAJECTORY_METHODS];
};

/* Index of a run: of period, day, window, replication and trial, the last fastest. */
size_t trajectory_run(const struct trajectory_table *t, size_t period, size_t day, size_t window,
                      size_t replication, enum trajectory_trial trial);
size_t trajectory_runs(const struct trajectory_table *t);

/* The figures of a period: how many; definition (without value), static; index by name, -1 when
 * there is none. */
size_t trajectory_figures(void);
const struct figure *trajectory_figure(size_t i);
long trajectory_find(const char *name);

/* Fills the table from course, replications, horizon, run and factor, which the caller has set. */
void trajectory_table_make(struct trajectory_table *t);
void trajectory_table_clear(struct trajectory_table *t);

/* A figure of a period (periods: of all). */
const struct outcome *trajectory_cell(const struct trajectory_table *t, size_t period,
                                      const char *name);

/* The constraint with the largest share of node-time in a period (periods: of all); or in one of its
 * windows, over days and replications. */
enum binding trajectory_binding(const struct trajectory_table *t, size_t period);
enum binding trajectory_window_binding(const struct trajectory_table *t, size_t period,
                                       size_t window);

#endif
