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

/* Interval of the ratio sum(top) / sum(bottom) over `count` batches, by the jackknife. */
struct interval interval_ratio(const double *top, const double *bottom, size_t count, double level);

/* Finite-population factor sqrt(1 - sampled / population) for a sample without replacement of a
 * population that is itself what is asked for. */
double interval_finite(double sampled, double population);

#endif
