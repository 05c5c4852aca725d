/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/scene_fixture.h"

#include "sim/engine/memory.h"
#include "sim/serving/router.h"
#include "sim/serving/scheduler.h"
#include "sim/workload/arrival.h"
#include "tests/models_fixture.h"

#include <math.h>
#include <stdlib.h>

static const char *const schedulers[] = {"chunked", "prefill_first", "static"};

/* Uniform on a logarithmic scale. */
static double log_uniform(struct rng *r, double low, double high) {
    return low * exp(rng_uniform(r) * log(high / low));
}

/* What work takes, in FLOP and bytes at the platform's rates: more or less than it is. Of a
 * decoder's attention either the products or the reads take time. */
static void random_cost(struct platform *p, struct rng *r, bool windowed, bool experts) {
    const double attention = log_uniform(r, 0.5, 5.0), kv = log_uniform(r, 0.5, 3.0);
    p->cost_token = p->flop_token * log_uniform(r, 0.8, 2.0);
    p->cost_token_root = experts ? p->flop_experts * log_uniform(r, 0.1, 5.0) : 0.0;
    p->cost_head = p->flop_head;
    p->cost_prefill = p->flop_prefill * attention;
    p->cost_prefill_windowed = p->flop_prefill_windowed * attention;
    p->load_kv = p->bytes_kv * kv;
    p->load_kv_windowed = p->bytes_kv_windowed * kv;
    const bool products = rng_below(r, 2);
    p->cost_decode = products ? p->flop_decode * attention : 0.0;
    p->load_decode = products ? 0.0 : p->load_kv;
    const bool products_windowed = windowed && rng_below(r, 2);
    p->cost_decode_windowed = products_windowed ? p->flop_decode_windowed * attention : 0.0;
    p->load_decode_windowed = products_windowed ? 0.0 : p->load_kv_windowed;
    p->load_experts = p->bytes_experts * log_uniform(r, 0.8, 3.0);
    p->load_state = p->bytes_state * kv;
    p->expert_spread = experts ? log_uniform(r, 0.01, 1.0) : 0.0;
}

/* A platform of random proportions, from starved of memory bandwidth to starved of compute, some
 * with windowed layers, some a mixture of experts, some with recurrent state. */
static struct platform random_platform(struct rng *r) {
    const bool windowed = rng_below(r, 3) == 0, experts = rng_below(r, 3) == 0;
    const bool recurrent = rng_below(r, 4) == 0;
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
        .bytes_state = recurrent ? 1e8 : 0.0,
        .flop_experts = experts ? 5e8 : 0.0,
        .window = windowed ? (double)(16 + rng_below(r, 500)) : INFINITY,
        .compute_rate = 3e15,
        .memory_rate = 1.5e13,
        .compute_peak = 5e15,
        .memory_peak = 2e13,
        .time_iteration = log_uniform(r, 1e-5, 1e-2),
        .time_token = 1e-7,
        .time_sequence = 2e-5,
        .time_request = log_uniform(r, 1e-4, 1.0),
        .time_prompt = log_uniform(r, 1e-7, 1e-4),
        .power_static = 1000.0,
        .power_active = log_uniform(r, 10.0, 1500.0),
        .power_fixed = rng_uniform(r),
        .power_experts = 1.3,
        .power_compute = 3500.0,
        .power_scale = 0.13,
        .power_memory = 2000.0,
        .power_gamma = 2.1,
        .power_limit = 5500.0,
        .phi_min = 0.3,
        .gpus = 8,
    };
    random_cost(&p, r, windowed, experts);
    return p;
}

static void random_requests(struct scene *s, struct rng *r) {
    const double rate = log_uniform(r, 2.0, 300.0);
    const double prompt = log_uniform(r, 1.0, 3000.0), output = log_uniform(r, 1.0, 600.0);
    s->request = memory_new(SCENE_REQUESTS, sizeof *s->request);
    s->trace.request = memory_new(SCENE_REQUESTS, sizeof *s->trace.request);
    s->trace.count = SCENE_REQUESTS;
    double t = 0.0;
    for (size_t i = 0; i < SCENE_REQUESTS; i++) {
        t += i == 0 ? 0.0 : rng_exponential(r) / rate;
        const int32_t p = 1 + (int32_t)(prompt * rng_exponential(r));
        const int32_t o = 1 + (int32_t)(output * rng_exponential(r));
        s->trace.request[i] = (struct trace_request){.time = t, .prompt = p, .output = o};
        s->request[i] = (struct request){.time = simtime_of(t), .prompt = p, .output = o};
    }
    s->trace.length = t + 1e5; /* it is not replayed within the horizon */
}

void scene_make(struct scene *s, uint64_t number) {
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
    for (size_t i = 0; i < SCENE_TICKS; i++)
        s->cap[i] = capped ? 1100.0 + 5000.0 * rng_uniform(&r) : INFINITY;
}

void scene_clear(struct scene *s) {
    free(s->request);
    free(s->trace.request);
    schedule_clear(&s->spec.workload.rate);
}

/* One of the published models, some of them with an attention window that they do not have, on one
 * of the nodes. Returns the node. */
static const struct hardware *random_model(struct scene *s, struct rng *r) {
    static const struct llm *const model[] = {&fixture_llama_70b, &fixture_llama_65b,
                                              &fixture_deepseek_v3, &fixture_gpt_oss};
    static const struct hardware *const node[] = {&fixture_h100, &fixture_h200, &fixture_b200};
    s->llm = *model[rng_below(r, 4)];
    if (s->llm.attention != LLM_MLA && rng_below(r, 2) == 0) {
        s->llm.window = (double)(16 + rng_below(r, 500));
        s->llm.window_layers = (double)rng_below(r, (uint64_t)s->llm.layers);
    }
    const struct hardware *h = node[rng_below(r, 3)];
    const enum precision math = rng_below(r, 2) ? PRECISION_FP8 : PRECISION_FP16;
    const enum platform_attention attention =
        rng_below(r, 2) ? PLATFORM_ATTENTION_DATA : PLATFORM_ATTENTION_TENSOR;
    struct platform_spec spec = fixture_spec(&s->llm, h, math, math, attention);
    spec.experts = rng_below(r, 2) ? PLATFORM_EXPERTS_PARALLEL : PLATFORM_EXPERTS_TENSOR;
    platform_make(&spec, &s->spec.platform);
    s->spec.hardware = h;
    s->spec.engine = &fixture_engine;
    return h;
}

void scene_make_served(struct scene *s, uint64_t number, bool many) {
    static const char *const router[] = {"round_robin", "random", "least_outstanding",
                                         "power_of_two"};
    scene_make(s, number);
    struct rng r;
    rng_init(&r, 20251122, number, RNG_TEST);
    struct cell_spec *c = &s->spec;
    const struct hardware *h = random_model(s, &r);
    if (many) {
        c->nodes = 1 + (long)rng_below(&r, 3);
        c->replicas = 1 + (long)rng_below(&r, 2);
        c->router = router_find(router[rng_below(&r, 4)]);
    }
    const struct platform *p = &c->platform;
    const double replicas = (double)c->replicas, slope = 1.0 + h->host_slope;
    c->host_power = h->host_power;
    c->host_slope = h->host_slope;
    c->spare_power = rng_below(&r, 2) ? h->power_idle : 0.0;
    c->node_idle = c->host_power + slope * (c->spare_power + replicas * p->power_static);
    c->node_full = c->host_power + slope * (c->spare_power + replicas * p->power_limit);
    const bool capped = rng_below(&r, 2);
    for (size_t i = 0; i < SCENE_TICKS; i++) {
        const double share = 0.02 + rng_uniform(&r);
        s->cap[i] = capped ? c->node_idle + share * (c->node_full - c->node_idle) : INFINITY;
    }
}

double scene_gpu_cap(const struct scene *s, double cap) {
    const struct cell_spec *c = &s->spec;
    if (isinf(cap))
        return cap;
    return ((cap - c->host_power) / (1.0 + c->host_slope) - c->spare_power) / (double)c->replicas;
}

bool scene_rejects(const struct scene *s, const struct request *q) {
    const long positions = (long)q->prompt + q->output, block = s->spec.block_tokens;
    return (double)positions > s->llm.context_max ||
           (positions + block - 1) / block > s->spec.kv_blocks;
}
