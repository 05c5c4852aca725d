/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fails when --vary gives other values than it says, in number, unit, spacing or rounding; takes an
 * XPath apart at the wrong sign; or when a mistake in it passes, is told in other words, or leaves
 * an axis behind. */
#include "analysis/axis.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct axis read(const char *text) {
    struct axis a;
    struct error e;
    error_init(&e);
    if (!axis_read(&a, text, &e))
        fail_msg("%s: %s", text, e.count > 0 ? e.entry[0].text : "false without a message");
    assert_false(error_any(&e));
    return a;
}

/* Values as attributes get them, parted by a bar. */
static void has_texts(const struct axis *a, const char *texts) {
    char all[1000] = "";
    for (size_t i = 0; i < a->count; i++) {
        strcat(all, i > 0 ? "|" : "");
        strcat(all, a->text[i]);
    }
    assert_string_equal(all, texts);
}

static void test_even(void **state) {
    (void)state;
    struct axis a = read("pue=//cooling/@pue=1.05:1.95:10");
    assert_string_equal(a.name, "pue");
    assert_string_equal(a.xpath, "//cooling/@pue");
    assert_string_equal(a.unit, "");
    has_texts(&a, "1.05|1.15|1.25|1.35|1.45|1.55|1.65|1.75|1.85|1.95");
    for (size_t i = 0; i < 10; i++)
        assert_true(a.value[i] == strtod(a.text[i], NULL));
    assert_true(a.low == 1.05 && a.high == 1.95);
    axis_clear(&a);
    assert_null(a.text);
    a = read("t=//weather/@temperature=-10:10:3");
    has_texts(&a, "-10|0|10");
    axis_clear(&a);
}

static void test_unit(void **state) {
    (void)state;
    static const char *const same[] = {"f=//feed/@limit=60 MW:100 MW:3",
                                       "f=//feed/@limit=60:100 MW:3", "f=//feed/@limit=60 MW:100:3",
                                       "f=//feed/@limit= 60 MW : 100MW : 3"};
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++) {
        struct axis a = read(same[i]);
        assert_string_equal(a.unit, "MW");
        has_texts(&a, "60 MW|80 MW|100 MW");
        assert_true(a.value[1] == 80.0);
        axis_clear(&a);
    }
}

static void test_log_and_whole(void **state) {
    (void)state;
    struct axis a = read("c=//prompt/@mean=512:65536:8:log:int");
    has_texts(&a, "512|1024|2048|4096|8192|16384|32768|65536");
    assert_true(a.log && a.whole);
    axis_clear(&a);
    a = read("c=//prompt/@mean=1:1000:4:log");
    has_texts(&a, "1|10|100|1000");
    assert_false(a.whole);
    axis_clear(&a);
    a = read("c=//replica/@max_seqs=1:4:3:int");
    has_texts(&a, "1|3|4"); /* 2.5 is rounded away from zero */
    axis_clear(&a);
}

static void test_lists(void **state) {
    (void)state;
    struct axis a = read("w=//replica/@weights=FP8, INT4 ,FP16");
    has_texts(&a, "FP8|INT4|FP16");
    assert_null(a.value);
    assert_string_equal(a.unit, "");
    assert_true(isnan(a.low));
    axis_clear(&a);
    a = read("f=//feed/@limit=80 MW,60 MW");
    has_texts(&a, "80 MW|60 MW");
    assert_string_equal(a.unit, "MW");
    assert_true(a.value[0] == 80.0 && a.value[1] == 60.0);
    axis_clear(&a);
    a = read("f=//feed/@limit=80 MW,60000 kW"); /* two units: names, no numbers */
    assert_null(a.value);
    axis_clear(&a);
    a = read("m=//include/@href=dcsim:models/llm/a.xml,dcsim:models/llm/b.xml");
    has_texts(&a, "dcsim:models/llm/a.xml|dcsim:models/llm/b.xml");
    axis_clear(&a);
    a = read("x=//a/@b=inf,nan"); /* as XML attributes they are words */
    assert_null(a.value);
    axis_clear(&a);
    a = read("n=//cells[@name='a=b']/@count=5");
    assert_string_equal(a.xpath, "//cells[@name='a=b']/@count");
    has_texts(&a, "5");
    axis_clear(&a);
}

/* A range for designs: no values, but any share of the way. */
static void test_range(void **state) {
    (void)state;
    double value;
    struct axis a = read("f=//feed/@limit=50 MW:150 MW");
    assert_int_equal(a.count, 0);
    char *text = axis_at(&a, 0.25, &value);
    assert_string_equal(text, "75 MW");
    assert_true(value == 75.0);
    free(text);
    axis_clear(&a);
    a = read("c=//prompt/@mean=100:10000:log:int");
    text = axis_at(&a, 0.5, &value);
    assert_string_equal(text, "1000");
    free(text);
    text = axis_at(&a, 1.0 / 3.0, &value); /* 464.16 */
    assert_string_equal(text, "464");
    assert_true(value == 464.0);
    free(text);
    axis_clear(&a);
}

static void test_mistakes(void **state) {
    (void)state;
    static const struct {
        const char *text, *told;
    } bad[] = {
        {"pue", "no name, XPath and values"},
        {"//cooling/@pue=1.1:2:10", "no name, XPath and values"},
        {"pue=//cooling/@pue", "no name, XPath and values"},
        {"=//cooling/@pue=1,2", "no name, XPath and values"},
        {"2pue=//cooling/@pue=1,2", "no name, XPath and values"},
        {"p ue=//cooling/@pue=1,2", "no name, XPath and values"},
        {"p/ue=//cooling/@pue=1,2", "no name, XPath and values"},
        {"pue=//cooling/@pue=", "an empty value"},
        {"pue=//cooling/@pue=1.1,,1.2", "an empty value"},
        {"pue=//cooling/@pue=1.1,1.2,1.1", "a value twice"},
        {"pue=//cooling/@pue=1.1,1.2,1.10", "a value twice"},
        {"f=//feed/@limit=60 MW:100 kW:3", "two units"},
        {"pue=//cooling/@pue=2:1.1:10", "a range that does not rise"},
        {"pue=//cooling/@pue=2:2:10", "a range that does not rise"},
        {"pue=//cooling/@pue=1:2:1", "found 1; a number of values from 2 to 1000000"},
        {"pue=//cooling/@pue=1:2:-3", "found -3; a number of values"},
        {"pue=//cooling/@pue=1:2:1000001", "a number of values from 2 to 1000000"},
        {"pue=//cooling/@pue=1:2:3.5", "found '3.5'; LO:HI:N"},
        {"pue=//cooling/@pue=1:2:", "found ''; LO:HI:N"},
        {"pue=//cooling/@pue=1:2:3:lin", "found 'lin'; LO:HI:N"},
        {"pue=//cooling/@pue=1:2:log:3", "found '3'; LO:HI:N"},
        {"t=//weather/@temperature=0:10:3:log", "equal factors from a number that is not positive"},
        {"n=//replica/@max_seqs=1:2:3:int", "values that are equal once rounded"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct axis a;
        struct error e;
        error_init(&e);
        if (axis_read(&a, bad[i].text, &e))
            fail_msg("taken: %s", bad[i].text);
        assert_int_equal(e.count, 1);
        if (strstr(e.entry[0].text, bad[i].told) == NULL ||
            strstr(e.entry[0].text, bad[i].text) == NULL ||
            strstr(e.entry[0].text, "would be right") == NULL)
            fail_msg("%s: told: %s", bad[i].text, e.entry[0].text);
        assert_null(a.name);
        assert_null(a.text);
        error_clear(&e);
    }
}

static void test_names(void **state) {
    (void)state;
    static const char *const taken[] = {"token_rate_mean", "ttft_p99", "binding_share_feed",
                                        "binding",         "scenario", "boundary",
                                        "replications",    "point",    "pue_low",
                                        "pue_high",        "a_binding"};
    struct error e;
    for (size_t i = 0; i < sizeof taken / sizeof taken[0]; i++) {
        struct axis a = {.name = (char[32]){0}};
        strcpy(a.name, taken[i]);
        error_init(&e);
        assert_false(axis_names(&a, 1, &e));
        assert_non_null(strstr(e.entry[0].text, taken[i]));
        error_clear(&e);
    }
    struct axis two[3] = {read("low=//a/@b=1,2"), read("pue=//a/@c=1,2"), read("low=//a/@d=1,2")};
    error_init(&e);
    assert_true(axis_names(two, 2, &e));
    assert_false(axis_names(two, 3, &e));
    assert_int_equal(e.count, 1);
    assert_non_null(strstr(e.entry[0].text, "two axes have the name 'low'"));
    error_clear(&e);
    for (int i = 0; i < 3; i++)
        axis_clear(&two[i]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_even),          cmocka_unit_test(test_unit),
        cmocka_unit_test(test_log_and_whole), cmocka_unit_test(test_lists),
        cmocka_unit_test(test_range),         cmocka_unit_test(test_mistakes),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
