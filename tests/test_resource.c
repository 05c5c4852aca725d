/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fails when a trial scales another quantity than its resource, changes the site that it was made
 * of, forgets a closed loop's whole clients, or frees what is not its own (under the address
 * sanitizer). Numbers are worked by hand from the fixture's site. */
#include "sim/site/resource.h"

#include "sim/workload/arrival.h"
#include "tests/site_fixture.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

struct scene {
    struct site_spec site;
    struct cell_spec group;
    struct fixture_cell cell;
};

static void open_scene(struct scene *s) {
    fixture_site(&s->site, &s->group, &s->cell, 5, 8);
    s->group.workload.arrival = &arrival_poisson;
    schedule_constant(&s->group.workload.rate, 40.0);
    s->group.node_cap = 6000.0;
    s->group.rack_cap = 5500.0;
}

static void close_scene(struct scene *s) {
    schedule_clear(&s->group.workload.rate);
    fixture_site_clear(&s->site);
}

static void near(double value, double expected) {
    assert_true(fabs(value - expected) <= 1e-12 * fabs(expected));
}

/* Each trial against the site, quantity by quantity: what is its own is scaled, the rest is not. */
static void test_one_at_a_time(void **state) {
    (void)state;
    struct scene s;
    open_scene(&s);
    for (int r = 0; r < RESOURCE_COUNT; r++) {
        struct resource_trial t;
        if (!resource_scale(&s.site, (enum resource)r, 1.25, &t)) {
            assert_int_equal(r, RESOURCE_COOLING); /* there is no heat limit */
            continue;
        }
        const struct platform *a = &s.group.platform, *b = &t.group->platform;
        const double f = 1.25, extensive = r == RESOURCE_NODES ? 1 / f : 1.0;
        near(t.factor, f);
        near(t.gain, r == RESOURCE_NODES ? f : 1.0);
        near(schedule_at(&t.site.feed_limit, 3.0) / schedule_at(&s.site.feed_limit, 3.0),
             r == RESOURCE_FEED ? f : extensive);
        near(schedule_at(&t.group->workload.rate, 3.0),
             40.0 * (r == RESOURCE_DEMAND ? f : extensive));
        near(b->compute_rate / a->compute_rate, r == RESOURCE_COMPUTE ? f : 1.0);
        near(b->compute_peak / a->compute_peak, r == RESOURCE_COMPUTE ? f : 1.0);
        near(b->memory_rate / a->memory_rate, r == RESOURCE_BANDWIDTH ? f : 1.0);
        near(b->memory_peak / a->memory_peak, r == RESOURCE_BANDWIDTH ? f : 1.0);
        near(t.group->node_cap, r == RESOURCE_CAP ? 7500.0 : 6000.0);
        near(t.group->rack_cap, r == RESOURCE_CAP ? 6875.0 : 5500.0);
        near(b->power_limit / a->power_limit, r == RESOURCE_CAP ? f : 1.0);
        near(b->kv_pool_bytes + b->weight_bytes,
             (a->kv_pool_bytes + a->weight_bytes) * (r == RESOURCE_MEMORY ? f : 1.0));
        assert_true(r == RESOURCE_MEMORY ? t.group->kv_blocks > s.group.kv_blocks
                                         : t.group->kv_blocks == s.group.kv_blocks);
        resource_clear(&t);
    }
    near(schedule_at(&s.group.workload.rate, 3.0), 40.0);
    near(s.group.node_cap, 6000.0);
    close_scene(&s);
}

/* A plant whose PUE follows load: with more nodes the same share of it is loaded as much. */
static void test_plant(void **state) {
    (void)state;
    struct scene s;
    open_scene(&s);
    fixture_cooling(&s.site, COOLING_CURVE, 1.3);
    s.site.cooling.loss_share = 0.05;
    s.site.cooling.fixed = 1000.0;
    schedule_constant(&s.site.cooling.heat_limit, 200e3);
    schedule_constant(&s.site.cooling.water, 5e-10);
    struct resource_trial t;
    assert_true(resource_scale(&s.site, RESOURCE_NODES, 1.25, &t));
    for (double it = 20e3; it < 300e3; it += 35e3)
        near(cooling_pue(&t.site.cooling, it / 1.25, 290.0, 0.0),
             cooling_pue(&s.site.cooling, it, 290.0, 0.0));
    near(t.site.cooling.fixed, 800.0);
    near(t.site.cooling.loss_share, 0.05);
    near(schedule_at(&t.site.cooling.heat_limit, 0.0), 160e3);
    near(schedule_at(&t.site.cooling.water, 0.0), 5e-10);
    resource_clear(&t);
    assert_true(resource_scale(&s.site, RESOURCE_COOLING, 1.25, &t));
    near(schedule_at(&t.site.cooling.heat_limit, 0.0), 250e3);
    near(t.site.cooling.fixed, 1000.0);
    resource_clear(&t);
    near(schedule_at(&s.site.cooling.heat_limit, 0.0), 200e3);
    close_scene(&s);
}

/* 5 cells with 52 clients: 10 each, so one more is 10 %; with nodes, 10 / 9. */
static void test_clients(void **state) {
    (void)state;
    struct scene s;
    struct resource_trial t;
    open_scene(&s);
    s.group.workload.arrival = &arrival_closed;
    s.group.workload.clients = 52.0;
    assert_true(resource_scale(&s.site, RESOURCE_DEMAND, 1.01, &t));
    near(t.factor, 1.1);
    near(t.group->workload.clients, 55.0);
    resource_clear(&t);
    assert_true(resource_scale(&s.site, RESOURCE_NODES, 1.01, &t));
    near(t.factor, 10.0 / 9.0);
    near(t.group->workload.clients, 45.0);
    resource_clear(&t);
    assert_true(resource_scale(&s.site, RESOURCE_FEED, 1.01, &t));
    near(t.factor, 1.01);
    near(t.group->workload.clients, 52.0);
    resource_clear(&t);
    s.group.workload.clients = 5.0; /* one each: none can be taken away */
    assert_false(resource_scale(&s.site, RESOURCE_NODES, 1.01, &t));
    resource_clear(&t);
    close_scene(&s);
}

/* A repeated trace is replayed faster. */
static void test_trace(void **state) {
    (void)state;
    struct scene s;
    struct trace_request request[] = {{0.0, 10, 20}, {3.0, 30, 40}, {6.0, 50, 60}};
    const struct trace trace = {.request = request, .count = 3, .length = 9.0};
    struct resource_trial t;
    open_scene(&s);
    s.group.workload.arrival = &arrival_trace;
    s.group.workload.scaling = TRACE_REPEAT;
    s.group.workload.trace = &trace;
    assert_true(resource_scale(&s.site, RESOURCE_DEMAND, 1.5, &t));
    const struct trace *faster = t.group->workload.trace;
    near(faster->request[1].time, 2.0);
    near(faster->request[2].time, 4.0);
    near(faster->length, 6.0);
    assert_int_equal(faster->request[1].prompt, 30);
    resource_clear(&t);
    near(trace.request[1].time, 3.0);
    close_scene(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_at_a_time),
        cmocka_unit_test(test_plant),
        cmocka_unit_test(test_clients),
        cmocka_unit_test(test_trace),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
