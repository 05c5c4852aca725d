/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODELS_SERVING_ENGINE_H
#define MODELS_SERVING_ENGINE_H

/* A serving engine (vLLM, SGLang, TensorRT-LLM) in one range of versions: its overheads, how well
 * its kernels use what the hardware offers, and its defaults, as its table states. */

/* Classes of expert weights by width, for engine_overhead.experts. */
enum engine_experts { ENGINE_EXPERTS_16, ENGINE_EXPERTS_8, ENGINE_EXPERTS_4, ENGINE_EXPERTS_COUNT };

/* Coefficients of equations 2.1 to 2.12 (docs/equations.md) that belong to the engine, in general
 * or on one kind of hardware. */
struct engine_overhead {
    double iteration;         /* t_0: s per iteration */
    double layer;             /* s per layer and iteration */
    double layer_moe;         /* s more per layer with routed experts */
    double layer_parallel;    /* s more per such layer with whole experts on each of eight GPUs */
    double layer_mla;         /* s more per layer with latent attention */
    double sequence;          /* s per running sequence and iteration */
    double request;           /* s from a request's arrival until the scheduler knows it */
    double prompt_token;      /* s more for each token of its prompt */
    double allreduce_latency; /* of the hardware's latency of an all-reduce among eight GPUs */
    double allreduce_volume;  /* of the hardware's time for an all-reduce's bytes */
    double experts[ENGINE_EXPERTS_COUNT]; /* share of HBM bandwidth at which expert weights are
                                             read; 0: the hardware's own for weights */
    double experts_compute; /* of the hardware's efficiency, in the matrices of experts */
};

enum { ENGINE_ON_MAX = 16 };

struct serving_engine {
    char name[64];
    char version[64];
    struct engine_overhead overhead; /* on hardware that has none of its own below */
    struct engine_on {
        char hardware[64];
        struct engine_overhead overhead;
    } on[ENGINE_ON_MAX];
    int ons;
    double memory_reserve; /* share of HBM kept from weights and KV (activations, graphs, margin) */
    long max_seqs;         /* default limit of running sequences */
    long token_budget;     /* default limit of tokens per iteration */
    long block_tokens;     /* tokens per KV block */
    char scheduler[32];    /* default policy's name */
};

/* The coefficients on a kind of hardware, by its table's name. */
const struct engine_overhead *serving_engine_overhead(const struct serving_engine *e,
                                                      const char *hardware);

#endif
