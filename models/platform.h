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

/* How routed experts are spread. TENSOR: every expert over all GPUs. PARALLEL: whole experts, E / G
 * on each GPU. */
enum platform_experts { PLATFORM_EXPERTS_TENSOR, PLATFORM_EXPERTS_PARALLEL };

struct platform_spec {
    const struct llm *llm;
    const struct hardware *hardware;
    const struct serving_engine *engine;
    int gpus;                         /* G, tensor-parallel width */
    enum precision weights, kv, math; /* of weights, KV elements, matrix arithmetic */
    enum platform_attention attention;
    enum platform_experts experts;
    double memory_reserve; /* share of HBM; < 0: the engine's */
};

struct platform {
    /* Work, as it is counted. */
    double flop_token, flop_head;               /* FLOP per token; per emitted token */
    double flop_decode, flop_decode_windowed;   /* FLOP per decoding token and position */
    double flop_prefill, flop_prefill_windowed; /* FLOP per prompt token and position */
    double flop_experts;                        /* of flop_token: FLOP in routed experts */
    double bytes_shared;                        /* weight bytes that every iteration reads */
    double bytes_experts;                       /* weight bytes of all routed experts */
    double expert_miss_log;                     /* log(1 - k/E); 0 when dense */
    double bytes_kv, bytes_kv_windowed;         /* moved per position, copies counted: llm.h */
    double bytes_state;                         /* moved per decoding sequence: recurrent state */
    double window;                              /* tokens; INFINITY without limited layers */
    /* Work, as it takes time: in FLOP at compute_rate and bytes at memory_rate, so that what runs
     * at another efficiency counts for more or less than it is (equations 2.1 to 2.8). */
    double cost_token, cost_token_root;         /* FLOP per token; per square root of tokens */
    double cost_head;                           /* FLOP per emitted token */
    double cost_decode, cost_decode_windowed;   /* FLOP per decoding token and position */
    double cost_prefill, cost_prefill_windowed; /* FLOP per prompt token and position */
    double load_decode, load_decode_windowed;   /* B per decoding token and position */
    double load_kv, load_kv_windowed;           /* B per position that a chunk reads or writes */
    double load_experts;                        /* B, all routed experts */
    double load_state;                          /* B per decoding sequence */
    double expert_spread;                       /* z^2 G / E of 2.6; 0 without expert parallelism */
    /* Rates at phi = 1, all GPUs together. */
    double compute_rate, memory_rate; /* FLOP/s and B/s attained (eta included) */
    double compute_peak, memory_peak; /* datasheet FLOP/s at the arithmetic's precision, B/s */
    /* Overheads. */
    double time_iteration; /* s: t_0 + what each layer takes + latency of its all-reduces */
    double time_token;     /* s per token: all-reduce volume */
    double time_sequence;  /* s per running sequence */
    double time_request;   /* s from arrival until the scheduler knows the request */
    double time_prompt;    /* s more per token of its prompt */
    /* Power, all GPUs of the replica together, W at the GPUs' terminals. */
    double power_static, power_active, power_compute, power_scale, power_memory, power_gamma;
    double power_fixed;   /* share of power_memory that does not follow the frequency */
    double power_experts; /* weight of the experts' FLOP and bytes in u_c and u_m */
    double power_limit;   /* W: the boards' own clamp */
    double phi_min;
    /* Memory. */
    double weight_bytes;       /* resident, all GPUs */
    double kv_pool_bytes;      /* HBM - weights - reserve; <= 0: the model does not fit */
    double kv_stored_bytes;    /* kept per position, copies counted */
    double kv_windowed_stored; /* B, windowed layers': kept per position of the last `window` */
    double state_stored;       /* B of recurrent state, kept per sequence */
    int gpus;
};

/* The format in which the matrices of weights in `weights` are multiplied when nothing else is
 * said: that format where the hardware has it, else FP16, to which the weights are widened. */
enum precision platform_math(const struct hardware *h, enum precision weights);

/* The engine's default budget of tokens per iteration: each GPU's own when attention is spread by
 * sequences. */
long platform_token_budget(const struct serving_engine *e, enum platform_attention attention,
                           int gpus);

/* Multiplies the coefficients out. The spec's tables must be complete: FP16 has a peak, every
 * supported precision an efficiency, gpus >= 1. Whether the model fits is for the caller to ask:
 * kv_pool_bytes <= 0 when it does not. */
void platform_make(const struct platform_spec *spec, struct platform *out);

/* Bytes set aside for one sequence beside its blocks of the pool: recurrent state, and windowed
 * layers' KV of min(window, longest) positions in whole blocks (equation 1.11). `longest`:
 * positions of the longest sequence that there can be, prompt and output together; INFINITY when
 * unbounded. */
double platform_sequence_bytes(const struct platform *p, long block_tokens, double longest);

/* KV blocks of `block_tokens` tokens that the pool holds beside what is set aside for `max_seqs`
 * sequences of at most `longest` positions; 0 when the model does not fit; at most INT_MAX. */
long platform_kv_blocks(const struct platform *p, long block_tokens, long max_seqs, double longest);

/* Share of the routed experts' weights that an iteration over `tokens` tokens reads: the expected
 * distinct experts 1 - (1 - k/E)^T (equation 1.7); 0 when dense. */
static inline double platform_expert_share(const struct platform *p, double tokens) {
    return p->bytes_experts > 0.0 ? 1.0 - exp(p->expert_miss_log * tokens) : 0.0;
}

/* That share on the GPU with the most of them to read, which all others wait for (equation 2.6). */
static inline double platform_expert_share_most(const struct platform *p, double share) {
    return fmin(share + sqrt(p->expert_spread * share * (1.0 - share)), 1.0);
}

/* Weight bytes read by an iteration over `tokens` tokens. */
static inline double platform_weight_bytes(const struct platform *p, double tokens) {
    return p->bytes_shared + p->bytes_experts * platform_expert_share(p, tokens);
}

#endif
