/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fails when new memory is not cleared, an empty request yields NULL, resizing loses contents, a
 * text is not copied, or when a request that overflows does not end the program with exit code 1.
 */
#include "sim/engine/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void test_new(void **state) {
    (void)state;
    unsigned char *p = memory_new(1000, 7);
    for (size_t i = 0; i < 7000; i++)
        assert_int_equal(p[i], 0);
    free(p);
    p = memory_new(0, 8);
    assert_non_null(p);
    free(p);
}

static void test_resize(void **state) {
    (void)state;
    int *p = memory_resize(NULL, 3, sizeof *p);
    for (int i = 0; i < 3; i++)
        p[i] = i;
    p = memory_resize(p, 100000, sizeof *p);
    for (int i = 0; i < 3; i++)
        assert_int_equal(p[i], i);
    p = memory_resize(p, 0, sizeof *p);
    assert_non_null(p);
    free(p);
}

static void test_text(void **state) {
    (void)state;
    char source[] = "cell";
    char *copy = memory_text(source);
    source[0] = 'b';
    assert_string_equal(copy, "cell");
    free(copy);
    assert_null(memory_text(NULL));
    char *text = memory_print("%s %d %.2f", "node", 7, 0.25);
    assert_string_equal(text, "node 7 0.25");
    free(text);
}

/* Exit code of a process that asks for SIZE_MAX / 2 elements of 4 bytes. */
static int exit_code_of(int resize) {
    const pid_t child = fork();
    if (child == 0) {
        if (!freopen("/dev/null", "w", stderr))
            _exit(99);
        volatile size_t count = SIZE_MAX / 2;
        if (resize)
            free(memory_resize(NULL, count, 4));
        else
            free(memory_new(count, 4));
        _exit(0);
    }
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status))
        return -1;
    return WEXITSTATUS(status);
}

static void test_overflow_ends_the_program(void **state) {
    (void)state;
    assert_int_equal(exit_code_of(0), 1);
    assert_int_equal(exit_code_of(1), 1);
}

int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_new),
        cmocka_unit_test(test_resize),
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_overflow_ends_the_program),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
