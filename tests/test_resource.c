/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fails when a trial scales another quantity than its resource, changes the site that it was made
 * of, is of a feed under what idle nodes draw, forgets a closed loop's whole clients, takes a
 * resource for idle that is not, or frees what
 * is not its own (under the address sanitizer). Numbers are worked by hand from the fixture's site.
 */
#include "sim/site/resource.h"

#include "sim/site/capping.h"
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
        const bool faster = r == RESOURCE_COMPUTE || r == RESOURCE_CLOCK;
        near(t.factor, r == RESOURCE_PUE ? 1 / f : f);
        near(t.gain, r == RESOURCE_NODES ? f : 1.0);
        near(schedule_at(&t.site.feed_limit, 3.0) / schedule_at(&s.site.feed_limit, 3.0),
             r == RESOURCE_FEED ? f : extensive);
        near(schedule_at(&t.group->workload.rate, 3.0),
             40.0 * (r == RESOURCE_DEMAND ? f : extensive));
        near(cooling_pue(&t.site.cooling, 1e5, 290.0, 3.0), r == RESOURCE_PUE ? 1.0 : 1.25);
        near(b->compute_rate / a->compute_rate, faster ? f : 1.0);
        near(b->compute_peak / a->compute_peak, faster ? f : 1.0);
        near(b->phi_min / a->phi_min, r == RESOURCE_CLOCK ? 1 / f : 1.0);
        near(b->memory_rate / a->memory_rate, r == RESOURCE_BANDWIDTH ? f : 1.0);
        near(b->memory_peak / a->memory_peak, r == RESOURCE_BANDWIDTH ? f : 1.0);
        near(t.group->node_cap, r == RESOURCE_CAP ? 7500.0 : 6000.0);
        near(t.group->rack_cap, r == RESOURCE_CAP ? 6875.0 : 5500.0);
        const double board =
            a->power_static + (a->power_limit - a->power_static) * pow(f, a->power_gamma);
        near(b->power_limit, r == RESOURCE_CAP     ? f * a->power_limit
                             : r == RESOURCE_CLOCK ? board
                                                   : a->power_limit);
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

/* Every PUE of a plant is made lower, whatever the load and the weather; but none lower than 1. */
static void test_pue(void **state) {
    (void)state;
    struct scene s;
    open_scene(&s);
    fixture_cooling(&s.site, COOLING_SURFACE, 0.3);
    schedule_constant(&s.site.cooling.heat_limit, 200e3);
    const double least = cooling_pue(&s.site.cooling, 1e9, 270.0, 0.0);
    assert_true(least > 1.2 && least < 1.25);
    const double asked[] = {1.2, 1.25}, got[] = {1 / 1.2, 1.25};
    for (int i = 0; i < 2; i++) {
        struct resource_trial t;
        assert_true(resource_scale(&s.site, RESOURCE_PUE, asked[i], &t));
        near(t.factor, got[i]);
        near(t.gain, 1.0);
        for (double it = 10e3; it < 400e3; it += 35e3)
            for (double kelvin = 270.0; kelvin < 315.0; kelvin += 8.0)
                near(cooling_pue(&t.site.cooling, it, kelvin, 0.0),
                     got[i] * cooling_pue(&s.site.cooling, it, kelvin, 0.0));
        near(schedule_at(&t.site.cooling.heat_limit, 0.0), 200e3);
        near(t.site.cooling.fixed, 1000.0);
        near(t.site.cooling.loss_share, 0.05);
        resource_clear(&t);
    }
    close_scene(&s);
}

/* With a constant PUE a lower one leaves as much IT power as a larger feed. */
static void test_pue_feed(void **state) {
    (void)state;
    struct scene s;
    struct resource_trial pue, feed;
    open_scene(&s);
    fixture_constant(&s.site.cooling.pue, 1.01); /* may just become 1 */
    assert_true(resource_scale(&s.site, RESOURCE_PUE, 1.01, &pue));
    assert_true(resource_scale(&s.site, RESOURCE_FEED, 1.01, &feed));
    near(cooling_it_available(&pue.site.cooling, schedule_at(&s.site.feed_limit, 0.0), 290.0, 0.0,
                              NULL),
         cooling_it_available(&s.site.cooling, schedule_at(&feed.site.feed_limit, 0.0), 290.0, 0.0,
                              NULL));
    resource_clear(&pue);
    resource_clear(&feed);
    close_scene(&s);
}

/* A higher clock changes nothing at any frequency that there was before: neither the time of an
 * iteration nor its power, nor what a cap makes of it; it adds frequencies above. */
static void test_clock(void **state) {
    (void)state;
    struct scene s;
    struct resource_trial t;
    open_scene(&s);
    const double f = 1.1;
    assert_true(resource_scale(&s.site, RESOURCE_CLOCK, f, &t));
    const struct platform *a = &s.group.platform, *b = &t.group->platform;
    const struct batch batch = {.decoding = 60,
                                .context = 60 * 700.0,
                                .chunk = 300,
                                .chunk_pairs = 300 * 400.0,
                                .emitted = 60,
                                .sequences = 61};
    struct iteration before, after;
    struct power_state x, y;
    iteration_describe(a, &batch, &before);
    iteration_describe(b, &batch, &after);
    for (double phi = a->phi_min; phi <= 1.0; phi += 0.07) {
        power_at(a, &before, phi, &x);
        power_at(b, &after, phi / f, &y);
        assert_true(fabs(iteration_time(&after, 0.0, phi / f) / iteration_time(&before, 0.0, phi) -
                         1.0) < 1e-12);
        assert_true(fabs(y.gpu_compute / x.gpu_compute - 1.0) < 1e-12);
        assert_true(fabs(y.gpu_memory / x.gpu_memory - 1.0) < 1e-12);
    }
    power_free(a, &before, &x);
    const double cap = a->power_static + 0.6 * (power_gpus(&x) - a->power_static);
    power_capped(a, &before, cap, &x);
    power_capped(b, &after, cap, &y);
    assert_true(x.phi < 0.95 && fabs(y.phi * f / x.phi - 1.0) < 1e-10);
    power_free(b, &after, &y);
    assert_true(iteration_time(&after, 0.0, 1.0) < 0.99 * iteration_time(&before, 0.0, 1.0));
    assert_true(t.k_eff > 1.01 && t.k_eff < f); /* reads and overheads do not follow */
    resource_clear(&t);
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
    s.group.workload.clients = 750.0; /* 150 each: 151.5 would be told wrongly as 1 % */
    assert_true(resource_scale(&s.site, RESOURCE_DEMAND, 1.01, &t));
    near(t.factor, 152.0 / 150.0);
    near(t.group->workload.clients, 760.0);
    resource_clear(&t);
    assert_true(resource_scale(&s.site, RESOURCE_NODES, 1.01, &t));
    near(t.factor, 150.0 / 148.0);
    near(t.group->workload.clients, 740.0);
    resource_clear(&t);
    s.group.workload.clients = 5.0; /* one each: none can be taken away */
    assert_false(resource_scale(&s.site, RESOURCE_NODES, 1.01, &t));
    resource_clear(&t);
    close_scene(&s);
}

/* Less of demand and feed, for searches. */
static void test_less(void **state) {
    (void)state;
    struct scene s;
    struct resource_trial t;
    open_scene(&s);
    const double limit = schedule_at(&s.site.feed_limit, 3.0);
    assert_true(resource_scale(&s.site, RESOURCE_DEMAND, 0.25, &t));
    near(t.factor, 0.25);
    near(schedule_at(&t.group->workload.rate, 3.0), 10.0);
    near(schedule_at(&t.site.feed_limit, 3.0), limit);
    resource_clear(&t);
    assert_true(resource_scale(&s.site, RESOURCE_FEED, 0.25, &t));
    near(schedule_at(&t.site.feed_limit, 3.0), 0.25 * limit);
    resource_clear(&t);
    /* A feed that idle nodes alone exceed is none that a site can have; more nodes are less feed
     * for each. */
    const double need = site_power_idle(&s.site) * 1.25;
    const double least = need / limit;
    assert_false(resource_scale(&s.site, RESOURCE_FEED, 0.999 * least, &t));
    resource_clear(&t);
    assert_true(resource_scale(&s.site, RESOURCE_FEED, 1.001 * least, &t));
    resource_clear(&t);
    fixture_constant(&s.site.feed_limit, 1.005 * need);
    assert_false(resource_scale(&s.site, RESOURCE_NODES, 1.01, &t));
    assert_true(resource_scale(&s.site, RESOURCE_FEED, 1.01, &t));
    resource_clear(&t);
    fixture_constant(&s.site.feed_limit, limit);
    s.group.workload.arrival = &arrival_closed;
    s.group.workload.clients = 50.0; /* 10 in each of 5 cells */
    const struct {
        double asked, got, clients;
    } loop[] = {{0.99, 0.9, 45.0}, {0.7, 0.7, 35.0}, {0.01, 0.1, 5.0}, {0.68, 0.6, 30.0}};
    for (size_t i = 0; i < sizeof loop / sizeof loop[0]; i++) {
        assert_true(resource_scale(&s.site, RESOURCE_DEMAND, loop[i].asked, &t));
        near(t.factor, loop[i].got);
        near(t.group->workload.clients, loop[i].clients);
        resource_clear(&t);
    }
    s.group.workload.clients = 5.0; /* one each */
    assert_false(resource_scale(&s.site, RESOURCE_DEMAND, 0.5, &t));
    resource_clear(&t);
    close_scene(&s);
}

/* More feed changes nothing where it carries every node at full power throughout, or where nothing
 * is capped; of other resources that is never known. */
static void test_idle(void **state) {
    (void)state;
    struct scene s;
    open_scene(&s);
    const double full = site_power_full(&s.site) * cooling_pue(&s.site.cooling, 1e5, 290.0, 3.0);
    s.site.capping = &capping_proportional;
    schedule_clear(&s.site.feed_limit);
    schedule_constant(&s.site.feed_limit, full * (1.0 + 1e-6));
    assert_true(resource_idle(&s.site, RESOURCE_FEED));
    assert_true(resource_idle(&s.site, RESOURCE_COOLING));
    assert_false(resource_idle(&s.site, RESOURCE_NODES));
    assert_false(resource_idle(&s.site, RESOURCE_DEMAND));
    schedule_clear(&s.site.feed_limit);
    schedule_constant(&s.site.feed_limit, full * (1.0 - 1e-6));
    assert_false(resource_idle(&s.site, RESOURCE_FEED));
    s.site.capping = &capping_none;
    assert_true(resource_idle(&s.site, RESOURCE_FEED));
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
        cmocka_unit_test(test_one_at_a_time), cmocka_unit_test(test_plant),
        cmocka_unit_test(test_pue),           cmocka_unit_test(test_pue_feed),
        cmocka_unit_test(test_clock),         cmocka_unit_test(test_clients),
        cmocka_unit_test(test_less),          cmocka_unit_test(test_trace),
        cmocka_unit_test(test_idle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
