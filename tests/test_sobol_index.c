/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fails when Sobol indices of functions whose indices are known (Ishigami, linear, product, one
 * with a dead factor) are off, when their intervals do not cover the known values, when they depend
 * on the output's unit or offset, or when an output without variance gets an index. */
#include "analysis/sobol_index.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { FACTORS_MAX = 20 };
static const double pi = 3.14159265358979323846;

typedef double function(const double *x, size_t factors);

struct known {
    double first[FACTORS_MAX], total[FACTORS_MAX];
};

/* The output at every point of a design. */
static double *outputs(function *f, size_t rows, size_t factors, uint64_t seed) {
    const size_t points = sobol_index_points(rows, factors);
    double *x = calloc(points * factors, sizeof *x), *y = calloc(points, sizeof *y);
    assert_true(x != NULL && y != NULL);
    assert_true(sobol_index_design(rows, factors, seed, x));
    for (size_t i = 0; i < points; i++)
        y[i] = f(x + i * factors, factors);
    free(x);
    return y;
}

static void indices(function *f, size_t rows, size_t factors, uint64_t seed,
                    struct sobol_index *index) {
    double *y = outputs(f, rows, factors, seed);
    assert_int_equal(sobol_index_estimate(y, rows, factors, seed, index), VARIATION_SOME);
    free(y);
}

/* Estimates within `error` of what is known. */
static void close_to(const struct sobol_index *index, const struct known *known, size_t factors,
                     double error) {
    for (size_t i = 0; i < factors; i++) {
        assert_true(fabs(index[i].first - known->first[i]) <= error);
        assert_true(fabs(index[i].total - known->total[i]) <= error);
    }
}

/* -- Test functions -----------------------------------------------------------------------------
 */

/* Ishigami and Homma 1990 (First International Symposium on Uncertainty Modeling and Analysis),
 * with a = 7 and b = 0.1: y = sin x1 + a sin^2 x2 + b x3^4 sin x1, each x from -pi to pi. */
static double ishigami(const double *u, size_t factors) {
    (void)factors;
    const double x1 = pi * (2.0 * u[0] - 1.0), x2 = pi * (2.0 * u[1] - 1.0);
    const double x3 = pi * (2.0 * u[2] - 1.0);
    return sin(x1) + 7.0 * sin(x2) * sin(x2) + 0.1 * pow(x3, 4.0) * sin(x1);
}

/* Its variance is a^2/8 + b pi^4/5 + b^2 pi^8/18 + 1/2, of which (1 + b pi^4/5)^2/2 by x1, a^2/8 by
 * x2, none by x3 alone and 8 b^2 pi^8/225 by x1 with x3. */
static struct known ishigami_known(void) {
    const double p4 = pow(pi, 4.0), p8 = pow(pi, 8.0), a = 7.0, b = 0.1;
    const double all = a * a / 8.0 + b * p4 / 5.0 + b * b * p8 / 18.0 + 0.5;
    const double v1 = 0.5 * pow(1.0 + b * p4 / 5.0, 2.0), v2 = a * a / 8.0;
    const double v13 = 8.0 * b * b * p8 / 225.0;
    assert_true(fabs(v1 / all - 0.3139) < 5e-5 && fabs(v2 / all - 0.4424) < 5e-5);
    assert_true(fabs(v13 / all - 0.2437) < 5e-5); /* as they are commonly quoted */
    return (struct known){{v1 / all, v2 / all, 0.0}, {(v1 + v13) / all, v2 / all, v13 / all}};
}

/* y = sum of i x_i, i = 1, 2, ...: shares i^2 over their sum, and nothing together. */
static double linear(const double *u, size_t factors) {
    double y = 0.0;
    for (size_t i = 0; i < factors; i++)
        y += (double)(i + 1) * u[i];
    return y;
}

static struct known linear_known(size_t factors) {
    struct known k = {{0.0}, {0.0}};
    double all = 0.0;
    for (size_t i = 1; i <= factors; i++)
        all += (double)(i * i);
    for (size_t i = 1; i <= factors; i++)
        k.first[i - 1] = k.total[i - 1] = (double)(i * i) / all;
    return k;
}

/* Sobol's product of (|4 x_i - 2| + a_i) / (1 + a_i), with a = 0, 1, 4.5, 9, 99, ... 99 (Saltelli
 * and Sobol 1995): V_i = 1 / (3 (1 + a_i)^2), and the whole variance is prod(1 + V_i) - 1. */
static double product_a(size_t i) {
    static const double a[] = {0.0, 1.0, 4.5, 9.0};
    return i < sizeof a / sizeof *a ? a[i] : 99.0;
}

static double product(const double *u, size_t factors) {
    double y = 1.0;
    for (size_t i = 0; i < factors; i++)
        y *= (fabs(4.0 * u[i] - 2.0) + product_a(i)) / (1.0 + product_a(i));
    return y;
}

static struct known product_known(size_t factors) {
    struct known k = {{0.0}, {0.0}};
    double all = 1.0;
    for (size_t i = 0; i < factors; i++)
        all *= 1.0 + 1.0 / 3.0 / pow(1.0 + product_a(i), 2.0);
    for (size_t i = 0; i < factors; i++) {
        const double v = 1.0 / 3.0 / pow(1.0 + product_a(i), 2.0);
        k.first[i] = v / (all - 1.0);
        k.total[i] = v * all / (1.0 + v) / (all - 1.0);
    }
    return k;
}

/* The second factor does nothing. */
static double with_dead(const double *u, size_t factors) {
    (void)factors;
    return u[0] * u[2] + u[0];
}

/* -- Tests --------------------------------------------------------------------------------------
 */

static void test_ishigami(void **state) {
    (void)state;
    const struct known known = ishigami_known();
    struct sobol_index index[3];
    indices(ishigami, 4096, 3, 1, index);
    close_to(index, &known, 3, 0.01);
    for (size_t i = 0; i < 3; i++) {
        assert_true(index[i].first_low <= known.first[i] && known.first[i] <= index[i].first_high);
        assert_true(index[i].total_low <= known.total[i] && known.total[i] <= index[i].total_high);
        assert_true(index[i].first_high - index[i].first_low < 0.1); /* and they say something */
        assert_true(index[i].total_high - index[i].total_low < 0.1);
    }
}

/* Over 100 shifts of 256 rows: intervals of 95 % that take rows as independent cover no less. The
 * standard error of the share is 2.2 %. */
static void test_intervals_cover(void **state) {
    (void)state;
    const struct known known = ishigami_known();
    int first[3] = {0}, total[3] = {0};
    for (uint64_t seed = 1; seed <= 100; seed++) {
        struct sobol_index index[3];
        indices(ishigami, 256, 3, seed, index);
        for (size_t i = 0; i < 3; i++) {
            first[i] +=
                index[i].first_low <= known.first[i] && known.first[i] <= index[i].first_high;
            total[i] +=
                index[i].total_low <= known.total[i] && known.total[i] <= index[i].total_high;
        }
    }
    for (size_t i = 0; i < 3; i++) {
        print_message("# covered of 100: first %d, total %d\n", first[i], total[i]);
        assert_true(first[i] >= 90 && total[i] >= 90);
    }
}

static void test_known(void **state) {
    (void)state;
    struct sobol_index index[FACTORS_MAX];
    struct known known = linear_known(5);
    indices(linear, 1024, 5, 2, index);
    close_to(index, &known, 5, 0.01);
    known = product_known(8);
    indices(product, 4096, 8, 3, index);
    close_to(index, &known, 8, 0.01);
    known = linear_known(FACTORS_MAX);
    indices(linear, 4096, FACTORS_MAX, 4, index);
    close_to(index, &known, FACTORS_MAX, 0.01);
}

/* Exactly nothing, and an interval of nothing. y = x1 (x3 + 1) has V1 = 9/48, V3 = 1/48, V13 =
 * 1/144, of 31/144. */
static void test_dead_factor(void **state) {
    (void)state;
    struct sobol_index index[3];
    indices(with_dead, 1024, 3, 5, index);
    assert_true(index[1].first == 0.0 && index[1].total == 0.0);
    assert_true(index[1].first_low == 0.0 && index[1].first_high == 0.0);
    assert_true(index[1].total_low == 0.0 && index[1].total_high == 0.0);
    const struct known known = {{27.0 / 31.0, 0.0, 3.0 / 31.0}, {28.0 / 31.0, 0.0, 4.0 / 31.0}};
    close_to(index, &known, 3, 0.01);
}

/* The same indices of 1e-9 y and, to the rounding of y itself, of y + 1e9. */
static void test_unit_and_offset(void **state) {
    (void)state;
    double *y = outputs(ishigami, 512, 3, 6);
    struct sobol_index index[3], small[3], high[3];
    assert_int_equal(sobol_index_estimate(y, 512, 3, 6, index), VARIATION_SOME);
    for (size_t i = 0; i < sobol_index_points(512, 3); i++)
        y[i] *= 1e-9;
    assert_int_equal(sobol_index_estimate(y, 512, 3, 6, small), VARIATION_SOME);
    for (size_t i = 0; i < sobol_index_points(512, 3); i++)
        y[i] = 1e9 * y[i] + 1e9;
    assert_int_equal(sobol_index_estimate(y, 512, 3, 6, high), VARIATION_SOME);
    for (size_t i = 0; i < 3; i++) {
        assert_true(fabs(small[i].first - index[i].first) < 1e-12);
        assert_true(fabs(small[i].total_high - index[i].total_high) < 1e-12);
        assert_true(fabs(high[i].first - index[i].first) < 1e-6);
        assert_true(fabs(high[i].total - index[i].total) < 1e-6);
        assert_true(fabs(high[i].first_low - index[i].first_low) < 1e-6);
    }
    free(y);
}

static void none(const struct sobol_index *index) {
    for (size_t i = 0; i < 2; i++)
        assert_true(isnan(index[i].first) && isnan(index[i].first_low) &&
                    isnan(index[i].first_high) && isnan(index[i].total) &&
                    isnan(index[i].total_low) && isnan(index[i].total_high));
}

/* Two factors, two rows: a constant, a constant but for rounding, a missing run, an infinite one,
 * and one that varies only between A and B get none, and say why. */
static void test_degenerate(void **state) {
    (void)state;
    struct sobol_index index[2];
    double y[8] = {0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3};
    assert_int_equal(sobol_index_estimate(y, 2, 2, 1, index), VARIATION_NONE);
    none(index);
    y[1] = 0.1 + 0.2;
    assert_true(y[1] != y[0]);
    assert_int_equal(sobol_index_estimate(y, 2, 2, 1, index), VARIATION_NONE);
    none(index);
    y[2] = 4.0;
    assert_int_equal(sobol_index_estimate(y, 2, 2, 1, index), VARIATION_NONE);
    none(index);
    y[7] = NAN;
    assert_int_equal(sobol_index_estimate(y, 2, 2, 1, index), VARIATION_MISSING);
    none(index);
    y[7] = INFINITY;
    assert_int_equal(sobol_index_estimate(y, 2, 2, 1, index), VARIATION_MISSING);
    none(index);
    assert_string_equal(variation_text(VARIATION_NONE), "the same in all runs");
    assert_string_equal(variation_text(VARIATION_MISSING), "missing in some of the runs");
    /* One row varies, but a sample of rows may hold the other one twice. */
    const double few[8] = {1.0, 1.0, 1.0, 1.0, 2.0, 3.0, 2.0, 3.0};
    assert_int_equal(sobol_index_estimate(few, 2, 2, 1, index), VARIATION_SOME);
    assert_true(isfinite(index[0].first) && isnan(index[0].first_low));
}

/* Rows of fewer rows are the first rows of more; A, B and what lies between them. */
static void test_design_rows(void **state) {
    (void)state;
    double few[8 * 5 * 3], many[16 * 5 * 3];
    assert_true(sobol_index_design(8, 3, 9, few) && sobol_index_design(16, 3, 9, many));
    assert_memory_equal(few, many, sizeof few);
    for (size_t j = 0; j < 16; j++) {
        const double *a = many + j * 15, *b = a + 3;
        for (size_t i = 0; i < 3; i++)
            for (size_t k = 0; k < 3; k++)
                assert_true(a[6 + 3 * i + k] == (i == k ? b[k] : a[k]) && a[k] != b[k]);
    }
    assert_false(sobol_index_design(8, SOBOL_INDEX_FACTORS + 1, 9, many));
    assert_false(sobol_index_design(0, 3, 9, many));
}

int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ishigami),        cmocka_unit_test(test_intervals_cover),
        cmocka_unit_test(test_known),           cmocka_unit_test(test_dead_factor),
        cmocka_unit_test(test_unit_and_offset), cmocka_unit_test(test_degenerate),
        cmocka_unit_test(test_design_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
