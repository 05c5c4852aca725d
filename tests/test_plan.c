/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fails when a grid's last axis does not run fastest, pairs are not paired, a design leaves its
 * ranges or depends on more than its seed, a list of values gets unequal shares of a design, or
 * when a plan that cannot be is made, or refused in other words. */
#include "analysis/plan.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { AXES = 3 };

static void read_axes(struct axis *axis, const char *const *text, size_t axes) {
    struct error e;
    error_init(&e);
    for (size_t a = 0; a < axes; a++)
        if (!axis_read(&axis[a], text[a], &e))
            fail_msg("%s", e.entry[0].text);
}

static void clear_axes(struct axis *axis, size_t axes) {
    for (size_t a = 0; a < axes; a++)
        axis_clear(&axis[a]);
}

static struct plan made(enum plan_kind kind, const struct axis *axis, size_t axes, size_t points,
                        uint64_t seed) {
    struct plan p;
    struct error e;
    error_init(&e);
    if (!plan_make(&p, kind, axis, axes, points, seed, &e))
        fail_msg("%s", e.count > 0 ? e.entry[0].text : "false without a message");
    return p;
}

static void test_grid(void **state) {
    (void)state;
    static const char *const text[AXES] = {"a=//x/@a=1,2", "w=//x/@w=FP8,INT4,FP16",
                                           "f=//x/@f=5 MW:15 MW:2"};
    struct axis axis[AXES];
    read_axes(axis, text, AXES);
    struct plan p = made(PLAN_GRID, axis, AXES, 0, 0);
    assert_int_equal(p.points, 12);
    static const char *const weights[] = {"FP8", "INT4", "FP16"}, *const feed[] = {"5 MW", "15 MW"};
    for (size_t i = 0; i < 12; i++) {
        const struct override *set = &p.set[i * AXES];
        assert_string_equal(set[0].xpath, "//x/@a");
        assert_string_equal(set[0].value, i < 6 ? "1" : "2");
        assert_string_equal(set[1].value, weights[i / 2 % 3]);
        assert_string_equal(set[2].value, feed[i % 2]);
        assert_true(p.value[i * AXES] == (i < 6 ? 1.0 : 2.0));
        assert_true(isnan(p.value[i * AXES + 1]));
        assert_true(p.value[i * AXES + 2] == (i % 2 == 0 ? 5.0 : 15.0));
        assert_int_equal(plan_index(&p, i, 0), i / 6);
        assert_int_equal(plan_index(&p, i, 1), i / 2 % 3);
        assert_int_equal(plan_index(&p, i, 2), i % 2);
    }
    plan_clear(&p);
    assert_null(p.set);
    clear_axes(axis, AXES);
}

static void test_zip(void **state) {
    (void)state;
    static const char *const text[] = {"a=//x/@a=1,2,4", "w=//x/@w=FP8,INT4,FP16"};
    struct axis axis[2];
    read_axes(axis, text, 2);
    struct plan p = made(PLAN_ZIP, axis, 2, 0, 0);
    assert_int_equal(p.points, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_string_equal(p.set[2 * i].value, axis[0].text[i]);
        assert_string_equal(p.set[2 * i + 1].value, axis[1].text[i]);
    }
    plan_clear(&p);
    clear_axes(axis, 2);
}

static bool same_values(const struct plan *a, const struct plan *b) {
    for (size_t i = 0; i < a->points * a->axes; i++)
        if (strcmp(a->set[i].value, b->set[i].value) != 0)
            return false;
    return true;
}

/* 60 points: ranges are kept, thirds of a list alike often; the text is what the number says. */
static void test_designs(void **state) {
    (void)state;
    static const char *const text[AXES] = {"f=//x/@f=50 MW:150 MW", "c=//x/@c=100:10000:log:int",
                                           "w=//x/@w=FP8,INT4,FP16"};
    struct axis axis[AXES];
    read_axes(axis, text, AXES);
    for (enum plan_kind kind = PLAN_SOBOL; kind <= PLAN_LHS; kind++) {
        struct plan p = made(kind, axis, AXES, 60, 1), again = made(kind, axis, AXES, 60, 1),
                    other = made(kind, axis, AXES, 60, 2);
        int below = 0, word[3] = {0};
        for (size_t i = 0; i < 60; i++) {
            const struct override *set = &p.set[i * AXES];
            const double *value = &p.value[i * AXES];
            assert_true(value[0] > 50.0 && value[0] < 150.0);
            assert_true(value[1] >= 100.0 && value[1] <= 10000.0 && value[1] == round(value[1]));
            assert_true(strtod(set[0].value, NULL) == value[0]);
            assert_non_null(strstr(set[0].value, " MW"));
            below += value[1] < 1000.0;
            for (int k = 0; k < 3; k++)
                word[k] += strcmp(set[2].value, axis[2].text[k]) == 0;
            assert_true(isnan(value[2]));
        }
        /* Half of the points lie below the geometric middle. */
        assert_in_range(below, 28, 32);
        for (int k = 0; k < 3; k++)
            assert_in_range(word[k], kind == PLAN_LHS ? 20 : 18, kind == PLAN_LHS ? 20 : 22);
        assert_true(same_values(&p, &again));
        assert_int_equal(same_values(&p, &other), kind == PLAN_SOBOL);
        plan_clear(&p);
        plan_clear(&again);
        plan_clear(&other);
    }
    clear_axes(axis, AXES);
}

static void refused(enum plan_kind kind, const char *const *text, size_t axes, size_t messages,
                    const char *told) {
    struct axis axis[AXES];
    struct plan p;
    struct error e;
    error_init(&e);
    read_axes(axis, text, axes);
    assert_false(plan_make(&p, kind, axis, axes, 0, 0, &e));
    assert_int_equal(e.count, messages);
    if (strstr(e.entry[messages - 1].text, told) == NULL)
        fail_msg("told: %s", e.entry[messages - 1].text);
    assert_null(p.set);
    error_clear(&e);
    plan_clear(&p);
    clear_axes(axis, axes);
}

static void test_refused(void **state) {
    (void)state;
    static const char *const uneven[] = {"a=//x/@a=1,2,4", "b=//x/@b=1,2"},
                             *const open[] = {"a=//x/@a=1:2", "b=//x/@b=1:3:log"},
                             *const many[] = {"a=//x/@a=1:2:1000", "b=//x/@b=1:2:1000",
                                              "c=//x/@c=1:2:11"};
    refused(PLAN_ZIP, uneven, 2, 1, "'a' has 3 values and 'b' 2; equally many would be right");
    refused(PLAN_GRID, open, 2, 2, "'b' has a range without a number of values");
    refused(PLAN_GRID, many, 3, 1, "found 11000000 points; at most 10000000");
}

static void test_design_text(void **state) {
    (void)state;
    static const char *const bad[] = {
        "sobol",   "sobol:",   "sobol:1", "lhs:0",          "lhs:-4",
        "lhs:10x", "halton:8", "",        "sobol:10000001", "lhs:99999999999999999999"};
    enum plan_kind kind = PLAN_GRID;
    size_t points = 0;
    struct error e;
    error_init(&e);
    assert_true(plan_design("sobol:64", &kind, &points, &e));
    assert_true(kind == PLAN_SOBOL && points == 64);
    assert_true(plan_design("lhs:10000000", &kind, &points, &e));
    assert_true(kind == PLAN_LHS && points == 10000000);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(plan_design(bad[i], &kind, &points, &e));
        assert_int_equal(e.count, i + 1);
        assert_non_null(strstr(e.entry[i].text, "sobol:N or lhs:N"));
    }
    assert_int_equal(points, 10000000);
    error_clear(&e);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_grid),        cmocka_unit_test(test_zip),
        cmocka_unit_test(test_designs),     cmocka_unit_test(test_refused),
        cmocka_unit_test(test_design_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
