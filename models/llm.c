/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/llm.h"

#include <math.h>
#include <stdbool.h>

static double attention_layers(const struct llm *m) {
    return m->attention_layers > 0.0 ? m->attention_layers : m->layers;
}

static bool sparse(const struct llm *m) {
    return m->sparse_positions > 0.0;
}

/* Attention layers that see everything, and those that see llm_window positions at most. */
static double full_layers(const struct llm *m) {
    return sparse(m) ? 0.0 : attention_layers(m) - m->window_layers;
}

static double limited_layers(const struct llm *m) {
    return sparse(m) ? attention_layers(m) : m->window_layers;
}

double llm_params_quantised(const struct llm *m) {
    const double expert = m->expert_layers * m->params_expert;
    if (m->quantised == LLM_QUANTISED_EXPERTS)
        return m->experts * expert;
    const double linear = m->params_linear + (m->experts - m->experts_per_token) * expert;
    return m->quantised == LLM_QUANTISED_MLP ? linear - m->params_attention : linear;
}

double llm_window(const struct llm *m) {
    if (sparse(m))
        return m->sparse_positions;
    return m->window_layers > 0.0 ? m->window : INFINITY;
}

/* Work of one layer per (token, position): equation 1.3 (QK^T and AV, a multiply and an add each),
 * 1.4 and 1.5 for MLA. */
static double layer_decode(const struct llm *m) {
    if (m->attention == LLM_MLA)
        return 2.0 * m->query_heads * (2.0 * m->mla_latent + m->mla_rope);
    return 4.0 * m->query_heads * m->head_size;
}

static double layer_prefill(const struct llm *m) {
    if (m->attention == LLM_MLA && !sparse(m))
        return 2.0 * m->query_heads * (m->mla_nope + m->mla_rope + m->mla_value);
    return layer_decode(m); /* chosen positions differ by token: kept in the latent */
}

/* KV elements that one layer keeps of one token: equations 1.8, 1.9. */
static double layer_kv(const struct llm *m) {
    if (m->attention == LLM_MLA)
        return m->mla_latent + m->mla_rope;
    return 2.0 * m->kv_heads * m->head_size;
}

/* Equations 1.3 to 1.5, and 1.13 for the indexer of sparse attention. */
static struct llm_attention_work work(const struct llm *m, double layer) {
    const double index = attention_layers(m) * m->sparse_flop;
    return (struct llm_attention_work){.full = full_layers(m) * layer + (sparse(m) ? index : 0.0),
                                       .windowed = limited_layers(m) * layer};
}

struct llm_attention_work llm_attention_decode(const struct llm *m) {
    return work(m, layer_decode(m));
}

struct llm_attention_work llm_attention_prefill(const struct llm *m) {
    return work(m, layer_prefill(m));
}

double llm_flop_token(const struct llm *m) {
    return 2.0 * m->params_linear + m->linear_layers * m->linear_flop;
}

double llm_flop_head(const struct llm *m) {
    return 2.0 * m->width * m->vocabulary;
}

double llm_kv_bytes(const struct llm *m, enum precision kv) {
    const double index = sparse(m) ? attention_layers(m) * m->sparse_bytes : 0.0;
    return full_layers(m) * layer_kv(m) * precision_bytes(kv) + index;
}

double llm_kv_bytes_windowed(const struct llm *m, enum precision kv) {
    return limited_layers(m) * layer_kv(m) * precision_bytes(kv);
}

double llm_kv_bytes_stored(const struct llm *m, enum precision kv) {
    return llm_kv_bytes(m, kv) + (sparse(m) ? llm_kv_bytes_windowed(m, kv) : 0.0);
}

double llm_kv_bytes_stored_windowed(const struct llm *m, enum precision kv) {
    return sparse(m) ? 0.0 : llm_kv_bytes_windowed(m, kv);
}

double llm_state_bytes(const struct llm *m) {
    return m->linear_layers * m->linear_state;
}

/* Sum of min(i, window) over i = 1 .. x. */
static double positions_windowed(double x, double window) {
    if (x <= window)
        return x * (x + 1.0) / 2.0;
    return window * (window + 1.0) / 2.0 + (x - window) * window;
}

double llm_flop_request(const struct llm *m, double prompt, double output) {
    const struct llm_attention_work prefill = llm_attention_prefill(m);
    const struct llm_attention_work decode = llm_attention_decode(m);
    const double last = prompt + output - 1.0; /* positions that the last token attends over */

    double flop = llm_flop_token(m) * last + llm_flop_head(m) * output;
    flop += prefill.full * (prompt * (prompt + 1.0) / 2.0);
    flop += decode.full * ((output - 1.0) * prompt + (output - 1.0) * output / 2.0);
    if (limited_layers(m) > 0.0) {
        const double seen = positions_windowed(prompt, llm_window(m));
        flop += prefill.windowed * seen;
        flop += decode.windowed * (positions_windowed(last, llm_window(m)) - seen);
    }
    return flop;
}

double llm_c_tok(const struct llm *m, double prompt, double output) {
    return llm_flop_request(m, prompt, output) / output;
}
