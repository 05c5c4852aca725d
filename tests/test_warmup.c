/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fails when a run after a warm-up is not the later part of the run without one, to the bit; when
 * anything of the warm-up is counted, or what it leaves in flight is not; when a crossover at the
 * seam is lost; or when the result depends on windows or threads. Cells are made up. */
#include "sim/site/capping.h"
#include "sim/site/column.h"
#include "sim/site/site_impl.h"
#include "tests/site_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { TICKS = 100, WARMUP = 37 };

static double figure(const struct result *r, const char *name) {
    const struct figure *f = result_figure(r, name);
    assert_non_null(f);
    return f->value;
}

static void near_to(double a, double b) {
    assert_true(fabs(a - b) <= 1e-11 * fabs(b));
}

/* A site that is curtailed at times, so that caps, and all else, have a past. */
static void make_site(struct site_spec *s, struct cell_spec *group, struct fixture_cell *cell) {
    fixture_site(s, group, cell, 9, 3);
    cell->noise = 0.1;
    cell->cell_spread = 0.1;
    cell->swing = 0.45;
    cell->lag = 0.2;
    cell->turn = 30;
    cell->prompt_then = 3000;
    s->capping = capping_find("proportional");
    const double full = 1.25 * site_power_full(s), time[] = {0, 20, 60, 90},
                 value[] = {full, 0.6 * full, 1.2 * full, 0.7 * full};
    fixture_knots(&s->feed_limit, time, value, 4, true);
    fixture_constant(&s->price, 2e-8);
}

static void run(struct site_spec *s, double warmup, size_t window, struct result *out) {
    struct error e;
    error_init(&e);
    s->warmup = warmup;
    s->horizon = TICKS - warmup;
    assert_true(site_run_windows(s, window, NULL, NULL, out, &e));
    error_clear(&e);
}

static void test_tail(void **state) {
    (void)state;
    struct site_spec s;
    struct cell_spec group;
    struct fixture_cell cell;
    make_site(&s, &group, &cell);
    struct result whole, tail;
    run(&s, 0, SITE_WINDOW, &whole);
    run(&s, WARMUP, SITE_WINDOW, &tail);
    const size_t columns = whole.series.columns;
    assert_int_equal(tail.series.rows, TICKS - WARMUP);
    for (size_t i = 0; i < tail.series.rows; i++) {
        assert_true(tail.series.time[i] == (double)(i + 1));
        for (size_t k = 0; k < columns; k++) {
            const double a = series_value(&tail.series, i, k);
            const double b = series_value(&whole.series, i + WARMUP, k);
            assert_true(memcmp(&a, &b, sizeof a) == 0 || (isnan(a) && isnan(b)));
        }
    }

    /* Totals are those of its own periods, and of nothing before. */
    double tokens = 0, site = 0, arrived = 0, cost = 0, nodes = 0;
    for (size_t i = 0; i < tail.series.rows; i++) {
        tokens += series_value(&tail.series, i, COLUMN_TOKEN_RATE);
        arrived += series_value(&tail.series, i, COLUMN_ARRIVAL_RATE);
        site += series_value(&tail.series, i, COLUMN_SITE_POWER);
    }
    cost = site * 2e-8;
    assert_true(figure(&tail, "horizon") == TICKS - WARMUP);
    assert_true(figure(&tail, "Q_token") == tokens);
    assert_true(figure(&tail, "requests_arrived") == arrived);
    near_to(figure(&tail, "site_energy"), site);
    near_to(figure(&tail, "cost"), cost);
    near_to(figure(&tail, "site_power_mean"), site / (TICKS - WARMUP));
    for (size_t i = 0; i < tail.nodes; i++)
        nodes += tail.node[i].total.tokens;
    assert_true(nodes == tokens);
    assert_int_equal(tail.latency[0].count, 9 * (TICKS - WARMUP));
    result_clear(&whole);
    result_clear(&tail);
    fixture_site_clear(&s);
}

/* Requests are kept, what the warm-up left among them. */
static void test_in_flight(void **state) {
    (void)state;
    struct site_spec s;
    struct cell_spec group;
    struct fixture_cell cell;
    make_site(&s, &group, &cell);
    struct result whole, tail, first;
    run(&s, 0, SITE_WINDOW, &whole);
    run(&s, WARMUP, SITE_WINDOW, &tail);
    s.warmup = 0;
    s.horizon = WARMUP;
    struct error e;
    error_init(&e);
    assert_true(site_run(&s, NULL, NULL, &first, &e));
    error_clear(&e);
    const double start = figure(&tail, "requests_in_flight_start");
    assert_true(start > 0 && start == figure(&first, "requests_in_flight"));
    assert_true(figure(&whole, "requests_in_flight_start") == 0);
    assert_true(figure(&tail, "requests_arrived") + start ==
                figure(&tail, "requests_done") + figure(&tail, "requests_rejected") +
                    figure(&tail, "requests_in_flight"));
    result_clear(&first);
    result_clear(&whole);
    result_clear(&tail);
    fixture_site_clear(&s);
}

/* Crossovers of the warm-up are not told; one in the first period after it is. */
static void test_crossings(void **state) {
    (void)state;
    struct site_spec s;
    struct cell_spec group;
    struct fixture_cell cell;
    make_site(&s, &group, &cell);
    struct result whole;
    run(&s, 0, SITE_WINDOW, &whole);
    assert_true(whole.crossings >= 3);
    for (size_t k = 0; k < whole.crossings; k++) {
        struct result tail;
        const double seam = floor(whole.crossing[k].time);
        run(&s, seam, SITE_WINDOW, &tail);
        size_t before = 0;
        while (whole.crossing[before].time < seam)
            before++;
        assert_int_equal(tail.crossings, whole.crossings - before);
        for (size_t i = 0; i < tail.crossings; i++) {
            near_to(tail.crossing[i].time + seam, whole.crossing[before + i].time);
            assert_int_equal(tail.crossing[i].direction, whole.crossing[before + i].direction);
        }
        result_clear(&tail);
    }
    result_clear(&whole);
    fixture_site_clear(&s);
}

/* The same for any window and any number of threads; the warm-up's end falls inside windows. */
static void test_windows(void **state) {
    (void)state;
    static const size_t window[] = {1, 7, 50, 60};
    struct site_spec s;
    struct cell_spec group;
    struct fixture_cell cell;
    make_site(&s, &group, &cell);
    for (int lifted = 0; lifted < 2; lifted++) {
        struct result first;
        if (lifted)
            fixture_constant(&s.feed_limit, 10 * site_power_full(&s));
        s.threads = 1;
        run(&s, WARMUP, SITE_WINDOW, &first);
        for (int i = 0; i < 4; i++) {
            struct result other;
            s.threads = 1 + i;
            run(&s, WARMUP, window[i], &other);
            assert_true(first.state_hash == other.state_hash);
            for (size_t k = 0; k < first.summaries; k++)
                assert_true(
                    memcmp(&first.summary[k].value, &other.summary[k].value, sizeof(double)) == 0);
            assert_memory_equal(first.latency, other.latency, sizeof first.latency);
            result_clear(&other);
        }
        result_clear(&first);
    }
    fixture_site_clear(&s);
}

int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tail),
        cmocka_unit_test(test_in_flight),
        cmocka_unit_test(test_crossings),
        cmocka_unit_test(test_windows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
