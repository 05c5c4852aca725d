/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_MODELS_FIXTURE_H
#define TESTS_MODELS_FIXTURE_H

/* Models, accelerators and an engine for the tests of models/, written out here so that a change of
 * a shipped table moves no test. Architectures are those published; power and efficiency are of the
 * size of what is measured, and no two that could be taken for each other are the same. */

#include "models/platform.h"

static const struct llm fixture_llama_70b = {
    .name = "Llama-3.1-70B",
    .attention = LLM_GQA,
    .layers = 80,
    .width = 8192,
    .query_heads = 64,
    .kv_heads = 8,
    .head_size = 128,
    .vocabulary = 128256,
    .context_max = 131072,
    .params_total = 70552387584.0,  /* linear + 2 d V + norms */
    .params_linear = 68451041280.0, /* 80 (150,994,944 + 704,643,072) */
    .params_attention = 12079595520.0,
};

static const struct llm fixture_llama_65b = {
    .name = "LLaMA-65B",
    .attention = LLM_MHA,
    .layers = 80,
    .width = 8192,
    .query_heads = 64,
    .kv_heads = 64,
    .head_size = 128,
    .vocabulary = 32000,
    .context_max = 2048,
    .params_total = 65284341760.0,
    .params_linear = 64760053760.0,
    .params_attention = 21474836480.0,
};

static const struct llm fixture_deepseek_v3 = {
    .name = "DeepSeek-V3",
    .attention = LLM_MLA,
    .layers = 61,
    .width = 7168,
    .query_heads = 128,
    .kv_heads = 1,
    .head_size = 192,
    .vocabulary = 129280,
    .context_max = 163840,
    .params_total = 671025397760.0,
    .params_linear = 35697917952.0,
    .params_attention = 11413422080.0, /* 61 * 187,105,280 */
    .experts = 256,
    .experts_per_token = 8,
    .expert_layers = 58,
    .params_expert = 44040192.0, /* 3 * 7168 * 2048 */
    .mla_latent = 512,
    .mla_rope = 64,
    .mla_nope = 128,
    .mla_value = 128,
};

static const struct llm fixture_gpt_oss = {
    .name = "gpt-oss-120b",
    .attention = LLM_GQA,
    .layers = 36,
    .width = 2880,
    .query_heads = 64,
    .kv_heads = 8,
    .head_size = 64,
    .vocabulary = 201088,
    .context_max = 131072,
    .params_total = 116788838400.0,
    .params_linear = 4551966720.0,
    .params_attention = 955514880.0, /* 36 * 2 * 2880 * (64 + 8) * 64 */
    .experts = 128,
    .experts_per_token = 4,
    .expert_layers = 36,
    .params_expert = 24883200.0, /* 3 * 2880 * 2880 */
    .window = 128,
    .window_layers = 18,
};

static const struct hardware fixture_h100 = {
    .name = "H100",
    .peak = {[PRECISION_FP16] = 989e12, [PRECISION_FP8] = 1978e12, [PRECISION_INT8] = 1978e12},
    .memory = 80e9,
    .bandwidth = 3.35e12,
    .link = 450e9,
    .gpus = 8,
    .eta_compute = {[PRECISION_FP16] = 0.72, [PRECISION_FP8] = 0.60, [PRECISION_INT8] = 0.60},
    .eta_memory = 0.73,
    .eta_kv = 0.65,
    .eta_state = 0.5,
    .eta_attention = 0.45,
    .allreduce_latency = 30e-6,
    .allreduce_bandwidth = 365e9,
    .power_limit = 700,
    .power_clamp = 0.985,
    .power_idle = 110,
    .power_active = 68,
    .power_compute = 551,
    .power_scale = 0.13,
    .power_memory = 287,
    .power_gamma = 2.5,
    .power_fixed = 0.35,
    .power_experts = {1.1, 1.25, 1.4},
    .phi_min = 0.3,
    .cap_min = 200,
    .host_power = 1560,
    .host_slope = 0.148,
    .node_max = 10200,
};

static const struct hardware fixture_h200 = {
    .name = "H200",
    .peak = {[PRECISION_FP16] = 989e12, [PRECISION_FP8] = 1978e12, [PRECISION_INT8] = 1978e12},
    .memory = 141e9,
    .bandwidth = 4.8e12,
    .link = 450e9,
    .gpus = 8,
    .eta_compute = {[PRECISION_FP16] = 0.71, [PRECISION_FP8] = 0.60, [PRECISION_INT8] = 0.60},
    .eta_memory = 0.85,
    .eta_kv = 0.8,
    .eta_state = 0.6,
    .eta_attention = 0.45,
    .allreduce_latency = 30e-6,
    .allreduce_bandwidth = 365e9,
    .power_limit = 700,
    .power_clamp = 0.985,
    .power_idle = 110,
    .power_active = 68,
    .power_compute = 551,
    .power_scale = 0.13,
    .power_memory = 287,
    .power_gamma = 3,
    .power_fixed = 0.35,
    .power_experts = {1.1, 1.25, 1.4},
    .phi_min = 0.3,
    .cap_min = 200,
    .host_power = 1560,
    .host_slope = 0.148,
    .node_max = 10200,
};

static const struct hardware fixture_b200 = {
    .name = "B200",
    .peak = {[PRECISION_FP16] = 2250e12,
             [PRECISION_FP8] = 4500e12,
             [PRECISION_INT8] = 4500e12,
             [PRECISION_FP4] = 9000e12},
    .memory = 180e9,
    .bandwidth = 7.7e12,
    .link = 900e9,
    .gpus = 8,
    .eta_compute = {[PRECISION_FP16] = 0.68,
                    [PRECISION_FP8] = 0.47,
                    [PRECISION_INT8] = 0.47,
                    [PRECISION_FP4] = 0.45},
    .eta_memory = 0.83,
    .eta_kv = 0.75,
    .eta_state = 0.55,
    .eta_attention = 0.4,
    .allreduce_latency = 20e-6,
    .allreduce_bandwidth = 730e9,
    .power_limit = 1000,
    .power_clamp = 0.985,
    .power_idle = 140,
    .power_active = 60,
    .power_compute = 842,
    .power_scale = 0.195,
    .power_memory = 849,
    .power_gamma = 2.2,
    .power_fixed = 0.35,
    .power_experts = {1.1, 1.25, 1.4},
    .phi_min = 0.25,
    .cap_min = 200,
    .host_power = 1560,
    .host_slope = 0.148,
    .node_max = 14300,
};

static const struct serving_engine fixture_engine = {
    .name = "engine",
    .version = "1",
    .overhead = {.iteration = 1e-3,
                 .layer = 10e-6,
                 .layer_moe = 4e-6,
                 .layer_mla = 6e-6,
                 .sequence = 5e-6,
                 .request = 20e-3,
                 .prompt_token = 10e-6,
                 .allreduce_latency = 1.2,
                 .allreduce_volume = 0.9,
                 .experts = {0.6, 0.5, 0.4},
                 .experts_compute = 0.7},
    .memory_reserve = 0.1,
    .max_seqs = 256,
    .token_budget = 8192,
    .block_tokens = 16,
    .scheduler = "chunked",
};

static inline struct platform_spec fixture_spec(const struct llm *m, const struct hardware *h,
                                                enum precision weights, enum precision math,
                                                enum platform_attention attention) {
    return (struct platform_spec){.llm = m,
                                  .hardware = h,
                                  .engine = &fixture_engine,
                                  .gpus = 8,
                                  .weights = weights,
                                  .kv = PRECISION_FP16,
                                  .math = math,
                                  .attention = attention,
                                  .memory_reserve = -1};
}

static inline struct platform fixture_platform(const struct llm *m, const struct hardware *h,
                                               enum precision weights, enum precision math,
                                               enum platform_attention attention) {
    const struct platform_spec spec = fixture_spec(m, h, weights, math, attention);
    struct platform p;
    platform_make(&spec, &p);
    return p;
}

#endif
