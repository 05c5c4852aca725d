/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fails when the lowest, highest or mean value of a schedule over a span misses a knot, counts one
 * outside it, loses its way where a period ends, or disagrees with a fine sampling of the schedule.
 */
#include "sim/engine/rng.h"
#include "sim/site/span.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static void near_to(double a, double b, double error) {
    assert_true(fabs(a - b) <= error);
}

/* 100 until 10 s, 60 until 20 s, then 80. */
static void test_steps(void **state) {
    (void)state;
    struct schedule s;
    const double time[] = {0, 10, 20}, value[] = {100, 60, 80};
    assert_int_equal(schedule_make(&s, time, value, 3, 0, false), -1);
    near_to(span_lowest(&s, 0, 10), 100, 0); /* the step at 10 is not in it */
    near_to(span_lowest(&s, 9, 10.5), 60, 0);
    near_to(span_highest(&s, 9, 10.5), 100, 0);
    near_to(span_lowest(&s, 5, 30), 60, 0);
    near_to(span_highest(&s, 10, 20), 60, 0);
    near_to(span_lowest(&s, 1000, 2000), 80, 0);
    near_to(span_mean(&s, 9, 11), 80, 1e-12);
    assert_true(span_mean(&s, 1234.1, 1235.3) == 80);
    schedule_clear(&s);
}

/* Any span of any schedule: the extremes are those of 4000 samples, and never inside of them. */
static void test_sampled(void **state) {
    (void)state;
    struct rng r;
    rng_init(&r, 11, 1, RNG_TEST);
    for (int trial = 0; trial < 300; trial++) {
        double time[8], value[8];
        const size_t count = 1 + rng_below(&r, 8);
        const bool linear = rng_below(&r, 2);
        for (size_t i = 0; i < count; i++) {
            time[i] = i == 0 ? 0 : time[i - 1] + 0.1 + rng_uniform(&r);
            value[i] = rng_uniform(&r);
        }
        const double period = rng_below(&r, 2) ? time[count - 1] + 0.3 : 0;
        struct schedule s;
        assert_int_equal(schedule_make(&s, time, value, count, period, linear), -1);
        const double from = 20 * rng_uniform(&r), to = from + 0.01 + 9 * rng_uniform(&r);
        double low = INFINITY, high = -INFINITY, sum = 0;
        for (int i = 0; i < 4000; i++) {
            const double v = schedule_at(&s, from + (to - from) * (i + 0.5) / 4000);
            low = fmin(low, v);
            high = fmax(high, v);
            sum += v / 4000;
        }
        const double step = linear ? 10 * (to - from) / 4000 : 0; /* slopes are at most 10 */
        assert_true(span_lowest(&s, from, to) <= low && span_lowest(&s, from, to) >= low - step);
        assert_true(span_highest(&s, from, to) >= high &&
                    span_highest(&s, from, to) <= high + step);
        near_to(span_mean(&s, from, to), sum, 0.01);
        schedule_clear(&s);
    }
}

int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_steps),
        cmocka_unit_test(test_sampled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
