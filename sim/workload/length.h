/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_WORKLOAD_LENGTH_H
#define SIM_WORKLOAD_LENGTH_H

/* Lengths of requests: prompt and output tokens, drawn from two marginal distributions or jointly
 * from a trace (docs/workloads.md). */

#include "sim/workload/workload.h"

/* One draw in whole tokens, at least 1. */
int32_t length_draw(const struct length_spec *l, struct rng *r);

/* Prompt and output of the next request: jointly from the trace when the workload is empirical. */
void length_draw_both(const struct workload_spec *w, struct rng *r, struct request *out);

#endif
