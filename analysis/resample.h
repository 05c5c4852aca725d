/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ANALYSIS_RESAMPLE_H
#define ANALYSIS_RESAMPLE_H

/* The bootstrap: an interval of a figure of many rows from the spread of the same figure over
 * samples of those rows, drawn with replacement (Efron 1979, Annals of Statistics 7; Efron and
 * Tibshirani 1993, An Introduction to the Bootstrap, chapter 13: percentile intervals). */

#include <stddef.h>
#include <stdint.h>

/* Samples that are drawn: enough for percentiles of 95 % (Efron and Tibshirani, section 13.3). */
enum { RESAMPLE_COUNT = 1000 };

struct resample_interval {
    double low, high; /* NAN: none */
};

/* Writes the `rows` indices below `rows` of sample number `sample`; the same for the same
 * arguments. `rows` is 1 or more. */
void resample_rows(uint64_t seed, size_t sample, size_t rows, size_t *row);

/* The two-sided percentile interval at 95 % of a figure's values over samples, which are reordered.
 * NAN when any is not finite: then some sample of the rows does not have the figure. */
struct resample_interval resample_percentiles(double *value, size_t count);

#endif
