/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/platform.h"

#include <limits.h>
#include <math.h>

/* Copies of the KV entries among G GPUs: heads that are fewer than GPUs are repeated. */
static double kv_copies(const struct platform_spec *s) {
    const double gpus = s->gpus;
    if (s->attention == PLATFORM_ATTENTION_DATA || gpus <= s->llm->kv_heads)
        return 1.0;
    return gpus / s->llm->kv_heads;
}

/* Equations 1.1 to 1.7. */
static void make_work(const struct platform_spec *s, struct platform *out) {
    const struct llm *m = s->llm;
    const struct llm_attention_work decode = llm_attention_decode(m);
    const struct llm_attention_work prefill = llm_attention_prefill(m);
    const double copies = kv_copies(s), b_w = precision_bytes(s->weights);

    out->flop_token = llm_flop_token(m);
    out->flop_head = llm_flop_head(m);
    out->flop_decode = decode.full;
    out->flop_decode_windowed = decode.windowed;
    out->flop_prefill = prefill.full;
    out->flop_prefill_windowed = prefill.windowed;

    out->bytes_experts = m->experts * m->expert_layers * m->params_expert * b_w;
    out->bytes_shared = m->params_total * b_w - out->bytes_experts;
    if (s->attention == PLATFORM_ATTENTION_DATA)
        out->bytes_shared += (s->gpus - 1) * m->params_attention * b_w;
    out->expert_miss_log = 0.0;
    if (m->experts > 0.0) /* all experts always hit (k = E): a logarithm that exp takes to 0 */
        out->expert_miss_log = fmax(log1p(-m->experts_per_token / m->experts), -1e3);

    out->bytes_kv = llm_kv_bytes(m, s->kv) * copies;
    out->bytes_kv_windowed = llm_kv_bytes_windowed(m, s->kv) * copies;
    out->kv_stored_bytes = llm_kv_bytes_stored(m, s->kv) * copies;
    out->window = llm_window(m);
}

/* Equations 2.1 to 2.4: rates, and what neither compute nor memory explains. */
static void make_time(const struct platform_spec *s, struct platform *out) {
    const struct hardware *h = s->hardware;
    const double gpus = s->gpus, layers = s->llm->layers;
    enum precision used;

    out->compute_peak = gpus * hardware_peak(h, s->math, &used);
    out->compute_rate = out->compute_peak * h->eta_compute[used];
    out->memory_peak = gpus * h->bandwidth;
    out->memory_rate = out->memory_peak * h->eta_memory;

    out->time_iteration = s->engine->t_iteration + s->engine->t_layer * layers;
    out->time_token = 0.0;
    out->time_sequence = s->engine->t_sequence;
    if (s->gpus > 1) { /* two all-reduces a layer, of T d activations in 16 bits */
        const double bytes = s->llm->width * precision_bytes(PRECISION_FP16);
        out->time_iteration += 2.0 * layers * h->allreduce_latency;
        out->time_token =
            2.0 * layers * (2.0 * (gpus - 1.0) / gpus) * bytes / h->allreduce_bandwidth;
    }
}

/* Equation 3.2, all GPUs together. */
static void make_power(const struct platform_spec *s, struct platform *out) {
    const struct hardware *h = s->hardware;
    const double gpus = s->gpus;

    out->power_static = gpus * h->power_idle;
    out->power_compute = gpus * h->power_compute;
    out->power_scale = h->power_scale;
    out->power_memory = gpus * h->power_memory;
    out->power_gamma = h->power_gamma;
    out->power_limit = gpus * h->power_limit * h->power_clamp;
    out->phi_min = h->phi_min;
}

/* Equation 1.11. */
static void make_memory(const struct platform_spec *s, struct platform *out) {
    const double reserve = s->memory_reserve < 0.0 ? s->engine->memory_reserve : s->memory_reserve;

    out->weight_bytes = out->bytes_shared + out->bytes_experts;
    out->kv_pool_bytes = s->hardware->memory * s->gpus * (1.0 - reserve) - out->weight_bytes;
    out->kv_sequence_bytes =
        llm_kv_sequence_bytes(s->llm, s->kv) * kv_copies(s) + llm_state_bytes(s->llm);
}

void platform_make(const struct platform_spec *spec, struct platform *out) {
    make_work(spec, out);
    make_time(spec, out);
    make_power(spec, out);
    make_memory(spec, out);
    out->gpus = spec->gpus;
}

long platform_kv_blocks(const struct platform *p, long block_tokens, long max_seqs) {
    const double pool = p->kv_pool_bytes - (double)max_seqs * p->kv_sequence_bytes;
    if (!(pool > 0.0))
        return 0;
    const double blocks = floor(pool / ((double)block_tokens * p->kv_stored_bytes));
    return blocks < (double)INT_MAX ? (long)blocks : INT_MAX; /* no unwindowed layer: no bound */
}
