/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fails when a trajectory leaves its grid or changes a factor twice, when elementary effects of
 * functions whose effects are known are off, when intervals of mu* do not cover what they should,
 * or when a missing run gets effects. */
#include "analysis/morris.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

typedef double function(const double *x);

static enum variation effects(function *f, size_t trajectories, size_t factors, uint64_t seed,
                              struct morris_effect *effect) {
    const size_t points = morris_points(trajectories, factors);
    double *x = calloc(points * factors, sizeof *x), *y = calloc(points, sizeof *y);
    assert_true(x != NULL && y != NULL);
    assert_true(morris_design(trajectories, factors, MORRIS_LEVELS, seed, x));
    for (size_t i = 0; i < points; i++)
        y[i] = f(x + i * factors);
    const enum variation v = morris_effects(x, y, trajectories, factors, seed, effect);
    free(x);
    free(y);
    return v;
}

/* Every point is on the grid, every step changes one factor by 2/3, each factor once a trajectory;
 * over 300 trajectories each level of each factor starts about as often as another (5 standard
 * errors), steps go up about as often as down, and orders differ. */
static void test_design(void **state) {
    (void)state;
    enum { TRAJECTORIES = 300, FACTORS = 4, SIZE = (FACTORS + 1) * FACTORS };
    static double x[TRAJECTORIES * SIZE];
    int started[MORRIS_LEVELS] = {0}, first[FACTORS] = {0}, up = 0;
    assert_true(morris_design(TRAJECTORIES, FACTORS, MORRIS_LEVELS, 1, x));
    for (size_t t = 0; t < TRAJECTORIES; t++) {
        int changed[FACTORS] = {0};
        for (size_t p = 0; p <= FACTORS; p++) {
            const double *at = x + t * SIZE + p * FACTORS;
            for (size_t i = 0; i < FACTORS; i++) {
                const double level = at[i] * (MORRIS_LEVELS - 1);
                assert_true(level >= 0.0 && level <= MORRIS_LEVELS - 1);
                assert_true(fabs(level - round(level)) < 1e-12);
                if (p == 0)
                    started[lround(level)]++;
                else if (at[i] != at[i - FACTORS]) {
                    assert_true(fabs(fabs(at[i] - at[i - FACTORS]) - 2.0 / 3.0) < 1e-12);
                    up += at[i] > at[i - FACTORS];
                    changed[i]++;
                    first[i] += p == 1;
                }
            }
        }
        for (size_t i = 0; i < FACTORS; i++)
            assert_int_equal(changed[i], 1);
    }
    const double starts = TRAJECTORIES * FACTORS;
    assert_true(fabs(up - starts / 2.0) < 5.0 * sqrt(starts / 4.0));
    for (size_t i = 0; i < 4; i++) {
        assert_true(fabs(started[i] - starts / 4.0) < 5.0 * sqrt(starts * 3.0 / 16.0));
        assert_true(fabs(first[i] - TRAJECTORIES / 4.0) < 5.0 * sqrt(TRAJECTORIES * 3.0 / 16.0));
    }
}

static void test_design_is_stable(void **state) {
    (void)state;
    double few[3 * 5 * 4], many[6 * 5 * 4], other[6 * 5 * 4];
    assert_true(morris_design(3, 4, MORRIS_LEVELS, 1, few));
    assert_true(morris_design(6, 4, MORRIS_LEVELS, 1, many));
    assert_true(morris_design(6, 4, MORRIS_LEVELS, 2, other));
    assert_memory_equal(few, many, sizeof few);
    assert_memory_not_equal(many, other, sizeof many);
    assert_false(morris_design(0, 4, 4, 1, few));
    assert_false(morris_design(3, 0, 4, 1, few));
    assert_false(morris_design(3, 4, 3, 1, few));
    assert_false(morris_design(3, 4, 0, 1, few));
}

/* y = 3 x1 - 2 x2 + 0 x3: each effect is its coefficient, whatever the trajectory. */
static double linear(const double *x) {
    return 3.0 * x[0] - 2.0 * x[1] + 100.0;
}

static void test_linear(void **state) {
    (void)state;
    static const double known[3] = {3.0, -2.0, 0.0};
    struct morris_effect m[3];
    assert_int_equal(effects(linear, 10, 3, 1, m), VARIATION_SOME);
    for (size_t i = 0; i < 3; i++) {
        assert_true(fabs(m[i].mu - known[i]) < 1e-12);
        assert_true(fabs(m[i].mu_star - fabs(known[i])) < 1e-12);
        assert_true(fabs(m[i].mu_star_low - fabs(known[i])) < 1e-12);
        assert_true(fabs(m[i].mu_star_high - fabs(known[i])) < 1e-12);
        assert_true(m[i].sigma >= 0.0 && m[i].sigma < 1e-12);
    }
    assert_true(m[2].mu_star == 0.0 && m[2].sigma == 0.0);
}

/* y = (2 x1 - 1)(2 x2 - 1): the effect of one is 2 (2 x - 1) of the other, -2, -2/3, 2/3 or 2 with
 * equal chance: mu 0, mu* 4/3, sigma sqrt(20)/3; sizes have a standard deviation of 2/3. */
static double product(const double *x) {
    return (2.0 * x[0] - 1.0) * (2.0 * x[1] - 1.0);
}

static void test_product(void **state) {
    (void)state;
    struct morris_effect m[2];
    assert_int_equal(effects(product, 1000, 2, 3, m), VARIATION_SOME);
    for (size_t i = 0; i < 2; i++) {
        assert_true(fabs(m[i].mu) < 5.0 * sqrt(20.0) / 3.0 / sqrt(1000.0));
        assert_true(fabs(m[i].mu_star - 4.0 / 3.0) < 5.0 * 2.0 / 3.0 / sqrt(1000.0));
        assert_true(fabs(m[i].sigma - sqrt(20.0) / 3.0) < 0.05);
        const double width = m[i].mu_star_high - m[i].mu_star_low;
        assert_true(fabs(width - 2.0 * 1.96 * 2.0 / 3.0 / sqrt(1000.0)) < 0.01);
    }
}

/* y = x1 (1 + x2 + 3 x3): the effects of x1 are 1 + x2 + 3 x3, with a mean of 3. */
static double mixed(const double *x) {
    return x[0] * (1.0 + x[1] + 3.0 * x[2]);
}

/* 400 screenings of 30 trajectories: percentile intervals of 30 values cover a little less than
 * 95 %. Their share has a standard error of 1.1 %. */
static void test_intervals_cover(void **state) {
    (void)state;
    int covered = 0;
    for (uint64_t seed = 1; seed <= 400; seed++) {
        struct morris_effect m[3];
        effects(mixed, 30, 3, seed, m);
        covered += m[0].mu_star_low <= 3.0 && 3.0 <= m[0].mu_star_high;
    }
    print_message("# covered of 400: %d\n", covered);
    assert_true(covered >= 360 && covered < 395);
}

static double constant(const double *x) {
    (void)x;
    return 5.0;
}

static double failing(const double *x) {
    return x[0] > 0.5 ? NAN : x[1];
}

static void test_degenerate(void **state) {
    (void)state;
    struct morris_effect m[2];
    assert_int_equal(effects(constant, 5, 2, 1, m), VARIATION_NONE);
    assert_true(m[1].mu == 0.0 && m[1].mu_star == 0.0 && m[1].sigma == 0.0);
    assert_int_equal(effects(failing, 5, 2, 1, m), VARIATION_MISSING);
    assert_true(isnan(m[1].mu) && isnan(m[1].mu_star) && isnan(m[1].sigma));
    assert_true(isnan(m[1].mu_star_low) && isnan(m[1].mu_star_high));
    /* One trajectory has effects, but no spread. */
    assert_int_equal(effects(product, 1, 2, 1, m), VARIATION_SOME);
    assert_true(isfinite(m[0].mu_star) && isnan(m[0].sigma) && isnan(m[0].mu_star_low));
}

int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_design),          cmocka_unit_test(test_design_is_stable),
        cmocka_unit_test(test_linear),          cmocka_unit_test(test_product),
        cmocka_unit_test(test_intervals_cover), cmocka_unit_test(test_degenerate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
