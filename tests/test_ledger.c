/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fails when a sum loses what plain addition loses: the small beside the large, whichever comes
 * first, and the last digits of many like parts. */
#include "sim/engine/rng.h"
#include "sim/measure/ledger.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static double sum_of(const double *x, size_t count) {
    struct ledger_sum a = {0};
    for (size_t i = 0; i < count; i++)
        ledger_add(&a, x[i]);
    return ledger_total(&a);
}

/* Neumaier's case: a plain sum gives 0, Kahan's 0 as well. */
static void test_small_beside_large(void **state) {
    (void)state;
    assert_true(sum_of((const double[]){1, 1e100, 1, -1e100}, 4) == 2);
    assert_true(sum_of((const double[]){-1e100, 1, 1e100, 1}, 4) == 2);
    assert_true(sum_of((const double[]){0}, 0) == 0);
}

/* Parts of 10^6 periods in whole multiples of 2^-30 J, added as integers beside. */
static void test_parts_sum_to_the_whole(void **state) {
    (void)state;
    struct rng r;
    rng_init(&r, 6, 6, RNG_TEST);
    struct ledger_sum part[4] = {{0}}, whole = {0};
    int64_t exact = 0;
    double plain = 0;
    for (int i = 0; i < 1000000; i++) {
        double period = 0;
        for (int k = 0; k < 4; k++) {
            const int64_t units = (int64_t)(rng_bits(&r) >> (22 + 6 * k));
            exact += units >> 4;
            const double x = ldexp((double)(units >> 4), -30);
            ledger_add(&part[k], x);
            period += x;
        }
        plain += period;
        ledger_add(&whole, period);
    }
    double parts = 0;
    for (int k = 0; k < 4; k++)
        parts += ledger_total(&part[k]);
    const double truth = ldexp((double)exact, -30);
    assert_true(fabs(parts - truth) <= 1e-15 * truth);
    assert_true(fabs(ledger_total(&whole) - truth) <= 1e-15 * truth);
    assert_true(fabs(plain - truth) > 1e-15 * truth); /* else this sum was no test */
}

int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_small_beside_large),
        cmocka_unit_test(test_parts_sum_to_the_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
