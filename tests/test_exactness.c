/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fails when fast-forward and step-by-step part ways, when either parts from a naive second program
 * for the semantics of DESIGN 5, or when a cell loses or invents requests, KV blocks or time. */
#include "sim/serving/cell_impl.h"
#include "sim/serving/router.h"
#include "sim/serving/scheduler.h"
#include "tests/serving_oracle.h"

#include "sim/engine/memory.h"
#include "sim/workload/arrival.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

enum { CASES = 240, REQUESTS = 400, TICKS = 30 };

static const char *const schedulers[] = {"chunked", "prefill_first", "static"};

/* Uniform on a logarithmic scale. */
static double log_uniform(struct rng *r, double low, double high) {
    return low * exp(rng_uniform(r) * log(high / low));
}

/* A platform of random proportions, from starved of memory bandwidth to starved of compute, some
 * with windowed layers, some a mixture of experts. */
static struct platform random_platform(struct rng *r) {
    const bool windowed = rng_below(r, 3) == 0, experts = rng_below(r, 3) == 0;
    struct platform p = {
        .flop_token = log_uniform(r, 1e9, 3e11),
        .flop_head = 2e9,
        .flop_decode = log_uniform(r, 1e5, 2e7),
        .flop_decode_windowed = windowed ? 1e5 : 0.0,
        .flop_prefill = log_uniform(r, 1e5, 5e6),
        .flop_prefill_windowed = windowed ? 1e5 : 0.0,
        .bytes_shared = log_uniform(r, 1e9, 1e11),
        .bytes_experts = experts ? 1e11 : 0.0,
        .expert_miss_log = experts ? log1p(-8.0 / 128.0) : 0.0,
        .bytes_kv = log_uniform(r, 1e4, 2e6),
        .bytes_kv_windowed = windowed ? 4e4 : 0.0,
        .window = windowed ? (double)(16 + rng_below(r, 500)) : INFINITY,
        .compute_rate = 3e15,
        .memory_rate = 1.5e13,
        .compute_peak = 5e15,
        .memory_peak = 2e13,
        .time_iteration = log_uniform(r, 1e-5, 1e-2),
        .time_token = 1e-7,
        .time_sequence = 2e-5,
        .power_static = 1000.0,
        .power_compute = 3500.0,
        .power_scale = 0.13,
        .power_memory = 2000.0,
        .power_gamma = 2.1,
        .power_limit = 5500.0,
        .phi_min = 0.3,
        .gpus = 8,
    };
    return p;
}

/* Everything one random case is made of. */
struct scene {
    struct cell_spec spec;
    struct llm llm;
    struct trace trace;
    struct request *request;
    double cap[TICKS];
};

static void random_requests(struct scene *s, struct rng *r) {
    const double rate = log_uniform(r, 2.0, 300.0);
    const double prompt = log_uniform(r, 1.0, 3000.0), output = log_uniform(r, 1.0, 600.0);
    s->request = memory_new(REQUESTS, sizeof *s->request);
    s->trace.request = memory_new(REQUESTS, sizeof *s->trace.request);
    s->trace.count = REQUESTS;
    double t = 0.0;
    for (size_t i = 0; i < REQUESTS; i++) {
        t += i == 0 ? 0.0 : rng_exponential(r) / rate;
        const int32_t p = 1 + (int32_t)(prompt * rng_exponential(r));
        const int32_t o = 1 + (int32_t)(output * rng_exponential(r));
        s->trace.request[i] = (struct trace_request){.time = t, .prompt = p, .output = o};
        s->request[i] = (struct request){.time = simtime_of(t), .prompt = p, .output = o};
    }
    s->trace.length = t + 1e5; /* it is not replayed within the horizon */
}

static void random_scene(struct scene *s, uint64_t number) {
    struct rng r;
    rng_init(&r, 20251121, number, RNG_TEST);
    *s = (struct scene){.llm = {.context_max = 1e6}};
    const long max_seqs = 1 + (long)rng_below(&r, rng_below(&r, 2) ? 8 : 128);
    static const long block[] = {1, 16, 32};
    s->spec = (struct cell_spec){
        .name = "random",
        .cells = 1,
        .nodes = 1,
        .replicas = 1,
        .platform = random_platform(&r),
        .llm = &s->llm,
        .scheduler = scheduler_find(schedulers[rng_below(&r, 3)]),
        .router = router_find("round_robin"),
        .max_seqs = max_seqs,
        .token_budget = max_seqs + 1 + (long)rng_below(&r, 4000),
        .block_tokens = block[rng_below(&r, 3)],
        .target_ttft = 1.0,
        .target_tpot = 0.05,
        .quality_met = true,
        .node_idle = 1000.0,
        .node_full = 5500.0,
        .node_cap = INFINITY,
        .rack_cap = INFINITY,
    };
    const double positions = log_uniform(&r, 3000.0, 200000.0);
    s->spec.kv_blocks = 1 + (long)(positions / (double)s->spec.block_tokens);
    random_requests(s, &r);
    s->spec.workload = (struct workload_spec){
        .arrival = arrival_find("trace"), .trace = &s->trace, .scaling = TRACE_REPEAT};
    schedule_constant(&s->spec.workload.rate, 1.0);
    const bool capped = rng_below(&r, 2);
    for (size_t i = 0; i < TICKS; i++)
        s->cap[i] = capped ? 1100.0 + 5000.0 * rng_uniform(&r) : INFINITY;
}

static void clear_scene(struct scene *s) {
    free(s->request);
    free(s->trace.request);
    schedule_clear(&s->spec.workload.rate);
}

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
    for (size_t i = 0; i < TICKS; i++) {
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
    close_to(a->ttft_sum, o->sum_ttft, 1e-9);
    close_to(a->e2e_sum, o->sum_e2e, 1e-9);
}

static void test_modes_agree(void **state) {
    (void)state;
    double preemptions = 0.0, saved = 0.0, tokens = 0.0;
    for (uint64_t i = 0; i < CASES; i++) {
        struct scene s;
        struct outcome fast, step;
        struct oracle_result naive;
        random_scene(&s, i);
        run_cell(&s, false, &fast);
        run_cell(&s, true, &step);
        oracle_run(&s.spec, s.request, REQUESTS, 1.0, s.cap, TICKS, &naive);
        compare_modes(&fast, &step);
        compare_oracle(&step, &naive);
        assert_true(fast.sum.arrived ==
                    fast.sum.done + fast.sum.rejected + fast.totals.requests_in_flight);
        preemptions += fast.sum.preempted;
        tokens += fast.sum.tokens;
        saved += fast.sum.rejected;
        clear_scene(&s);
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
