/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODELS_LLM_H
#define MODELS_LLM_H

/* A language model's architecture, as its table states it, and the work one token takes
 * (docs/equations.md, 1). Counts are doubles: they enter products that overflow 64-bit integers. */

#include "models/precision.h"

enum llm_attention { LLM_MHA, LLM_GQA, LLM_MQA, LLM_MLA };

/* Which matrices the weights' number format applies to; the rest is held in 16 bits. LINEAR: all
 * but embedding and output head. MLP: nor those of attention. EXPERTS: those of routed experts
 * alone. */
enum llm_quantised { LLM_QUANTISED_LINEAR, LLM_QUANTISED_MLP, LLM_QUANTISED_EXPERTS };

struct llm {
    char name[64];
    enum llm_attention attention;
    enum precision native_precision; /* the precision in which the weights are published */
    enum llm_quantised quantised;    /* what that precision, or a replica's, applies to */
    double weight_bits;              /* bits per quantised weight as published, scales included;
                                        0: those of native_precision */
    double layers;                   /* n */
    double attention_layers;         /* n_a, layers that keep KV; 0: all n of them */
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
    double window_layers; /* how many of the attention layers are windowed */
    /* Linear attention or state-space layers; zero without. */
    double linear_layers; /* how many of the layers */
    double linear_state;  /* B of recurrent state per sequence and layer, whatever its length */
    double linear_flop;   /* FLOP of the recurrence per token and layer, beside the matrices */
    /* Sparse attention, in all attention layers; zero without. Excludes windowed attention. */
    double sparse_positions; /* most positions that a token attends over, chosen by an indexer */
    double sparse_flop;      /* the indexer's FLOP per token, position and layer */
    double sparse_bytes;     /* B that the indexer keeps per position and layer, beside the KV */
};

/* Parameters of the matrices that `quantised` names, all experts counted; the rest of params_total
 * is held in 16 bits. */
double llm_params_quantised(const struct llm *m);

/* Positions that a limited layer attends over at most: the window, or what the indexer of sparse
 * attention chooses; INFINITY when every attention layer sees the whole context. */
double llm_window(const struct llm *m);

/* Attention FLOP per (token, position seen): `full` for what sees everything, `windowed` for what
 * sees min(L, llm_window). DESIGN 4.1: 4 n h_q d_h; MLA absorbed 2 n h_q (2 d_c + d_r) in decode,
 * 2 n h_q (d_nope + d_r + d_v) in prefill. Sparse attention: its indexer is `full`, the attention
 * itself `windowed` and, with MLA, absorbed in prefill too. */
struct llm_attention_work {
    double full, windowed; /* FLOP per token and position */
};
struct llm_attention_work llm_attention_decode(const struct llm *m);
struct llm_attention_work llm_attention_prefill(const struct llm *m);

/* FLOP per token of matrices (2 N_linear) and recurrences, and of the output head per emitted token
 * (2 d V). */
double llm_flop_token(const struct llm *m);
double llm_flop_head(const struct llm *m);

/* Bytes per position at `kv` precision, of 2 h_kv d_h b_kv a layer (MLA (d_c + d_r) b_kv):
 *   llm_kv_bytes           written, and read of each of L positions: the KV of the unwindowed
 *                          layers, or the indexer's bytes where attention is sparse;
 *   llm_kv_bytes_windowed  written, and read of each of min(L, llm_window): the KV of the windowed
 *                          layers, or of all where attention is sparse;
 *   llm_kv_bytes_stored    kept for each of L positions: the first, and with sparse attention both.
 *   llm_kv_bytes_stored_windowed  kept for each of min(L, llm_window): the KV of the windowed
 *                          layers; 0 with sparse attention, whose KV counts by position. */
double llm_kv_bytes(const struct llm *m, enum precision kv);
double llm_kv_bytes_windowed(const struct llm *m, enum precision kv);
double llm_kv_bytes_stored(const struct llm *m, enum precision kv);
double llm_kv_bytes_stored_windowed(const struct llm *m, enum precision kv);

/* Bytes of recurrent state of one sequence, all layers: resident whatever its length, read and
 * written once by each decoding iteration. 0 without linear layers. */
double llm_state_bytes(const struct llm *m);

/* FLOP of one request's prompt of p tokens and o output tokens in closed form: prefill, then o - 1
 * decoding tokens that attend over p + 1 .. p + o - 1 positions; o output heads. */
double llm_flop_request(const struct llm *m, double prompt, double output);

/* FLOP per output token of such a request. */
double llm_c_tok(const struct llm *m, double prompt, double output);

#endif
