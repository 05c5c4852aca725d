/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ANALYSIS_TRAJECTORY_TABLE_H
#define ANALYSIS_TRAJECTORY_TABLE_H

/* The table of a trajectory: what the runs of its windows come to per period and in all, with
 * intervals, marginal values and crossovers (docs/trajectory.md). */

#include "analysis/crossover.h"
#include "analysis/outcome.h"
#include "sim/io/course.h"

/* Runs of a window: as it is and with more of a resource; and the same with so much demand that the
 * site is full. */
enum trajectory_trial {
    TRAJECTORY_BASE,
    TRAJECTORY_FEED,
    TRAJECTORY_NODES,
    TRAJECTORY_FULL,
    TRAJECTORY_FULL_FEED,
    TRAJECTORY_FULL_COOLING,
    TRAJECTORY_FULL_CLOCK,
    TRAJECTORY_TRIALS
};

/* What a trial is compared with. */
static inline enum trajectory_trial trajectory_base(enum trajectory_trial trial) {
    return trial >= TRAJECTORY_FULL ? TRAJECTORY_FULL : TRAJECTORY_BASE;
}

/* Marginal values of a period: d ln Q_token / d ln R. */
enum trajectory_value {
    TRAJECTORY_FEED_VALUE,  /* of the feed, at the demand that there is */
    TRAJECTORY_NODES_VALUE, /* of nodes on the same feed, plant and demand */
    TRAJECTORY_IT_POWER,    /* in a full site: of feed, and heat limit where there is one: the lower
                               of them has it */
    TRAJECTORY_K_EFF,       /* in a full site: of K_eff, by the clock (docs/site.md, S.21) */
    TRAJECTORY_VALUES
};
extern const struct figure trajectory_value[TRAJECTORY_VALUES]; /* "marginal_feed", ... */

/* What a crossover is one of. */
enum trajectory_method {
    TRAJECTORY_RHO,      /* rho - rho*, K_eff realized */
    TRAJECTORY_PEAK,     /* rho - rho*, K_eff peak */
    TRAJECTORY_MARGINAL, /* in a full site, value of K_eff less that of IT power */
    TRAJECTORY_INVEST,   /* value of nodes less that of the feed */
    TRAJECTORY_METHODS
};
extern const char *const trajectory_method_name[TRAJECTORY_METHODS]; /* "rho", "rho_peak", ... */

/* Marginal values of which neither reaches this tell nothing of power against compute: the demand
 * binds. */
#define TRAJECTORY_DECIDED 0.1

struct trajectory_table {
    const struct course *course;
    size_t periods, days, windows, replications; /* days, windows: of a period; of a day */
    double horizon;                              /* s of a window */
    size_t trials, place[TRAJECTORY_TRIALS]; /* runs of a window; where each stands among them */
    const struct outcome *run;               /* trajectory_run() tells where; not owned */
    const double *step;       /* by period and trial: ln of what the resource (of clock: K_eff) was
                                 multiplied by, NAN: there is none of it; not owned */
    double *time;             /* middle of each period, days after the course begins */
    struct outcome *figure;   /* of each period and then of all, trajectory_figures() each */
    struct outcome *marginal; /* of each period, TRAJECTORY_VALUES each */
    struct crossover *crossing[TRAJECTORY_METHODS];
    size_t crossings[TRAJECTORY_METHODS];
};

/* Whether a window has the trial: those of a full site are done in the windows that want it, and
 * that of the heat limit where there is one. */
bool trajectory_has(const struct trajectory_table *t, size_t window, enum trajectory_trial trial);

/* Index of a run that there is: of period, day, window, replication and trial, the last fastest. */
size_t trajectory_run(const struct trajectory_table *t, size_t period, size_t day, size_t window,
                      size_t replication, enum trajectory_trial trial);
size_t trajectory_runs(const struct trajectory_table *t);

/* The figures of a period: how many; definition (without value), static; index by name, -1 when
 * there is none. */
size_t trajectory_figures(void);
const struct figure *trajectory_figure(size_t i);
long trajectory_find(const char *name);

/* Fills the table from course, trials, replications, horizon, run and step, which the caller has
 * set. */
void trajectory_table_make(struct trajectory_table *t);
void trajectory_table_clear(struct trajectory_table *t);

/* A marginal value of a period. */
static inline const struct outcome *
trajectory_marginal(const struct trajectory_table *t, size_t period, enum trajectory_value which) {
    return &t->marginal[period * TRAJECTORY_VALUES + (size_t)which];
}

/* Whether a method's difference can tell anything in a period: neither of the two marginal values
 * reaches TRAJECTORY_DECIDED, by more than its interval, where it cannot. */
bool trajectory_decided(const struct trajectory_table *t, size_t period,
                        enum trajectory_method method);

/* The difference that a method's crossovers are of, in a period: above zero while compute is the
 * scarcer; NAN where it is not decided. */
struct outcome trajectory_difference(const struct trajectory_table *t, size_t period,
                                     enum trajectory_method method);

/* A figure of a period (periods: of all). */
const struct outcome *trajectory_cell(const struct trajectory_table *t, size_t period,
                                      const char *name);

/* The constraint with the largest share of node-time in a period (periods: of all); or in one of
 * its windows, over days and replications. */
enum binding trajectory_binding(const struct trajectory_table *t, size_t period);
enum binding trajectory_window_binding(const struct trajectory_table *t, size_t period,
                                       size_t window);

/* Requests in flight that a window adds, over those that arrive, above which its queue grows. */
#define TRAJECTORY_GROWTH 0.005

/* Whether the queue of a run grows: demand binds for less than half of its node-time, and more are
 * in flight at its end than at its begin, by TRAJECTORY_GROWTH of those that arrived. Bursts where
 * demand binds, and closed loops, are none. The latencies and good tokens of such a run are of how
 * long it was simulated. Of a window: in more than half of its runs. */
bool trajectory_overloaded(const struct outcome *run);
bool trajectory_window_overloaded(const struct trajectory_table *t, size_t period, size_t window);

#endif
