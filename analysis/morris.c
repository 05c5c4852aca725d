/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/morris.h"

#include "analysis/resample.h"
#include "sim/engine/memory.h"
#include "sim/engine/rng.h"

#include <assert.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>

size_t morris_points(size_t trajectories, size_t factors) {
    return trajectories * (factors + 1);
}

/* Writes the factors + 1 points of one trajectory: a random start from which a step of half the
 * levels stays inside the grid in one direction only, and the factors in random order. */
static void fill_trajectory(struct rng *r, size_t factors, size_t levels, size_t *order,
                            double *out) {
    const gsl_rng around = {rng_gsl_type, r};
    const double last = (double)(levels - 1);
    for (size_t i = 0; i < factors; i++) {
        out[i] = (double)rng_below(r, levels) / last;
        order[i] = i;
    }
    gsl_ran_shuffle(&around, order, factors, sizeof *order);
    for (size_t step = 0; step < factors; step++) {
        const double *before = out + step * factors;
        double *after = out + (step + 1) * factors;
        for (size_t i = 0; i < factors; i++)
            after[i] = before[i];
        const size_t i = order[step], half = levels / 2;
        const size_t level = (size_t)lround(before[i] * last);
        after[i] = (double)(level < half ? level + half : level - half) / last;
    }
}

bool morris_design(size_t trajectories, size_t factors, size_t levels, uint64_t seed, double *out) {
    if (trajectories == 0 || factors == 0 || levels < 2 || levels % 2 != 0)
        return false;
    size_t *order = memory_new(factors, sizeof *order);
    for (size_t t = 0; t < trajectories; t++) {
        struct rng r;
        rng_init(&r, seed, t, RNG_DESIGN);
        fill_trajectory(&r, factors, levels, order, out + t * (factors + 1) * factors);
    }
    free(order);
    return true;
}

/* Elementary effect of each factor on one trajectory, to effect[i * stride]. */
static void trajectory_effects(const double *point, const double *output, size_t factors,
                               size_t stride, double *effect) {
    for (size_t step = 0; step < factors; step++) {
        const double *before = point + step * factors, *after = before + factors;
        size_t changed = 0;
        while (changed < factors && after[changed] == before[changed])
            changed++;
        assert(changed < factors);
        effect[changed * stride] =
            (output[step + 1] - output[step]) / (after[changed] - before[changed]);
    }
}

/* Interval of the mean of `count` sizes. */
static struct resample_interval mean_interval(const double *size, size_t count, uint64_t seed) {
    double *mean = memory_new(RESAMPLE_COUNT, sizeof *mean);
    size_t *row = memory_new(count, sizeof *row);
    for (size_t b = 0; b < RESAMPLE_COUNT; b++) {
        double sum = 0.0;
        resample_rows(seed, b, count, row);
        for (size_t t = 0; t < count; t++)
            sum += size[row[t]];
        mean[b] = sum / (double)count;
    }
    const struct resample_interval interval = resample_percentiles(mean, RESAMPLE_COUNT);
    free(row);
    free(mean);
    return interval;
}

/* One factor's figures from its elementary effects, which become their sizes. */
static struct morris_effect summarize(double *effect, size_t count, uint64_t seed) {
    struct morris_effect m = {
        .mu = gsl_stats_mean(effect, 1, count),
        .mu_star_low = NAN,
        .mu_star_high = NAN,
        .sigma = count < 2 ? NAN : gsl_stats_sd(effect, 1, count),
    };
    for (size_t t = 0; t < count; t++)
        effect[t] = fabs(effect[t]);
    m.mu_star = gsl_stats_mean(effect, 1, count);
    if (count < 2)
        return m;
    const struct resample_interval interval = mean_interval(effect, count, seed);
    m.mu_star_low = interval.low;
    m.mu_star_high = interval.high;
    return m;
}

enum variation morris_effects(const double *design, const double *output, size_t trajectories,
                              size_t factors, uint64_t seed, struct morris_effect *effect) {
    const enum variation v = variation_of(output, morris_points(trajectories, factors));
    const double none = v == VARIATION_MISSING ? NAN : 0.0;
    for (size_t i = 0; i < factors; i++)
        effect[i] = (struct morris_effect){none, none, none, none, none};
    if (v != VARIATION_SOME)
        return v;
    double *all = memory_new(trajectories * factors, sizeof *all);
    for (size_t t = 0; t < trajectories; t++)
        trajectory_effects(design + t * (factors + 1) * factors, output + t * (factors + 1),
                           factors, trajectories, all + t);
    for (size_t i = 0; i < factors; i++)
        effect[i] = summarize(all + i * trajectories, trajectories, seed);
    free(all);
    return v;
}
