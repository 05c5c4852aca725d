/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fails when a design leaves the open unit cube, when the Sobol sequence is not Sobol's or holds
 * point zero, when shifted points lose the evenness of a net, when a slice of a Latin hypercube
 * holds none or two, or when a design depends on anything but its arguments. */
#include "analysis/design.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static double *filled(enum design_kind kind, size_t points, size_t dimensions, uint64_t seed) {
    double *x = calloc(points * dimensions, sizeof *x);
    assert_non_null(x);
    assert_true(design_fill(kind, points, dimensions, seed, x));
    for (size_t i = 0; i < points * dimensions; i++)
        assert_true(x[i] > 0.0 && x[i] < 1.0);
    return x;
}

/* Sobol's first seven points after zero in three dimensions, in Gray code order (Antonov and
 * Saleev 1979), with the direction numbers 1, 1, 1; 1, 3, 5; 1, 1, 7 of Bratley and Fox 1988. */
static void test_sobol_sequence(void **state) {
    (void)state;
    static const double known[7][3] = {
        {0.5, 0.5, 0.5},       {0.75, 0.25, 0.75},    {0.25, 0.75, 0.25},   {0.375, 0.375, 0.625},
        {0.875, 0.875, 0.125}, {0.625, 0.125, 0.375}, {0.125, 0.625, 0.875}};
    double *x = filled(DESIGN_SOBOL, 7, 3, 1);
    for (size_t i = 0; i < 21; i++)
        assert_true(x[i] == known[i / 3][i % 3]);
    /* Neither the seed nor the number of points changes it. */
    double *more = filled(DESIGN_SOBOL, 1000, 3, 2);
    assert_memory_equal(x, more, 21 * sizeof *x);
    free(more);
    free(x);
}

/* Each of 256 slices along an axis holds one of 256 points, whatever the shift and in all 40
 * dimensions; in the first two dimensions each of 16 by 16, 4 by 64 and 64 by 4 boxes does. */
static void test_shift_keeps_net(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        double *x = filled(DESIGN_SOBOL_SHIFTED, 256, DESIGN_DIMENSIONS, seed);
        for (size_t d = 0; d < DESIGN_DIMENSIONS; d++) {
            int held[256] = {0};
            for (size_t i = 0; i < 256; i++)
                held[(size_t)(256.0 * x[i * DESIGN_DIMENSIONS + d])]++;
            for (size_t i = 0; i < 256; i++)
                assert_int_equal(held[i], 1);
        }
        for (size_t across = 4; across <= 64; across *= 4) {
            int held[256] = {0};
            for (size_t i = 0; i < 256; i++) {
                const double *p = x + i * DESIGN_DIMENSIONS;
                const size_t down = 256 / across;
                held[(size_t)((double)across * p[0]) * down + (size_t)((double)down * p[1])]++;
            }
            for (size_t i = 0; i < 256; i++)
                assert_int_equal(held[i], 1);
        }
        free(x);
    }
}

/* A thousand shifts of a single point are uniform: mean 1/2, variance 1/12, each within five
 * standard errors. */
static void test_shift_is_uniform(void **state) {
    (void)state;
    double sum = 0.0, square = 0.0;
    for (uint64_t seed = 0; seed < 1000; seed++) {
        double x[2];
        assert_true(design_fill(DESIGN_SOBOL_SHIFTED, 2, 1, seed, x));
        assert_true(fabs(fabs(x[1] - x[0]) - 0.5) < 1e-12);
        sum += x[0];
        square += (x[0] - 0.5) * (x[0] - 0.5);
    }
    assert_true(fabs(sum / 1000.0 - 0.5) < 5.0 * sqrt(1.0 / 12.0 / 1000.0));
    assert_true(fabs(square / 1000.0 - 1.0 / 12.0) < 5.0 * sqrt(1.0 / 180.0 / 1000.0));
}

static void test_latin_hypercube(void **state) {
    (void)state;
    enum { POINTS = 101, DIMENSIONS = 50 };
    double *x = filled(DESIGN_LHS, POINTS, DIMENSIONS, 5);
    for (size_t d = 0; d < DIMENSIONS; d++) {
        int held[POINTS] = {0};
        for (size_t i = 0; i < POINTS; i++)
            held[(size_t)(POINTS * x[i * DIMENSIONS + d])]++;
        for (size_t i = 0; i < POINTS; i++)
            assert_int_equal(held[i], 1);
    }
    /* Axes are shuffled apart: neighbours are not correlated beyond five standard errors. */
    for (size_t d = 1; d < DIMENSIONS; d++) {
        double product = 0.0;
        for (size_t i = 0; i < POINTS; i++)
            product += (x[i * DIMENSIONS + d] - 0.5) * (x[i * DIMENSIONS + d - 1] - 0.5);
        assert_true(fabs(12.0 * product / POINTS) < 5.0 / sqrt(POINTS));
    }
    free(x);
}

/* The same seed gives the same points, another seed others; a further axis leaves the first ones
 * as they are. */
static void test_seed(void **state) {
    (void)state;
    static const enum design_kind kind[] = {DESIGN_SOBOL_SHIFTED, DESIGN_LHS};
    for (size_t k = 0; k < 2; k++) {
        double *a = filled(kind[k], 64, 3, 7), *b = filled(kind[k], 64, 3, 7);
        double *other = filled(kind[k], 64, 3, 8), *wide = filled(kind[k], 64, 5, 7);
        assert_memory_equal(a, b, 64 * 3 * sizeof *a);
        for (size_t i = 0; i < 64 * 3; i++) {
            assert_true(a[i] != other[i]);
            assert_true(a[i] == wide[i / 3 * 5 + i % 3]);
        }
        free(a);
        free(b);
        free(other);
        free(wide);
    }
}

static void test_refused(void **state) {
    (void)state;
    double x[64] = {0.0};
    static const enum design_kind kind[] = {DESIGN_SOBOL, DESIGN_SOBOL_SHIFTED, DESIGN_LHS};
    for (size_t k = 0; k < 3; k++) {
        assert_false(design_fill(kind[k], 0, 2, 1, x));
        assert_false(design_fill(kind[k], 2, 0, 1, x));
        assert_false(design_fill(kind[k], (size_t)1 << 30, 1, 1, x));
        const bool filled_41 = design_fill(kind[k], 1, DESIGN_DIMENSIONS + 1, 1, x);
        assert_true(filled_41 == (kind[k] == DESIGN_LHS));
    }
}

int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sobol_sequence),
        cmocka_unit_test(test_shift_keeps_net),
        cmocka_unit_test(test_shift_is_uniform),
        cmocka_unit_test(test_latin_hypercube),
        cmocka_unit_test(test_seed),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
