/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/design.h"

#include "sim/engine/memory.h"
#include "sim/engine/rng.h"

#include <assert.h>
#include <float.h>
#include <gsl/gsl_qrng.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdlib.h>

enum { SOBOL_BITS = 30 }; /* of a coordinate of GSL's sequence */

/* The last number below 1: what a coordinate is when rounding would make it 1. */
static const double below_one = 1.0 - DBL_EPSILON / 2.0;

/* The next point of the sequence. GSL's begins after point zero. */
static void next_point(const gsl_qrng *q, double *out) {
    const int status = gsl_qrng_get(q, out);
    assert(status == 0);
    (void)status;
}

static void fill_sobol(size_t points, size_t dimensions, double *out) {
    gsl_qrng *q = gsl_qrng_alloc(gsl_qrng_sobol, (unsigned)dimensions);
    assert(q != NULL);
    for (size_t i = 0; i < points; i++)
        next_point(q, out + i * dimensions);
    gsl_qrng_free(q);
}

/* The shift has more bits than the sequence: those beyond its 30 are the same in all points, and
 * are never all zero, so that no coordinate is zero. */
static void fill_shifted(size_t points, size_t dimensions, uint64_t seed, double *out) {
    for (size_t d = 0; d < dimensions; d++)
        out[d] = 0.0;
    if (points > 1)
        fill_sobol(points - 1, dimensions, out + dimensions);
    for (size_t d = 0; d < dimensions; d++) {
        struct rng r;
        rng_init(&r, seed, d, RNG_DESIGN);
        const uint64_t shift = rng_bits(&r) >> (64 - SOBOL_BITS);
        const double rest = ((double)(rng_bits(&r) >> 42) + 0.5) * 0x1p-22;
        for (size_t i = 0; i < points; i++) {
            const uint64_t bits = (uint64_t)ldexp(out[i * dimensions + d], SOBOL_BITS);
            out[i * dimensions + d] = ldexp((double)(bits ^ shift) + rest, -SOBOL_BITS);
        }
    }
}

static void fill_lhs(size_t points, size_t dimensions, uint64_t seed, double *out) {
    size_t *slice = memory_new(points, sizeof *slice);
    for (size_t d = 0; d < dimensions; d++) {
        struct rng r;
        rng_init(&r, seed, d, RNG_DESIGN);
        const gsl_rng around = {rng_gsl_type, &r};
        for (size_t i = 0; i < points; i++)
            slice[i] = i;
        gsl_ran_shuffle(&around, slice, points, sizeof *slice);
        for (size_t i = 0; i < points; i++) {
            const double place = (double)slice[i] + rng_uniform_positive(&r);
            out[i * dimensions + d] = fmin(place / (double)points, below_one);
        }
    }
    free(slice);
}

bool design_fill(enum design_kind kind, size_t points, size_t dimensions, uint64_t seed,
                 double *out) {
    if (points == 0 || dimensions == 0 || points >= (size_t)1 << SOBOL_BITS)
        return false;
    if (kind != DESIGN_LHS && dimensions > DESIGN_DIMENSIONS)
        return false;
    switch (kind) {
    case DESIGN_SOBOL:
        fill_sobol(points, dimensions, out);
        break;
    case DESIGN_SOBOL_SHIFTED:
        fill_shifted(points, dimensions, seed, out);
        break;
    case DESIGN_LHS:
        fill_lhs(points, dimensions, seed, out);
        break;
    }
    return true;
}
