/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fails when a trace in one of the forms that are published is read wrong, when a broken one is
 * taken, or when its mistakes lack the line, what was found, or what would be right. */
#include "sim/engine/memory.h"
#include "sim/workload/trace.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char *data_path(const char *name) {
    const char *top = getenv("top_srcdir");
    return memory_print("%s/tests/data/%s", top != NULL ? top : ".", name);
}

/* The same four requests, in each of the forms. */
static void test_forms(void **state) {
    (void)state;
    static const char *const names[] = {"trace_seconds.csv", "trace_milliseconds.csv",
                                        "trace_dates.csv", "trace_seconds.csv.gz"};
    static const struct trace_request expected[] = {
        {0, 374, 109}, {0, 396, 55}, {1.25, 12, 1}, {10, 1000, 42}};
    for (size_t k = 0; k < sizeof names / sizeof names[0]; k++) {
        char *path = data_path(names[k]);
        struct error e;
        struct trace t;
        error_init(&e);
        if (!trace_load(&t, path, &e))
            fail_msg("%s:%ld: %s", path, e.entry[0].line, e.entry[0].text);
        assert_int_equal(t.count, 4);
        for (size_t i = 0; i < t.count; i++) {
            assert_true(t.request[i].time == expected[i].time);
            assert_int_equal(t.request[i].prompt, expected[i].prompt);
            assert_int_equal(t.request[i].output, expected[i].output);
        }
        assert_true(t.length == 10 + 10.0 / 3);
        assert_false(error_any(&e));
        trace_clear(&t);
        assert_null(t.request);
        trace_clear(&t);
        free(path);
    }
}

/* Dates against the calendar: both sides of leap days, years' and centuries' ends. */
static const struct {
    const char *from, *to;
    double seconds;
} spans[] = {
    {"2023-02-28 00:00:00", "2023-03-01 00:00:00", 86400},
    {"2024-02-28 00:00:00", "2024-03-01 00:00:00", 2 * 86400},
    {"2000-02-28 12:00:00", "2000-03-01 12:00:00", 2 * 86400},
    {"2100-02-28 00:00:00", "2100-03-01 00:00:00", 86400},
    {"2023-12-31 23:59:59.5", "2024-01-01 00:00:01.0", 1.5},
    {"2023-01-01 00:00:00", "2024-01-01 00:00:00", 365 * 86400.0},
    {"2023-04-30 00:00:00", "2023-05-01 00:00:01", 86401},
    {"1970-01-01 00:00:00", "2023-11-16 18:15:46", 1700158546},
};

/* A trace of this text, in a file of its own. */
static bool load(const void *text, size_t length, struct trace *t, struct error *e) {
    const char *path = "test_trace.tmp";
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
    error_init(e);
    const bool loaded = trace_load(t, path, e);
    assert_int_equal(remove(path), 0);
    return loaded;
}

static void test_dates(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof spans / sizeof spans[0]; i++) {
        char *text = memory_print("TIMESTAMP,ContextTokens,GeneratedTokens\n%s,1,1\n%s,1,1\n",
                                  spans[i].from, spans[i].to);
        struct trace t;
        struct error e;
        assert_true(load(text, strlen(text), &t, &e));
        assert_true(t.request[1].time == spans[i].seconds);
        trace_clear(&t);
        free(text);
    }
}

/* 2^53 of 100 ns would be 28 years: the fraction survives beside the date. */
static void test_fractions_of_dates(void **state) {
    (void)state;
    const char text[] = "TIMESTAMP,ContextTokens,GeneratedTokens\n"
                        "2023-11-16 18:15:46.6805900,1,1\n2023-11-16 18:15:46.6805901,1,1\n";
    struct trace t;
    struct error e;
    assert_true(load(text, strlen(text), &t, &e));
    assert_true(fabs(t.request[1].time - 1e-7) < 1e-15);
    trace_clear(&t);
}

#define HEAD "arrival_s,input_tokens,output_tokens\n0,5,5\n"

static const struct {
    const char *text;
    long line;
    const char *found, *right;
} bad[] = {
    {"", 0, "empty trace", "at least two requests"},
    {"# only\n\n# comments\n", 3, "empty trace", "names the columns"},
    {"arrival_s,tokens,output_tokens\n0,1,1\n", 1, "'arrival_s,tokens,output_tokens'",
     "input_tokens, prompt_tokens or ContextTokens"},
    {"# c\ninput_tokens,output_tokens\n", 2, "'input_tokens,output_tokens'",
     "arrival_s, timestamp_ms or TIMESTAMP"},
    {"arrival_s,input_tokens\n", 1, "'arrival_s,input_tokens'", "output_tokens or GeneratedTokens"},
    {"arrival_s,input_tokens,output_tokens,prompt_tokens\n", 1,
     "'input_tokens' and 'prompt_tokens'", "one of them"},
    {HEAD "1,five,5\n", 3, "input_tokens: found 'five'", "a whole number of tokens, at least 1,"},
    {HEAD "1,5,5.5\n", 3, "output_tokens: found '5.5'", "whole number"},
    {HEAD "1,0x10,5\n", 3, "found '0x10'", "whole number"},
    {HEAD "1,5,0\n", 3, "output_tokens: found '0'", "at least 1"},
    {HEAD "1,-5,5\n", 3, "found '-5'", "at least 1"},
    {HEAD "1,3000000000,5\n", 3, "found '3000000000'", "tokens"},
    {HEAD "1,5\n", 3, "output_tokens: found ''", "whole number"},
    {HEAD "nan,5,5\n", 3, "arrival_s: found 'nan'", "a number"},
    {HEAD "1 s,5,5\n", 3, "arrival_s: found '1 s'", "a number"},
    {HEAD "# c\n2,5,5\n1.5,5,5\n", 5, "0.5 s before the one above", "do not decrease"},
    {HEAD, 2, "found 1 request;", "at least two"},
    {HEAD "0,5,5\n", 3, "found 2 requests", "not all at one time"},
    {"TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:15:46,1,1\n2023-13-16 18:15:46,1,1\n",
     3, "found '2023-13-16 18:15:46'", "2023-11-16 18:15:46.6805900"},
    {"TIMESTAMP,ContextTokens,GeneratedTokens\n17.5,1,1\n", 2, "found '17.5'", "a time like"},
};

static void test_mistakes(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct trace t;
        struct error e;
        assert_false(load(bad[i].text, strlen(bad[i].text), &t, &e));
        assert_null(t.request);
        assert_int_equal(e.count, 1);
        if (e.entry[0].line != bad[i].line || strstr(e.entry[0].text, bad[i].found) == NULL ||
            strstr(e.entry[0].text, bad[i].right) == NULL)
            fail_msg("case %zu: line %ld: %s", i, e.entry[0].line, e.entry[0].text);
        assert_string_equal(e.entry[0].file, "test_trace.tmp");
        error_clear(&e);
    }
}

/* All mistakes of a file at once, but not thousands. */
static void test_many_mistakes(void **state) {
    (void)state;
    struct trace t;
    struct error e;
    const char three[] = "arrival_s,input_tokens,output_tokens\nx,y,5\n0,5,5\n1,5,z\n2,5,5\n";
    assert_false(load(three, strlen(three), &t, &e));
    assert_int_equal(e.count, 3);
    assert_true(e.entry[0].line == 2 && e.entry[1].line == 2 && e.entry[2].line == 4);
    error_clear(&e);

    const char head[] = "arrival_s,input_tokens,output_tokens\n", record[] = "0,0,1\n";
    char text[sizeof head + 1000 * sizeof record];
    strcpy(text, head);
    for (int i = 0; i < 1000; i++)
        strcat(text, record);
    assert_false(load(text, strlen(text), &t, &e));
    assert_int_equal(e.count, 20);
    error_clear(&e);
}

static void test_files(void **state) {
    (void)state;
    struct trace t;
    struct error e;
    error_init(&e);
    assert_false(trace_load(&t, "no/such/trace.csv", &e));
    assert_int_equal(e.count, 1);
    assert_non_null(strstr(e.entry[0].text, "cannot be opened: No such file"));
    error_clear(&e);

    assert_false(trace_load(&t, ".", &e)); /* a folder */
    assert_int_equal(e.count, 1);
    assert_non_null(strstr(e.entry[0].text, "cannot be"));
    error_clear(&e);

    /* Compressed and cut short. */
    char *path = data_path("trace_seconds.csv.gz");
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    char bytes[1024];
    const size_t length = fread(bytes, 1, sizeof bytes, file);
    assert_int_equal(fclose(file), 0);
    free(path);
    assert_true(length > 40 && length < sizeof bytes);
    assert_true(load(bytes, length, &t, &e));
    trace_clear(&t);
    assert_false(load(bytes, length - 12, &t, &e));
    assert_int_equal(e.count, 1);
    assert_non_null(strstr(e.entry[0].text, "cannot be read"));
    error_clear(&e);

    /* A line without end. */
    char *line = memory_new(9000, 1);
    memset(line, 'x', 8999);
    assert_false(load(line, 8999, &t, &e));
    assert_int_equal(e.count, 1);
    assert_true(e.entry[0].line == 1 && strstr(e.entry[0].text, "a line of more than") != NULL);
    error_clear(&e);
    free(line);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forms),
        cmocka_unit_test(test_dates),
        cmocka_unit_test(test_fractions_of_dates),
        cmocka_unit_test(test_mistakes),
        cmocka_unit_test(test_many_mistakes),
        cmocka_unit_test(test_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
