/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fails when an interval's centre, its Student t or its degrees of freedom are wrong (known answers
 * worked below), or when intervals of many independent samples do not cover the truth at their
 * stated level; when that of a series takes what moves to and fro between neighbours for chance of
 * the sum, or misses chance that lasts over several of them. */
#include "sim/engine/rng.h"
#include "sim/measure/interval.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static void near_to(double a, double b, double error) {
    assert_true(fabs(a - b) <= error);
}

/* 1..5: mean 3, variance 2.5, t(0.975, 4) = 2.7764451 (tables): half width 2.7764451 sqrt(2.5 / 5).
 * Two values 0, 2: mean 1, variance 2, t(0.975, 1) = 12.7062047: half width 12.7062047.
 * At 90 %, t(0.95, 4) = 2.1318468. */
static void test_mean(void **state) {
    (void)state;
    const double x[] = {1, 2, 3, 4, 5}, two[] = {0, 2};
    struct interval i = interval_mean(x, 5, 0.95);
    near_to(i.mean, 3, 0);
    near_to(i.half, 2.7764451052 * sqrt(0.5), 1e-9);
    near_to(interval_mean(x, 5, 0.90).half, 2.1318467863 * sqrt(0.5), 1e-9);
    i = interval_mean(two, 2, 0.95);
    near_to(i.mean, 1, 0);
    near_to(i.half, 12.7062047364, 1e-8);
    i = interval_mean(x, 1, 0.95);
    assert_true(i.mean == 1 && isinf(i.half));
    i = interval_mean(x, 0, 0.95);
    assert_true(isnan(i.mean) && isinf(i.half));
}

/* With equal bottoms of 1 the jackknife's pseudo-values are the tops: the interval of the mean.
 * Worked: tops 1, 4, bottoms 1, 2: ratio 5/3; without the first 4/2 = 2, without the second 1/1 =
 * 1; pseudo-values 10/3 - 2 = 4/3 and 10/3 - 1 = 7/3; variance 1/2, over 2 is 1/4: half = t(1) / 2.
 */
static void test_ratio(void **state) {
    (void)state;
    const double x[] = {1, 2, 3, 4, 5}, one[] = {1, 1, 1, 1, 1};
    const struct interval mean = interval_mean(x, 5, 0.95);
    struct interval i = interval_ratio(x, one, 5, 0.95);
    near_to(i.mean, mean.mean, 1e-14);
    near_to(i.half, mean.half, 1e-13);
    const double top[] = {1, 4}, bottom[] = {1, 2};
    i = interval_ratio(top, bottom, 2, 0.95);
    near_to(i.mean, 5. / 3, 1e-15);
    near_to(i.half, 12.7062047364 / 2, 1e-8);
    assert_true(isinf(interval_ratio(top, bottom, 1, 0.95).half));
    assert_true(isinf(interval_ratio(top, (const double[]){0, 0}, 2, 0.95).half));
}

/* 2000 samples of 10 batches: the share of intervals that cover the truth has a standard error of
 * 0.5 %; bounds at four of them (and for the ratio a little skew). */
static void test_coverage(void **state) {
    (void)state;
    struct rng r;
    rng_init(&r, 4, 4, RNG_TEST);
    int mean_covers = 0, ratio_covers = 0;
    for (int trial = 0; trial < 2000; trial++) {
        double top[10], bottom[10];
        for (int k = 0; k < 10; k++) {
            bottom[k] = 10 + rng_normal(&r);
            top[k] = 3 * bottom[k] + rng_normal(&r);
        }
        const struct interval m = interval_mean(bottom, 10, 0.95);
        const struct interval q = interval_ratio(top, bottom, 10, 0.95);
        mean_covers += fabs(m.mean - 10) <= m.half;
        ratio_covers += fabs(q.mean - 3) <= q.half;
    }
    near_to(mean_covers / 2000., 0.95, 0.02);
    near_to(ratio_covers / 2000., 0.95, 0.025);
}

/* A wave of one cycle and height a over n values: its cosine sums to a n / 2, all else to 0, so
 * that the mean square of the four is a^2 n^2 / 8; t(0.975, 4) = 2.7764451. A wave of three cycles
 * is above what is looked at. Below 20 values there is none. */
static void test_series(void **state) {
    (void)state;
    enum { COUNT = 48 };
    double slow[COUNT], fast[COUNT];
    for (int i = 0; i < COUNT; i++) {
        const double turn = 2 * acos(-1) * (i + 0.5) / COUNT;
        slow[i] = 7 + 3 * cos(turn);
        fast[i] = 7 + 3 * cos(3 * turn);
    }
    const struct interval i = interval_series(slow, COUNT, 0.95);
    near_to(i.mean, 7, 1e-14);
    near_to(i.half, 2.7764451052 * 3 / sqrt(8), 1e-9);
    near_to(interval_series(fast, COUNT, 0.95).half, 0, 1e-12);
    assert_true(isfinite(interval_series(slow, INTERVAL_SERIES, 0.95).half));
    assert_true(isinf(interval_series(slow, INTERVAL_SERIES - 1, 0.95).half));
    assert_true(isnan(interval_series(slow, 0, 0.95).mean));
}

/* 2000 series of 300 values, a sum of three: independent ones; ones that only move from one value
 * to the next, e_i - e_(i-1); and ones of which half lasts (autoregressive, 0.5). The share that
 * covers the truth, and the mean width by the true one: 1.33 is what 4 degrees of freedom cost.
 * Batch means over 20 pieces would be 4.8 times too wide for the second. */
static void test_series_coverage(void **state) {
    (void)state;
    enum { COUNT = 300, TRIALS = 2000 };
    struct rng r;
    rng_init(&r, 4, 4, RNG_TEST);
    double covers[3] = {0}, width[3] = {0}, square[3] = {0};
    for (int trial = 0; trial < TRIALS; trial++) {
        double value[3][COUNT], before = 0, lasting = 0;
        for (int i = 0; i < COUNT; i++) {
            const double e = rng_normal(&r);
            lasting = 0.5 * lasting + e;
            value[0][i] = e;
            value[1][i] = e - before;
            value[2][i] = lasting;
            before = e;
        }
        for (int k = 0; k < 3; k++) {
            const struct interval q = interval_series(value[k], COUNT, 0.95);
            covers[k] += fabs(q.mean) <= q.half;
            width[k] += q.half / 1.96;
            square[k] += q.mean * q.mean;
        }
    }
    for (int k = 0; k < 3; k++) {
        width[k] /= TRIALS * sqrt(square[k] / TRIALS);
        covers[k] /= TRIALS;
    }
    near_to(covers[0], 0.95, 0.02);
    near_to(covers[2], 0.95, 0.02);
    assert_true(covers[1] > 0.95); /* its ends are in the sum and in what is looked at */
    near_to(width[0], 1.33, 0.05);
    near_to(width[2], 1.33, 0.05);
    assert_true(width[1] > 1 && width[1] < 1.6);
}

static void test_finite(void **state) {
    (void)state;
    near_to(interval_finite(36, 100), 0.8, 1e-15);
    assert_true(interval_finite(0, 100) == 1);
    assert_true(interval_finite(100, 100) == 0);
    assert_true(interval_finite(0, 0) == 0);
}

int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mean),
        cmocka_unit_test(test_ratio),
        cmocka_unit_test(test_coverage),
        cmocka_unit_test(test_series),
        cmocka_unit_test(test_series_coverage),
        cmocka_unit_test(test_finite),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
