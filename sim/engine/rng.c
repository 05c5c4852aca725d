/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/engine/rng.h"

#include <assert.h>
#include <gsl/gsl_randist.h>

__extension__ typedef unsigned __int128 uint128;

/* A bijection on 64 bits in which every input bit moves every output bit: the finalizer of
 * SplitMix64 (Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators";
 * constants are Stafford's mix 13). */
static uint64_t mix(uint64_t x) {
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

/* SplitMix64's increment, the golden ratio's fraction: tells the rounds below apart. */
#define GOLDEN 0x9e3779b97f4a7c15u

/* The stream's number is a bijection of (seed, entity, purpose), so that distinct triples have
 * distinct increments: the seed (64 bits) and entity with purpose (56 + 7 bits) are the two halves
 * of a 127-bit number, and each Feistel step below changes one half by a function of the other
 * alone, which can be undone whatever that function is. 127 bits is just what selects a stream in
 * pcg64. Four rounds with a mixer of full avalanche make each bit depend on all of the triple;
 * without them neighbouring entities would have neighbouring increments, and those give correlated
 * streams. The starting state is two more mixed words; it need not be distinct. */
void rng_init(struct rng *r, uint64_t seed, uint64_t entity, enum rng_purpose purpose) {
    assert(entity < (uint64_t)1 << 56 && (unsigned)purpose < 128);
    uint64_t left = seed, right = entity << 7 | (uint64_t)purpose; /* 64 bits, 63 bits */
    for (uint64_t round = 1; round <= 4; round += 2) {
        right ^= mix(left + round * GOLDEN) >> 1;
        left ^= mix(right + (round + 1) * GOLDEN);
    }
    const uint64_t start[2] = {mix(left + 5 * GOLDEN), mix(right + 6 * GOLDEN)};
    const uint64_t stream[2] = {left, right};
    pcg_seed(r->state, r->inc, start, stream);
}

/* Lemire 2019, "Fast random integer generation in an interval": the high half of bits * n, with the
 * few low halves that would favour some results drawn again. */
uint64_t rng_below(struct rng *r, uint64_t n) {
    assert(n > 0);
    uint128 product = (uint128)rng_bits(r) * n;
    if ((uint64_t)product < n) {
        const uint64_t uneven = (0 - n) % n; /* 2^64 mod n */
        while ((uint64_t)product < uneven)
            product = (uint128)rng_bits(r) * n;
    }
    return (uint64_t)(product >> 64);
}

static void gsl_set(void *state, unsigned long seed) {
    rng_init(state, seed, 0, RNG_GSL);
}

static unsigned long gsl_get(void *state) {
    return rng_bits(state);
}

static double gsl_get_double(void *state) {
    return rng_uniform(state);
}

static const gsl_rng_type type = {
    .name = "pcg64",
    .max = UINT64_MAX,
    .min = 0,
    .size = sizeof(struct rng),
    .set = gsl_set,
    .get = gsl_get,
    .get_double = gsl_get_double,
};
_Static_assert(sizeof(unsigned long) == sizeof(uint64_t), "gsl_rng_type returns unsigned long");

const gsl_rng_type *const rng_gsl_type = &type;

/* GSL's distributions draw from a gsl_rng, which is a type and a pointer to its state: made on the
 * stack, around our stream. */
double rng_exponential(struct rng *r) {
    const gsl_rng around = {&type, r};
    return gsl_ran_exponential(&around, 1);
}

double rng_normal(struct rng *r) {
    const gsl_rng around = {&type, r};
    return gsl_ran_gaussian_ziggurat(&around, 1);
}

double rng_gamma(struct rng *r, double shape) {
    const gsl_rng around = {&type, r};
    return gsl_ran_gamma(&around, shape, 1 / shape);
}
