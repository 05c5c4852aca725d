/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ANALYSIS_OUTCOME_H
#define ANALYSIS_OUTCOME_H

/* The outcome of a run: its reported figures as a record of fixed length, for what compares many
 * runs. The figures are those of /summary by name; quantiles and means of the latencies
 * ("ttft_p50", ... "e2e_mean"); and the shares of the constraints ("binding_share_demand", ...). */

#include "sim/site/result.h"

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

/* The mean of a figure over `count` runs with the half width of its 95 % interval (Student's t),
 * the first run's value in `run` and the others' outcome_count() apart; of one run its own. */
struct outcome outcome_mean(const struct outcome *run, size_t count);

/* Index of the share of constraint `which`. */
size_t outcome_binding(enum binding which);

#endif
