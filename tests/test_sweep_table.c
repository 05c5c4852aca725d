/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fails when means and intervals over replications are not those worked out by hand, when the
 * constraint told at a point is not the one with the largest share, or when the boundary between
 * power and compute lies elsewhere than rho = rho* or equal shares do: with either direction, an
 * axis out of order or by equal factors, points without a value, or replications that differ. */
#include "analysis/sweep_table.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Student's t at 0.975 with 1 and 2 degrees of freedom, in closed form: tan(0.475 pi) and
 * 0.95 sqrt(2 / (4 * 0.975 * 0.025)). */
#define T1 12.706204736174705
#define T2 4.3026527297494637

static void near(double found, double expected) {
    if (!(fabs(found - expected) <= 1e-12 * fmax(1.0, fabs(expected))))
        fail_msg("%.17g found, %.17g expected", found, expected);
}

/* A plan over made-up outcomes, all 0 but what a test sets. */
struct made {
    struct axis axis[2];
    struct plan plan;
    size_t replications;
    struct outcome *run;
    struct sweep_table table;
};

static void make(struct made *m, enum plan_kind kind, const char *first, const char *second,
                 size_t replications) {
    struct error e;
    error_init(&e);
    *m = (struct made){.replications = replications};
    assert_true(axis_read(&m->axis[0], first, &e));
    assert_true(second == NULL || axis_read(&m->axis[1], second, &e));
    assert_true(plan_make(&m->plan, kind, m->axis, second == NULL ? 1 : 2, 0, 0, &e));
    m->run = calloc(m->plan.points * replications * outcome_count(), sizeof *m->run);
    assert_non_null(m->run);
    for (size_t i = 0; i < m->plan.points * replications * outcome_count(); i++)
        m->run[i].half = INFINITY;
}

static void clear(struct made *m) {
    sweep_table_clear(&m->table);
    plan_clear(&m->plan);
    axis_clear(&m->axis[0]);
    axis_clear(&m->axis[1]);
    free(m->run);
}

static struct outcome *run_at(struct made *m, size_t point, size_t replication, const char *name) {
    const long figure = outcome_find(name);
    assert_true(figure >= 0);
    return &m->run[(point * m->replications + replication) * outcome_count() + (size_t)figure];
}

/* ln(rho / rho*) at a point. */
static void set_rho(struct made *m, size_t point, size_t replication, double log_ratio) {
    run_at(m, point, replication, "rho")->value = 3.0 * exp(log_ratio);
    run_at(m, point, replication, "rho_star")->value = 3.0;
}

static void set_shares(struct made *m, size_t point, size_t replication, double power) {
    run_at(m, point, replication, "binding_share_feed")->value = 0.75 * power;
    run_at(m, point, replication, "binding_share_cooling")->value = 0.25 * power;
    run_at(m, point, replication, "binding_share_compute")->value = 0.5 * (1.0 - power);
    run_at(m, point, replication, "binding_share_memory")->value = 0.3 * (1.0 - power);
    run_at(m, point, replication, "binding_share_kv")->value = 0.2 * (1.0 - power);
}

static const struct boundary *boundary(struct made *m, enum boundary_kind kind, size_t column) {
    return &m->table.boundary[(size_t)kind * m->table.columns + column];
}

static void table(struct made *m) {
    sweep_table_make(&m->table, &m->plan, m->replications, m->run);
}

static void test_means(void **state) {
    (void)state;
    struct made m;
    const size_t q = (size_t)outcome_find("Q_token"), e = (size_t)outcome_find("ttft_p50");
    make(&m, PLAN_GRID, "a=//x/@a=1,2", NULL, 3);
    for (size_t r = 0; r < 3; r++) {
        run_at(&m, 0, r, "Q_token")->value = (double)r + 1.0; /* 1, 2, 3: mean 2, deviation 1 */
        run_at(&m, 1, r, "Q_token")->value = 7.0;
        run_at(&m, 1, r, "flop")->value = (double)r; /* so that the seeds did change something */
        run_at(&m, 0, r, "Q_token")->half = 0.25;    /* of the run: not used with several */
        run_at(&m, 0, r, "ttft_p50")->value = r == 1 ? NAN : 1.0;
    }
    table(&m);
    near(sweep_table_cell(&m.table, 0, q)->value, 2.0);
    near(sweep_table_cell(&m.table, 0, q)->half, T2 / sqrt(3.0));
    near(sweep_table_cell(&m.table, 1, q)->value, 7.0);
    near(sweep_table_cell(&m.table, 1, q)->half, 0.0);
    assert_true(isnan(sweep_table_cell(&m.table, 0, e)->value));
    assert_true(isinf(sweep_table_cell(&m.table, 0, e)->half));
    for (size_t r = 0; r < 3; r++)
        run_at(&m, 1, r, "flop")->value = 1.0; /* they did not: nothing is known of chance */
    sweep_table_clear(&m.table);
    table(&m);
    near(sweep_table_cell(&m.table, 1, q)->value, 7.0);
    assert_true(isinf(sweep_table_cell(&m.table, 1, q)->half));
    clear(&m);
    /* With one replication its own. */
    make(&m, PLAN_GRID, "a=//x/@a=1,2", NULL, 1);
    *run_at(&m, 0, 0, "Q_token") = (struct outcome){5.0, 0.25};
    *run_at(&m, 1, 0, "Q_token") = (struct outcome){6.0, INFINITY};
    table(&m);
    near(sweep_table_cell(&m.table, 0, q)->half, 0.25);
    assert_true(isinf(sweep_table_cell(&m.table, 1, q)->half));
    clear(&m);
}

static void test_binding(void **state) {
    (void)state;
    struct made m;
    make(&m, PLAN_ZIP, "a=//x/@a=1,2,3", NULL, 2);
    run_at(&m, 1, 0, "binding_share_node")->value = 1.0; /* mean 0.5, the largest */
    run_at(&m, 1, 0, "binding_share_kv")->value = 0.0;
    run_at(&m, 1, 1, "binding_share_kv")->value = 0.6;
    run_at(&m, 1, 1, "binding_share_demand")->value = 0.4;
    run_at(&m, 2, 0, "binding_share_kv")->value = 0.6;
    run_at(&m, 2, 1, "binding_share_kv")->value = 0.6;
    table(&m);
    assert_int_equal(sweep_table_binding(&m.table, 1), BINDING_NODE);
    assert_int_equal(sweep_table_binding(&m.table, 2), BINDING_KV);
    assert_int_equal(m.table.columns, 0); /* pairs have no boundary */
    assert_null(m.table.boundary);
    clear(&m);
}

/* Two columns: ln(rho / rho*) falls from 0.3 to -0.1 between 1.2 and 1.4 in the first, rises from
 * -0.2 to 0.6 there in the second. */
static void test_crossing(void **state) {
    (void)state;
    struct made m;
    make(&m, PLAN_GRID, "pue=//x/@pue=1.2,1.4", "c=//x/@c=8,16", 1);
    static const double ratio[4] = {0.3, -0.2, -0.1, 0.6}, power[4] = {0.1, 0.9, 0.7, 0.2};
    for (size_t p = 0; p < 4; p++) {
        set_rho(&m, p, 0, ratio[p]);
        set_shares(&m, p, 0, power[p]);
    }
    table(&m);
    assert_int_equal(m.table.columns, 2);
    const struct boundary *b = boundary(&m, BOUNDARY_RHO, 0);
    near(b->value, 1.2 + 0.2 * 0.75);
    assert_int_equal(b->direction, -1); /* power is scarce above */
    near(b->half, 0.15);                /* anywhere in the step: no side has two points */
    b = boundary(&m, BOUNDARY_RHO, 1);
    near(b->value, 1.25);
    assert_int_equal(b->direction, +1);
    /* Shares of compute less those of power: 0.8 to -0.4, and -0.8 to 0.6. They go over anywhere in
     * the step, which the interval holds: to the farther end. */
    b = boundary(&m, BOUNDARY_BINDING, 0);
    near(b->value, 1.2 + 0.2 * 2.0 / 3.0);
    near(b->half, 0.2 * 2.0 / 3.0);
    assert_int_equal(b->direction, -1);
    b = boundary(&m, BOUNDARY_BINDING, 1);
    near(b->value, 1.2 + 0.2 * 4.0 / 7.0);
    near(b->half, 0.2 * 4.0 / 7.0);
    assert_int_equal(b->direction, +1);
    clear(&m);
}

/* The axis out of order; its first two values and its last two lie on either side. */
static void test_unsorted(void **state) {
    (void)state;
    struct made m;
    make(&m, PLAN_GRID, "pue=//x/@pue=1.8,1.2,1.6,1.4", NULL, 1);
    static const double ratio[4] = {-0.4, 0.5, -0.3, 0.1};
    for (size_t p = 0; p < 4; p++)
        set_rho(&m, p, 0, ratio[p]);
    table(&m);
    const struct boundary *b = boundary(&m, BOUNDARY_RHO, 0);
    near(b->value, 1.4 + 0.2 * 0.25);
    assert_int_equal(b->direction, -1);
    /* No node is bound by anything that counts: 0 everywhere is no power. */
    assert_int_equal(boundary(&m, BOUNDARY_BINDING, 0)->direction, 0);
    assert_int_equal(boundary(&m, BOUNDARY_BINDING, 0)->side, +1);
    clear(&m);
}

/* On an axis by equal factors the middle is the geometric one. */
static void test_log_axis(void **state) {
    (void)state;
    struct made m;
    make(&m, PLAN_GRID, "c=//x/@c=100:10000:3:log", NULL, 1);
    set_rho(&m, 0, 0, 0.5);
    set_rho(&m, 1, 0, 0.2);
    set_rho(&m, 2, 0, -0.2);
    set_shares(&m, 0, 0, 0.0);
    set_shares(&m, 1, 0, 0.25);
    set_shares(&m, 2, 0, 0.75);
    table(&m);
    /* 0.5, 0.2 and carried on: two thirds of a factor of ten further; the chord says half of one.
     */
    near(boundary(&m, BOUNDARY_RHO, 0)->value, pow(10.0, 3.0 + 2.0 / 3.0));
    near(boundary(&m, BOUNDARY_RHO, 0)->half, pow(10.0, 3.0 + 2.0 / 3.0) * log(10.0) / 6.0);
    near(boundary(&m, BOUNDARY_BINDING, 0)->value, sqrt(1e7));
    near(boundary(&m, BOUNDARY_BINDING, 0)->half, 1e4 - sqrt(1e7));
    clear(&m);
}

static void test_not_crossed(void **state) {
    (void)state;
    struct made m;
    make(&m, PLAN_GRID, "pue=//x/@pue=1:2:3", "c=//x/@c=1,2,3,4", 1);
    for (size_t p = 0; p < 12; p++) {
        static const double ratio[4] = {0.2, -0.2, NAN, 0.0};
        set_rho(&m, p, 0, ratio[p % 4]);
    }
    /* The fourth: a value is missing in the middle, and what lies about it tells. */
    set_rho(&m, 3, 0, 0.2);
    set_rho(&m, 7, 0, NAN);
    set_rho(&m, 11, 0, -0.2);
    table(&m);
    static const int side[3] = {+1, -1, 0};
    for (size_t c = 0; c < 3; c++) {
        const struct boundary *b = boundary(&m, BOUNDARY_RHO, c);
        assert_true(isnan(b->value) && isinf(b->half));
        assert_int_equal(b->direction, 0);
        assert_int_equal(b->side, side[c]);
    }
    near(boundary(&m, BOUNDARY_RHO, 3)->value, 1.5);
    clear(&m);
}

/* Without power for IT at all, rho is 0: beyond any crossing, at the end where rho* is. */
static void test_no_power(void **state) {
    (void)state;
    struct made m;
    make(&m, PLAN_GRID, "pue=//x/@pue=1:2:2", "c=//x/@c=1,2", 1);
    set_rho(&m, 0, 0, -INFINITY);
    set_rho(&m, 2, 0, 0.1);
    set_rho(&m, 1, 0, 0.1);
    set_rho(&m, 3, 0, -INFINITY);
    table(&m);
    near(boundary(&m, BOUNDARY_RHO, 0)->value, 2.0);
    assert_int_equal(boundary(&m, BOUNDARY_RHO, 0)->direction, +1);
    near(boundary(&m, BOUNDARY_RHO, 1)->value, 1.0);
    assert_int_equal(boundary(&m, BOUNDARY_RHO, 1)->direction, -1);
    clear(&m);
}

/* A straight line down to 1.7 and a flatter one from there: the place is found from both sides,
 * where a chord would say 1.7167. Bent sides leave the error that their third points show. */
static void test_kink(void **state) {
    (void)state;
    struct made m;
    make(&m, PLAN_GRID, "pue=//x/@pue=1.35:2.05:8", NULL, 1);
    for (size_t p = 0; p < 8; p++) {
        const double x = 1.35 + 0.1 * (double)p;
        set_rho(&m, p, 0, x < 1.7 ? 0.6 * (1.7 - x) : 0.3 * (1.7 - x));
    }
    table(&m);
    near(boundary(&m, BOUNDARY_RHO, 0)->value, 1.7);
    assert_true(boundary(&m, BOUNDARY_RHO, 0)->half < 1e-9);
    for (size_t p = 0; p < 8; p++) {
        const double x = 1.35 + 0.1 * (double)p;
        set_rho(&m, p, 0, (x < 1.7 ? 1.0 : 0.5) * log(1.7 / x));
    }
    sweep_table_clear(&m.table);
    table(&m);
    const struct boundary *b = boundary(&m, BOUNDARY_RHO, 0);
    assert_true(fabs(b->value - 1.7) < b->half && b->half < 3e-3);
    clear(&m);
}

/* Two replications: crossings at 1.25 and 1.75 in the first column; only one crosses in the second,
 * the wrong way in the third, and one has no value in the fourth. */
static void test_replications(void **state) {
    (void)state;
    struct made m;
    make(&m, PLAN_GRID, "pue=//x/@pue=1:2:2", "c=//x/@c=1,2,3,4", 2);
    static const double ratio[2][8] = {{0.1, 0.1, 0.1, 0.1, -0.3, -0.3, -0.3, -0.3},
                                       {0.3, 0.3, -0.1, NAN, -0.1, 0.1, 0.3, NAN}};
    for (size_t r = 0; r < 2; r++)
        for (size_t p = 0; p < 8; p++) {
            set_rho(&m, p, r, ratio[r][p]);
            set_shares(&m, p, r, ratio[r][p] > 0.0 ? 0.25 : 0.75);
        }
    table(&m);
    const struct boundary *b = boundary(&m, BOUNDARY_RHO, 0);
    near(b->value, 1.5);
    near(b->half, T1 * 0.25 + 0.75); /* deviation 0.5 / sqrt 2, over sqrt 2; and the step */
    assert_int_equal(b->direction, -1);
    b = boundary(&m, BOUNDARY_BINDING, 0);
    near(b->value, 1.5); /* both in the middle: no spread, but half a step on either side */
    near(b->half, 0.5);
    for (size_t c = 1; c < 4; c++) {
        b = boundary(&m, BOUNDARY_RHO, c);
        assert_true(isnan(b->value) && isinf(b->half));
        assert_int_equal(b->direction, 0);
        assert_int_equal(b->side, 0);
    }
    clear(&m);
}

/* Axes without numbers, and one with a single value, have no boundary. */
static void test_no_boundary(void **state) {
    (void)state;
    static const char *const first[] = {"w=//x/@w=FP8,FP16", "a=//x/@a=1"};
    for (size_t i = 0; i < 2; i++) {
        struct made m;
        make(&m, PLAN_GRID, first[i], "b=//x/@b=1,2", 1);
        table(&m);
        assert_int_equal(m.table.columns, 0);
        clear(&m);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_means),        cmocka_unit_test(test_binding),
        cmocka_unit_test(test_crossing),     cmocka_unit_test(test_kink),
        cmocka_unit_test(test_unsorted),     cmocka_unit_test(test_log_axis),
        cmocka_unit_test(test_not_crossed),  cmocka_unit_test(test_no_power),
        cmocka_unit_test(test_replications), cmocka_unit_test(test_no_boundary),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
