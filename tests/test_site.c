/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fails when a run depends on the number of threads or on the length of its windows, when the
 * ledger does not sum to the feed's energy, when a figure is not what the periods add up to, when
 * overshoot is not counted to the joule, or when a limit that can be kept is not. Cells are made
 * up, so that what they do is known. */
#include "sim/site/capping.h"
#include "sim/site/column.h"
#include "sim/site/site_impl.h"
#include "tests/site_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void near_to(double a, double b, double error) {
    assert_true(fabs(a - b) <= error);
}

static double figure(const struct result *r, const char *name) {
    const struct figure *f = result_figure(r, name);
    assert_non_null(f);
    return f->value;
}

static void run(const struct site_spec *s, size_t window, struct result *out) {
    struct error e;
    error_init(&e);
    assert_true(site_run_windows(s, window, NULL, NULL, out, &e));
    assert_false(error_any(&e));
    error_clear(&e);
}

static void assert_same_bits(const double *a, const double *b, size_t count) {
    for (size_t i = 0; i < count; i++)
        assert_true(memcmp(&a[i], &b[i], sizeof a[i]) == 0 || (isnan(a[i]) && isnan(b[i])));
}

/* Bit for bit the same result. */
static void assert_same(const struct result *a, const struct result *b) {
    assert_true(a->state_hash == b->state_hash);
    assert_int_equal(a->series.rows, b->series.rows);
    assert_same_bits(a->series.time, b->series.time, a->series.rows);
    assert_same_bits(a->series.value, b->series.value, a->series.rows * a->series.columns);
    assert_int_equal(a->summaries, b->summaries);
    for (size_t i = 0; i < a->summaries; i++) {
        assert_same_bits(&a->summary[i].value, &b->summary[i].value, 1);
        assert_int_equal(a->summary[i].has_interval, b->summary[i].has_interval);
        assert_same_bits(&a->summary[i].low, &b->summary[i].low, 1);
    }
    assert_same_bits(a->binding_share, b->binding_share, BINDING_COUNT);
    assert_same_bits(a->ledger, b->ledger, RESULT_LEDGER_COUNT);
    assert_int_equal(a->crossings, b->crossings);
    for (size_t i = 0; i < a->crossings; i++)
        assert_same_bits(&a->crossing[i].time, &b->crossing[i].time, 1);
    for (size_t i = 0; i < a->cells; i++)
        assert_same_bits(&a->cell[i].it_energy, &b->cell[i].it_energy, 1);
    assert_memory_equal(a->latency, b->latency, sizeof a->latency);
}

/* A site whose feed is curtailed for a while to `low` of what its nodes draw at full power. */
static void curtail(struct site_spec *s, double high, double low, bool linear) {
    const double full = 1.3 * site_power_full(s);
    const double time[] = {0, 40, 60.5, 90},
                 value[] = {high * full, low * full, high * full, 0.9 * high * full};
    fixture_knots(&s->feed_limit, time, value, 4, linear);
}

static void check_same(struct site_spec *s) {
    struct result first, other;
    s->threads = 1;
    run(s, SITE_WINDOW, &first);
    static const size_t window[] = {1, 7, 60, 60, 13};
    static const int threads[] = {1, 1, 2, 8, 3};
    for (int i = 0; i < 5; i++) {
        s->threads = threads[i];
        run(s, window[i], &other);
        assert_same(&first, &other);
        result_clear(&other);
    }
    result_clear(&first);
}

static void test_same(void **state) {
    (void)state;
    static const char *const policy[] = {"none", "uniform", "proportional"};
    for (int p = 0; p < 3; p++)
        for (int kind = COOLING_CONSTANT; kind <= COOLING_SURFACE; kind++)
            for (int feed = 0; feed < 3; feed++) {
                struct site_spec s;
                struct cell_spec group;
                struct fixture_cell cell;
                fixture_site(&s, &group, &cell, 9, 3);
                cell.noise = 0.1;
                cell.cell_spread = 0.1;
                cell.swing = 0.45;
                cell.lag = 0.2;
                cell.turn = 50;
                cell.prompt_then = 3000;
                s.horizon = 100.7; /* the last period is shorter */
                s.sample_every = feed == 1 ? 3 : 1;
                s.capping = capping_find(policy[p]);
                if (kind != COOLING_CONSTANT)
                    fixture_cooling(&s, (enum cooling_kind)kind, 0.3);
                curtail(&s, feed == 2 ? 0.7 : 1.2, 0.5, feed == 1);
                const double time[] = {0, 90}, kelvin[] = {280, 300};
                fixture_knots(&s.temperature, time, kelvin, 2, true);
                check_same(&s);
                fixture_site_clear(&s);
            }
}

/* The parts sum to the site's energy, whatever the overhead; so do the periods and the cells. */
static void test_ledger(void **state) {
    (void)state;
    struct rng r;
    rng_init(&r, 21, 1, RNG_TEST);
    for (int trial = 0; trial < 60; trial++) {
        struct site_spec s;
        struct cell_spec group;
        struct fixture_cell cell;
        fixture_site(&s, &group, &cell, 1 + (long)rng_below(&r, 5), 1 + (long)rng_below(&r, 4));
        cell.noise = 0.3 * rng_uniform(&r);
        s.tick = 0.1 + rng_uniform(&r);
        s.seed = (uint64_t)trial;
        s.cooling.loss_share = 0.3 * rng_uniform(&r);
        s.cooling.fixed = site_power_full(&s) * 0.2 * rng_uniform(&r);
        if (trial % 3 > 0)
            fixture_cooling(&s, trial % 3 == 1 ? COOLING_CURVE : COOLING_SURFACE,
                            0.4 * rng_uniform(&r));
        struct result out;
        run(&s, SITE_WINDOW, &out);
        double parts = 0, site = 0, cells = 0;
        for (int i = 0; i < RESULT_LEDGER_COUNT; i++) {
            assert_true(out.ledger[i] >= 0);
            parts += out.ledger[i];
        }
        for (size_t i = 0; i < out.series.rows; i++)
            site += series_value(&out.series, i, COLUMN_SITE_POWER) *
                    (out.series.time[i] - (i > 0 ? out.series.time[i - 1] : 0));
        for (size_t i = 0; i < out.cells; i++)
            cells += out.cell[i].it_energy;
        const double energy = figure(&out, "site_energy");
        near_to(parts, energy, 1e-9 * energy);
        near_to(site, energy, 1e-9 * energy);
        near_to(cells, figure(&out, "it_energy"), 1e-9 * energy);
        near_to(figure(&out, "PUE"), energy / figure(&out, "it_energy"), 1e-12);
        result_clear(&out);
        fixture_site_clear(&s);
    }
}

/* Every figure of the summary stands in its place, with a unit and a definition. */
static void check_names(const struct result *out) {
    static const char *const names[] = {"horizon",
                                        "Q_token",
                                        "good_tokens",
                                        "prompt_tokens",
                                        "requests_arrived",
                                        "requests_done",
                                        "requests_simulated",
                                        "requests_rejected",
                                        "requests_in_flight",
                                        "preemptions",
                                        "iterations",
                                        "flop",
                                        "it_energy",
                                        "site_energy",
                                        "e_tok",
                                        "e_tok_site",
                                        "c_tok",
                                        "PUE",
                                        "U",
                                        "rho",
                                        "rho_peak",
                                        "rho_star",
                                        "overshoot_energy",
                                        "overshoot_time",
                                        "cost",
                                        "carbon",
                                        "K_eff",
                                        "K_peak",
                                        "site_power_mean",
                                        "site_power_peak",
                                        "feed_limit_mean",
                                        "token_rate_mean",
                                        "cost_per_million_tokens",
                                        "carbon_per_million_tokens",
                                        "nodes",
                                        "sample_weight",
                                        "U_over_one_time",
                                        "heat_overshoot_energy",
                                        "water",
                                        "water_per_million_tokens",
                                        "requests_in_flight_start",
                                        "done_tokens"};
    assert_int_equal(out->summaries, sizeof names / sizeof names[0]);
    for (size_t i = 0; i < out->summaries; i++) {
        assert_string_equal(out->summary[i].name, names[i]);
        assert_true(strlen(out->summary[i].unit) > 0 && strlen(out->summary[i].long_name) > 10);
        assert_false(out->summary[i].has_interval); /* not sampled */
    }
}

/* Constant load of half the dynamic range on 6 nodes, PUE 1.25; every figure by hand. */
static void test_figures(void **state) {
    (void)state;
    struct site_spec s;
    struct cell_spec group;
    struct fixture_cell cell;
    fixture_site(&s, &group, &cell, 3, 2);
    const double time[] = {0, 30}, price[] = {2e-8, 4e-8};
    fixture_knots(&s.price, time, price, 2, false);
    fixture_constant(&s.carbon, 1e-7);
    struct result out;
    run(&s, SITE_WINDOW, &out);
    check_names(&out);
    const double it = 6 * 0.5 * (group.node_idle + group.node_full), site = 1.25 * it;
    near_to(figure(&out, "it_energy"), 100 * it, 1e-6 * it);
    near_to(figure(&out, "site_energy"), 100 * site, 1e-6 * site);
    near_to(figure(&out, "site_power_mean"), site, 1e-8 * site);
    near_to(figure(&out, "site_power_peak"), site, 1e-8 * site);
    const double tokens = 100 * 6 * 1000;
    near_to(figure(&out, "Q_token"), tokens, 600); /* floor() in each node's period */
    near_to(figure(&out, "e_tok"), 100 * it / figure(&out, "Q_token"), 1e-9);
    near_to(figure(&out, "e_tok_site"), 1.25 * figure(&out, "e_tok"), 1e-9);
    near_to(figure(&out, "c_tok"), 1.5e11, 1);
    near_to(figure(&out, "cost"), site * (30 * 2e-8 + 70 * 4e-8), 1e-9);
    near_to(figure(&out, "carbon"), site * 100 * 1e-7, 1e-9);
    near_to(figure(&out, "cost_per_million_tokens"),
            figure(&out, "cost") / figure(&out, "Q_token") * 1e6, 1e-9);
    near_to(figure(&out, "feed_limit_mean"), 2 * site_power_full(&s), 1e-6 * site);
    near_to(figure(&out, "requests_arrived"),
            figure(&out, "requests_done") + figure(&out, "requests_in_flight"), 0);
    near_to(figure(&out, "requests_simulated"), figure(&out, "requests_arrived"), 0);
    assert_true(figure(&out, "nodes") == 6 && figure(&out, "sample_weight") == 1);
    assert_true(figure(&out, "overshoot_energy") == 0 && figure(&out, "overshoot_time") == 0);
    near_to(figure(&out, "rho"), 2 * site_power_full(&s) / 1.25 / figure(&out, "K_eff"), 1e-20);
    near_to(figure(&out, "K_peak"), 6 * 8 * 989e12, 1);
    const size_t last = out.series.rows - 1;
    near_to(figure(&out, "U"),
            figure(&out, "token_rate_mean") /
                series_value(&out.series, last, COLUMN_COMPUTE_CEILING),
            0.01);
    near_to(out.binding_share[BINDING_DEMAND], 1, 1e-12);
    assert_true(series_value(&out.series, 5, COLUMN_BINDING) == BINDING_DEMAND);
    assert_string_equal(out.series.column[COLUMN_BINDING].name, "binding");
    result_clear(&out);
    fixture_site_clear(&s);
}

/* Nothing is capped: what is above the limit is counted, to the joule. Power is 4 % above it for
 * the last 50 s; in the first 50 s it is at it, which is no overshoot, whatever rounding does. */
static void test_overshoot(void **state) {
    (void)state;
    struct site_spec s;
    struct cell_spec group;
    struct fixture_cell cell;
    fixture_site(&s, &group, &cell, 2, 2);
    double site = 0;
    struct result out;
    for (int i = 0; i < 20; i++) {
        cell.load = 0.31 + 0.017 * i;
        site = 1.25 * 4 * (group.node_idle + cell.load * (group.node_full - group.node_idle));
        const double time[] = {0, 50}, value[] = {site, site / 1.04};
        fixture_knots(&s.feed_limit, time, value, 2, false);
        run(&s, SITE_WINDOW, &out);
        near_to(figure(&out, "overshoot_energy"), 50 * site * (1 - 1 / 1.04), 1e-6 * site);
        near_to(figure(&out, "overshoot_time"), 50, 1e-9);
        result_clear(&out);
    }
    /* The heat limit is counted apart. */
    schedule_constant(&s.cooling.heat_limit, site / 1.25 - 1000);
    fixture_constant(&s.feed_limit, 2 * site);
    run(&s, SITE_WINDOW, &out);
    assert_true(figure(&out, "overshoot_energy") == 0);
    near_to(figure(&out, "heat_overshoot_energy"), 1000 * 100, 1e-3);
    result_clear(&out);
    fixture_site_clear(&s);
}

/* Both policies keep a curtailed feed: caps that act at once never go beyond, at any PUE; caps that
 * act 0.2 s late go beyond only in periods whose cap fell. The nodes are slowed by who set it. */
static void check_kept(const char *policy, bool heat, double lag, bool ramp) {
    struct site_spec s;
    struct cell_spec group;
    struct fixture_cell cell;
    fixture_site(&s, &group, &cell, 6, 4);
    cell.load = 0.85;
    cell.noise = 0.2;
    cell.lag = lag;
    s.capping = capping_find(policy);
    fixture_cooling(&s, COOLING_SURFACE, 0.3);
    curtail(&s, ramp ? 0.9 : 1.2, 0.6, ramp);
    if (heat) {
        fixture_constant(&s.feed_limit, 3 * site_power_full(&s));
        schedule_constant(&s.cooling.heat_limit, 0.7 * site_power_full(&s));
    }
    struct result out;
    run(&s, SITE_WINDOW, &out);
    const enum binding setter = heat ? BINDING_COOLING : BINDING_FEED;
    assert_true(out.binding_share[setter] > 0.1);
    near_to(out.binding_share[setter] + out.binding_share[BINDING_DEMAND], 1, 1e-12);
    const double over = figure(&out, heat ? "heat_overshoot_energy" : "overshoot_energy");
    if (lag == 0) {
        assert_true(over == 0);
    } else {
        /* Each node's fall of power, for 0.2 s in each of 100 periods, at most. */
        assert_true(over <= 0.2 * 100 * 1.4 * site_power_full(&s));
        assert_true(over <= figure(&out, "site_energy") * 0.02);
    }
    result_clear(&out);
    fixture_site_clear(&s);
}

static void test_kept(void **state) {
    (void)state;
    for (int heat = 0; heat < 2; heat++)
        for (int late = 0; late < 4; late++) {
            check_kept("uniform", heat, 0.2 * (late % 2), late > 1);
            check_kept("proportional", heat, 0.2 * (late % 2), late > 1);
        }
}

/* By demand, busy nodes are served first: with the load on half of the cells, `proportional` makes
 * more tokens of the same feed than `uniform`. */
static void test_proportional_serves(void **state) {
    (void)state;
    double tokens[2];
    for (int p = 0; p < 2; p++) {
        struct site_spec s;
        struct cell_spec group[2];
        struct fixture_cell cell[2];
        fixture_site(&s, &group[0], &cell[0], 4, 2);
        fixture_site_clear(&s);
        fixture_site(&s, &group[1], &cell[1], 4, 2);
        cell[0].load = 1.0;
        cell[1].load = 0.05;
        group[0].engine = &cell[0].engine;
        s.group = group;
        s.groups = 2;
        s.capping = capping_find(p == 0 ? "uniform" : "proportional");
        fixture_constant(&s.feed_limit, 1.25 * 0.7 * site_power_full(&s));
        struct result out;
        run(&s, SITE_WINDOW, &out);
        tokens[p] = figure(&out, "Q_token");
        assert_true(figure(&out, "overshoot_energy") == 0);
        result_clear(&out);
        fixture_site_clear(&s);
    }
    assert_true(tokens[1] > 1.15 * tokens[0]);
}

/* A feed that falls in a straight line through what the nodes draw at the operating point: rho
 * crosses rho* downwards there, once, to within the period; under the peak convention, whose K is
 * larger, nowhere, since rho is below all the time. */
static void test_crossing(void **state) {
    (void)state;
    struct site_spec s;
    struct cell_spec group;
    struct fixture_cell cell;
    fixture_site(&s, &group, &cell, 2, 2);
    struct ceiling c;
    ceiling_init(&c, &group, 4);
    const double time[] = {0, 100}, value[] = {1.25 * 1.1 * c.power, 1.25 * 0.9 * c.power};
    fixture_knots(&s.feed_limit, time, value, 2, true);
    struct result out;
    run(&s, SITE_WINDOW, &out);
    assert_int_equal(out.crossings, 1);
    assert_int_equal(out.crossing[0].convention, RESULT_REALIZED);
    assert_int_equal(out.crossing[0].direction, -1);
    near_to(out.crossing[0].time, 50, 1);
    for (size_t i = 0; i < out.series.rows; i++) {
        const bool power = series_value(&out.series, i, COLUMN_RHO) <
                           series_value(&out.series, i, COLUMN_RHO_STAR);
        assert_true(power == (series_value(&out.series, i, COLUMN_POWER_CEILING) <
                              series_value(&out.series, i, COLUMN_COMPUTE_CEILING)));
    }
    result_clear(&out);
    fixture_site_clear(&s);
}

/* Prompts that become three times as long are seen: c_tok of the operating point follows. */
static void test_lengths_followed(void **state) {
    (void)state;
    struct site_spec s;
    struct cell_spec group;
    struct fixture_cell cell;
    fixture_site(&s, &group, &cell, 2, 2);
    s.horizon = 3600;
    s.tick = 10;
    cell.turn = 600;
    cell.prompt_then = 3000;
    struct result out;
    run(&s, SITE_WINDOW, &out);
    const struct series *t = &out.series;
    const double before =
        series_value(t, 30, COLUMN_K_EFF) / series_value(t, 30, COLUMN_COMPUTE_CEILING);
    const double after =
        series_value(t, 359, COLUMN_K_EFF) / series_value(t, 359, COLUMN_COMPUTE_CEILING);
    assert_true(after > 1.6 * before && after < 3 * before);
    result_clear(&out);
    fixture_site_clear(&s);
}

static bool stop_at_ten(void *user, double simulated, double requests) {
    double *seen = user;
    assert_true(simulated > seen[0] && requests >= seen[1]);
    seen[0] = simulated;
    seen[1] = requests;
    return simulated < 10;
}

static void test_progress(void **state) {
    (void)state;
    struct site_spec s;
    struct cell_spec group;
    struct fixture_cell cell;
    fixture_site(&s, &group, &cell, 1, 1);
    struct result out;
    struct error e;
    error_init(&e);
    double seen[2] = {0, 0};
    assert_false(site_run_windows(&s, 4, stop_at_ten, seen, &out, &e));
    assert_true(seen[0] == 12);
    assert_int_equal(e.count, 1);
    assert_non_null(strstr(e.entry[0].text, "12 s of 100 s"));
    error_clear(&e);
    fixture_site_clear(&s);
}

/* Periods end where they should: whole ones, a short last one, none that is only rounding. */
static void test_ticks(void **state) {
    (void)state;
    static const struct {
        double horizon, tick;
        size_t rows;
    } of[] = {{10, 1, 10}, {10.5, 1, 11}, {0.3, 0.1, 3}, {0.5, 1, 1}, {86.4, 0.1, 864}};
    for (size_t i = 0; i < sizeof of / sizeof of[0]; i++) {
        struct site_spec s;
        struct cell_spec group;
        struct fixture_cell cell;
        fixture_site(&s, &group, &cell, 1, 1);
        s.horizon = of[i].horizon;
        s.tick = of[i].tick;
        struct result out;
        run(&s, SITE_WINDOW, &out);
        assert_int_equal(out.series.rows, of[i].rows);
        assert_true(out.series.time[of[i].rows - 1] == of[i].horizon);
        result_clear(&out);
        fixture_site_clear(&s);
    }
}

int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same),     cmocka_unit_test(test_ledger),
        cmocka_unit_test(test_figures),  cmocka_unit_test(test_overshoot),
        cmocka_unit_test(test_kept),     cmocka_unit_test(test_proportional_serves),
        cmocka_unit_test(test_crossing), cmocka_unit_test(test_lengths_followed),
        cmocka_unit_test(test_progress), cmocka_unit_test(test_ticks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
