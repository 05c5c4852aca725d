/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fails when a part of the goal is not what docs/search.md says of the figures of a run, is judged
 * by another number than the mean over runs, or is called sure within its interval; when a run
 * without requests is called a miss, or rounding an interval; when options ask for more or less
 * than they say; when an objective or what a knob is charged is not its formula; or when knobs that
 * set the same are two points. Numbers are worked by hand. */
#include "analysis/goal.h"
#include "analysis/knobs.h"
#include "analysis/objective.h"
#include "sim/engine/memory.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void set(struct outcome *run, const char *name, double value) {
    const long figure = outcome_find(name);
    assert_true(figure >= 0);
    run[figure].value = value;
}

/* Records of `count` runs, all of a site in balance: 1000 requests in 100 s, each 2 s in the site.
 */
static struct outcome *records(size_t count) {
    struct outcome *run = memory_new(count * outcome_count(), sizeof *run);
    for (size_t i = 0; i < count; i++) {
        struct outcome *r = run + i * outcome_count();
        set(r, "horizon", 100.0);
        set(r, "sample_weight", 1.0);
        set(r, "requests_arrived", 1000.0);
        set(r, "requests_done", 1000.0);
        set(r, "requests_in_flight", 20.0);
        set(r, "requests_in_flight_start", 20.0);
        set(r, "e2e_mean", 2.0);
        set(r, "done_tokens", 2e5);
        set(r, "good_tokens", 1.5e5);
        set(r, "Q_token", 2.1e5);
        set(r, "site_energy", 5e5);
        set(r, "it_energy", 4e5);
        set(r, "cost", 3.0);
    }
    return run;
}

static void near(double value, double expected) {
    assert_true(fabs(value - expected) <= 1e-12 * fabs(expected));
}

static const struct options nothing = {.good = NAN, .overshoot = NAN, .tolerance = NAN};

static void test_values(void **state) {
    (void)state;
    struct outcome *run = records(1);
    const struct goal_part good = {.kind = GOAL_GOOD}, queue = {.kind = GOAL_QUEUE},
                           power = {.kind = GOAL_POWER};
    near(goal_value(&good, run), 0.75);
    set(run, "requests_rejected", 250.0); /* late ones of the same length: 1250 in all */
    near(goal_value(&good, run), 0.6);
    set(run, "requests_rejected", 0.0);

    assert_true(goal_value(&queue, run) == 0.0);
    /* Three deviations of Poisson's 20 are 13.4, so 33.4 in flight are chance. */
    set(run, "requests_in_flight", 33.0);
    assert_true(goal_value(&queue, run) == 0.0);
    set(run, "requests_in_flight", 120.0);
    near(goal_value(&queue, run), (100.0 - 3.0 * sqrt(20.0) - 2.25) / 1000.0);
    /* A site that was empty is to fill to the 20 of Little's law, no further. */
    set(run, "requests_in_flight_start", 0.0);
    near(goal_value(&queue, run), (100.0 - 3.0 * sqrt(20.0) - 2.25) / 1000.0);
    /* A queue that the warm-up left is not this run's. */
    set(run, "requests_in_flight_start", 110.0);
    assert_true(goal_value(&queue, run) == 0.0);
    /* A node for four: numbers of whole requests come in fours. */
    set(run, "requests_in_flight_start", 0.0);
    set(run, "sample_weight", 4.0);
    near(goal_value(&queue, run), (100.0 - 3.0 * sqrt(80.0) - 9.0) / 1000.0);

    assert_true(goal_value(&power, run) == 0.0);
    set(run, "overshoot_energy", 1e4);
    near(goal_value(&power, run), 0.02);
    set(run, "heat_overshoot_energy", 1.2e4);
    near(goal_value(&power, run), 0.03);

    /* Nothing ended: nothing is known. */
    set(run, "requests_done", 0.0);
    set(run, "done_tokens", 0.0);
    set(run, "good_tokens", 0.0);
    assert_true(isnan(goal_value(&good, run)));
    free(run);
}

/* A run in which nothing came, or one request that is still there. */
static void empty(struct outcome *run, double in_flight) {
    const char *const none[] = {"requests_done", "requests_in_flight_start", "done_tokens",
                                "good_tokens", "Q_token"};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        set(run, none[i], 0.0);
    set(run, "requests_arrived", in_flight);
    set(run, "requests_in_flight", in_flight);
    set(run, "e2e_mean", NAN);
    set(run, "ttft_p99", NAN);
    set(run, "e_tok_site", INFINITY);
}

/* Nothing that came is nothing that was missed; many that came and none that ended is. */
static void test_silent(void **state) {
    (void)state;
    struct outcome *run = records(3);
    const size_t n = outcome_count();
    struct goal goal = {.part = {{GOAL_GOOD, 0, 0.7},
                                 {GOAL_QUEUE, 0, 0.005},
                                 {GOAL_FIGURE, (size_t)outcome_find("ttft_p99"), 0.5},
                                 {GOAL_FIGURE, (size_t)outcome_find("e_tok_site"), 5.0}},
                        .parts = 4};
    struct goal_verdict v;
    for (size_t i = 0; i < 3; i++) {
        set(run + i * n, "ttft_p99", 0.4 + 0.001 * (double)i);
        set(run + i * n, "e_tok_site", 4.0);
    }
    assert_false(goal_silent(run, 3));
    v = goal_judge_all(&goal, run, 3);
    assert_true(v.met && v.sure);
    /* One run tells nothing: the others do. */
    empty(run, 0.0);
    assert_true(goal_silent(run, 3) && goal_silent(run, 1) && !goal_silent(run + n, 2));
    v = goal_judge_all(&goal, run, 3);
    assert_true(v.met && v.sure && v.excess == 0.0);
    goal_judge(&goal.part[2], run, 3, &v);
    near(v.mean.value, 0.4015);
    goal.part[0].limit = 0.8;
    v = goal_judge_all(&goal, run, 3);
    assert_true(!v.met);
    near(v.excess, 0.05 / 0.8);
    /* None does: met as far as can be told, and not surely. Two that wait are chance. */
    for (size_t i = 0; i < 3; i++)
        empty(run + i * n, (double)i);
    v = goal_judge_all(&goal, run, 3);
    assert_true(v.met && !v.sure && v.excess == 0.0);
    goal_judge(&goal.part[0], run, 3, &v);
    assert_true(v.met && !v.sure && isnan(v.mean.value));
    /* Three that wait, and none that ended, are a site that is stuck. */
    empty(run, 3.0);
    assert_false(goal_silent(run, 1));
    goal_judge(&goal.part[0], run, 3, &v);
    assert_true(!v.met && isnan(v.mean.value) && isinf(v.excess));
    /* All rejected: none is good. */
    empty(run, 0.0);
    set(run, "requests_rejected", 5.0);
    assert_true(!goal_silent(run, 1) && goal_value(&goal.part[0], run) == 0.0);
    /* A run that could not be made is not one that tells nothing. */
    for (size_t i = 0; i < n; i++)
        run[i] = (struct outcome){NAN, INFINITY};
    assert_false(goal_silent(run, 1));
    goal_judge(&goal.part[0], run, 1, &v);
    assert_false(v.met);
    free(run);
}

/* Runs that differ by rounding alone have no interval: 0.49 and the next numbers. */
static void test_rounding(void **state) {
    (void)state;
    struct outcome *run = records(3);
    struct goal_verdict v;
    const struct goal_part power = {.kind = GOAL_POWER, .limit = 0.3};
    for (size_t i = 0; i < 3; i++) {
        set(run + i * outcome_count(), "overshoot_energy", 0.49 * 5e5 * (1.0 + 3e-16 * (double)i));
        set(run + i * outcome_count(), "cost", 3.0 + 1e-6 * (double)i);
    }
    goal_judge(&power, run, 3, &v);
    assert_true(v.mean.half == 0.0 && !v.met && v.sure);
    assert_true(outcome_mean(run, (size_t)outcome_find("overshoot_energy"), 3).half == 0.0);
    const struct outcome cost = outcome_mean(run, (size_t)outcome_find("cost"), 3);
    assert_true(fabs(cost.half - 4.303 * 1e-6 / sqrt(3.0)) < 1e-9);
    free(run);
}

/* Three runs with shares 0.97, 0.98, 0.99: 0.98 +- 4.303 * 0.01 / sqrt(3) = 0.0248. */
static void test_verdict(void **state) {
    (void)state;
    struct outcome *run = records(3);
    struct goal_part part = {.kind = GOAL_GOOD};
    struct goal_verdict v;
    for (int i = 0; i < 3; i++)
        set(run + (size_t)i * outcome_count(), "good_tokens", (0.97 + 0.01 * i) * 2e5);
    const struct {
        double limit;
        bool met, sure;
    } row[] = {{0.95, true, true},    {0.96, true, false},   {0.98 - 1e-9, true, false},
               {0.985, false, false}, {0.999, false, false}, {1.1, false, true}};
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        part.limit = row[i].limit;
        goal_judge(&part, run, 3, &v);
        near(v.mean.value, 0.98);
        assert_true(fabs(v.mean.half - 0.02484) < 1e-5);
        assert_true(v.met == row[i].met && v.sure == row[i].sure);
        assert_true(v.met ? v.excess == 0.0
                          : fabs(v.excess - (part.limit - 0.98) / part.limit) < 1e-12);
    }
    goal_judge(&part, run, 1, &v); /* one run is never sure */
    assert_true(!v.met && !v.sure);
    /* One part surely missed is enough; all must be surely met. */
    struct goal all = {.part = {{GOAL_GOOD, 0, 0.95}, {GOAL_GOOD, 0, 0.96}}, .parts = 2};
    v = goal_judge_all(&all, run, 3);
    assert_true(v.met && !v.sure && v.excess == 0.0);
    all.part[1].limit = 1.1;
    v = goal_judge_all(&all, run, 3);
    assert_true(!v.met && v.sure);
    all.part[1].limit = 0.985;
    v = goal_judge_all(&all, run, 3);
    assert_true(!v.met && !v.sure);
    all.parts = 0;
    v = goal_judge_all(&all, run, 3);
    assert_true(v.met && v.sure);
    free(run);
}

static void test_read(void **state) {
    (void)state;
    const char *limits[] = {"ttft_p99=0.5", "e_tok_site=3"};
    struct options o = nothing;
    struct goal g;
    struct error e;
    error_init(&e);
    assert_true(goal_read(&g, &o, true, &e));
    assert_true(g.parts == 3 && g.part[0].limit == 0.99 && g.part[2].limit == 0.0);
    assert_true(goal_read(&g, &o, false, &e) && g.parts == 0);
    o.good = 0.9;
    o.at_most = (struct options_list){limits, 2};
    assert_true(goal_read(&g, &o, false, &e) && g.parts == 3);
    assert_true(g.part[0].kind == GOAL_GOOD && g.part[0].limit == 0.9);
    assert_true(g.part[1].kind == GOAL_FIGURE && g.part[1].limit == 0.5);
    assert_string_equal(goal_figure(&g.part[1]).name, "ttft_p99");
    const char *wrong[] = {"ttft_p99", "ttft_p99=", "ttft_p99=x", "ttft_p98=1", "ttft_p99=inf"};
    o.at_most = (struct options_list){wrong, 5};
    assert_false(goal_read(&g, &o, false, &e));
    assert_int_equal(e.count, 5);
    error_clear(&e);
}

static void test_objective(void **state) {
    (void)state;
    struct outcome *run = records(1);
    struct options o = nothing;
    struct objective j;
    struct error e;
    struct axis axis[2];
    const double knob[] = {1.2, 8.0};
    error_init(&e);
    assert_true(axis_read(&axis[0], "pue=//cooling/@pue=1.1:1.5", &e));
    assert_true(axis_read(&axis[1], "nodes=//cells/@nodes=2:16:int", &e));
    assert_true(objective_read(&j, &o, axis, 2, &e));
    near(objective_value(&j, run, knob), 0.3);
    assert_true(objective_better(&j, 2.0, 1.0) && objective_better(&j, 1.0, NAN));
    assert_false(objective_better(&j, 1.0, 1.0) || objective_better(&j, NAN, 1.0));
    objective_clear(&j);

    /* 3 USD of energy; 36 USD/h for 0.3 of PUE over 100 s is 0.3, 9 for 8 nodes is 2. */
    const char *charge[] = {"pue=36@1.5", "nodes=9"};
    o.charge = (struct options_list){charge, 2};
    o.minimise = "dollars";
    assert_true(objective_read(&j, &o, axis, 2, &e));
    near(objective_value(&j, run, knob), 5.3);
    assert_true(isnan(objective_value(&j, run, NULL)));
    assert_true(objective_better(&j, 1.0, 2.0));
    objective_clear(&j);
    o.minimise = NULL;
    o.maximise = "good_tokens_per_dollar";
    assert_true(objective_read(&j, &o, axis, 2, &e));
    near(objective_value(&j, run, knob), 1.5e5 / 5.3);
    objective_clear(&j);
    o.charge.count = 0;
    o.maximise = "tokens";
    assert_true(objective_read(&j, &o, axis, 2, &e));
    near(objective_value(&j, run, NULL), 2.1e5);
    objective_clear(&j);

    const char *wrong[] = {"pue", "pue=", "pue=1@", "pue=1@x", "pui=1", "pue=nan"};
    o.charge = (struct options_list){wrong, 6};
    o.maximise = "good_tokens_per_dollar";
    assert_false(objective_read(&j, &o, axis, 2, &e));
    assert_int_equal(e.count, 6);
    error_clear(&e);
    axis_clear(&axis[0]);
    axis_clear(&axis[1]);
    free(run);
}

static void test_knobs(void **state) {
    (void)state;
    const char *vary[] = {"cap=//node/@cap=6 kW:10 kW", "batch=//replica/@max_seqs=16:64:log:int",
                          "kind=//replica/@weights=FP16,FP8,FP4"};
    const struct options_list list = {vary, 3};
    struct knobs k;
    struct error e;
    error_init(&e);
    assert_true(knobs_read(&k, &list, &e));
    const double share[][3] = {
        {0.5, 0.5, 0.5}, {0.5, 0.501, 0.6}, {0.0, 1.0, 0.0}, {0.5, 0.52, 0.5}, {0.5, 0.5, 0.5}};
    const size_t number[] = {0, 0, 1, 2, 0}; /* 16 * 4^0.501 rounds to 32, 16 * 4^0.52 to 33 */
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(knobs_point(&k, share[i]), number[i]);
    assert_int_equal(k.points, 3);
    assert_string_equal(knobs_set(&k, 0)[0].value, "8 kW");
    assert_string_equal(knobs_set(&k, 0)[1].value, "32");
    assert_string_equal(knobs_set(&k, 0)[2].value, "FP8");
    assert_string_equal(knobs_set(&k, 1)[2].value, "FP16");
    assert_string_equal(knobs_set(&k, 2)[1].xpath, "//replica/@max_seqs");
    assert_true(knobs_value(&k, 1)[0] == 6.0 && knobs_value(&k, 1)[1] == 64.0);
    for (size_t a = 0; a < 3; a++)
        assert_true(!knobs_at_end(&k, 0, a) && knobs_at_end(&k, 1, a));
    knobs_clear(&k);
    const struct options_list none = {vary, 0};
    assert_false(knobs_read(&k, &none, &e));
    knobs_clear(&k);
    error_clear(&e);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),   cmocka_unit_test(test_silent),
        cmocka_unit_test(test_rounding), cmocka_unit_test(test_verdict),
        cmocka_unit_test(test_read),     cmocka_unit_test(test_objective),
        cmocka_unit_test(test_knobs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
