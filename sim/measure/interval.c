/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/measure/interval.h"

#include <assert.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_math.h>
#include <math.h>

/* Frequencies, in cycles over the whole series, that interval_series looks at. Fewer are nearer to
 * frequency 0, more have a smaller Student's t; with two, intervals that are wanted at 95 % cover
 * most evenly (docs/results.md has the figures). */
#define LOW_FREQUENCIES 2

/* Half width at `level` of the mean of `count` >= 2 values whose squared deviations sum to
 * `square`. */
static double half_width(double square, size_t count, double level) {
    assert(level > 0 && level < 1);
    const double n = (double)count;
    return gsl_cdf_tdist_Pinv(0.5 + 0.5 * level, n - 1) * sqrt(square / (n - 1) / n);
}

struct interval interval_mean(const double *batch, size_t count, double level) {
    double sum = 0, square = 0;
    for (size_t i = 0; i < count; i++)
        sum += batch[i];
    const double mean = count ? sum / (double)count : NAN;
    if (count < 2)
        return (struct interval){mean, INFINITY};
    for (size_t i = 0; i < count; i++)
        square += (batch[i] - mean) * (batch[i] - mean);
    return (struct interval){mean, half_width(square, count, level)};
}

struct interval interval_ratio(const double *top, const double *bottom, size_t count,
                               double level) {
    double sum_top = 0, sum_bottom = 0;
    for (size_t i = 0; i < count; i++) {
        sum_top += top[i];
        sum_bottom += bottom[i];
    }
    const double ratio = sum_top / sum_bottom; /* NAN when there is nothing */
    if (count < 2)
        return (struct interval){ratio, INFINITY};

    /* Pseudo-values: n ratio - (n - 1) (the ratio without batch i). Their mean is taken first. */
    const double n = (double)count;
    double mean = 0, square = 0;
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < count; i++) {
            const double without = (sum_top - top[i]) / (sum_bottom - bottom[i]);
            const double pseudo = n * ratio - (n - 1) * without;
            if (pass == 0)
                mean += pseudo / n;
            else
                square += (pseudo - mean) * (pseudo - mean);
        }
    }
    const double half = half_width(square, count, level);
    return (struct interval){ratio, isnan(half) ? INFINITY : half};
}

struct interval interval_series(const double *value, size_t count, double level) {
    assert(level > 0 && level < 1);
    const double n = (double)count;
    double sum = 0, square = 0;
    for (size_t i = 0; i < count; i++)
        sum += value[i];
    const double mean = count ? sum / n : NAN;
    if (count < INTERVAL_SERIES)
        return (struct interval){mean, INFINITY};
    for (int cycles = 1; cycles <= LOW_FREQUENCIES; cycles++) {
        double cosine = 0, sine = 0;
        for (size_t i = 0; i < count; i++) {
            const double phase = 2 * M_PI * cycles * ((double)i + 0.5) / n;
            cosine += (value[i] - mean) * cos(phase);
            sine += (value[i] - mean) * sin(phase);
        }
        square += 2 * (cosine * cosine + sine * sine);
    }
    const double freedom = 2.0 * LOW_FREQUENCIES;
    const double t = gsl_cdf_tdist_Pinv(0.5 + 0.5 * level, freedom);
    return (struct interval){mean, t * sqrt(square / freedom) / n};
}

double interval_finite(double sampled, double population) {
    assert(sampled >= 0 && population >= 0);
    return sampled < population ? sqrt(1 - sampled / population) : 0;
}
