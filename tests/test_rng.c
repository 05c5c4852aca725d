/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fails when the C face is not the library's pcg64 bit for bit (its own check output for seed 42,
 * stream 54), when two (seed, entity, purpose) share an increment or look alike, when a stream
 * changes from one version of dcsim to the next, or when a distribution has another mean or spread.
 */
#include "sim/engine/rng.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* PCG's published check output for pcg64 (pcg-cpp, test-high/expected/check-pcg64.out). */
static void test_library_bit_for_bit(void **state) {
    (void)state;
    const uint64_t expected[] = {0x86b1da1d72062b68, 0x1304aa46c9853d39, 0xa3670e9e0dd50358,
                                 0xf9090e529a7dae00, 0xc85b9fd837996f2c, 0x606121f8e3919196};
    const uint64_t seed[2] = {42, 0}, stream[2] = {54, 0};
    uint64_t at[2], inc[2];
    pcg_seed(at, inc, seed, stream);
    assert_true(inc[0] == 109 && inc[1] == 0);
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        assert_true(pcg_next(at, inc) == expected[i]);
}

/* The state moves by s * multiplier + increment mod 2^128; worked in four 32-bit limbs, so that
 * both halves of state and increment, and carries between them, are seen to reach the library. */
static void test_both_halves_reach_the_library(void **state) {
    (void)state;
    const uint64_t multiplier[2] = {4865540595714422341u, 2549297995355413924u};
    struct rng r;
    rng_init(&r, 1, 2, RNG_TEST);
    for (int k = 0; k < 1000; k++) {
        uint32_t a[4], b[4];
        uint64_t sum[4];
        for (int i = 0; i < 4; i++) {
            a[i] = (uint32_t)(r.state[i / 2] >> 32 * (i % 2));
            b[i] = (uint32_t)(multiplier[i / 2] >> 32 * (i % 2));
            sum[i] = (uint32_t)(r.inc[i / 2] >> 32 * (i % 2));
        }
        for (int i = 0; i < 4; i++) {
            for (int j = 0; i + j < 4; j++) {
                const uint64_t product = (uint64_t)a[i] * b[j];
                sum[i + j] += (uint32_t)product;
                if (i + j < 3)
                    sum[i + j + 1] += product >> 32;
            }
        }
        for (int i = 0; i < 3; i++)
            sum[i + 1] += sum[i] >> 32;
        const uint64_t low = (sum[1] << 32) | (uint32_t)sum[0];
        const uint64_t high = (sum[3] << 32) | (uint32_t)sum[2];
        const uint64_t bits = rng_bits(&r);
        assert_true(r.state[0] == low && r.state[1] == high);
        const uint64_t folded = low ^ high;
        const int turn = (int)(high >> 58);
        assert_true(bits == (folded >> turn | folded << (-turn & 63)));
    }
}

static int compare(const void *a, const void *b) {
    return memcmp(a, b, 2 * sizeof(uint64_t));
}

static void test_increments_differ(void **state) {
    (void)state;
    const int seeds = 20, entities = 50, purposes = 6, count = seeds * entities * purposes;
    uint64_t(*inc)[2] = malloc((size_t)count * sizeof *inc);
    assert_non_null(inc);
    int n = 0;
    for (int s = 0; s < seeds; s++)
        for (int e = 0; e < entities; e++)
            for (int p = 0; p < purposes; p++) {
                struct rng r;
                rng_init(&r, (uint64_t)s, (uint64_t)e << (p & 1 ? 40 : 0), (enum rng_purpose)p);
                assert_true(r.inc[0] & 1);
                memcpy(inc[n++], r.inc, sizeof *inc);
            }
    qsort(inc, (size_t)count, sizeof *inc, compare);
    int same = 0;
    for (int i = 1; i < count; i++)
        same += compare(inc[i - 1], inc[i]) == 0;
    free(inc);
    /* entity 0 shifted by 0 or 40 is one entity, but the purpose then differs */
    assert_int_equal(same, 0);
}

/* Neighbours in each of the three: bits of their outputs agree half of the time. 64,000 fair bits
 * have a standard deviation of 126. */
static void test_neighbours_are_unlike(void **state) {
    (void)state;
    for (int which = 0; which < 3; which++) {
        struct rng a, b;
        rng_init(&a, 7, 9, RNG_ARRIVAL);
        rng_init(&b, which == 0 ? 8 : 7, which == 1 ? 10 : 9,
                 which == 2 ? RNG_LENGTH : RNG_ARRIVAL);
        int agree = 0;
        for (int i = 0; i < 1000; i++)
            agree += 64 - __builtin_popcountll(rng_bits(&a) ^ rng_bits(&b));
        assert_true(abs(agree - 32000) < 5 * 126);
    }
}

static void test_stream_is_a_contract(void **state) {
    (void)state;
    struct rng r, again;
    rng_init(&r, 1, 0, RNG_ARRIVAL);
    rng_init(&again, 1, 0, RNG_ARRIVAL);
    assert_memory_equal(&r, &again, sizeof r);
    assert_true(rng_bits(&r) == 0xabe13197cd72ff9b);
    for (int i = 0; i < 999; i++)
        rng_bits(&r);
    assert_true(rng_bits(&r) == 0x7e55f1dcb9b40b06);
}

/* Mean and variance of n draws against those expected, to five standard errors of the mean. */
static void check_moments(double (*draw)(struct rng *), double mean, double variance) {
    struct rng r;
    rng_init(&r, 5, 5, RNG_TEST);
    const int n = 200000;
    double sum = 0, square = 0;
    for (int i = 0; i < n; i++) {
        const double x = draw(&r);
        sum += x;
        square += (x - mean) * (x - mean);
    }
    assert_true(fabs(sum / n - mean) < 5 * sqrt(variance / n));
    assert_true(fabs(square / n / variance - 1) < 0.03);
}

static double gamma_quarter(struct rng *r) {
    return rng_gamma(r, 0.25);
}
static double gamma_nine(struct rng *r) {
    return rng_gamma(r, 9);
}
static double die(struct rng *r) {
    return (double)rng_below(r, 6);
}

static void test_distributions(void **state) {
    (void)state;
    check_moments(rng_uniform, 0.5, 1. / 12);
    check_moments(rng_uniform_positive, 0.5, 1. / 12);
    check_moments(rng_exponential, 1, 1);
    check_moments(rng_normal, 0, 1);
    check_moments(gamma_quarter, 1, 4);
    check_moments(gamma_nine, 1, 1. / 9);
    check_moments(die, 2.5, 35. / 12);
}

static void test_below(void **state) {
    (void)state;
    struct rng r;
    rng_init(&r, 3, 3, RNG_TEST);
    assert_true(rng_below(&r, 1) == 0);
    /* n just above 2^63: nearly half of all draws are rejected; the upper third must come up */
    const uint64_t n = ((uint64_t)1 << 63) + 1;
    int high = 0;
    for (int i = 0; i < 30000; i++) {
        const uint64_t x = rng_below(&r, n);
        assert_true(x < n);
        high += x >= n / 3 * 2;
    }
    assert_true(abs(high - 10000) < 5 * 82); /* sqrt(30000 * 2/9) = 82 */
}

static void test_gsl_type(void **state) {
    (void)state;
    gsl_rng *g = gsl_rng_alloc(rng_gsl_type);
    assert_string_equal(gsl_rng_name(g), "pcg64");
    gsl_rng_set(g, 11);
    struct rng r;
    rng_init(&r, 11, 0, RNG_GSL);
    for (int i = 0; i < 100; i++) {
        assert_true(gsl_rng_get(g) == rng_bits(&r));
        assert_true(gsl_rng_uniform(g) == rng_uniform(&r));
    }
    assert_true(gsl_rng_uniform_int(g, 10) < 10);
    gsl_rng_free(g);
}

int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_library_bit_for_bit),
        cmocka_unit_test(test_both_halves_reach_the_library),
        cmocka_unit_test(test_increments_differ),
        cmocka_unit_test(test_neighbours_are_unlike),
        cmocka_unit_test(test_stream_is_a_contract),
        cmocka_unit_test(test_distributions),
        cmocka_unit_test(test_below),
        cmocka_unit_test(test_gsl_type),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
