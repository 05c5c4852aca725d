/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/workload/length.h"

#include <math.h>

static void prepare(struct length *l, const struct length_spec *spec) {
    *l = (struct length){.kind = spec->kind};
    l->high = fmin(fmax(floor(spec->high), 1), LENGTH_MAX);
    l->low = fmin(fmax(ceil(spec->low), 1), l->high);
    switch (spec->kind) {
    case LENGTH_FIXED:
        l->a = rint(spec->mean);
        break;
    case LENGTH_EXPONENTIAL: /* a mean of 1 or less: always 1, as -0 times any logarithm */
        l->a = spec->mean > 1 ? 1 / log1p(-1 / spec->mean) : 0;
        break;
    case LENGTH_LOGNORMAL: {
        const double variance = log1p(spec->cv * spec->cv);
        l->a = log(spec->mean) - 0.5 * variance;
        l->b = sqrt(variance);
        break;
    }
    case LENGTH_UNIFORM: /* how many lengths there are */
        l->a = l->high - l->low + 1;
        break;
    }
}

void length_prepare(struct length_pair *l, const struct workload_spec *w) {
    l->joint = w->empirical ? w->trace : NULL;
    prepare(&l->prompt, &w->prompt);
    prepare(&l->output, &w->output);
}

/* The most tokens that a marginal distribution gives. */
static double most(const struct length *l) {
    return l->kind == LENGTH_FIXED ? fmax(fmin(l->a, l->high), l->low) : l->high;
}

double length_longest(const struct length_pair *l) {
    if (l->joint == NULL)
        return most(&l->prompt) + most(&l->output);
    double longest = 0;
    for (size_t i = 0; i < l->joint->count; i++) {
        const struct trace_request *t = &l->joint->request[i];
        longest = fmax(longest, (double)t->prompt + (double)t->output);
    }
    return longest;
}

static int32_t draw(const struct length *l, struct rng *r) {
    double tokens = l->a;
    switch (l->kind) {
    case LENGTH_FIXED:
        break;
    case LENGTH_EXPONENTIAL: /* by inversion: P(tokens > n) = (1 - 1/mean)^n */
        tokens = floor(log(rng_uniform_positive(r)) * l->a) + 1;
        break;
    case LENGTH_LOGNORMAL:
        tokens = rint(exp(l->a + l->b * rng_normal(r)));
        break;
    case LENGTH_UNIFORM:
        tokens = l->low + (double)rng_below(r, (uint64_t)l->a);
        break;
    }
    tokens = tokens < l->high ? tokens : l->high;
    return (int32_t)(tokens > l->low ? tokens : l->low);
}

void length_draw(const struct length_pair *l, struct rng *r, struct request *out) {
    if (l->joint != NULL) {
        const struct trace_request *t = &l->joint->request[rng_below(r, l->joint->count)];
        out->prompt = t->prompt;
        out->output = t->output;
        return;
    }
    out->prompt = draw(&l->prompt, r);
    out->output = draw(&l->output, r);
}
