/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fails when the moment with the least or the most power for IT is missed: a step within an hour, a
 * peak of the weather's line between whole hours, a heat limit that comes later. */
#include "analysis/carry.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static void make(struct schedule *s, const double *time, const double *value, size_t count,
                 bool linear) {
    assert_int_equal(schedule_make(s, time, value, count, 0, linear), -1);
}

static void test_step_within_an_hour(void **state) {
    (void)state;
    struct site_spec s = {.horizon = 1200};
    struct schedule pue;
    schedule_constant(&pue, 1.25);
    cooling_constant(&s.cooling, &pue);
    const double time[] = {0, 450.5, 900}, limit[] = {250e3, 150e3, 275e3};
    make(&s.feed_limit, time, limit, 3, false);
    schedule_constant(&s.temperature, 293.15);
    double least, most;
    carry_extremes(&s, &least, &most);
    assert_true(least == 450.5 && most == 900);
    assert_true(fabs(carry_at(&s, least, NULL) - 120e3) < 1e-3);
    s.horizon = 800; /* the last step lies beyond */
    carry_extremes(&s, &least, &most);
    assert_true(least == 450.5 && most == 0);
    schedule_clear(&s.feed_limit);
    schedule_clear(&s.temperature);
    cooling_clear(&s.cooling);
}

static void test_plant(void **state) {
    (void)state;
    struct site_spec s = {.horizon = 10800};
    const double load[] = {1e5, 1e6}, degree[] = {280, 310};
    const double value[] = {1.3, 1.2, 1.7, 1.6}; /* by temperature, then load */
    assert_null(cooling_knots(&s.cooling, load, 2, degree, 2, value));
    schedule_constant(&s.feed_limit, 1e6);
    const double time[] = {0, 5000, 10800}, kelvin[] = {285, 305, 290};
    make(&s.temperature, time, kelvin, 3, true);
    double least, most;
    carry_extremes(&s, &least, &most);
    assert_true(least == 5000 && most == 0);
    const double then[] = {0, 7300}, heat[] = {2e6, 1e5};
    make(&s.cooling.heat_limit, then, heat, 2, false);
    carry_extremes(&s, &least, &most);
    bool by_heat;
    assert_true(least == 7300 && carry_at(&s, least, &by_heat) == 1e5 && by_heat);
    schedule_clear(&s.feed_limit);
    schedule_clear(&s.temperature);
    cooling_clear(&s.cooling);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_step_within_an_hour),
        cmocka_unit_test(test_plant),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
