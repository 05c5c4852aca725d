/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/workload/length.h"

#include <math.h>

/* Geometric on 1, 2, ... with the stated mean, by inversion: P(n > k) = (1 - 1/mean)^k. */
static double draw_geometric(double mean, struct rng *r) {
    return mean > 1.0 ? floor(log(rng_uniform_positive(r)) / log1p(-1.0 / mean)) + 1.0 : 1.0;
}

/* Lognormal with mean m and coefficient of variation v: sigma^2 = ln(1 + v^2), mu = ln m -
 * sigma^2/2. */
static double draw_lognormal(const struct length_spec *l, struct rng *r) {
    const double variance = log1p(l->cv * l->cv);
    return rint(exp(log(l->mean) - 0.5 * variance + sqrt(variance) * rng_normal(r)));
}

int32_t length_draw(const struct length_spec *l, struct rng *r) {
    double tokens = 1.0;
    switch (l->kind) {
    case LENGTH_FIXED:
        tokens = rint(l->mean);
        break;
    case LENGTH_EXPONENTIAL:
        tokens = draw_geometric(l->mean, r);
        break;
    case LENGTH_LOGNORMAL:
        tokens = draw_lognormal(l, r);
        break;
    }
    tokens = tokens > l->high ? l->high : tokens;
    tokens = tokens < l->low ? l->low : tokens;
    return tokens > 1.0 ? (int32_t)(tokens < 1e9 ? tokens : 1e9) : 1;
}

void length_draw_both(const struct workload_spec *w, struct rng *r, struct request *out) {
    if (w->empirical) {
        const struct trace_request *t = &w->trace->request[rng_below(r, w->trace->count)];
        out->prompt = t->prompt;
        out->output = t->output;
        return;
    }
    out->prompt = length_draw(&w->prompt, r);
    out->output = length_draw(&w->output, r);
}
