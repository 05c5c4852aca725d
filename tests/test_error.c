/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fails when a mistake loses its file, line or text, when the list does not grow past its first
 * capacity, keeps a pointer of the caller instead of a copy, or is not empty after clearing. */
#include "sim/engine/error.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void test_entries(void **state) {
    (void)state;
    struct error e;
    error_init(&e);
    assert_false(error_any(&e));
    for (int i = 0; i < 100; i++) {
        char file[32];
        snprintf(file, sizeof file, "file%d.xml", i);
        error_add(&e, file, i, "found %d, expected <%s>", i, "node");
        memset(file, 'x', sizeof file);
    }
    assert_true(error_any(&e));
    assert_int_equal(e.count, 100);
    assert_string_equal(e.entry[99].file, "file99.xml");
    assert_int_equal(e.entry[99].line, 99);
    assert_string_equal(e.entry[0].text, "found 0, expected <node>");
    error_clear(&e);
    assert_false(error_any(&e));
    assert_null(e.entry);
}

static void test_no_file_and_long_text(void **state) {
    (void)state;
    struct error e;
    error_init(&e);
    char longest[5000];
    memset(longest, 'a', sizeof longest - 1);
    longest[sizeof longest - 1] = 0;
    error_add(&e, NULL, 0, "%s%s", longest, "b");
    assert_null(e.entry[0].file);
    assert_int_equal(strlen(e.entry[0].text), sizeof longest);
    assert_int_equal(e.entry[0].text[sizeof longest - 1], 'b');
    error_clear(&e);
    error_clear(&e); /* an empty list may be cleared */
}

int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_entries),
        cmocka_unit_test(test_no_file_and_long_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
