/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ANALYSIS_MORRIS_H
#define ANALYSIS_MORRIS_H

/* Morris screening: which of many factors matter at all, from few runs (Morris 1991, Technometrics
 * 33, 161). A trajectory walks through a grid of the unit cube, and changes each factor once, in
 * random order; what the output changes by, over the step, is an elementary effect. */

#include "analysis/variation.h"

#include <stdbool.h>
#include <stdint.h>

/* The usual grid: levels 0, 1/3, 2/3 and 1, steps of 2/3 (Morris 1991, section 3; Campolongo,
 * Cariboni and Saltelli 2007, Environmental Modelling and Software 22, 1509). */
enum { MORRIS_LEVELS = 4 };

/* Of one factor, over trajectories, in the output's unit per whole range of the factor. */
struct morris_effect {
    double mu;      /* mean of its elementary effects: effects up and down cancel */
    double mu_star; /* mean of their sizes (Campolongo et al. 2007): how much it matters */
    double mu_star_low, mu_star_high; /* bootstrap interval over trajectories, 95 % */
    double sigma; /* their standard deviation: not linear, or acting with others */
};

/* Points of a design: `trajectories` times (`factors` + 1). */
size_t morris_points(size_t trajectories, size_t factors);

/* Writes the points to `out`, trajectory after trajectory, each point `factors` coordinates of 0 to
 * 1. Step of half of `levels` levels, up or down. The first trajectories are the same however many
 * there are. False, and nothing is written, when there is no trajectory or factor, or `levels` is
 * odd or below two. */
bool morris_design(size_t trajectories, size_t factors, size_t levels, uint64_t seed, double *out);

/* The effects of each factor from the design's points and the output at each. All are NAN when an
 * output is missing, and 0 when outputs do not vary; sigma and the interval are NAN with fewer than
 * two trajectories. */
enum variation morris_effects(const double *design, const double *output, size_t trajectories,
                              size_t factors, uint64_t seed, struct morris_effect *effect);

#endif
