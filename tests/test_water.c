/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fails when a site's water is not IT energy times the stated water per IT energy, period by
 * period, when its interval is not that of IT energy, or when a site that states no water gets a
 * figure. */
#include "sim/site/column.h"
#include "tests/site_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <math.h>

struct made {
    struct site_spec site;
    struct cell_spec group;
    struct fixture_cell cell;
    struct result result;
};

/* A site whose load changes from period to period, the last of which is shorter. */
static void make(struct made *m, long sample_every) {
    fixture_site(&m->site, &m->group, &m->cell, 9, 3);
    m->site.horizon = 100.7;
    m->site.sample_every = sample_every;
    m->cell.noise = 0.1;
    m->cell.swing = 0.3;
}

static void run(struct made *m) {
    struct error e;
    error_init(&e);
    assert_true(site_run(&m->site, NULL, NULL, &m->result, &e));
    error_clear(&e);
}

static void clear(struct made *m) {
    result_clear(&m->result);
    fixture_site_clear(&m->site);
}

static const struct figure *figure(const struct made *m, const char *name) {
    const struct figure *f = result_figure(&m->result, name);
    assert_non_null(f);
    return f;
}

static void near_to(double a, double b) {
    assert_true(b > 0 && fabs(a - b) <= 1e-12 * b);
}

static void test_constant(void **state) {
    (void)state;
    struct made m;
    make(&m, 1);
    fixture_constant(&m.site.cooling.water, 5e-10); /* 1.8 L/kWh */
    run(&m);
    const double water = 5e-10 * figure(&m, "it_energy")->value;
    near_to(figure(&m, "water")->value, water);
    near_to(figure(&m, "water_per_million_tokens")->value,
            water / figure(&m, "Q_token")->value * 1e6);
    clear(&m);
}

/* A step inside the period from 40 to 41 s counts there for the half that it holds. */
static void test_step(void **state) {
    (void)state;
    const double time[] = {0, 40.5}, usage[] = {5e-10, 1e-9};
    struct made m;
    make(&m, 1);
    fixture_knots(&m.site.cooling.water, time, usage, 2, false);
    run(&m);
    const struct series *t = &m.result.series;
    double water = 0, from = 0;
    for (size_t i = 0; i < t->rows; from = t->time[i++]) {
        const double mean = from < 40 ? 5e-10 : from < 41 ? 7.5e-10 : 1e-9;
        water += mean * series_value(t, i, COLUMN_IT_POWER) * (t->time[i] - from);
    }
    near_to(figure(&m, "water")->value, water);
    clear(&m);
}

static void test_interval(void **state) {
    (void)state;
    struct made m;
    make(&m, 3);
    fixture_constant(&m.site.cooling.water, 5e-10);
    run(&m);
    const struct figure *water = figure(&m, "water"), *energy = figure(&m, "it_energy");
    assert_true(water->has_interval && water->high > water->low);
    near_to(water->low, 5e-10 * energy->low);
    near_to(water->high, 5e-10 * energy->high);
    const struct figure *each = figure(&m, "water_per_million_tokens"),
                        *e_tok = figure(&m, "e_tok");
    assert_true(each->has_interval && each->high > each->low);
    near_to(each->low, 5e-4 * e_tok->low);
    near_to(each->high, 5e-4 * e_tok->high);
    clear(&m);
}

/* Not stated is no value; stated as none is 0. */
static void test_not_stated(void **state) {
    (void)state;
    struct made m;
    make(&m, 3);
    run(&m);
    assert_true(isnan(figure(&m, "water")->value) && !figure(&m, "water")->has_interval);
    assert_true(isnan(figure(&m, "water_per_million_tokens")->value));
    assert_false(figure(&m, "water_per_million_tokens")->has_interval);
    result_clear(&m.result);
    fixture_constant(&m.site.cooling.water, 0);
    run(&m);
    assert_true(figure(&m, "water")->value == 0);
    assert_true(figure(&m, "water_per_million_tokens")->value == 0);
    clear(&m);
}

int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_constant),
        cmocka_unit_test(test_step),
        cmocka_unit_test(test_interval),
        cmocka_unit_test(test_not_stated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
