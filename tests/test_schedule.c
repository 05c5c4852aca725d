/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fails when a schedule's value, integral or its inverse is off on a knot, inside a piece, past the
 * last knot or in a later period; when a broken list of knots is taken or the wrong knot named; or
 * when the next change is missed, reported where nothing changes, or not after the present; or when
 * a shifted schedule is not the later part of the one it was made of. */
#include "sim/engine/rng.h"
#include "sim/engine/schedule.h"
#include "sim/engine/simtime.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static void near_to(double a, double b) {
    assert_true(fabs(a - b) <= 1e-12 * (1 + fabs(b)));
}

static void test_simtime(void **state) {
    (void)state;
    for (int64_t s = 0; s < 8640000; s += 977)
        assert_true(simtime_seconds(s * SIMTIME_SECOND) == (double)s);
    for (int64_t ms = 0; ms < 86400000; ms += 977)
        assert_true(simtime_seconds(ms * (SIMTIME_SECOND / 1000)) == (double)ms / 1000);
    assert_true(simtime_of(50400) == 50400 * SIMTIME_SECOND);
    assert_true(simtime_of(1.5e-12) == 2);
    assert_true(simtime_of(2.5e-12) == 2);
    assert_true(SIMTIME_HORIZON_MAX * 1e12 < 0.95 * (double)SIMTIME_NEVER);
}

static void test_constant(void **state) {
    (void)state;
    struct schedule s;
    schedule_constant(&s, 3);
    assert_true(schedule_at(&s, 0) == 3 && schedule_at(&s, 1e9) == 3);
    near_to(schedule_integral(&s, 1e6), 3e6);
    near_to(schedule_inverse(&s, 12), 4);
    assert_true(isinf(schedule_next_change(&s, 5)));
    assert_true(schedule_max(&s) == 3 && schedule_min(&s) == 3);
    schedule_clear(&s);
    schedule_constant(&s, 0);
    assert_true(schedule_inverse(&s, 0) == 0);
    assert_true(isinf(schedule_inverse(&s, 1e-9)));
    schedule_clear(&s);
    schedule_clear(&s); /* empty: allowed */
}

/* Curtailment: 100 until 14 h, 60 until 17 h, 100 again; every day. */
static void test_steps_of_a_day(void **state) {
    (void)state;
    const double h = 3600, time[] = {0, 14 * h, 17 * h}, value[] = {100, 60, 100};
    struct schedule s;
    assert_int_equal(schedule_make(&s, time, value, 3, 24 * h, false), -1);
    for (int day = 0; day < 60; day++) {
        const double at = day * 24 * h;
        assert_true(schedule_at(&s, at) == 100);
        assert_true(schedule_at(&s, at + 14 * h - 1e-3) == 100);
        assert_true(schedule_at(&s, at + 14 * h) == 60);
        assert_true(schedule_at(&s, at + 17 * h) == 100);
        near_to(schedule_integral(&s, at + 15 * h), (day * 2280. + 1460) * h);
        near_to(schedule_inverse(&s, (day * 2280. + 1460) * h), at + 15 * h);
        assert_true(schedule_next_change(&s, at) == at + 14 * h);
        assert_true(schedule_next_change(&s, at + 14 * h) == at + 17 * h);
        /* 100 at the day's end and start: nothing changes at midnight */
        assert_true(schedule_next_change(&s, at + 17 * h) == at + 38 * h);
    }
    assert_true(schedule_max(&s) == 100 && schedule_min(&s) == 60);
    schedule_clear(&s);
}

static void test_lines(void **state) {
    (void)state;
    const double time[] = {0, 10, 30, 40}, value[] = {0, 20, 20, 0};
    struct schedule s;
    assert_int_equal(schedule_make(&s, time, value, 4, 0, true), -1);
    near_to(schedule_at(&s, 5), 10);
    near_to(schedule_at(&s, 35), 10);
    assert_true(schedule_at(&s, 1000) == 0);
    near_to(schedule_integral(&s, 5), 25);
    near_to(schedule_integral(&s, 40), 600);
    near_to(schedule_integral(&s, 1e6), 600);
    near_to(schedule_inverse(&s, 25), 5);
    near_to(schedule_inverse(&s, 300), 20);
    near_to(schedule_inverse(&s, 575), 35);
    near_to(schedule_inverse(&s, 600), 40);
    assert_true(isinf(schedule_inverse(&s, 600.001)));
    assert_true(schedule_next_change(&s, 5) == 5);
    assert_true(schedule_next_change(&s, 10) == 30);
    assert_true(isinf(schedule_next_change(&s, 40)));
    schedule_clear(&s);

    /* the same, each 50 s: the line from 40 to 50 stays at 0 */
    assert_int_equal(schedule_make(&s, time, value, 4, 50, true), -1);
    near_to(schedule_at(&s, 45), 0);
    near_to(schedule_at(&s, 105), 10);
    near_to(schedule_integral(&s, 105), 1225);
    near_to(schedule_inverse(&s, 1225), 105);
    near_to(schedule_inverse(&s, 1200), 90); /* the earliest: not 100, the next period's start */
    assert_true(schedule_next_change(&s, 140) == 150);
    schedule_clear(&s);
}

static void test_knots_follow_each_other(void **state) {
    (void)state;
    const double time[] = {0, 10, 30}, value[] = {5, 5, 7};
    struct schedule s;
    assert_int_equal(schedule_make(&s, time, value, 3, 0, false), -1);
    assert_true(schedule_next_knot(&s, 0) == 10); /* though the value stays */
    assert_true(schedule_next_knot(&s, 10) == 30);
    assert_true(isinf(schedule_next_knot(&s, 30)));
    schedule_clear(&s);
    assert_int_equal(schedule_make(&s, time, value, 3, 50, true), -1);
    assert_true(schedule_next_knot(&s, 30) == 50);
    assert_true(schedule_next_knot(&s, 105) == 110);
    schedule_clear(&s);
}

static void test_plateau_takes_the_earliest(void **state) {
    (void)state;
    const double time[] = {0, 1, 2}, value[] = {5, 0, 5};
    struct schedule s;
    assert_int_equal(schedule_make(&s, time, value, 3, 0, false), -1);
    near_to(schedule_inverse(&s, 5), 1);
    near_to(schedule_inverse(&s, 10), 3);
    assert_true(schedule_next_change(&s, 0.5) == 1);
    schedule_clear(&s);
    const double zero[] = {0, 0, 0};
    assert_int_equal(schedule_make(&s, time, zero, 3, 7, false), -1);
    assert_true(isinf(schedule_inverse(&s, 1)));
    assert_true(isinf(schedule_next_change(&s, 0)));
    schedule_clear(&s);
}

static void test_broken_knots_are_named(void **state) {
    (void)state;
    struct schedule s;
    const double value[] = {1, 1, 1}, bad_value[] = {1, NAN, 1};
    const double good[] = {0, 1, 2}, late[] = {1, 2, 3}, back[] = {0, 2, 2};
    assert_int_equal(schedule_make(&s, late, value, 3, 0, false), 0);
    assert_int_equal(schedule_make(&s, back, value, 3, 0, false), 2);
    assert_int_equal(schedule_make(&s, good, bad_value, 3, 0, false), 1);
    assert_int_equal(schedule_make(&s, good, value, 3, 2, false), 2);
    assert_int_equal(schedule_make(&s, good, value, 3, -1, false), 0);
    assert_int_equal(schedule_make(&s, good, value, 3, NAN, false), 0);
    assert_int_equal(schedule_make(&s, good, value, 0, 0, false), 0);
    assert_null(s.time);
    assert_int_equal(s.count, 0);
}

/* A shifted schedule is the later part of the other: at knots, between them, and in integrals. */
static void test_shift(void **state) {
    (void)state;
    struct rng r;
    rng_init(&r, 2, 1, RNG_TEST);
    for (int trial = 0; trial < 400; trial++) {
        double time[9], value[9];
        const size_t count = 1 + rng_below(&r, 9);
        for (size_t i = 0; i < count; i++) {
            time[i] = i ? time[i - 1] + 1 + (double)rng_below(&r, 5) : 0;
            value[i] = (double)rng_below(&r, 100);
        }
        const double period = trial & 1 ? time[count - 1] + 1 + (double)rng_below(&r, 5) : 0;
        struct schedule s, later, turned;
        assert_int_equal(schedule_make(&s, time, value, count, period, trial & 2), -1);
        const double by = (double)rng_below(&r, 40); /* often on a knot */
        schedule_shift(&later, &s, by);
        assert_true(later.time[0] == 0 && later.period == period);
        for (int k = 0; k < 100; k++) {
            const double t = 0.5 * (double)rng_below(&r, 200);
            near_to(schedule_at(&later, t), schedule_at(&s, by + t));
            near_to(schedule_integral(&later, t),
                    schedule_integral(&s, by + t) - schedule_integral(&s, by));
        }
        /* Whole periods change nothing, to the bit. */
        schedule_shift(&turned, &s, 3 * period);
        assert_int_equal(turned.count, s.count);
        for (size_t i = 0; i < count; i++)
            assert_true(turned.time[i] == s.time[i] && turned.value[i] == s.value[i]);
        schedule_clear(&s);
        schedule_clear(&later);
        schedule_clear(&turned);
    }
}

/* Random schedules: the integral agrees with its inverse and with the sum over small steps. */
static void test_random_schedules(void **state) {
    (void)state;
    struct rng r;
    rng_init(&r, 1, 1, RNG_TEST);
    for (int trial = 0; trial < 400; trial++) {
        double time[20], value[20];
        const size_t count = 1 + rng_below(&r, 20);
        for (size_t i = 0; i < count; i++) {
            time[i] = i ? time[i - 1] + 0.01 + 10 * rng_uniform(&r) : 0;
            value[i] = rng_below(&r, 4) ? 10 * rng_uniform(&r) : 0;
        }
        const double period = trial & 1 ? time[count - 1] + 0.1 + rng_uniform(&r) : 0;
        const bool linear = trial & 2;
        struct schedule s;
        assert_int_equal(schedule_make(&s, time, value, count, period, linear), -1);
        for (int k = 0; k < 50; k++) {
            const double t = 300 * rng_uniform(&r), area = schedule_integral(&s, t);
            const double back = schedule_inverse(&s, area);
            /* a hair less than the area here was reached before; after a flat piece the area itself
             * may, by its rounding, be reached only beyond it */
            assert_true(schedule_inverse(&s, area - 1e-12 * (1 + area)) <= t && back >= 0);
            assert_true(fabs(schedule_integral(&s, back) - area) <= 1e-9 * (1 + area));
            const double change = schedule_next_change(&s, t), here = schedule_at(&s, t);
            assert_true(change >= t);
            assert_true(linear || change > t);
            const double until = fmin(change, t + 300);
            assert_true(schedule_at(&s, t + 0.999 * (until - t)) == here);
            assert_true(here <= schedule_max(&s) && here >= schedule_min(&s) - 1e-12);
            /* midpoint rule over a piece that holds no knot is exact */
            const double dt = 1e-4, middle = schedule_at(&s, t + dt / 2);
            assert_true(fabs(schedule_integral(&s, t + dt) - area - dt * middle) < 1.1e-3);
        }
        schedule_clear(&s);
    }
}

int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_simtime),
        cmocka_unit_test(test_constant),
        cmocka_unit_test(test_steps_of_a_day),
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_knots_follow_each_other),
        cmocka_unit_test(test_plateau_takes_the_earliest),
        cmocka_unit_test(test_broken_knots_are_named),
        cmocka_unit_test(test_shift),
        cmocka_unit_test(test_random_schedules),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
