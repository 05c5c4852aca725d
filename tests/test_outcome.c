/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fails when the record of a run lacks a figure of /summary or has two of a name, when a value, the
 * half width of its interval, a quantile or a share of a constraint stands at another's place, or
 * when a run without requests has latencies. */
#include "analysis/outcome.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { PER_LATENCY = 4 };

static void test_names(void **state) {
    (void)state;
    size_t summaries;
    const struct figure *table = result_summary_table(&summaries);
    assert_int_equal(outcome_count(), summaries + CELL_LATENCY_COUNT * PER_LATENCY + BINDING_COUNT);
    for (size_t i = 0; i < summaries; i++)
        assert_ptr_equal(outcome_figure(i), &table[i]);
    for (size_t i = 0; i < outcome_count(); i++) {
        const struct figure *f = outcome_figure(i);
        /* Also says that no two have the same name. */
        assert_int_equal(outcome_find(f->name), i);
        assert_true(strlen(f->unit) > 0 && strlen(f->long_name) > 0);
        /* Endings that a sweep's file adds. */
        const size_t length = strlen(f->name);
        assert_true(length < 4 || strcmp(f->name + length - 4, "_low") != 0);
        assert_true(length < 5 || strcmp(f->name + length - 5, "_high") != 0);
    }
    for (int b = 0; b < BINDING_COUNT; b++) {
        char name[64];
        snprintf(name, sizeof name, "binding_share_%s", binding_name[b]);
        assert_int_equal(outcome_find(name), outcome_binding((enum binding)b));
    }
    assert_int_equal(outcome_find("Q_token_low"), -1);
    assert_int_equal(outcome_find(""), -1);
}

static double value_of(const struct outcome *out, const char *name) {
    const long i = outcome_find(name);
    assert_true(i >= 0);
    return out[i].value;
}

/* Every figure another number, so that no two can be confused. */
static void test_fill(void **state) {
    (void)state;
    struct result r = {0};
    const struct figure *table = result_summary_table(&r.summaries);
    struct outcome *out = calloc(outcome_count(), sizeof *out);
    r.summary = calloc(r.summaries, sizeof *r.summary);
    assert_non_null(out);
    assert_non_null(r.summary);
    for (size_t i = 0; i < r.summaries; i++) {
        r.summary[i] = table[i];
        r.summary[i].value = 100.0 + (double)i;
        if (i % 3 == 0) {
            /* The lower end was cut at 0: the upper one tells the width. */
            r.summary[i].has_interval = true;
            r.summary[i].low = 0.0;
            r.summary[i].high = r.summary[i].value + 500.0 + (double)i;
        }
    }
    for (int b = 0; b < BINDING_COUNT; b++)
        r.binding_share[b] = 0.01 * (b + 1);
    /* 100 requests: 60 of 1 s, 35 of 2 s, 5 of 4 s. */
    sketch_add_times(&r.latency[CELL_E2E], 1.0, 60);
    sketch_add_times(&r.latency[CELL_E2E], 2.0, 35);
    sketch_add_times(&r.latency[CELL_E2E], 4.0, 5);
    outcome_fill(&r, out);
    for (size_t i = 0; i < r.summaries; i++) {
        assert_true(out[i].value == 100.0 + (double)i);
        if (i % 3 == 0)
            assert_true(out[i].half == 500.0 + (double)i);
        else
            assert_true(isinf(out[i].half));
    }
    for (int b = 0; b < BINDING_COUNT; b++)
        assert_true(out[outcome_binding((enum binding)b)].value == 0.01 * (b + 1));
    assert_true(fabs(value_of(out, "e2e_p50") - 1.0) <= 1.0 / 128);
    assert_true(fabs(value_of(out, "e2e_p90") - 2.0) <= 2.0 / 128);
    assert_true(fabs(value_of(out, "e2e_p99") - 4.0) <= 4.0 / 128);
    assert_true(fabs(value_of(out, "e2e_mean") - 1.5) <= 1.5 / 128);
    static const char *const none[] = {"ttft_p50", "ttft_p90",  "ttft_p99", "ttft_mean",
                                       "tpot_p50", "tpot_mean", "itl_p99",  "itl_mean"};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        assert_true(isnan(value_of(out, none[i])));
    free(r.summary);
    free(out);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_names), cmocka_unit_test(test_fill)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
