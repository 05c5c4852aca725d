/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_MEASURE_INTERVAL_H
#define SIM_MEASURE_INTERVAL_H

/* Confidence intervals by batch means: a run's output is cut into batches that are nearly
 * independent, and Student's t is taken over their means (Law, Simulation Modeling and Analysis,
 * section 9.5.3). Known answers in the test. */

#include <stddef.h>

struct interval {
    double mean, half; /* half width; INFINITY with fewer than two batches */
};

/* Interval at `level` (0.95) of the mean of `count` batch values. */
struct interval interval_mean(const double *batch, size_t count, double level);

/* Interval of the ratio sum(top) / sum(bottom) over `count` batches; its half width by the
 * jackknife (Miller 1974, Biometrika 61; Law, section 9.5.3), its `mean` the ratio itself, which is
 * the figure that is reported. INFINITY also when the ratio without some batch is not defined. */
struct interval interval_ratio(const double *top, const double *bottom, size_t count, double level);

/* Values of a series from which on interval_series has an interval. */
enum { INTERVAL_SERIES = 20 };

/* Interval of the mean of a series whose neighbours are not independent, by the spectrum at its low
 * end (Law, section 9.5.3; Heidelberger and Welch 1981, Communications of the ACM 24): what the sum
 * varies by is the spectrum's height at frequency 0, here the mean of the periodogram at the two
 * lowest frequencies, with 4 degrees of freedom. What only moves from one value to the next falls
 * out of both the sum and those, where batch means would count it once per batch. INFINITY with
 * fewer than INTERVAL_SERIES values. */
struct interval interval_series(const double *value, size_t count, double level);

/* Finite-population factor sqrt(1 - sampled / population) on a half width, for a sample without
 * replacement of a population that is itself what is asked for; 0 when all of it was sampled.
 * (Cochran, Sampling Techniques, section 2.6.) */
double interval_finite(double sampled, double population);

#endif
