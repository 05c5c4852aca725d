/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fails when a format's width or name changes, when a name is not read back, or when an accelerator
 * without hardware for a format is not given the next wider one's peak. */
#include "models/hardware.h"
#include "models/precision.h"
#include "tests/models_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_widths(void **state) {
    (void)state;
    assert_true(precision_bytes(PRECISION_FP16) == 2.0);
    assert_true(precision_bytes(PRECISION_FP8) == 1.0);
    assert_true(precision_bytes(PRECISION_INT8) == 1.0);
    /* With scales: 8 bits for each 16 elements; 16 bits and a zero of 4 for each 128. */
    assert_true(precision_bytes(PRECISION_FP4) == (16 * 4 + 8) / 16.0 / 8);
    assert_true(precision_bytes(PRECISION_INT4) == (128 * 4 + 16 + 4) / 128.0 / 8);
}

static void test_names(void **state) {
    (void)state;
    enum precision p;
    for (int i = 0; i < PRECISION_COUNT; i++) {
        assert_true(precision_of(precision_name((enum precision)i), &p));
        assert_int_equal(p, i);
    }
    assert_string_equal(precision_name(PRECISION_INT4), "INT4");
    assert_true(precision_of("BF16", &p));
    assert_int_equal(p, PRECISION_FP16);
    p = PRECISION_FP4;
    assert_false(precision_of("FP32", &p));
    assert_false(precision_of("fp16", &p));
    assert_false(precision_of("", &p));
    assert_int_equal(p, PRECISION_FP4);
}

static void test_peak_falls_back_to_wider(void **state) {
    (void)state;
    enum precision used;
    assert_true(hardware_peak(&fixture_h100, PRECISION_FP4, &used) == 1978e12);
    assert_int_equal(used, PRECISION_FP8);
    assert_true(hardware_peak(&fixture_h100, PRECISION_INT4, &used) == 1978e12);
    assert_int_equal(used, PRECISION_INT8);
    assert_true(hardware_peak(&fixture_b200, PRECISION_FP4, &used) == 9000e12);
    assert_int_equal(used, PRECISION_FP4);

    struct hardware old = fixture_h100; /* neither FP8 nor INT8 */
    old.peak[PRECISION_FP8] = old.peak[PRECISION_INT8] = 0;
    for (int i = 0; i < PRECISION_COUNT; i++) {
        assert_true(hardware_peak(&old, (enum precision)i, &used) == 989e12);
        assert_int_equal(used, PRECISION_FP16);
    }
}

int main(void) {
    const struct CMUnitTest test[] = {
        cmocka_unit_test(test_widths),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_peak_falls_back_to_wider),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("precision", test, NULL, NULL);
}
