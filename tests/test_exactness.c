/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fails when fast-forward and step-by-step part ways, when either parts from a naive second program
 * for the semantics of DESIGN 5, or when a cell loses or invents requests, KV blocks or time. */
#include "sim/serving/cell_impl.h"
#include "tests/scene_fixture.h"
#include "tests/serving_oracle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { CASES = 240 };

/* What one run of the cell gives. */
struct outcome {
    struct cell_tick sum;
    double itl_sum, ttft_sum, e2e_sum, tpot_sum;
    uint64_t itl_count;
    struct cell_totals totals;
    double node_energy;
};

static void check_idle(const struct cell *c, const struct cell_spec *spec) {
    const struct replica *r = &c->replica[0];
    if (r->running > 0 || r->queued > 0)
        return;
    assert_int_equal(r->kv_free, spec->kv_blocks);
    assert_int_equal(r->context, 0);
    assert_int_equal(r->windowed, 0);
    assert_int_equal(r->outstanding, 0);
    assert_int_equal(r->finish.count, 0);
    assert_int_equal(r->widen.count, 0);
    for (long i = 0; i < spec->block_tokens; i++)
        assert_int_equal(r->residue[i], 0);
}

static void run_cell(const struct scene *s, bool step_by_step, struct outcome *out) {
    struct cell *c = cell_new(&s->spec, 0, 0, 1, 1.0, 1, step_by_step);
    *out = (struct outcome){.node_energy = 0.0};
    for (size_t i = 0; i < SCENE_TICKS; i++) {
        const simtime end = simtime_of((double)(i + 1));
        struct cell_tick tick;
        cell_cap(c, 0, s->cap[i], BINDING_FEED);
        cell_advance(c, &end, 1, &tick);
        const double *from = (const double *)&tick;
        double *to = (double *)&out->sum;
        for (size_t k = 0; k < sizeof tick / sizeof *to; k++)
            to[k] += from[k];
        double node_time = 0.0;
        for (int b = 0; b < BINDING_COUNT; b++)
            node_time += tick.binding[b];
        assert_true(fabs(node_time - 1.0) < 1e-9);
    }
    out->itl_sum = cell_sketch(c, CELL_ITL)->sum;
    out->itl_count = cell_sketch(c, CELL_ITL)->count;
    out->ttft_sum = cell_sketch(c, CELL_TTFT)->sum;
    out->e2e_sum = cell_sketch(c, CELL_E2E)->sum;
    out->tpot_sum = cell_sketch(c, CELL_TPOT)->sum;
    cell_totals(c, &out->totals);
    struct cell_node_total node;
    cell_node_totals(c, 0, &node);
    out->node_energy = node.energy;
    check_idle(c, &s->spec);
    cell_free(c);
}

static void close_to(double a, double b, double relative) {
    const double scale = fabs(a) > fabs(b) ? fabs(a) : fabs(b);
    if (fabs(a - b) > relative * scale + 1e-9)
        fail_msg("%.17g against %.17g", a, b);
}

static void compare_modes(const struct outcome *a, const struct outcome *b) {
    assert_true(a->sum.tokens == b->sum.tokens);
    assert_true(a->sum.good_tokens == b->sum.good_tokens);
    assert_true(a->sum.done_tokens == b->sum.done_tokens && a->sum.done_tokens > 0);
    assert_true(a->sum.prompt_tokens == b->sum.prompt_tokens);
    assert_true(a->sum.iterations == b->sum.iterations);
    assert_true(a->sum.preempted == b->sum.preempted);
    assert_true(a->sum.done == b->sum.done);
    assert_true(a->sum.rejected == b->sum.rejected);
    assert_true(a->sum.queued == b->sum.queued);
    assert_true(a->sum.running == b->sum.running);
    assert_true(a->itl_count == b->itl_count);
    close_to(a->sum.flop, b->sum.flop, 1e-9);
    for (int e = 0; e < CELL_ENERGY_COUNT; e++)
        close_to(a->sum.energy[e], b->sum.energy[e], 1e-9);
    for (int i = 0; i < BINDING_COUNT; i++)
        close_to(a->sum.binding[i], b->sum.binding[i], 1e-9);
    close_to(a->itl_sum, b->itl_sum, 1e-9);
    close_to(a->ttft_sum, b->ttft_sum, 1e-9);
    close_to(a->e2e_sum, b->e2e_sum, 1e-9);
    close_to(a->tpot_sum, b->tpot_sum, 1e-9);
    close_to(a->node_energy, b->node_energy, 1e-9);
}

/* The oracle rounds each iteration to whole picoseconds; where thousands are alike, all to the same
 * side. So its times are held to 1e-8. */
static void compare_oracle(const struct outcome *a, const struct oracle_result *o) {
    assert_true(a->sum.tokens == o->tokens);
    assert_true(a->sum.iterations == o->iterations);
    assert_true(a->sum.preempted == o->preemptions);
    assert_true(a->sum.done == o->done);
    assert_true(a->sum.rejected == o->rejected);
    close_to(a->sum.flop, o->flop, 1e-9);
    close_to(a->sum.energy[CELL_GPU_COMPUTE] + a->sum.energy[CELL_GPU_MEMORY], o->energy, 1e-9);
    for (int i = 0; i < BINDING_COUNT; i++)
        close_to(a->sum.binding[i], o->state_time[i], 1e-8);
    assert_true((double)a->itl_count == o->itl_count);
    close_to(a->itl_sum, o->sum_itl, 1e-8);
    close_to(a->ttft_sum, o->sum_ttft, 1e-8);
    close_to(a->e2e_sum, o->sum_e2e, 1e-8);
}

static void test_modes_agree(void **state) {
    (void)state;
    double preemptions = 0.0, saved = 0.0, tokens = 0.0;
    for (uint64_t i = 0; i < CASES; i++) {
        struct scene s;
        struct outcome fast, step;
        struct oracle_result naive;
        scene_make(&s, i);
        run_cell(&s, false, &fast);
        run_cell(&s, true, &step);
        oracle_run(&s.spec, s.request, SCENE_REQUESTS, 1.0, s.cap, SCENE_TICKS, &naive);
        compare_modes(&fast, &step);
        compare_oracle(&step, &naive);
        assert_true(fast.sum.arrived ==
                    fast.sum.done + fast.sum.rejected + fast.totals.requests_in_flight);
        preemptions += fast.sum.preempted;
        tokens += fast.sum.tokens;
        saved += fast.sum.rejected;
        scene_clear(&s);
    }
    /* The cases are worth their name only if they reach the corners. */
    assert_true(preemptions > 1000.0);
    assert_true(saved > 100.0);
    assert_true(tokens > 1e6);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_modes_agree)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
