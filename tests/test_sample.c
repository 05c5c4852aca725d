/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fails when a sampled run does not simulate the very cells of the full run, when its totals do not
 * scale, or when its 95 % intervals do not cover the full run's figures as often as they say. Cells
 * are made up (tests/site_fixture.h); 300 seeds: the share covered has a standard error of 1.3 %.
 */
#include "sim/measure/interval.h"
#include "sim/site/site_impl.h"
#include "tests/site_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { SEEDS = 300 };

static const char *const figures[] = {"Q_token",     "good_tokens",   "it_energy",
                                      "site_energy", "e_tok",         "e_tok_site",
                                      "flop",        "requests_done", "token_rate_mean"};
enum { FIGURES = sizeof figures / sizeof figures[0] };

static void run(const struct site_spec *s, struct result *out) {
    struct error e;
    error_init(&e);
    assert_true(site_run(s, NULL, NULL, out, &e));
    error_clear(&e);
}

/* One group, or two unlike ones. */
struct scene {
    struct site_spec site;
    struct cell_spec group[2];
    struct fixture_cell cell[2];
};

static void open_scene(struct scene *s, size_t groups, long cells, long nodes) {
    for (size_t i = 0; i < groups; i++) {
        if (i > 0)
            fixture_site_clear(&s->site);
        fixture_site(&s->site, &s->group[i], &s->cell[i], cells, nodes);
        s->cell[i].cell_spread = 0.15;
        s->cell[i].noise = 0.05;
        s->cell[i].load = i == 0 ? 0.6 : 0.3;
        s->cell[i].node_tokens = i == 0 ? 2000 : 5000;
    }
    s->site.group = s->group;
    s->site.groups = groups;
    s->site.horizon = 40;
}

/* How often the interval of each figure covers the full run's value. */
static void coverage(struct scene *s, long every, double *covered) {
    for (int i = 0; i < FIGURES; i++)
        covered[i] = 0;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct result full, sampled;
        s->site.seed = seed;
        s->site.sample_every = 1;
        run(&s->site, &full);
        s->site.sample_every = every;
        run(&s->site, &sampled);
        for (int i = 0; i < FIGURES; i++) {
            const struct figure *f = result_figure(&sampled, figures[i]);
            const double truth = result_figure(&full, figures[i])->value;
            assert_true(f->has_interval && f->low <= f->value && f->value <= f->high);
            covered[i] += (f->low <= truth && truth <= f->high) / (double)SEEDS;
        }
        result_clear(&full);
        result_clear(&sampled);
    }
}

/* Every 4th of 48 cells: 12 batches, a quarter of what is asked for. */
static void test_cells(void **state) {
    (void)state;
    struct scene s;
    double covered[FIGURES];
    open_scene(&s, 1, 48, 2);
    coverage(&s, 4, covered);
    for (int i = 0; i < FIGURES; i++)
        assert_true(covered[i] > 0.91 && covered[i] < 0.99);
    fixture_site_clear(&s.site);
}

static void test_groups(void **state) {
    (void)state;
    struct scene s;
    double covered[FIGURES];
    open_scene(&s, 2, 40, 1);
    coverage(&s, 4, covered);
    for (int i = 0; i < FIGURES; i++)
        assert_true(covered[i] > 0.91 && covered[i] < 0.995);
    fixture_site_clear(&s.site);
}

/* 10 cells, every 16th node: each cell has 2 of its 32 nodes. What a cell's nodes have in common is
 * the same in the full run, so that the interval covers it, more often than it says. */
static void test_nodes(void **state) {
    (void)state;
    struct scene s;
    double covered[FIGURES];
    open_scene(&s, 1, 10, 32);
    struct site_sample sample;
    s.site.sample_every = 16;
    site_sample(&s.site, 0, &sample);
    assert_true(sample.cells == 10 && sample.nodes == 2 && sample.stride == 1);
    assert_true(sample.weight == 16);
    /* Cells smaller than that: a node of every few of them, and no more nodes than asked for. */
    s.site.sample_every = 100;
    site_sample(&s.site, 0, &sample);
    assert_true(sample.cells == 4 && sample.nodes == 1 && sample.stride == 3);
    assert_true(sample.weight == 80);
    s.site.sample_every = 10 * 32;
    site_sample(&s.site, 0, &sample);
    assert_true(sample.cells == 1 && sample.nodes == 1 && sample.weight == 320);
    s.site.sample_every = 16;
    coverage(&s, 16, covered);
    for (int i = 0; i < FIGURES; i++)
        assert_true(covered[i] > 0.93);
    /* Worked from the cells: the full run is another draw, with 1/16 of the sample's variance. */
    struct result out;
    double tokens[10];
    run(&s.site, &out);
    for (int i = 0; i < 10; i++)
        tokens[i] = 16 * out.cell[i].tokens;
    const double half = 10 * interval_mean(tokens, 10, 0.95).half * sqrt(1 + 1. / 16);
    const struct figure *f = result_figure(&out, "Q_token");
    assert_true(fabs(f->high - f->value - half) < 1e-9 * half);
    result_clear(&out);
    fixture_site_clear(&s.site);
}

/* Too few cells: batches in time. Under a profile they are conservative. */
static void test_times(void **state) {
    (void)state;
    struct scene s;
    double covered[FIGURES];
    open_scene(&s, 1, 8, 8);
    s.cell[0].cell_spread = 0;
    s.cell[0].swing = 0.3;
    s.cell[0].period = 20;
    coverage(&s, 2, covered);
    for (int i = 0; i < FIGURES; i++)
        assert_true(covered[i] > 0.95);
    struct result out;
    run(&s.site, &out);
    assert_true(out.batch_intervals == 20);
    assert_false(result_figure(&out, "requests_in_flight")->has_interval);
    result_clear(&out);
    s.site.horizon = 10; /* too short even for that */
    run(&s.site, &out);
    assert_true(out.batch_intervals == 0 && !result_figure(&out, "Q_token")->has_interval);
    result_clear(&out);
    fixture_site_clear(&s.site);
}

/* The cells of a sampled run are those of the full run; totals are theirs times the weight. */
static void test_same_cells(void **state) {
    (void)state;
    struct scene s;
    open_scene(&s, 2, 30, 2);
    struct result full, sampled;
    run(&s.site, &full);
    s.site.sample_every = 7;
    run(&s.site, &sampled);
    assert_int_equal(sampled.cells, 10); /* 0, 7, 14, 21, 28 of each group */
    double tokens = 0, sketched = 0;
    for (size_t i = 0; i < sampled.cells; i++) {
        const struct result_cell *c = &sampled.cell[i];
        const struct result_cell *same = &full.cell[(i / 5) * 30 + (size_t)c->index];
        assert_int_equal(c->index, 7 * (long)(i % 5));
        assert_true(c->tokens == same->tokens && c->it_energy == same->it_energy);
        assert_true(c->weight == 6 && c->nodes == 2);
        tokens += 6 * c->tokens;
        sketched += 40;
    }
    assert_true(result_figure(&sampled, "Q_token")->value == tokens);
    assert_true((double)sampled.latency[CELL_TTFT].count == sketched);
    assert_true(result_figure(&sampled, "sample_weight")->value == 6);
    assert_true(result_figure(&sampled, "nodes")->value == 120);
    assert_int_equal(sampled.nodes, 20);
    result_clear(&full);
    result_clear(&sampled);
    fixture_site_clear(&s.site);
}

/* A group that is wholly simulated adds nothing to the interval. */
static void test_whole_group(void **state) {
    (void)state;
    struct scene s;
    open_scene(&s, 2, 40, 1);
    s.group[1].cells = 1; /* of one node: nothing to leave out at k = 4 */
    s.site.sample_every = 4;
    struct result both, one;
    run(&s.site, &both);
    s.site.groups = 1;
    run(&s.site, &one);
    const struct figure *a = result_figure(&both, "Q_token"), *b = result_figure(&one, "Q_token");
    assert_true(a->has_interval && both.batch_intervals == 10);
    assert_true(fabs((a->high - a->low) - (b->high - b->low)) < 1e-6);
    assert_true(a->value > b->value);
    result_clear(&both);
    result_clear(&one);
    fixture_site_clear(&s.site);
}

int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cells),      cmocka_unit_test(test_groups),
        cmocka_unit_test(test_nodes),      cmocka_unit_test(test_times),
        cmocka_unit_test(test_same_cells), cmocka_unit_test(test_whole_group),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
