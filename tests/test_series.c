/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fails when a row or its time is lost or moved as the series grows past the room it began with, or
 * when columns and rows are swapped. */
#include "sim/measure/series.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static const struct series_column column[] = {
    {.name = "site_power", .unit = "W", .long_name = "power drawn from the feed"},
    {.name = "pue", .unit = "1", .long_name = "power usage effectiveness"},
    {.name = "binding", .unit = "1", .long_name = "binding constraint"},
};

static void check_series(size_t room) {
    struct series s;
    series_init(&s, column, 3, room);
    assert_int_equal(s.rows, 0);
    for (int i = 0; i < 1000; i++) {
        const double row[] = {i, i + 0.25, i + 0.5};
        series_append(&s, 60 * (i + 1), row);
    }
    assert_int_equal(s.rows, 1000);
    for (size_t i = 0; i < 1000; i++) {
        assert_true(s.time[i] == 60 * ((double)i + 1));
        for (size_t k = 0; k < 3; k++)
            assert_true(series_value(&s, i, k) == (double)i + 0.25 * (double)k);
    }
    assert_string_equal(s.column[1].name, "pue");
    series_clear(&s);
    assert_null(s.value);
    assert_int_equal(s.rows, 0);
}

static void test_growth(void **state) {
    (void)state;
    check_series(0);
    check_series(7);
    check_series(1000);
}

int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_growth)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
