/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fails when a served model does not go to the roofline's two limits as the overheads (t_0,
 * t_layer, t_seq, the all-reduce's latency and volume) go to zero: the time per token of one
 * sequence to weights / bandwidth, the rate of saturated prefill to peak times eta_c. Weights and
 * FLOP are counted here from the models' own tables; the times are those that a cell measures. */
#include "sim/serving/cell.h"
#include "sim/serving/router.h"
#include "sim/serving/scheduler.h"
#include "sim/workload/arrival.h"
#include "tests/models_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* The shares of the overheads with which each case is run: all of them first, none last. */
enum { SCALES = 4 };
static const double scale[SCALES] = {1.0, 0.1, 0.01, 0.0};

struct machine {
    const struct llm *llm;
    const struct hardware *hardware;
    enum precision precision;
};

static const struct machine machines[] = {
    {&fixture_llama_70b, &fixture_h100, PRECISION_FP16},
    {&fixture_llama_70b, &fixture_h200, PRECISION_FP8},
    {&fixture_llama_65b, &fixture_h100, PRECISION_FP16},
    {&fixture_gpt_oss, &fixture_h100, PRECISION_FP8},
    {&fixture_gpt_oss, &fixture_b200, PRECISION_FP8},
    {&fixture_deepseek_v3, &fixture_h200, PRECISION_FP8},
    {&fixture_deepseek_v3, &fixture_b200, PRECISION_FP8},
};
enum { MACHINES = sizeof machines / sizeof machines[0] };

/* The machine with a share of its overheads, as its tables would state it. */
static struct platform scaled(const struct machine *m, double share) {
    struct serving_engine engine = fixture_engine;
    struct hardware hardware = *m->hardware;
    engine.overhead.iteration *= share;
    engine.overhead.layer *= share;
    engine.overhead.sequence *= share;
    hardware.allreduce_latency *= share;
    hardware.allreduce_bandwidth /= share; /* none: infinite, so that volume costs no time */
    const struct platform_spec spec = {.llm = m->llm,
                                       .hardware = &hardware,
                                       .engine = &engine,
                                       .gpus = 8,
                                       .weights = m->precision,
                                       .kv = PRECISION_FP16,
                                       .math = m->precision,
                                       .attention = PLATFORM_ATTENTION_TENSOR,
                                       .memory_reserve = -1};
    struct platform p;
    platform_make(&spec, &p);
    return p;
}

/* What a cell of one replica makes of like requests, all there at time 0, served to the end. */
struct served {
    double tpot, busy; /* s */
    double requests;
};

static void serve(const struct platform *p, int32_t prompt, int32_t output, long seqs,
                  struct served *out) {
    enum { REQUESTS = 16 };
    static const struct llm any = {.context_max = 1e9};
    struct trace_request request[REQUESTS];
    for (int i = 0; i < REQUESTS; i++)
        request[i] = (struct trace_request){.time = 0.0, .prompt = prompt, .output = output};
    const struct trace trace = {.request = request, .count = REQUESTS, .length = 1e6};
    struct cell_spec spec = {
        .name = "limit",
        .cells = 1,
        .nodes = 1,
        .replicas = 1,
        .platform = *p,
        .llm = &any,
        .workload = {.arrival = arrival_find("trace"), .trace = &trace, .scaling = TRACE_REPEAT},
        .scheduler = scheduler_find("chunked"),
        .router = router_find("round_robin"),
        .max_seqs = seqs,
        .token_budget = prompt + seqs,
        .block_tokens = 16,
        .kv_blocks = 100000000,
        .target_ttft = INFINITY,
        .target_tpot = INFINITY,
        .node_cap = INFINITY,
        .rack_cap = INFINITY,
    };
    schedule_constant(&spec.workload.rate, 1.0);
    struct cell *c = cell_new(&spec, 0, 0, 1, 1.0, 1, false);
    const simtime end = simtime_of(1000.0);
    struct cell_tick tick;
    cell_advance(c, &end, 1, &tick);
    struct cell_node_total total;
    cell_node_totals(c, 0, &total);
    assert_true(tick.done == REQUESTS);
    out->tpot = sketch_mean(cell_sketch(c, CELL_TPOT));
    out->busy = total.busy_time;
    out->requests = tick.done;
    cell_free(c);
    schedule_clear(&spec.workload.rate);
}

/* gap[i] is how far a time is above its limit, relative, with scale[i] of the overheads. It falls
 * at least in proportion to them, down to `left`. */
static void check_convergence(const double gap[SCALES], double left, const char *what,
                              const struct machine *m) {
    print_message("# %s, %s on %s: above the limit by %.3g, %.3g, %.3g, %.3g\n", what, m->llm->name,
                  m->hardware->name, gap[0], gap[1], gap[2], gap[3]);
    const double last = gap[SCALES - 1];
    if (!(last > -1e-9 && last <= left + 1e-9))
        fail_msg("without overheads %.3g above the limit, at most %.3g expected", last, left);
    assert_true(gap[0] > 0.01); /* else there is nothing to converge from */
    for (int i = 1; i < SCALES - 1; i++) {
        assert_true(gap[i] >= last - 1e-9);
        assert_true(gap[i] - last <= scale[i] * (gap[0] - last) * (1.0 + 1e-6) + 1e-9);
    }
}

/* Weights that one token's pass reads: all parameters but those of experts that it does not use. */
static double weights_read(const struct machine *m) {
    const struct llm *l = m->llm;
    const double idle = l->expert_layers * (l->experts - l->experts_per_token) * l->params_expert;
    return (l->params_total - idle) * precision_bytes(m->precision);
}

/* One sequence of a short context. What is left without overheads is its KV, and that is known. */
static void test_decode(void **state) {
    (void)state;
    enum { PROMPT = 1, OUTPUT = 41 };
    for (int i = 0; i < MACHINES; i++) {
        double gap[SCALES], left = 0.0;
        for (int k = 0; k < SCALES; k++) {
            const struct platform p = scaled(&machines[i], scale[k]);
            struct served served;
            serve(&p, PROMPT, OUTPUT, 1, &served);
            const double weights = weights_read(&machines[i]);
            gap[k] = served.tpot / (weights / p.memory_rate) - 1.0;
            left = (p.bytes_kv + p.bytes_kv_windowed) * (PROMPT + OUTPUT) / weights;
            assert_true(p.memory_rate < p.memory_peak);
        }
        assert_true(left < 2e-3);
        check_convergence(gap, left, "decode", &machines[i]);
    }
}

/* Long prompts one after another, an iteration each, one token out. */
static void test_prefill(void **state) {
    (void)state;
    enum { PROMPT = 16384 };
    for (int i = 0; i < MACHINES; i++) {
        double gap[SCALES];
        for (int k = 0; k < SCALES; k++) {
            const struct platform p = scaled(&machines[i], scale[k]);
            struct served served;
            serve(&p, PROMPT, 1, 1, &served);
            const double flop = served.requests * llm_flop_request(machines[i].llm, PROMPT, 1.0);
            gap[k] = served.busy / (flop / p.compute_rate) - 1.0;
            assert_true(p.compute_rate < p.compute_peak);
        }
        check_convergence(gap, 0.0, "prefill", &machines[i]);
    }
}

int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_decode),
                                       cmocka_unit_test(test_prefill)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
