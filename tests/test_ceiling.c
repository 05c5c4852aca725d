/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fails when a group's rate under a power is not that of the operating point at the frequency which
 * the power carries, when it does not rise with power from nothing at idle, when the site's
 * ceilings disagree with rho and rho* about what is scarce, when lengths are not followed and
 * forgotten as stated, or when a crossover is placed wrongly. */
#include "sim/site/ceiling.h"
#include "sim/site/crossing.h"
#include "tests/site_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static void near_to(double a, double b, double error) {
    assert_true(fabs(a - b) <= error);
}

static struct site_spec site;
static struct cell_spec group;
static struct fixture_cell cell;

static int open_site(void **state) {
    (void)state;
    fixture_site(&site, &group, &cell, 2, 5);
    return 0;
}

static int close_site(void **state) {
    (void)state;
    fixture_site_clear(&site);
    return 0;
}

/* At any frequency, what the group draws there carries the rate it has there: within 0.05 %,
 * and within 0.4 % where the boards begin to hold their own limit and power over frequency bends.
 */
static void test_rate(void **state) {
    (void)state;
    struct ceiling c;
    ceiling_init(&c, &group, 10);
    const struct operating_limits limits = {.tpot = group.target_tpot,
                                            .max_seqs = group.max_seqs,
                                            .token_budget = group.token_budget,
                                            .kv_blocks = group.kv_blocks,
                                            .block_tokens = group.block_tokens};
    near_to(c.token_rate, 10 * c.point.token_rate, 1e-9);
    near_to(c.peak, 10 * 8 * 989e12, 1);
    for (double phi = 0.3; phi <= 1; phi += 0.0173) {
        struct operating_point at;
        operating_point_at(&group.platform, &c.lengths, &limits, c.point.batch, phi, &at);
        const double power = 10 * (group.host_power + (1 + group.host_slope) * at.power);
        near_to(ceiling_rate(&c, power), 10 * at.token_rate,
                (phi < 0.92 ? 5e-4 : 4e-3) * 10 * at.token_rate);
    }
    double before = 0;
    assert_true(ceiling_rate(&c, c.idle) == 0 && ceiling_rate(&c, 0) == 0);
    for (double power = c.idle; power < 1.2 * c.power; power += 1e-3 * c.power) {
        const double rate = ceiling_rate(&c, power);
        assert_true(rate >= before && rate <= c.token_rate);
        assert_true(rate - before < 0.02 * c.token_rate); /* no jump */
        before = rate;
    }
    assert_true(before == c.token_rate);
}

/* rho < rho* exactly where the power ceiling is the lower; the ceilings meet where power carries
 * every node; e_tok there is that at full frequency. */
static void test_site(void **state) {
    (void)state;
    struct ceiling two[2];
    struct cell_spec other = group;
    other.workload.prompt.mean = 4000;
    other.host_power += 1000;
    ceiling_init(&two[0], &group, 10);
    ceiling_init(&two[1], &other, 4);
    const double full = two[0].power + two[1].power;
    for (double share = 0.05; share < 2; share += 0.07) {
        struct ceilings c;
        ceiling_site(two, 2, share * full, &c);
        near_to(c.compute, two[0].token_rate + two[1].token_rate, 1e-9);
        near_to(c.flop / c.c_tok, c.compute, 1e-9 * c.compute);
        near_to(c.peak, 14 * 8 * 989e12, 1e3);
        if (share >= 1)
            near_to(c.e_tok, full / c.compute, 1e-12);
        if (c.power > 0)
            near_to(c.power, share * full / c.e_tok, 1e-9 * c.power);
        assert_true((share * full / c.flop < c.e_tok / c.c_tok) == (share < 1));
        assert_true((c.power < c.compute) == (share < 1));
    }
    struct ceilings c;
    ceiling_site(two, 2, full, &c);
    near_to(c.power, c.compute, 1e-9 * c.compute);
}

/* 2000 requests of twice the length against 1000 of the prior, then nothing for an hour. */
static void test_lengths(void **state) {
    (void)state;
    struct ceiling c;
    ceiling_init(&c, &group, 10);
    const double flop = c.point.c_tok;
    struct cell_tick tick = {.arrived = 2000,
                             .sum_prompt = 2000 * 2000,
                             .sum_output = 2000 * 200,
                             .sum_decode = 2000 * 199,
                             .sum_context = 2000 * 199 * 2100.,
                             .sum_prompt_square = 2000 * 4e6};
    ceiling_see(&c, &tick);
    ceiling_refresh(&c, 60);
    near_to(c.lengths.prompt, (1000 * 1000 + 2000 * 2000) / 3000., 1e-9);
    near_to(c.lengths.output, 200, 1e-9);
    near_to(c.lengths.context, (1100 + 2 * 2100) / 3., 1e-9);
    near_to(c.lengths.prompt_square, 3e6, 1e-6);
    assert_true(c.point.c_tok > 1.3 * flop);
    near_to(c.seen.requests, 3000 * exp(-60 / CEILING_MEMORY), 1e-9);
    const double kept = c.lengths.prompt;
    tick = (struct cell_tick){.arrived = 1, .sum_prompt = 1700}; /* too little to matter */
    ceiling_see(&c, &tick);
    ceiling_refresh(&c, 60);
    assert_true(c.lengths.prompt == kept);
    for (int i = 0; i < 2000; i++) /* 33 hours of silence */
        ceiling_refresh(&c, 60);
    assert_true(c.lengths.prompt == kept && c.token_rate > 0);
    struct lengths w;
    const struct ceiling_seen none = {0};
    assert_false(ceiling_lengths(&none, &w));
}

static void test_crossing(void **state) {
    (void)state;
    struct crossing c = {0};
    crossing_see(&c, RESULT_REALIZED, 1, 3);
    crossing_see(&c, RESULT_PEAK, 1, -1);
    crossing_see(&c, RESULT_REALIZED, 2, -1); /* at 1.75, downwards */
    crossing_see(&c, RESULT_REALIZED, 3, 0);  /* touches, and goes back: none */
    crossing_see(&c, RESULT_REALIZED, 4, -1);
    crossing_see(&c, RESULT_REALIZED, 5, 0);
    crossing_see(&c, RESULT_REALIZED, 6, 1); /* from -1 at 4 to 1 at 6: at 5, upwards */
    crossing_see(&c, RESULT_REALIZED, 7, NAN);
    crossing_see(&c, RESULT_REALIZED, 8, INFINITY);
    crossing_see(&c, RESULT_PEAK, 8, 1);
    assert_int_equal(c.count, 3);
    near_to(c.list[0].time, 1.75, 1e-15);
    assert_true(c.list[0].direction == -1 && c.list[0].convention == RESULT_REALIZED);
    near_to(c.list[1].time, 5, 1e-15);
    assert_true(c.list[1].direction == 1);
    near_to(c.list[2].time, 4.5, 1e-15);
    assert_true(c.list[2].convention == RESULT_PEAK);
    for (int i = 9; i < 100; i++)
        crossing_see(&c, RESULT_PEAK, i, i % 2 ? -1 : 1);
    assert_int_equal(c.count, 3 + 91);
    free(c.list);
}

int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_rate, open_site, close_site),
        cmocka_unit_test_setup_teardown(test_site, open_site, close_site),
        cmocka_unit_test_setup_teardown(test_lengths, open_site, close_site),
        cmocka_unit_test(test_crossing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
