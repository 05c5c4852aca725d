/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ANALYSIS_DESIGN_H
#define ANALYSIS_DESIGN_H

/* A design: points that fill the unit cube more evenly than independent draws do, for sweeps and
 * for sensitivity indices. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum design_kind {
    /* Sobol's sequence (gsl_qrng_sobol: direction numbers of Bratley and Fox 1988, ACM TOMS 14, no.
     * 659) as it is, whatever the seed, without its point zero: N points are the first N of any
     * more. */
    DESIGN_SOBOL,
    /* The same with its point zero, under a random digital shift: the bits of each coordinate are
     * changed by one random word of its own. It keeps the evenness that Sobol's points have
     * when they are a power of two, which leaving out point zero breaks (Owen 2022, "On dropping
     * the first Sobol' point", MCQMC 2020). */
    DESIGN_SOBOL_SHIFTED,
    /* Latin hypercube (McKay, Beckman and Conover 1979, Technometrics 21): of N equal slices along
     * each axis each holds one point, at a random place in it. */
    DESIGN_LHS
};

/* Most dimensions of the Sobol designs. */
enum { DESIGN_DIMENSIONS = 40 };

/* Writes `points` times `dimensions` coordinates to `out`, point after point, each in the open
 * interval (0, 1). The same for the same arguments; coordinate d of a Latin hypercube or a shifted
 * sequence does not depend on how many there are. False, and nothing is written, when there is no
 * point or no dimension; more than DESIGN_DIMENSIONS of a Sobol design; more points than 2^30 - 1,
 * where GSL's sequence ends. */
bool design_fill(enum design_kind kind, size_t points, size_t dimensions, uint64_t seed,
                 double *out);

#endif
