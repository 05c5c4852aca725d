/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fails when a value lands in a bin whose edges do not hold it, a quantile is further from the
 * exact order statistic than SKETCH_ERROR, merging is not adding, or a run counted at once differs
 * in any bin from the same values counted one by one. */
#include "sim/engine/rng.h"
#include "sim/measure/sketch.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void test_edges(void **state) {
    (void)state;
    assert_true(sketch_edge(0) == ldexp(1, SKETCH_EXPONENT_MIN));
    assert_true(sketch_edge(SKETCH_BINS) == ldexp(1, SKETCH_EXPONENT_MAX));
    for (int i = 0; i < SKETCH_BINS; i++) {
        const double low = sketch_edge(i), high = sketch_edge(i + 1);
        assert_true(low == ldexp(1 + (i % 64) / 64., SKETCH_EXPONENT_MIN + i / 64));
        assert_int_equal(sketch_bin(low), i);
        assert_int_equal(sketch_bin(nextafter(high, 0)), i);
        assert_true((high - low) / 2 <= SKETCH_ERROR * low);
    }
    assert_int_equal(sketch_bin(0), 0);
    assert_int_equal(sketch_bin(-1), 0);
    assert_int_equal(sketch_bin(NAN), 0);
    assert_int_equal(sketch_bin(-NAN), 0);
    assert_int_equal(sketch_bin(1e-300), 0);
    assert_int_equal(sketch_bin(5e-324), 0);
    assert_int_equal(sketch_bin(1e300), SKETCH_BINS - 1);
    assert_int_equal(sketch_bin(INFINITY), SKETCH_BINS - 1);
    assert_int_equal(sketch_bin(-INFINITY), 0);
}

static int compare(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Quantiles of samples over six decades against the sorted samples themselves. */
static void test_quantiles(void **state) {
    (void)state;
    static struct sketch s;
    static double x[20000];
    const double quantiles[] = {0, 0.001, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999, 1};
    struct rng r;
    rng_init(&r, 2, 2, RNG_TEST);
    for (int trial = 0; trial < 4; trial++) {
        const int n = trial == 0 ? 1 : trial == 1 ? 17 : 20000;
        s = (struct sketch){0};
        double sum = 0;
        for (int i = 0; i < n; i++) {
            x[i] = trial == 2 ? rng_exponential(&r) + 1e-4 : 0.05 * exp(1.5 * rng_normal(&r));
            sum += x[i];
            sketch_add(&s, x[i]);
        }
        qsort(x, (size_t)n, sizeof *x, compare);
        for (size_t k = 0; k < sizeof quantiles / sizeof *quantiles; k++) {
            const int rank = (int)ceil(quantiles[k] * n);
            const double exact = x[rank > 0 ? rank - 1 : 0];
            assert_true(fabs(sketch_quantile(&s, quantiles[k]) / exact - 1) <= SKETCH_ERROR);
        }
        assert_true(s.count == (uint64_t)n);
        assert_true(sketch_mean(&s) == sum / n);
    }
}

static void test_empty(void **state) {
    (void)state;
    static struct sketch s;
    assert_true(isnan(sketch_quantile(&s, 0.5)));
    assert_true(isnan(sketch_mean(&s)));
    sketch_add_run(&s, 1, 1, 0, 5);
    sketch_add_run(&s, 1, 1, 5, 0);
    assert_true(s.count == 0 && s.sum == 0);
}

static void test_merge(void **state) {
    (void)state;
    static struct sketch a, b, both;
    struct rng r;
    rng_init(&r, 2, 3, RNG_TEST);
    for (int i = 0; i < 1000; i++) {
        const double x = (double)rng_below(&r, 1000);
        const uint64_t times = rng_below(&r, 5);
        sketch_add_times(i & 1 ? &a : &b, x, times);
        for (uint64_t k = 0; k < times; k++)
            sketch_add(&both, x);
    }
    sketch_merge(&a, &b);
    assert_memory_equal(&a, &both, sizeof a); /* whole numbers: the sums are exact as well */
}

/* One run at once and one by one into cleared sketches: equal bins, sums within rounding. */
static void check_run(double first, double step, uint64_t steps, uint64_t times) {
    static struct sketch once, loop;
    once = (struct sketch){0};
    loop = (struct sketch){0};
    sketch_add_run(&once, first, step, steps, times);
    double size = 0;
    for (uint64_t k = 0; k < steps; k++) {
        const double x = first + step * (double)k;
        sketch_add_times(&loop, x, times);
        size += fabs(x) * (double)times;
    }
    assert_true(once.count == loop.count);
    assert_memory_equal(once.bin, loop.bin, sizeof once.bin);
    assert_true(isinf(size) || fabs(once.sum - loop.sum) <= 1e-9 * size);
}

static void test_runs_that_touch_edges(void **state) {
    (void)state;
    check_run(1, 1. / 64, 1000, 3);  /* each value on an edge */
    check_run(2, -1. / 64, 1000, 3); /* the same downward, into the negative */
    check_run(0.1, 0, 5000, 2);      /* one value */
    check_run(1, 1e-17, 3000, 1);    /* the step is lost in rounding */
    check_run(1, 3e-17, 30000, 1);   /* lost now and then */
    check_run(nextafter(1, 0), 1e-17, 3000, 1);
    check_run(1, -1e-17, 30000, 1);
    check_run(1e-9, 1e-9, 20000, 1);  /* through the lowest bin */
    check_run(-1, 1e-3, 2000, 1);     /* from the negative */
    check_run(1e6, 1e4, 1000, 1);     /* past the last bin */
    check_run(2e6, -1e3, 3000, 1);    /* back from beyond the last bin */
    check_run(1e308, 1e306, 1000, 1); /* to infinity */
    check_run(0.03, 1e-5, 1, 7);
    for (int i = 0; i < 2000; i++) /* a step and an edge that meet but for rounding */
        check_run(sketch_edge(1000) - 7 * (i * 1e-6), i * 1e-6, 15, 1);
}

static void test_random_runs(void **state) {
    (void)state;
    struct rng r;
    rng_init(&r, 2, 4, RNG_TEST);
    for (int i = 0; i < 3000; i++) {
        const double first = exp(3 * rng_normal(&r) - 3);
        const double sign = rng_below(&r, 3) ? 1 : -1;
        const double step = sign * first * exp(5 * rng_normal(&r) - 7);
        check_run(first, step, 1 + rng_below(&r, 1500), 1 + rng_below(&r, 100));
    }
}

/* 2^50 values at once: a loop would take weeks, so that ending at all is the test. */
static void test_long_run(void **state) {
    (void)state;
    static struct sketch s;
    const uint64_t n = (uint64_t)1 << 50;
    sketch_add_run(&s, 1, 0x1p-50, n, 1);
    assert_true(s.count == n);
    for (int i = 0; i < 64; i++)
        assert_true(s.bin[sketch_bin(1) + i] == n / 64);
}

int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_edges),
        cmocka_unit_test(test_quantiles),
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_merge),
        cmocka_unit_test(test_runs_that_touch_edges),
        cmocka_unit_test(test_random_runs),
        cmocka_unit_test(test_long_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
