/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_ENGINE_RNG_H
#define SIM_ENGINE_RNG_H

/* Random streams: PCG's pcg64 (128-bit state, XSL-RR output; O'Neill 2014, HMC-CS-2014-0905) behind
 * a C face. One stream per (entity, purpose): two policies are compared under common random
 * numbers, and adding an entity shifts no other. */

#include "sim/engine/pcg.h"

#include <gsl/gsl_rng.h>
#include <stdint.h>

/* What a stream is for: part of the stream's identity, so numbers must never be reused.
 * Below 128. */
enum rng_purpose {
    RNG_GSL = 0,      /* the stream that gsl_rng_set selects */
    RNG_ARRIVAL = 1,  /* times between arrivals */
    RNG_LENGTH = 2,   /* prompt and output tokens */
    RNG_ROUTE = 3,    /* the router's choices */
    RNG_TRACE = 4,    /* offsets and thinning of replayed traces */
    RNG_THINK = 5,    /* clients' think times */
    RNG_DESIGN = 6,   /* points of a design */
    RNG_RESAMPLE = 7, /* bootstrap samples */
    RNG_TEST = 99,    /* tests and benchmarks */
};

struct rng {
    uint64_t state[2]; /* low, high half of pcg64's state */
    uint64_t inc[2];   /* low, high half of its increment (odd): selects the stream */
};

/* The stream of (seed, entity, purpose), entity below 2^56. Different triples have different
 * increments, always: see rng.c. */
void rng_init(struct rng *r, uint64_t seed, uint64_t entity, enum rng_purpose purpose);

/* 64 random bits. */
static inline uint64_t rng_bits(struct rng *r) {
    return pcg_next(r->state, r->inc);
}

/* Uniform in [0, 1), 53 bits; and in (0, 1]. */
static inline double rng_uniform(struct rng *r) {
    return (double)(rng_bits(r) >> 11) * 0x1p-53;
}
static inline double rng_uniform_positive(struct rng *r) {
    return (double)((rng_bits(r) >> 11) + 1) * 0x1p-53;
}

/* Uniform integer in [0, n), unbiased; n >= 1. */
uint64_t rng_below(struct rng *r, uint64_t n);

/* Exponential with mean 1; normal with mean 0 and variance 1; gamma with `shape` and mean 1. Drawn
 * through GSL on this stream. */
double rng_exponential(struct rng *r);
double rng_normal(struct rng *r);
double rng_gamma(struct rng *r, double shape);

/* The same generator as a gsl_rng_type ("pcg64"), its state a struct rng: gsl_rng_set(seed) selects
 * the stream (seed, 0, RNG_GSL). */
extern const gsl_rng_type *const rng_gsl_type;

#endif
