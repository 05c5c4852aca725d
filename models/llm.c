/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/llm.h"

static double full_layers(const struct llm *m) {
    return m->layers - m->window_layers;
}

/* Work of one layer per (token, position): equation 1.3 (QK^T and AV, a multiply and an add each),
 * 1.4 and 1.5 for MLA. */
static double layer_decode(const struct llm *m) {
    if (m->attention == LLM_MLA)
        return 2.0 * m->query_heads * (2.0 * m->mla_latent + m->mla_rope);
    return 4.0 * m->query_heads * m->head_size;
}

static double layer_prefill(const struct llm *m) {
    if (m->attention == LLM_MLA)
        return 2.0 * m->query_heads * (m->mla_nope + m->mla_rope + m->mla_value);
    return 4.0 * m->query_heads * m->head_size;
}

/* KV elements that one layer keeps of one token: equations 1.8, 1.9. */
static double layer_kv(const struct llm *m) {
    if (m->attention == LLM_MLA)
        return m->mla_latent + m->mla_rope;
    return 2.0 * m->kv_heads * m->head_size;
}

struct llm_attention_work llm_attention_decode(const struct llm *m) {
    const double a = layer_decode(m);
    return (struct llm_attention_work){.full = full_layers(m) * a,
                                       .windowed = m->window_layers * a};
}

struct llm_attention_work llm_attention_prefill(const struct llm *m) {
    const double a = layer_prefill(m);
    return (struct llm_attention_work){.full = full_layers(m) * a,
                                       .windowed = m->window_layers * a};
}

double llm_flop_token(const struct llm *m) {
    return 2.0 * m->params_linear;
}

double llm_flop_head(const struct llm *m) {
    return 2.0 * m->width * m->vocabulary;
}

double llm_kv_bytes(const struct llm *m, enum precision kv) {
    return full_layers(m) * layer_kv(m) * precision_bytes(kv);
}

double llm_kv_bytes_windowed(const struct llm *m, enum precision kv) {
    return m->window_layers * layer_kv(m) * precision_bytes(kv);
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
    if (m->window_layers > 0.0) {
        const double seen = positions_windowed(prompt, m->window);
        flop += prefill.windowed * seen;
        flop += decode.windowed * (positions_windowed(last, m->window) - seen);
    }
    return flop;
}

double llm_c_tok(const struct llm *m, double prompt, double output) {
    return llm_flop_request(m, prompt, output) / output;
}
