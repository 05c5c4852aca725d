/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fails when a trajectory's totals, ratios, means, intervals, ceilings or marginal values are not
 * what they are worked out to be by hand from made-up outcomes, when a crossover lies elsewhere
 * than its sides or a jump have it, when one is told whose sign is not known, when runs of a full
 * site are looked for where there are none, or when a growing queue is not told of. */
#include "analysis/crossover.h"
#include "analysis/trajectory_table.h"
#include "sim/engine/memory.h"
#include "sim/io/date.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void near_to(double a, double b) {
    assert_true(fabs(a - b) <= 1e-12 * fabs(b));
}

static void test_crossovers(void **state) {
    (void)state;
    const double time[] = {0, 10, 20, 30, 40, 50};
    struct crossover c[6];
    const double up[] = {-1, -1, 3, 4, 4, 4};
    assert_int_equal(crossover_find(time, up, NULL, 6, c), 1);
    near_to(c[0].time, 12.5);
    assert_true(c[0].direction == 1 && c[0].before == 1 && c[0].after == 2 && isinf(c[0].half));
    /* Both directions; a zero and a missing value wait for the next. */
    const double both[] = {2, 0, -2, NAN, 6, 1};
    assert_int_equal(crossover_find(time, both, NULL, 6, c), 2);
    near_to(c[0].time, 10);
    assert_int_equal(c[0].direction, -1);
    near_to(c[1].time, 25);
    assert_int_equal(c[1].direction, 1);
    /* A touch is none; nor is a sign that is not known. */
    const double touch[] = {1, 0, 1, 1, -1, 2}, half[] = {0.5, 0.5, 0.5, 0.5, 1.5, 0.5};
    assert_int_equal(crossover_find(time, touch, half, 6, c), 0);
    assert_int_equal(crossover_find(time, touch, NULL, 6, c), 2);
    /* Its half width: that of the line's zero, 10 s long, 4 high. */
    const double line[] = {-1, 3}, wide[] = {0.4, 0.4};
    assert_int_equal(crossover_find(time, line, wide, 2, c), 1);
    near_to(c[0].half, hypot(0.75 * 0.4, 0.25 * 0.4) * 10 / 4);
    assert_int_equal(crossover_find(time, line, NULL, 0, c), 0);
}

/* A kink at zero; a jump between; a side that leads to zero before the jump; sides cut off by jumps
 * elsewhere. */
static void test_places(void **state) {
    (void)state;
    const double time[] = {0, 10, 20, 30, 40, 50};
    /* Slope -1/10 to zero at 24, then -3/10: the chord from 20 to 30 would say 21.8. */
    const double kink[] = {2.4, 1.4, 0.4, -1.8, -4.8, -7.8};
    double error;
    near_to(crossover_place(time, kink, 6, 2, NULL, 0, &error), 24);
    assert_true(error < 1e-9);
    /* 2 for long, then -2: the jump is the crossing, whatever day it is. */
    const double flat[] = {2, 2, 2, -2, -2, -2}, day[] = {21, 29};
    near_to(crossover_place(time, flat, 6, 2, day, 1, &error), 21);
    assert_true(error == 0.0);
    near_to(crossover_place(time, flat, 6, 2, day, 2, &error), 25);
    near_to(error, 4);
    /* It falls to zero by itself at 24, the jump is on 29. */
    near_to(crossover_place(time, kink, 6, 2, day + 1, 1, &error), 24);
    /* Another jump, on 12, leaves one point on the left; the right one leads there from 30. */
    const double late[] = {9, 8, 0.4, -1.8, -4.8, -7.8}, early[] = {12};
    near_to(crossover_place(time, late, 6, 2, early, 1, &error), 24);
    /* No side leads: the chord, and anything in the step. */
    near_to(crossover_place(time, flat, 6, 2, NULL, 0, &error), 25);
    near_to(error, 5);
    const struct crossover c = {.time = 22, .before = 2, .after = 4};
    near_to(crossover_reach(time, &c), 18);
}

/* A made-up trajectory: quarters of 2024, two windows of 6 and 18 h, horizon 100 s. */
struct made {
    struct course course;
    struct course_window window[2];
    struct trajectory_table table;
    struct outcome *out;
    double *step;
};

static struct outcome *cell(struct made *m, size_t period, size_t window, size_t replication,
                            enum trajectory_trial trial, const char *name) {
    const long i = outcome_find(name);
    assert_true(i >= 0);
    return &m->out[trajectory_run(&m->table, period, 0, window, replication, trial) *
                       outcome_count() +
                   (size_t)i];
}

static void make(struct made *m, size_t replications) {
    *m = (struct made){.window = {{0, 0.25, true}, {6 * 3600, 0.75, true}}};
    m->course = (struct course){.from = date_day(2024, 1, 1),
                                .to = date_day(2025, 1, 1),
                                .months = 3,
                                .days = 1,
                                .window = m->window,
                                .windows = 2};
    m->table = (struct trajectory_table){.course = &m->course,
                                         .periods = 4,
                                         .days = 1,
                                         .windows = 2,
                                         .replications = replications,
                                         .horizon = 100};
    for (int trial = 0; trial < TRAJECTORY_TRIALS; trial++) /* no heat limit */
        m->table.place[trial] = trial == TRAJECTORY_FULL_COOLING ? SIZE_MAX : m->table.trials++;
    const size_t runs = trajectory_runs(&m->table);
    m->out = memory_new(runs * outcome_count(), sizeof *m->out);
    for (size_t i = 0; i < runs * outcome_count(); i++)
        m->out[i] = (struct outcome){1.0, INFINITY};
    m->step = memory_new(4 * TRAJECTORY_TRIALS, sizeof *m->step);
    for (size_t i = 0; i < 4 * TRAJECTORY_TRIALS; i++)
        m->step[i] = i % TRAJECTORY_TRIALS == TRAJECTORY_FULL_COOLING ? NAN : log(1.01);
    m->table.run = m->out;
    m->table.step = m->step;
}

static void clear(struct made *m) {
    trajectory_table_clear(&m->table);
    free(m->out);
    free(m->step);
}

static double value(const struct made *m, size_t period, const char *name) {
    return trajectory_cell(&m->table, period, name)->value;
}

/* Everything constant: Q is rate times time, to the day. */
static void test_constant(void **state) {
    (void)state;
    struct made m;
    make(&m, 1);
    for (size_t p = 0; p < 4; p++)
        for (size_t w = 0; w < 2; w++) {
            *cell(&m, p, w, 0, TRAJECTORY_BASE, "Q_token") = (struct outcome){5000, 10};
            *cell(&m, p, w, 0, TRAJECTORY_BASE, "it_energy") = (struct outcome){2000, INFINITY};
            *cell(&m, p, w, 0, TRAJECTORY_BASE, "site_energy") = (struct outcome){3000, INFINITY};
            *cell(&m, p, w, 0, TRAJECTORY_BASE, "token_rate_mean") = (struct outcome){50, 0.1};
        }
    trajectory_table_make(&m.table);
    static const double days[] = {91, 91, 92, 92};
    for (size_t p = 0; p < 4; p++) {
        near_to(value(&m, p, "Q_token"), 50 * 86400 * days[p]);
        near_to(value(&m, p, "it_energy"), 20 * 86400 * days[p]);
        near_to(value(&m, p, "e_tok"), 0.4);
        near_to(value(&m, p, "PUE"), 1.5);
        near_to(value(&m, p, "token_rate_mean"), 50);
        /* windows' errors are independent */
        near_to(trajectory_cell(&m.table, p, "Q_token")->half,
                86400 * days[p] / 100 * 10 * hypot(0.25, 0.75));
        near_to(trajectory_cell(&m.table, p, "token_rate_mean")->half, 0.1 * hypot(0.25, 0.75));
        assert_true(isinf(trajectory_cell(&m.table, p, "it_energy")->half));
    }
    near_to(value(&m, 4, "Q_token"), 50 * 86400 * 366.0);
    near_to(value(&m, 4, "e_tok_site"), 0.6);
    /* those of periods, which have the same seeds, add */
    near_to(trajectory_cell(&m.table, 4, "Q_token")->half,
            86400 * 366.0 / 100 * 10 * hypot(0.25, 0.75));
    near_to(m.table.time[0], 45.5);
    near_to(m.table.time[3], 274 + 46);
    clear(&m);
}

/* Windows and periods of unlike weight. */
static void test_weights(void **state) {
    (void)state;
    struct made m;
    make(&m, 1);
    for (size_t p = 0; p < 4; p++)
        for (size_t w = 0; w < 2; w++) {
            const double x = 1.0 + (double)p + 10.0 * (double)w;
            cell(&m, p, w, 0, TRAJECTORY_BASE, "Q_token")->value = 100 * x;
            cell(&m, p, w, 0, TRAJECTORY_BASE, "cost")->value = 300;
            cell(&m, p, w, 0, TRAJECTORY_BASE, "site_power_peak")->value = x;
            cell(&m, p, w, 0, TRAJECTORY_BASE, "binding_share_demand")->value = w == 0 ? 1 : 0.1;
            cell(&m, p, w, 0, TRAJECTORY_BASE, "binding_share_feed")->value = w == 0 ? 0 : 0.9;
            for (int b = BINDING_COMPUTE; b < BINDING_COUNT; b++)
                if (b != BINDING_FEED)
                    m.out[trajectory_run(&m.table, p, 0, w, 0, TRAJECTORY_BASE) * outcome_count() +
                          outcome_binding((enum binding)b)]
                        .value = 0;
            /* U 0.5 of the lower ceiling, which is the power's: 2/3 of compute's */
            cell(&m, p, w, 0, TRAJECTORY_BASE, "token_rate_mean")->value = x;
            cell(&m, p, w, 0, TRAJECTORY_BASE, "U")->value = 0.5;
            cell(&m, p, w, 0, TRAJECTORY_BASE, "rho")->value = 2;
            cell(&m, p, w, 0, TRAJECTORY_BASE, "rho_star")->value = 3;
            cell(&m, p, w, 0, TRAJECTORY_BASE, "K_eff")->value = 7;
        }
    trajectory_table_make(&m.table);
    for (size_t p = 0; p < 4; p++) {
        const double rate = 1.0 + (double)p + 7.5;
        near_to(value(&m, p, "Q_token"), rate * 86400 * (p < 2 ? 91 : 92));
        near_to(value(&m, p, "cost_per_million_tokens"), 3e6 / rate);
        near_to(value(&m, p, "site_power_peak"), 11.0 + (double)p);
        near_to(value(&m, p, "binding_share_feed"), 0.675);
        assert_int_equal(trajectory_binding(&m.table, p), BINDING_FEED);
        assert_int_equal(trajectory_window_binding(&m.table, p, 0), BINDING_DEMAND);
        assert_int_equal(trajectory_window_binding(&m.table, p, 1), BINDING_FEED);
        near_to(value(&m, p, "power_ceiling"), 2 * rate);
        near_to(value(&m, p, "compute_ceiling"), 3 * rate);
        near_to(value(&m, p, "it_power_available"), 14);
    }
    near_to(value(&m, 4, "Q_token"), 86400 * (91 * 8.5 + 91 * 9.5 + 92 * 10.5 + 92 * 11.5));
    near_to(value(&m, 4, "token_rate_mean"), (91 * 8.5 + 91 * 9.5 + 92 * 10.5 + 92 * 11.5) / 366.0);
    near_to(value(&m, 4, "site_power_peak"), 14);
    clear(&m);
}

/* Replications: Student's t over their totals; with two, 12.706 times half of their difference. */
static void test_replications(void **state) {
    (void)state;
    struct made m;
    make(&m, 2);
    for (size_t p = 0; p < 4; p++)
        for (size_t w = 0; w < 2; w++)
            for (size_t r = 0; r < 2; r++)
                cell(&m, p, w, r, TRAJECTORY_BASE, "Q_token")->value = 100 + 2 * (double)r;
    cell(&m, 2, 1, 1, TRAJECTORY_BASE, "site_power_peak")->value = 9;
    trajectory_table_make(&m.table);
    assert_true(value(&m, 2, "site_power_peak") == 9 && value(&m, 4, "site_power_peak") == 9);
    assert_true(isinf(trajectory_cell(&m.table, 2, "site_power_peak")->half));
    near_to(value(&m, 0, "Q_token"), 1.01 * 86400 * 91);
    assert_true(fabs(trajectory_cell(&m.table, 0, "Q_token")->half / (86400 * 91 * 0.127062) - 1) <
                1e-4);
    assert_true(fabs(trajectory_cell(&m.table, 4, "Q_token")->half / (86400 * 366 * 0.127062) - 1) <
                1e-4);
    clear(&m);
}

/* Marginal values, and the dates at which the larger of two is another. */
static void test_marginal(void **state) {
    (void)state;
    struct made m;
    make(&m, 1);
    /* In a full site that of K_eff rises, of power falls; at the demand there is, of feed and
     * nodes. */
    static const double clock[] = {0, 0.2, 0.6, 1}, power[] = {1, 0.8, 0.2, 0};
    static const double feed[] = {0.7, 0.05, 0.02, 0}, nodes[] = {0, 0.09, 0.08, 0.5};
    for (size_t p = 0; p < 4; p++)
        for (size_t w = 0; w < 2; w++) {
            cell(&m, p, w, 0, TRAJECTORY_FULL, "Q_token")->value = 3;
            cell(&m, p, w, 0, TRAJECTORY_FULL, "token_rate_mean")->value = 8.0 + (double)w;
            cell(&m, p, w, 0, TRAJECTORY_FULL_CLOCK, "Q_token")->value = 3 * pow(1.01, clock[p]);
            cell(&m, p, w, 0, TRAJECTORY_FULL_FEED, "Q_token")->value = 3 * pow(1.01, power[p]);
            cell(&m, p, w, 0, TRAJECTORY_FEED, "Q_token")->value = pow(1.01, feed[p]);
            cell(&m, p, w, 0, TRAJECTORY_NODES, "Q_token")->value = pow(1.01, nodes[p] - 1);
            cell(&m, p, w, 0, TRAJECTORY_BASE, "rho")->value = 1.0 + (double)p;
            cell(&m, p, w, 0, TRAJECTORY_BASE, "rho_star")->value = 2.5;
        }
    trajectory_table_make(&m.table);
    const struct trajectory_table *t = &m.table;
    for (size_t p = 0; p < 4; p++) {
        assert_true(fabs(trajectory_marginal(t, p, TRAJECTORY_K_EFF)->value - clock[p]) < 1e-9);
        assert_true(fabs(trajectory_marginal(t, p, TRAJECTORY_IT_POWER)->value - power[p]) < 1e-9);
        assert_true(fabs(trajectory_marginal(t, p, TRAJECTORY_FEED_VALUE)->value - feed[p]) < 1e-9);
        assert_true(fabs(trajectory_marginal(t, p, TRAJECTORY_NODES_VALUE)->value - nodes[p]) <
                    1e-9);
        near_to(value(&m, p, "token_rate_full"), 8.75);
    }
    assert_int_equal(t->crossings[TRAJECTORY_MARGINAL], 1); /* -0.6 to 0.4 */
    assert_true(fabs(t->crossing[TRAJECTORY_MARGINAL][0].time -
                     (t->time[1] + 0.6 * (t->time[2] - t->time[1]))) < 1e-6);
    assert_int_equal(t->crossings[TRAJECTORY_RHO], 1);
    /* Each side's line by itself: 136.5 + 45.5 and 228 - 46, and no interval of one replication. */
    near_to(t->crossing[TRAJECTORY_RHO][0].time, 182.0);
    assert_true(isinf(t->crossing[TRAJECTORY_RHO][0].half));
    assert_int_equal(t->crossing[TRAJECTORY_RHO][0].direction, 1);
    assert_int_equal(t->crossings[TRAJECTORY_PEAK], 0); /* 1 under 2.5 throughout */
    /* Where neither reaches what is decided, nothing is told: from the first period to the last. */
    assert_false(trajectory_decided(t, 1, TRAJECTORY_INVEST));
    assert_true(isnan(trajectory_difference(t, 2, TRAJECTORY_INVEST).value));
    assert_int_equal(t->crossings[TRAJECTORY_INVEST], 1);
    assert_true(t->crossing[TRAJECTORY_INVEST][0].before == 0 &&
                t->crossing[TRAJECTORY_INVEST][0].after == 3);
    clear(&m);
}

/* Dates with replications: of rho by both sides, with Student's t; of values, anywhere between. */
static void test_intervals_of_dates(void **state) {
    (void)state;
    struct made m;
    make(&m, 2);
    for (size_t p = 0; p < 4; p++)
        for (size_t w = 0; w < 2; w++)
            for (size_t r = 0; r < 2; r++) {
                cell(&m, p, w, r, TRAJECTORY_BASE, "rho")->value =
                    1.0 + (double)p + 0.5001 * (double)r;
                cell(&m, p, w, r, TRAJECTORY_BASE, "rho_star")->value = 2.5 + 0.5 * (double)r;
                cell(&m, p, w, r, TRAJECTORY_FULL_CLOCK, "Q_token")->value = p < 2 ? 1 : 1.01;
                cell(&m, p, w, r, TRAJECTORY_FULL_FEED, "Q_token")->value = p < 2 ? 1.01 : 1;
            }
    trajectory_table_make(&m.table);
    const struct trajectory_table *t = &m.table;
    const struct crossover *rho = t->crossing[TRAJECTORY_RHO];
    assert_int_equal(t->crossings[TRAJECTORY_RHO], 1);
    assert_true(fabs(rho->time - 182) < 0.01 && rho->half > 0.0 && rho->half < 0.5);
    /* Pairs: what moves both sides moves no difference. */
    assert_true(trajectory_difference(t, 0, TRAJECTORY_RHO).half < 1e-3);
    const struct crossover *value = t->crossing[TRAJECTORY_MARGINAL];
    assert_int_equal(t->crossings[TRAJECTORY_MARGINAL], 1);
    near_to(value->half, 0.5 * (t->time[2] - t->time[1]));
    clear(&m);
}

/* A full site in one window only: there are no runs of it in the other, whose part it takes. */
static void test_full_windows(void **state) {
    (void)state;
    struct made m;
    make(&m, 3);
    const size_t all = trajectory_runs(&m.table);
    clear(&m);
    make(&m, 3);
    m.window[0].full = false;
    assert_int_equal(all - trajectory_runs(&m.table), 4 * 3 * 3);
    assert_false(trajectory_has(&m.table, 0, TRAJECTORY_FULL));
    assert_true(trajectory_has(&m.table, 0, TRAJECTORY_NODES));
    bool *seen = memory_new(all, sizeof *seen);
    for (size_t p = 0; p < 4; p++)
        for (size_t w = 0; w < 2; w++)
            for (size_t r = 0; r < 3; r++)
                for (int k = 0; k < TRAJECTORY_TRIALS; k++) {
                    const enum trajectory_trial trial = (enum trajectory_trial)k;
                    if (!trajectory_has(&m.table, w, trial))
                        continue;
                    const size_t run = trajectory_run(&m.table, p, 0, w, r, trial);
                    assert_true(run < trajectory_runs(&m.table) && !seen[run]);
                    seen[run] = true;
                }
    free(seen);
    for (size_t r = 0; r < 3; r++) {
        cell(&m, 2, 1, r, TRAJECTORY_FULL, "token_rate_mean")->value = 7;
        cell(&m, 2, 0, r, TRAJECTORY_BASE, "token_rate_mean")->value = 3;
    }
    trajectory_table_make(&m.table);
    near_to(value(&m, 2, "token_rate_full"), 7);
    near_to(value(&m, 2, "token_rate_mean"), 0.25 * 3 + 0.75 * 1);
    clear(&m);
}

/* A queue that grows in two of three replications of a window of 6 h: the window is told of, and of
 * the period the share of time. */
static void test_overload(void **state) {
    (void)state;
    struct made m;
    make(&m, 3);
    for (size_t r = 0; r < 3; r++) {
        cell(&m, 1, 0, r, TRAJECTORY_BASE, "requests_arrived")->value = 1000;
        cell(&m, 1, 0, r, TRAJECTORY_BASE, "requests_in_flight_start")->value = 100;
        cell(&m, 1, 0, r, TRAJECTORY_BASE, "requests_in_flight")->value = r < 2 ? 106 : 104;
        cell(&m, 1, 0, r, TRAJECTORY_BASE, "binding_share_demand")->value = 0.4;
        /* a burst where demand binds; a full closed loop */
        cell(&m, 1, 1, r, TRAJECTORY_BASE, "requests_in_flight")->value = 500;
        cell(&m, 0, 0, r, TRAJECTORY_BASE, "binding_share_demand")->value = 0.1;
    }
    trajectory_table_make(&m.table);
    assert_true(trajectory_window_overloaded(&m.table, 1, 0));
    assert_false(trajectory_window_overloaded(&m.table, 1, 1));
    assert_false(trajectory_window_overloaded(&m.table, 0, 0));
    near_to(value(&m, 1, "overload_share"), 0.25 * 2 / 3);
    near_to(value(&m, 0, "overload_share") + 1, 1);
    clear(&m);
}

/* A figure that is missing in a window is missing in the period, and has no interval. */
static void test_missing(void **state) {
    (void)state;
    struct made m;
    make(&m, 2);
    cell(&m, 1, 0, 1, TRAJECTORY_BASE, "water")->value = NAN;
    trajectory_table_make(&m.table);
    near_to(value(&m, 0, "water"), 864 * 91);
    assert_true(isnan(value(&m, 1, "water")) && isnan(value(&m, 4, "water")));
    assert_true(isinf(trajectory_cell(&m.table, 1, "water")->half));
    assert_true(isnan(value(&m, 1, "water_per_million_tokens")));
    clear(&m);
}

int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_crossovers),   cmocka_unit_test(test_constant),
        cmocka_unit_test(test_weights),      cmocka_unit_test(test_replications),
        cmocka_unit_test(test_marginal),     cmocka_unit_test(test_missing),
        cmocka_unit_test(test_places),       cmocka_unit_test(test_intervals_of_dates),
        cmocka_unit_test(test_full_windows), cmocka_unit_test(test_overload),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
