/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fails when a median, mean, percentile or bias of errors is another than worked out by hand, when
 * comparisons are grouped or ordered wrongly, when what is left out is counted, or when assumed
 * prompts go to other points than they are for. */
#include "analysis/error_table.h"
#include "analysis/measured_format.h"
#include "analysis/measured_prompts.h"
#include "analysis/validation_notes.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void near(double found, double expected) {
    if (!(fabs(found - expected) <= 1e-12))
        fail_msg("%.15g found, %.15g expected", found, expected);
}

static void test_stat(void **state) {
    (void)state;
    struct error_stat s;
    double one[] = {0.3, -0.1, -0.5, 0.2, 0.0};
    error_stat_make(one, 5, &s);
    assert_int_equal(s.count, 5);
    near(s.median, 0.2);
    near(s.mean, 0.22);
    near(s.bias, 0.0);
    near(s.p90, 0.3 + 0.6 * 0.2); /* 0.9 of 4 steps is 3.6: between the last two */
    double two[] = {-0.1, -0.4};
    error_stat_make(two, 2, &s);
    near(s.median, 0.25);
    near(s.bias, -0.25);
    error_stat_make(NULL, 0, &s);
    assert_true(s.count == 0 && isnan(s.median) && isnan(s.bias));
}

static struct measured_point point(const char *source, const char *hardware, const char *engine,
                                   const char *version, const char *llm) {
    struct measured_point p = measured_point_empty(source, 1);
    strcpy(p.hardware, hardware);
    strcpy(p.engine, engine);
    strcpy(p.version, version);
    strcpy(p.llm, llm);
    return p;
}

static struct comparison compared(const struct measured_point *p, double measured,
                                  double predicted) {
    struct comparison c = {.point = p};
    for (int q = 0; q < QUANTITY_COUNT; q++)
        c.measured[q] = c.predicted[q] = NAN;
    c.measured[QUANTITY_TPOT] = measured;
    c.predicted[QUANTITY_TPOT] = predicted;
    return c;
}

static void test_groups(void **state) {
    (void)state;
    const struct measured_point p[] = {
        point("serving_points", "H200-SXM", "vLLM", "0.15.1", "B"),
        point("serving_points", "H100-SXM", "vLLM", "0.12.0", "A"),
        point("serving_points", "H100-SXM", "vLLM", "0.12.7", "A"),
        point("serving_points", "H100-SXM", "vLLM", "0.1", "A"),
        point("mlenergy", "H100-SXM", "vLLM", "0.11.1", "A"),
        point("mlenergy", "H100-SXM", "vLLM", "0.11.1", "A"),
    };
    struct comparison one[6];
    for (int i = 0; i < 6; i++)
        one[i] = compared(&p[i], 0.01, 0.01 * (1 + 0.1 * (i + 1)));
    one[5].excluded = "for the test";
    const struct comparisons c = {one, 6};
    struct error_table t;
    error_table_make(&c, ERROR_LEVEL_ALL, &t);
    assert_int_equal(t.count, 1);
    assert_int_equal(t.group[0].points, 5);
    near(t.group[0].stat[QUANTITY_TPOT].median, 0.3);
    assert_int_equal(t.group[0].stat[QUANTITY_TTFT].count, 0);
    error_table_clear(&t);

    error_table_make(&c, ERROR_LEVEL_DATA, &t);
    assert_int_equal(t.count, 2);
    assert_string_equal(t.group[1].data, "serving_points");
    assert_string_equal(t.group[1].hardware, "");
    assert_int_equal(t.group[1].points, 4);
    error_table_clear(&t);

    error_table_make(&c, ERROR_LEVEL_ENGINE, &t);
    assert_int_equal(t.count, 3);
    assert_string_equal(t.group[0].data, "mlenergy");
    assert_string_equal(t.group[1].hardware, "H100-SXM");
    assert_int_equal(t.group[1].points, 3);
    near(t.group[1].stat[QUANTITY_TPOT].bias, 0.3);
    assert_string_equal(t.group[2].hardware, "H200-SXM");
    error_table_clear(&t);

    error_table_make(&c, ERROR_LEVEL_MODEL, &t);
    assert_int_equal(t.count, 4);
    assert_string_equal(t.group[1].version, "0.1");
    assert_string_equal(t.group[2].version, "0.12");
    assert_int_equal(t.group[2].points, 2);
    near(t.group[2].stat[QUANTITY_TPOT].median, 0.25);
    error_table_clear(&t);
    near(error_table_bar("serving_points", QUANTITY_TPOT), 0.08);
    near(error_table_bar("mlenergy", QUANTITY_TPOT), 0.10);
    assert_true(isnan(error_table_bar("mlperf", QUANTITY_WALL_POWER)));
}

static void test_low_load(void **state) {
    (void)state;
    struct measured_point p = measured_point_empty("test", 1);
    p.clients = 16;
    p.prompt = 1000;
    p.output = 80;
    assert_true(comparison_low_load(&p));
    p.output = 79;
    assert_false(comparison_low_load(&p));
    p.output = 1000;
    p.clients = 17;
    assert_false(comparison_low_load(&p));
    p.clients = NAN;
    assert_false(comparison_low_load(&p));
}

/* The first row that fits; the source's name where there is no task; none: left out. */
static void test_prompts(void **state) {
    (void)state;
    struct measured_prompt row[] = {
        {"chat", "Qwen3", 1300, 0.5}, {"chat", "", 90, 0}, {"mlperf", "Llama-2", 294, 0.25}};
    const struct measured_prompts t = {row, 3};
    struct measured_point p[] = {
        point("mlenergy", "", "", "", "Qwen3-8B"), point("mlenergy", "", "", "", "gemma"),
        point("mlperf", "", "", "", "Llama-2-70B"), point("mlperf", "", "", "", "Mixtral"),
        point("mlenergy", "", "", "", "gemma")};
    strcpy(p[0].task, "chat");
    strcpy(p[1].task, "chat");
    strcpy(p[4].task, "chat");
    p[4].prompt = 7; /* stated */
    struct measured m = {.point = p, .count = 5, .capacity = 5};
    measured_prompts_apply(&t, &m);
    assert_true(p[0].prompt == 1300 && p[0].spread == 0.5);
    assert_true(p[1].prompt == 90 && p[1].spread == 0);
    assert_true(p[2].prompt == 294 && p[2].excluded == NULL);
    assert_non_null(p[3].excluded);
    assert_true(p[4].prompt == 7);
}

static void test_notes(void **state) {
    (void)state;
    struct validation_note note[] = {{"*/H100-SXM/vLLM/0.1?/*/tpot", "one"}, {"mlenergy/*", "two"}};
    const struct validation_notes n = {note, 2};
    struct error_group g = {.data = "mlenergy",
                            .hardware = "H100-SXM",
                            .engine = "vLLM",
                            .llm = "A",
                            .version = "0.12"};
    assert_string_equal(validation_notes_find(&n, &g, QUANTITY_TPOT), "one");
    assert_string_equal(validation_notes_find(&n, &g, QUANTITY_TTFT), "two");
    g.data = "mlperf";
    assert_null(validation_notes_find(&n, &g, QUANTITY_TTFT));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stat),     cmocka_unit_test(test_groups),
        cmocka_unit_test(test_low_load), cmocka_unit_test(test_prompts),
        cmocka_unit_test(test_notes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
