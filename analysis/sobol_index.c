/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/sobol_index.h"

#include "analysis/resample.h"
#include "sim/engine/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

size_t sobol_index_points(size_t rows, size_t factors) {
    return rows * (factors + 2);
}

bool sobol_index_design(size_t rows, size_t factors, uint64_t seed, double *out) {
    double *pair = memory_new(rows * factors, 2 * sizeof *pair);
    const bool filled = design_fill(DESIGN_SOBOL_SHIFTED, rows, 2 * factors, seed, pair);
    for (size_t j = 0; filled && j < rows; j++) {
        const double *a = pair + j * 2 * factors, *b = a + factors;
        double *point = out + j * (factors + 2) * factors;
        memcpy(point, a, 2 * factors * sizeof *point);
        for (size_t i = 0; i < factors; i++) {
            point = out + (j * (factors + 2) + 2 + i) * factors;
            memcpy(point, a, factors * sizeof *point);
            point[i] = b[i];
        }
    }
    free(pair);
    return filled;
}

/* Terms of a row, whose means over rows make the indices. With the outputs a, b, c_i at A, B and A
 * with i from B: a + b, a a + b b, and for each factor c_i - a, b (c_i - a), (c_i - a)^2. */
enum { SUM, SQUARES, FACTOR_TERMS };
enum { CHANGE, PRODUCT, SQUARE, TERMS_PER_FACTOR };

static size_t count_terms(size_t factors) {
    return FACTOR_TERMS + TERMS_PER_FACTOR * factors;
}

/* Outputs less `mean` and over `scale`, so that neither squares overflow nor a large mean drowns
 * what varies. */
static void fill_terms(const double *output, size_t factors, double mean, double scale,
                       double *term) {
    const double a = (output[0] - mean) / scale, b = (output[1] - mean) / scale;
    term[SUM] = a + b;
    term[SQUARES] = a * a + b * b;
    for (size_t i = 0; i < factors; i++) {
        double *of = term + FACTOR_TERMS + TERMS_PER_FACTOR * i;
        const double change = (output[2 + i] - mean) / scale - a;
        of[CHANGE] = change;
        of[PRODUCT] = b * change;
        of[SQUARE] = change * change;
    }
}

/* Both indices of each factor from the means of the terms: first[i], total[i]. The variance is that
 * over A and B. */
static void indices_of(const double *term, size_t factors, double *first, double *total) {
    const double mean = 0.5 * term[SUM];
    const double variance = 0.5 * term[SQUARES] - mean * mean;
    for (size_t i = 0; i < factors; i++) {
        const double *of = term + FACTOR_TERMS + TERMS_PER_FACTOR * i;
        const bool some = variance > 0.0;
        first[i] = some ? (of[PRODUCT] - mean * of[CHANGE]) / variance : NAN;
        total[i] = some ? 0.5 * of[SQUARE] / variance : NAN;
    }
}

/* The indices over some of the rows, those of `row` (NULL: each once). `sum` holds the terms. */
static void estimate(const double *term, size_t rows, size_t factors, const size_t *row,
                     double *sum, double *first, double *total) {
    const size_t terms = count_terms(factors);
    for (size_t k = 0; k < terms; k++)
        sum[k] = 0.0;
    for (size_t j = 0; j < rows; j++) {
        const double *from = term + (row != NULL ? row[j] : j) * terms;
        for (size_t k = 0; k < terms; k++)
            sum[k] += from[k];
    }
    for (size_t k = 0; k < terms; k++)
        sum[k] /= (double)rows;
    indices_of(sum, factors, first, total);
}

/* Values of every index in every sample, index after index. */
static void resample(const double *term, size_t rows, size_t factors, uint64_t seed,
                     double *value) {
    double *sum = memory_new(count_terms(factors), sizeof *sum);
    double *both = memory_new(factors, 2 * sizeof *both);
    size_t *row = memory_new(rows, sizeof *row);
    for (size_t b = 0; b < RESAMPLE_COUNT; b++) {
        resample_rows(seed, b, rows, row);
        estimate(term, rows, factors, row, sum, both, both + factors);
        for (size_t k = 0; k < 2 * factors; k++)
            value[k * RESAMPLE_COUNT + b] = both[k];
    }
    free(row);
    free(both);
    free(sum);
}

/* Mean and half range of the outputs at A and B, and whether those vary: where only what lies
 * between them does, as can be with very few rows, there is no variance to share out. */
static enum variation centre_of(const double *output, size_t rows, size_t factors, double *mean,
                                double *scale) {
    double *pair = memory_new(rows, 2 * sizeof *pair);
    double low = INFINITY, high = -INFINITY;
    *mean = 0.0;
    for (size_t k = 0; k < 2 * rows; k++) {
        pair[k] = output[k / 2 * (factors + 2) + k % 2];
        *mean += pair[k] / (2.0 * (double)rows);
        low = fmin(low, pair[k]);
        high = fmax(high, pair[k]);
    }
    *scale = 0.5 * high - 0.5 * low;
    const enum variation v = variation_of(pair, 2 * rows);
    free(pair);
    return v;
}

enum variation sobol_index_estimate(const double *output, size_t rows, size_t factors,
                                    uint64_t seed, struct sobol_index *index) {
    enum variation v = variation_of(output, sobol_index_points(rows, factors));
    double mean, scale;
    for (size_t i = 0; i < factors; i++)
        index[i] = (struct sobol_index){NAN, NAN, NAN, NAN, NAN, NAN};
    if (v == VARIATION_SOME)
        v = centre_of(output, rows, factors, &mean, &scale);
    if (v != VARIATION_SOME)
        return v;

    const size_t terms = count_terms(factors);
    double *term = memory_new(rows * terms, sizeof *term);
    double *sum = memory_new(terms, sizeof *sum), *both = memory_new(factors, 2 * sizeof *both);
    double *value = memory_new(2 * factors * RESAMPLE_COUNT, sizeof *value);
    for (size_t j = 0; j < rows; j++)
        fill_terms(output + j * (factors + 2), factors, mean, scale, term + j * terms);
    estimate(term, rows, factors, NULL, sum, both, both + factors);
    resample(term, rows, factors, seed, value);
    for (size_t i = 0; i < factors; i++) {
        const struct resample_interval first =
            resample_percentiles(value + i * RESAMPLE_COUNT, RESAMPLE_COUNT);
        const struct resample_interval total =
            resample_percentiles(value + (factors + i) * RESAMPLE_COUNT, RESAMPLE_COUNT);
        index[i] = (struct sobol_index){both[i],           first.low, first.high,
                                        both[factors + i], total.low, total.high};
    }
    free(value);
    free(both);
    free(sum);
    free(term);
    return v;
}
