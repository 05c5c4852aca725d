/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODELS_SERVING_ENGINE_H
#define MODELS_SERVING_ENGINE_H

/* A serving engine (vLLM, SGLang, TensorRT-LLM): its overheads and defaults, as its table states.
 */

struct serving_engine {
    char name[64];
    char version[64];
    double t_iteration;    /* t_0: s per iteration */
    double t_layer;        /* s per layer and iteration */
    double t_sequence;     /* s per running sequence and iteration */
    double memory_reserve; /* share of HBM kept from weights and KV (activations, graphs, margin) */
    long max_seqs;         /* default limit of running sequences */
    long token_budget;     /* default limit of tokens per iteration */
    long block_tokens;     /* tokens per KV block */
    char scheduler[32];    /* default policy's name */
};

#endif
