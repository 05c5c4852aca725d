/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ANALYSIS_OUTCOME_H
#define ANALYSIS_OUTCOME_H

/* The outcome of a run: its reported figures as a record of fixed length, for what compares many
 * runs. The figures are those of /summary by name; quantiles and means of the latencies
 * ("ttft_p50", ... "e2e_mean"); and the shares of the constraints ("binding_share_demand", ...). */

#include "sim/site/result.h"

#include <stdbool.h>

struct outcome {
    double value; /* NAN: the run has none */
    double half;  /* half width of the run's own 95 % interval; INFINITY: it has none */
};

/* Figures in a record; the definition of the i-th, without value, static; and the index of one by
 * name, -1 when there is none. */
size_t outcome_count(void);
const struct figure *outcome_figure(size_t i);
long outcome_find(const char *name);

/* Fills outcome_count() records. */
void outcome_fill(const struct result *r, struct outcome *out);

/* Whether `count` records, one after the other, hold the same values. */
bool outcome_same(const struct outcome *run, size_t count);

/* The mean of `count` values and the half width of its 95 % interval (Student's t; INFINITY of one
 * value). A half width under OUTCOME_ROUNDING of the mean is rounding, by which sums of the same
 * summands differ, and no chance: 0. */
#define OUTCOME_ROUNDING 1e-9
struct outcome outcome_interval(const double *value, size_t count);

/* The mean of a figure over `count` runs, records one after the other, with the half width of its
 * 95 % interval (outcome_interval); of one run its own. Where every figure of all runs is the same,
 * the seeds changed nothing (a replayed trace, say), and nothing is known of chance: INFINITY. */
struct outcome outcome_mean(const struct outcome *run, size_t figure, size_t count);

/* Index of the share of constraint `which`. */
size_t outcome_binding(enum binding which);

#endif
