/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fails when a served model does not go to its two limits as the overheads (t_0, what layers take,
 * t_seq, the all-reduce's latency and volume, the time before the scheduler) go to zero: the time
 * per token of one sequence to weights / bandwidth + FLOP / (peak eta_c), the time of saturated
 * prefill to FLOP / (peak eta) + weights and KV / bandwidth. Weights and FLOP are counted here from
 * the models' own tables; the times are those that a cell measures. */
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
    engine.overhead.layer_moe *= share;
    engine.overhead.layer_mla *= share;
    engine.overhead.sequence *= share;
    engine.overhead.request *= share;
    engine.overhead.prompt_token *= share;
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
    double tpot, busy, ttft; /* s */
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
    out->ttft = sketch_mean(cell_sketch(c, CELL_TTFT));
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

/* Of a model on a machine: bytes of the weights that an iteration reads when it hits a share of the
 * routed experts, at the bandwidth of each kind (the head in 16 bits, no embedding); and what the
 * matrices of a token, and its head, take at the peak. */
static double weights_time(const struct machine *m, double share) {
    const struct llm *l = m->llm;
    const struct hardware *h = m->hardware;
    const double bytes = precision_bytes(m->precision),
                 expert = l->expert_layers * l->params_expert;
    const double read =
        (l->params_linear - l->experts_per_token * expert) * bytes + 2.0 * l->width * l->vocabulary;
    const double eta =
        fixture_engine.overhead
            .experts[m->precision == PRECISION_FP16 ? ENGINE_EXPERTS_16 : ENGINE_EXPERTS_8];
    return (read / h->eta_memory + share * l->experts * expert * bytes / eta) /
           (8.0 * h->bandwidth);
}

static double matrices_time(const struct machine *m, double tokens, double heads) {
    const struct llm *l = m->llm;
    const struct hardware *h = m->hardware;
    const double experts = 2.0 * l->experts_per_token * l->expert_layers * l->params_expert;
    const double flop = tokens * (2.0 * l->params_linear - experts +
                                  experts / fixture_engine.overhead.experts_compute) +
                        heads * 2.0 * l->width * l->vocabulary;
    return flop / (8.0 * h->peak[m->precision] * h->eta_compute[m->precision]);
}

/* KV of `positions` moved, all layers, copies counted. */
static double kv_time(const struct machine *m, const struct platform *p, double positions) {
    const double bytes = p->bytes_kv + p->bytes_kv_windowed;
    return bytes * positions / (8.0 * m->hardware->bandwidth * m->hardware->eta_kv);
}

/* One sequence of a short context. What is left without overheads is its attention: at most the
 * reads of its KV and its products together. */
static void test_decode(void **state) {
    (void)state;
    enum { PROMPT = 1, OUTPUT = 41 };
    for (int i = 0; i < MACHINES; i++) {
        const struct machine *m = &machines[i];
        const struct llm *l = m->llm;
        const double used = l->experts > 0.0 ? l->experts_per_token / l->experts : 0.0;
        const double limit = weights_time(m, used) + matrices_time(m, 1.0, 1.0);
        double gap[SCALES], left = 0.0;
        for (int k = 0; k < SCALES; k++) {
            const struct platform p = scaled(m, scale[k]);
            struct served served;
            serve(&p, PROMPT, OUTPUT, 1, &served);
            gap[k] = served.tpot / limit - 1.0;
            const struct llm_attention_work a = llm_attention_decode(l);
            const double products =
                (a.full + a.windowed) * (PROMPT + OUTPUT) /
                (8.0 * m->hardware->peak[PRECISION_FP16] * m->hardware->eta_attention);
            left = (kv_time(m, &p, PROMPT + OUTPUT) + products) / limit;
            assert_true(p.memory_rate < p.memory_peak);
        }
        /* Compute's part is there and is small: to leave it out would be seen. */
        assert_true(left < 2e-3 && matrices_time(m, 1.0, 1.0) > 2.0 * left * limit);
        check_convergence(gap, left, "decode", m);
    }
}

/* Long prompts one after another, an iteration each, one token out: to 1e-9 without overheads. */
static void test_prefill(void **state) {
    (void)state;
    enum { PROMPT = 16384 };
    for (int i = 0; i < MACHINES; i++) {
        const struct machine *m = &machines[i];
        const struct llm *l = m->llm;
        const double all =
            l->experts > 0.0 ? 1.0 - pow(1.0 - l->experts_per_token / l->experts, PROMPT) : 0.0;
        const double attention =
            llm_flop_request(l, PROMPT, 1.0) - PROMPT * llm_flop_token(l) - llm_flop_head(l);
        const double products =
            matrices_time(m, PROMPT, 1.0) +
            attention / (8.0 * m->hardware->peak[PRECISION_FP16] * m->hardware->eta_attention);
        double gap[SCALES];
        for (int k = 0; k < SCALES; k++) {
            const struct platform p = scaled(m, scale[k]);
            struct served served;
            serve(&p, PROMPT, 1, 1, &served);
            const double memory = weights_time(m, all) + kv_time(m, &p, PROMPT);
            gap[k] = served.busy / (served.requests * (products + memory)) - 1.0;
            assert_true(p.compute_rate < p.compute_peak);
            /* Products are the larger part, in a dense model nearly all. */
            assert_true(memory < (l->experts > 0.0 ? 0.8 : 0.12) * products);
            /* The first of them waits for nothing but itself, each other for those before it, and
             * all for what passes before the scheduler. */
            const double before = scale[k] * (20e-3 + PROMPT * 10e-6);
            const double mean = served.busy * (served.requests + 1.0) / (2.0 * served.requests);
            assert_true(fabs(served.ttft - before - mean) < 1e-9);
        }
        check_convergence(gap, 0.0, "prefill", m);
    }
}

int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_decode),
                                       cmocka_unit_test(test_prefill)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
