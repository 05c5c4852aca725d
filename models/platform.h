/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODELS_PLATFORM_H
#define MODELS_PLATFORM_H

/* A platform: one model on G GPUs of one kind under one serving engine, with every coefficient of
 * iteration time and power multiplied out once. What one replica runs on; immutable, shared. */

#include "models/hardware.h"
#include "models/llm.h"
#include "models/serving_engine.h"

#include <math.h>
#include <stdbool.h>

/* How attention is spread over the replica's GPUs. TENSOR shards heads: KV is stored
 * max(1, G / h_kv) times over (MLA: G times). DATA shards sequences: KV once, attention weights on
 * every GPU. */
enum platform_attention { PLATFORM_ATTENTION_TENSOR, PLATFORM_ATTENTION_DATA };

struct platform_spec {
    const struct llm *llm;
    const struct hardware *hardware;
    const struct serving_engine *engine;
    int gpus;                         /* G, tensor-parallel width */
    enum precision weights, kv, math; /* of weights, KV elements, matrix arithmetic */
    enum platform_attention attention;
    double memory_reserve; /* share of HBM; < 0: the engine's */
};

struct platform {
    /* Work. */
    double flop_token, flop_head;               /* FLOP per token; per emitted token */
    double flop_decode, flop_decode_windowed;   /* FLOP per decoding token and position */
    double flop_prefill, flop_prefill_windowed; /* FLOP per prompt token and position */
    double bytes_shared;                        /* weight bytes that every iteration reads */
    double bytes_experts;                       /* weight bytes of all routed experts */
    double expert_miss_log;                     /* log(1 - k/E); 0 when dense */
    double bytes_kv, bytes_kv_windowed;         /* moved per position, copies counted: llm.h */
    double window;                              /* tokens; INFINITY without limited layers */
    /* Rates at phi = 1, all GPUs together. */
    double compute_rate, memory_rate; /* FLOP/s and B/s attained (eta included) */
    double compute_peak, memory_peak; /* datasheet FLOP/s at the arithmetic's precision, B/s */
    /* Overheads. */
    double time_iteration; /* s: t_0 + t_layer n + latency of 2 n all-reduces */
    double time_token;     /* s per token: all-reduce volume */
    double time_sequence;  /* s per running sequence */
    /* Power, all GPUs of the replica together, W at the GPUs' terminals. */
    double power_static, power_compute, power_scale, power_memory, power_gamma;
    double power_limit; /* W: the boards' own clamp */
    double phi_min;
    /* Memory. */
    double weight_bytes;      /* resident, all GPUs */
    double kv_pool_bytes;     /* HBM - weights - reserve; <= 0: the model does not fit */
    double kv_stored_bytes;   /* kept per position, copies counted */
    double kv_sequence_bytes; /* windowed layers' KV and recurrent state of one sequence */
    int gpus;
};

/* Multiplies the coefficients out. The spec's tables must be complete: FP16 has a peak, every
 * supported precision an efficiency, gpus >= 1. Whether the model fits is for the caller to ask:
 * kv_pool_bytes <= 0 when it does not. */
void platform_make(const struct platform_spec *spec, struct platform *out);

/* KV blocks of `block_tokens` tokens that the pool holds beside `max_seqs` sequences' windowed
 * parts; 0 when the model does not fit; at most INT_MAX. */
long platform_kv_blocks(const struct platform *p, long block_tokens, long max_seqs);

/* Weight bytes read by an iteration over `tokens` tokens: all when dense; shared part plus expected
 * distinct experts E (1 - (1 - k/E)^T) for a mixture of experts (docs/equations.md, 1.7). */
static inline double platform_weight_bytes(const struct platform *p, double tokens) {
    if (p->bytes_experts <= 0.0)
        return p->bytes_shared;
    return p->bytes_shared + p->bytes_experts * (1.0 - exp(p->expert_miss_log * tokens));
}

#endif
