/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fails when PUE is not that of its knots, when the IT power that a limit leaves is not the root of
 * site power = limit or lies above it, when a heat limit is not seen, or when the parts of the
 * overhead do not sum to it. */
#include "sim/engine/rng.h"
#include "sim/site/cooling.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static const double load[] = {20e6, 40e6, 60e6, 80e6};
static const double curve[] = {1.6, 1.4, 1.3, 1.25};
static const double kelvin[] = {273.15, 303.15};
static const double surface[] = {1.3, 1.2, 1.15, 1.12, 1.6, 1.4, 1.3, 1.25};

static void near_to(double a, double b, double error) {
    assert_true(fabs(a - b) <= error);
}

static void test_constant(void **state) {
    (void)state;
    struct schedule pue;
    const double time[] = {0, 10}, value[] = {1.25, 2};
    assert_int_equal(schedule_make(&pue, time, value, 2, 0, false), -1);
    struct cooling c;
    cooling_constant(&c, &pue);
    bool heat = true;
    assert_true(cooling_pue(&c, 1e6, 0, 5) == 1.25);
    assert_true(cooling_site_power(&c, 1e6, 0, 20) == 2e6);
    assert_true(cooling_it_available(&c, 100e6, 0, 5, &heat) == 80e6 && !heat);
    assert_true(cooling_it_available(&c, INFINITY, 0, 5, NULL) == INFINITY);
    /* A step inside the span: the higher PUE counts; one at its end does not. */
    struct schedule none = {0};
    assert_true(cooling_it_throughout(&c, 100e6, &none, 9.5, 10.5, NULL) == 50e6);
    assert_true(cooling_it_throughout(&c, 100e6, &none, 9, 10, NULL) == 80e6);
    const double heat_value[] = {70e6, 30e6};
    assert_int_equal(schedule_make(&c.heat_limit, time, heat_value, 2, 0, false), -1);
    assert_true(cooling_it_available(&c, 100e6, 0, 5, &heat) == 70e6 && heat);
    assert_true(cooling_it_available(&c, 80e6, 0, 5, &heat) == 64e6 && !heat);
    assert_true(cooling_it_throughout(&c, 100e6, &none, 9, 11, &heat) == 30e6 && heat);
    cooling_clear(&c);
}

static void test_knots(void **state) {
    (void)state;
    struct cooling c;
    assert_null(cooling_knots(&c, load, 4, NULL, 1, curve));
    for (int i = 0; i < 4; i++)
        near_to(cooling_pue(&c, load[i], 0, 0), curve[i], 1e-15);
    near_to(cooling_pue(&c, 1e6, 0, 0), 1.6, 0);
    near_to(cooling_pue(&c, 1e9, 0, 0), 1.25, 0);
    for (double it = 20e6; it < 80e6; it += 1e5) /* monotone between the knots */
        assert_true(cooling_pue(&c, it + 1e5, 0, 0) <= cooling_pue(&c, it, 0, 0));
    cooling_clear(&c);
    assert_null(cooling_knots(&c, load, 2, NULL, 1, curve));
    near_to(cooling_pue(&c, 30e6, 0, 0), 1.5, 1e-15);
    cooling_clear(&c);
    assert_null(cooling_knots(&c, load, 1, NULL, 1, curve));
    near_to(cooling_pue(&c, 30e6, 0, 0), 1.6, 0);
    near_to(cooling_it_available(&c, 16e6, 0, 0, NULL), 10e6, 1e-6);
    cooling_clear(&c);
    assert_null(cooling_knots(&c, load, 4, kelvin, 2, surface));
    near_to(cooling_pue(&c, 20e6, 273.15, 0), 1.3, 1e-15);
    near_to(cooling_pue(&c, 30e6, 288.15, 0), 0.25 * (1.3 + 1.2 + 1.6 + 1.4), 1e-14);
    near_to(cooling_pue(&c, 1e6, 400, 0), 1.6, 0);
    cooling_clear(&c);
}

static void test_wrong_knots(void **state) {
    (void)state;
    struct cooling c;
    const double falling[] = {2, 1}, low[] = {0.9, 1, 1, 1}, steep[] = {3, 1.2};
    assert_non_null(cooling_knots(&c, load, 0, NULL, 1, curve));
    assert_non_null(cooling_knots(&c, falling, 2, NULL, 1, curve));
    assert_non_null(cooling_knots(&c, load, 4, NULL, 1, low));
    assert_non_null(cooling_knots(&c, load, 1, kelvin, 2, curve));
    assert_non_null(cooling_knots(&c, load, 2, falling, 2, surface));
    assert_non_null(cooling_knots(&c, load, 2, NULL, 2, surface));
    assert_non_null(cooling_knots(&c, load, 2, NULL, 1, steep)); /* 60 MW, then 48 MW */
    assert_null(c.load);
    cooling_clear(&c); /* nothing is left to free */
}

/* Random tables and limits: the root is met to 1e-12, never exceeded, and it is the largest. */
static void test_available(void **state) {
    (void)state;
    struct rng r;
    rng_init(&r, 12, 1, RNG_TEST);
    for (int trial = 0; trial < 2000; trial++) {
        double x[6], pue[12];
        const size_t n = 2 + rng_below(&r, 5), m = 1 + rng_below(&r, 2);
        for (size_t i = 0; i < n; i++) {
            x[i] = (i == 0 ? 0 : x[i - 1]) + 1e6 * (1 + 20 * rng_uniform(&r));
            for (size_t j = 0; j < m; j++) { /* overhead that rises with load, from some base */
                const double base = 3e6 * (double)(j + 1);
                pue[j * n + i] = 1 + base / x[i] + 0.05 * (double)i * rng_uniform(&r);
                if (i > 0 && pue[j * n + i] * x[i] <= pue[j * n + i - 1] * x[i - 1])
                    pue[j * n + i] = pue[j * n + i - 1] * x[i - 1] / x[i] + 0.01;
                pue[j * n + i] = fmax(pue[j * n + i], 1);
            }
        }
        struct cooling c;
        const char *wrong = cooling_knots(&c, x, n, m > 1 ? kelvin : NULL, m, pue);
        assert_null(wrong);
        const double limit = 150e6 * rng_uniform(&r) + 1;
        const double t = 265 + 45 * rng_uniform(&r);
        const double it = cooling_it_available(&c, limit, t, 0, NULL);
        const double site = cooling_site_power(&c, it, t, 0);
        assert_true(site <= limit * (1 + 1e-15));
        near_to(site, limit, 1e-12 * limit);
        for (double more = it * 1.000001; more < limit; more *= 1.07)
            assert_true(cooling_site_power(&c, more, t, 0) > limit * (1 - 1e-9));
        cooling_clear(&c);
    }
}

/* Throughout a span the limit is kept at every temperature that the span sees. */
static void test_throughout(void **state) {
    (void)state;
    struct cooling c;
    assert_null(cooling_knots(&c, load, 4, kelvin, 2, surface));
    struct schedule outdoor;
    const double time[] = {0, 100}, value[] = {280, 300};
    assert_int_equal(schedule_make(&outdoor, time, value, 2, 0, true), -1);
    bool heat = true;
    const double it = cooling_it_throughout(&c, 70e6, &outdoor, 40, 60, &heat);
    assert_false(heat);
    double least = INFINITY;
    for (double t = 40; t <= 60; t += 0.5)
        least = fmin(least, cooling_it_available(&c, 70e6, schedule_at(&outdoor, t), t, NULL));
    near_to(it, least, 1e-9 * it);
    near_to(it, cooling_it_available(&c, 70e6, schedule_at(&outdoor, 60), 60, NULL), 1e-9 * it);
    assert_true(cooling_it_throughout(&c, 0, &outdoor, 40, 60, NULL) == 0);
    schedule_clear(&outdoor);
    cooling_clear(&c);
}

static void test_split(void **state) {
    (void)state;
    struct cooling c = {.loss_share = 0.05, .fixed = 1000};
    struct cooling_parts p = cooling_split(&c, 1e6, 1.2e6, 10);
    near_to(p.losses, 5e4, 1e-9);
    near_to(p.fixed, 1e4, 1e-9);
    near_to(p.cooling, 1.4e5, 1e-9);
    p = cooling_split(&c, 1e6, 1.055e6, 10); /* not enough for the fixed part */
    near_to(p.losses, 5e4, 1e-9);
    near_to(p.fixed, 5e3, 1e-9);
    assert_true(p.cooling == 0);
    p = cooling_split(&c, 1e6, 1.01e6, 10);
    near_to(p.losses, 1e4, 1e-9);
    assert_true(p.fixed == 0 && p.cooling == 0);
    struct rng r;
    rng_init(&r, 13, 1, RNG_TEST);
    for (int i = 0; i < 1000; i++) {
        c.loss_share = 0.3 * rng_uniform(&r);
        c.fixed = 1e5 * rng_uniform(&r);
        const double it = 1e6 * rng_uniform(&r), site = it * (1 + 0.5 * rng_uniform(&r));
        p = cooling_split(&c, it, site, 1);
        assert_true(p.losses >= 0 && p.fixed >= 0 && p.cooling >= 0);
        near_to(p.losses + p.fixed + p.cooling, site - it, 1e-9);
    }
}

int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_constant),    cmocka_unit_test(test_knots),
        cmocka_unit_test(test_wrong_knots), cmocka_unit_test(test_available),
        cmocka_unit_test(test_throughout),  cmocka_unit_test(test_split),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
