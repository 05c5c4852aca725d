/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_WORKLOAD_LENGTH_H
#define SIM_WORKLOAD_LENGTH_H

/* Lengths of requests: prompt and output tokens, drawn from two marginal distributions, or jointly
 * from a trace. Specifications are worked out into what a draw needs, once. Equations in
 * docs/workloads.md, W.4 to W.6 and W.11. */

#include "sim/workload/workload.h"

/* Longest request, in tokens: what a distribution draws beyond it is cut, and a trace may not hold
 * more. Two of them fit into an int32_t. */
#define LENGTH_MAX 1e9

/* One marginal distribution. */
struct length {
    enum length_kind kind;
    double a, b;      /* fixed: tokens; exponential: 1 / ln(1 - 1/mean); lognormal: mu, sigma;
                         uniform: number of lengths */
    double low, high; /* tokens, whole; at least 1, at most LENGTH_MAX */
};

/* Both lengths of a request. */
struct length_pair {
    const struct trace *joint; /* drawn from its requests; NULL: from the two below */
    struct length prompt, output;
};

void length_prepare(struct length_pair *l, const struct workload_spec *w);

/* Tokens, prompt and output together, that a draw may have at most. */
double length_longest(const struct length_pair *l);

/* Draws prompt and output of the next request; leaves its time alone. */
void length_draw(const struct length_pair *l, struct rng *r, struct request *out);

#endif
