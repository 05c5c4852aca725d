/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/resample.h"

#include "sim/engine/rng.h"

#include <assert.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>

/* What lies outside a two-sided 95 % interval, on each side. */
static const double tail = 0.025;

void resample_rows(uint64_t seed, size_t sample, size_t rows, size_t *row) {
    assert(rows > 0);
    struct rng r;
    rng_init(&r, seed, sample, RNG_RESAMPLE);
    for (size_t i = 0; i < rows; i++)
        row[i] = (size_t)rng_below(&r, rows);
}

struct resample_interval resample_percentiles(double *value, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (!isfinite(value[i]))
            return (struct resample_interval){NAN, NAN};
    if (count == 0)
        return (struct resample_interval){NAN, NAN};
    gsl_sort(value, 1, count);
    return (struct resample_interval){
        gsl_stats_quantile_from_sorted_data(value, 1, count, tail),
        gsl_stats_quantile_from_sorted_data(value, 1, count, 1.0 - tail),
    };
}
