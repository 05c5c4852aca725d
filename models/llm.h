/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODELS_LLM_H
#define MODELS_LLM_H

/* A language model's architecture, as its table states it, and the work one token takes
 * (docs/equations.md, 1). Counts are doubles: they enter products that overflow 64-bit integers. */

#include "models/precision.h"

enum llm_attention { LLM_MHA, LLM_GQA, LLM_MQA, LLM_MLA };

struct llm {
    char name[64];
    enum llm_attention attention;
    enum precision native_precision; /* the precision in which the weights are published */
    double layers;                   /* n */
    double width;                    /* d */
    double query_heads;              /* h_q */
    double kv_heads;                 /* h_kv; 1 for MLA */
    double head_size;                /* d_h */
    double vocabulary;               /* V */
    double context_max;              /* tokens */
    double params_total;             /* all parameters, embedding and output head included */
    double params_linear;            /* N_linear: parameters in the matrices that one token passes
                                        through, without embedding and output head */
    double params_attention;         /* of params_linear, those of attention projections */
    /* Mixture of experts; zero when dense. */
    double experts;           /* E, routed experts per layer */
    double experts_per_token; /* k */
    double expert_layers;     /* layers with routed experts */
    double params_expert;     /* parameters of one routed expert in one layer */
    /* MLA; zero otherwise. */
    double mla_latent; /* d_c */
    double mla_rope;   /* d_r */
    double mla_nope;   /* d_nope */
    double mla_value;  /* d_v */
    /* Windowed attention; zero when every layer sees the whole context. */
    double window;        /* tokens that a windowed layer sees */
    double window_layers; /* how many of the layers are windowed */
};

/* Attention FLOP per (token, position seen): `full` for the layers that see everything, `windowed`
 * for those that see min(L, window). DESIGN 4.1: 4 n h_q d_h; MLA absorbed 2 n h_q (2 d_c + d_r) in
 * decode, 2 n h_q (d_nope + d_r + d_v) in prefill. */
struct llm_attention_work {
    double full, windowed; /* FLOP per token and position */
};
struct llm_attention_work llm_attention_decode(const struct llm *m);
struct llm_attention_work llm_attention_prefill(const struct llm *m);

/* FLOP of the matrices per token (2 N_linear), and of the output head per emitted token (2 d V). */
double llm_flop_token(const struct llm *m);
double llm_flop_head(const struct llm *m);

/* KV bytes per token of the unwindowed layers, and of the windowed ones (kept for at most `window`
 * positions), at `kv` precision: 2 n h_kv d_h b_kv; MLA n (d_c + d_r) b_kv. */
double llm_kv_bytes(const struct llm *m, enum precision kv);
double llm_kv_bytes_windowed(const struct llm *m, enum precision kv);

/* FLOP of one request's prompt of p tokens and o output tokens in closed form: prefill, then o - 1
 * decoding tokens that attend over p + 1 .. p + o - 1 positions; o output heads. */
double llm_flop_request(const struct llm *m, double prompt, double output);

/* FLOP per output token of such a request. */
double llm_c_tok(const struct llm *m, double prompt, double output);

#endif
