/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ANALYSIS_SOBOL_INDEX_H
#define ANALYSIS_SOBOL_INDEX_H

/* Sobol's indices: which share of an output's variance comes from which factor, when all vary at
 * once over their ranges, evenly and independently (Sobol 1993, Mathematical Modelling and
 * Computational Experiments 1; Homma and Saltelli 1996, Reliability Engineering and System Safety
 * 52). */

#include "analysis/design.h"
#include "analysis/variation.h"

/* Most factors: a design draws two points of them at once. */
enum { SOBOL_INDEX_FACTORS = DESIGN_DIMENSIONS / 2 };

/* Of one factor. Estimates may fall a little outside 0 to 1. */
struct sobol_index {
    double first;                 /* share of the variance by the factor alone */
    double first_low, first_high; /* bootstrap interval over rows, 95 % */
    double total;                 /* ... by it alone and with others: what is left of the variance,
                                     on average, when all others are known */
    double total_low, total_high;
};

/* Points of a design: `rows` times (`factors` + 2). */
size_t sobol_index_points(size_t rows, size_t factors);

/* Saltelli's design (Saltelli et al. 2010, Computer Physics Communications 181, 259): each row is
 * two points A and B of a shifted Sobol sequence of 2 `factors` dimensions, followed by A with its
 * i-th coordinate from B, for each factor i. `factors` coordinates a point, in (0, 1), row after
 * row; the first rows are the same however many there are. Even only when `rows` is a power of two.
 * False, and nothing is written, where design_fill refuses. */
bool sobol_index_design(size_t rows, size_t factors, uint64_t seed, double *out);

/* The indices of each factor from the output at each point of the design: the first by Saltelli et
 * al. 2010, table 2 (b), on outputs from which the mean is taken; the total by Jansen 1999
 * (Computer Physics Communications 117, 35). The bootstrap takes rows as independent; those of a
 * Sobol sequence are more even than that, so intervals are on the wide side. All are NAN unless the
 * outputs vary; the interval is NAN when a sample of rows without variance was drawn, as happens
 * with very few. */
enum variation sobol_index_estimate(const double *output, size_t rows, size_t factors,
                                    uint64_t seed, struct sobol_index *index);

#endif
