/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fails when caps sum to more than the budget though the floors would fit, leave a budget unused
 * that some node could use, lie outside of a node's range, or are not divided by the policy's rule:
 * hand-worked cases, and 2000 random ones for each policy. */
#include "sim/engine/rng.h"
#include "sim/site/capping.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void near_to(double a, double b, double error) {
    assert_true(fabs(a - b) <= error);
}

static void test_find(void **state) {
    (void)state;
    assert_ptr_equal(capping_find("none"), &capping_none);
    assert_ptr_equal(capping_find("uniform"), &capping_uniform);
    assert_ptr_equal(capping_find("proportional"), &capping_proportional);
    assert_null(capping_find("fair"));
    assert_non_null(strstr(capping_names(), "none, uniform, proportional"));
}

/* Two kinds of node, 10 and 5 kW: at a budget of 60 % of the whole each gets 60 % of its own. At a
 * budget of 24 % the first would be under its floor of 3 kW (2.4 kW): it gets 3 kW, and the other
 * what is left, 0.6 kW, which is 12 % of its full power. */
static void test_uniform(void **state) {
    (void)state;
    struct capping_node n[] = {{.weight = 1, .idle = 2900, .floor = 3000, .full = 10000},
                               {.weight = 1, .idle = 400, .floor = 500, .full = 5000}};
    capping_uniform.divide(9000, 0.5, n, 2);
    near_to(n[0].cap, 6000, 1e-9);
    near_to(n[1].cap, 3000, 1e-9);
    capping_uniform.divide(3600, 0.5, n, 2);
    near_to(n[0].cap, 3000, 1e-9);
    near_to(n[1].cap, 600, 1e-9);
    capping_uniform.divide(100, 0.5, n, 2); /* not even the floors */
    assert_true(n[0].cap == 3000 && n[1].cap == 500);
}

/* Nodes of 1 kW idle and 10 kW full, a floor of a quarter of the range: 3250 W each, so 13 kW of
 * four. With 25 kW there are 12 kW left, for demands of 9, 3, 0 and 0 kW above idle in the ratio
 * 3 : 1. The first takes 9 kW but has room for 6750 W; the second gets the other 5250 W. With
 * 35 kW the first two fill up (13.5 kW) and the idle two divide the 8.5 kW that nobody wants. */
static void test_proportional(void **state) {
    (void)state;
    struct capping_node n[4];
    const double demand[] = {10000, 4000, 1000, 0};
    for (int i = 0; i < 4; i++)
        n[i] = (struct capping_node){
            .weight = 1, .idle = 1000, .floor = 1090, .full = 10000, .demand = demand[i]};
    capping_proportional.divide(25000, 0.25, n, 4);
    near_to(n[0].cap, 10000, 1e-9);
    near_to(n[1].cap, 3250 + 5250, 1e-9);
    near_to(n[2].cap, 3250, 1e-9);
    near_to(n[3].cap, 3250, 1e-9);
    capping_proportional.divide(35000, 0.25, n, 4);
    near_to(n[0].cap, 10000, 1e-9);
    near_to(n[1].cap, 10000, 1e-9);
    near_to(n[2].cap, 3250 + 4250, 1e-9);
    near_to(n[3].cap, 3250 + 4250, 1e-9);
    /* Less than the floors: 8 kW, of which 4360 W are the lowest caps; 3640 W of 8640 W follow. */
    capping_proportional.divide(8000, 0.25, n, 4);
    for (int i = 0; i < 4; i++)
        near_to(n[i].cap, 1090 + 2160 * (3640. / 8640), 1e-9);
    capping_proportional.divide(1000, 0.25, n, 4);
    assert_true(n[0].cap == 1090);
}

static void test_none(void **state) {
    (void)state;
    struct capping_node n = {.weight = 1, .idle = 1, .floor = 2, .full = 10};
    capping_none.divide(3, 0.25, &n, 1);
    assert_true(n.cap == 10 && !capping_none.caps);
}

static void random_nodes(struct rng *r, struct capping_node *n, size_t count) {
    for (size_t i = 0; i < count; i++) {
        n[i].weight = 1 + 20 * rng_uniform(r);
        n[i].idle = 3000 * rng_uniform(r);
        n[i].full = n[i].idle + 1 + 10000 * rng_uniform(r);
        n[i].floor = n[i].idle + 0.01 * (n[i].full - n[i].idle);
        n[i].demand = n[i].idle + (n[i].full - n[i].idle) * (1.2 * rng_uniform(r) - 0.1);
        n[i].cap = NAN;
    }
}

static void check_random(const struct capping *policy) {
    struct rng r;
    rng_init(&r, 14, 1, RNG_TEST);
    struct capping_node n[40];
    for (int trial = 0; trial < 2000; trial++) {
        const size_t count = 1 + rng_below(&r, 40);
        random_nodes(&r, n, count);
        double floors = 0, full = 0, sum = 0;
        for (size_t i = 0; i < count; i++) {
            floors += n[i].weight * n[i].floor;
            full += n[i].weight * n[i].full;
        }
        const double budget = full * (1.02 * rng_uniform(&r)), share = rng_uniform(&r);
        policy->divide(fmin(budget, full), share, n, count);
        for (size_t i = 0; i < count; i++) {
            assert_true(n[i].cap >= n[i].floor && n[i].cap <= n[i].full * (1 + 1e-15));
            sum += n[i].weight * n[i].cap;
        }
        const double expected = fmax(fmin(budget, full), floors);
        near_to(sum, expected, 1e-12 * full);
    }
}

static void test_random(void **state) {
    (void)state;
    check_random(&capping_uniform);
    check_random(&capping_proportional);
}

int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_find),         cmocka_unit_test(test_uniform),
        cmocka_unit_test(test_proportional), cmocka_unit_test(test_none),
        cmocka_unit_test(test_random),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
