/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/platform.h"

#include <gsl/gsl_cdf.h>
#include <limits.h>
#include <math.h>

/* Copies of the KV entries among G GPUs: heads that are fewer than GPUs are repeated. */
static double kv_copies(const struct platform_spec *s) {
    const double gpus = s->gpus;
    if (s->attention == PLATFORM_ATTENTION_DATA || gpus <= s->llm->kv_heads)
        return 1.0;
    return gpus / s->llm->kv_heads;
}

enum precision platform_math(const struct hardware *h, enum precision weights) {
    return h->peak[weights] > 0.0 ? weights : PRECISION_FP16;
}

long platform_token_budget(const struct serving_engine *e, enum platform_attention attention,
                           int gpus) {
    return attention == PLATFORM_ATTENTION_DATA ? e->token_budget * gpus : e->token_budget;
}

/* Bytes of a quantised weight: what the model was published with where it is run in that format,
 * else the format's own. */
static double weight_bytes(const struct platform_spec *s) {
    if (s->weights == s->llm->native_precision && s->llm->weight_bits > 0.0)
        return s->llm->weight_bits / 8.0;
    return precision_bytes(s->weights);
}

/* Equations 1.1 to 1.7. The input embedding is looked up, not read; the head is read. */
static void make_work(const struct platform_spec *s, struct platform *out) {
    const struct llm *m = s->llm;
    const struct llm_attention_work decode = llm_attention_decode(m);
    const struct llm_attention_work prefill = llm_attention_prefill(m);
    const double copies = kv_copies(s), b_w = weight_bytes(s);
    const double b_16 = precision_bytes(PRECISION_FP16);
    const double b_attention = m->quantised == LLM_QUANTISED_LINEAR ? b_w : b_16;
    const double b_dense = m->quantised == LLM_QUANTISED_EXPERTS ? b_16 : b_w;
    const double expert = m->expert_layers * m->params_expert;

    out->flop_token = llm_flop_token(m);
    out->flop_head = llm_flop_head(m);
    out->flop_experts = 2.0 * m->experts_per_token * expert;
    out->flop_decode = decode.full;
    out->flop_decode_windowed = decode.windowed;
    out->flop_prefill = prefill.full;
    out->flop_prefill_windowed = prefill.windowed;

    out->bytes_experts = m->experts * expert * b_w;
    out->bytes_shared =
        m->params_attention * b_attention +
        (m->params_linear - m->params_attention - m->experts_per_token * expert) * b_dense +
        m->width * m->vocabulary * b_16;
    if (s->attention == PLATFORM_ATTENTION_DATA)
        out->bytes_shared += (s->gpus - 1) * m->params_attention * b_attention;
    out->expert_miss_log = 0.0;
    if (m->experts > 0.0) /* all experts always hit (k = E): a logarithm that exp takes to 0 */
        out->expert_miss_log = fmax(log1p(-m->experts_per_token / m->experts), -1e3);

    out->bytes_kv = llm_kv_bytes(m, s->kv) * copies;
    out->bytes_kv_windowed = llm_kv_bytes_windowed(m, s->kv) * copies;
    out->bytes_state = 2.0 * llm_state_bytes(m);
    out->kv_stored_bytes = llm_kv_bytes_stored(m, s->kv) * copies;
    out->window = llm_window(m);
}

/* Expected largest of `count` draws from the normal distribution, in standard deviations (Blom,
 * Statistical Estimates and Transformed Beta-Variables, 1958). */
static double largest_of(double count) {
    return gsl_cdf_ugaussian_Pinv((count - 0.375) / (count + 0.25));
}

static enum engine_experts experts_class(enum precision weights) {
    switch (weights) {
    case PRECISION_FP16:
        return ENGINE_EXPERTS_16;
    case PRECISION_FP8:
    case PRECISION_INT8:
        return ENGINE_EXPERTS_8;
    default:
        return ENGINE_EXPERTS_4;
    }
}

/* Equations 2.1 to 2.5: work in FLOP at compute_rate. */
static void make_cost(const struct platform_spec *s, const struct engine_overhead *e,
                      struct platform *out) {
    const struct llm *m = s->llm;
    const struct hardware *h = s->hardware;
    const double attention =
        out->compute_rate / (s->gpus * h->peak[PRECISION_FP16] * h->eta_attention);
    const double experts = out->flop_experts / e->experts_compute;

    out->cost_token = out->flop_token - out->flop_experts + experts;
    out->cost_token_root = 0.0;
    if (s->experts == PLATFORM_EXPERTS_PARALLEL && s->gpus > 1 && m->experts > 0.0)
        out->cost_token_root = experts * largest_of(s->gpus) * sqrt(s->gpus / m->experts_per_token);
    out->cost_head = out->flop_head;
    out->cost_decode = out->flop_decode * attention;
    out->cost_decode_windowed = out->flop_decode_windowed * attention;
    out->cost_prefill = out->flop_prefill * attention;
    out->cost_prefill_windowed = out->flop_prefill_windowed * attention;
}

/* Of a decoding token's attention, only the longer of its products and its reads takes time: one
 * kernel does both. */
static void longer_only(const struct platform *p, double *cost, double *load) {
    if (*cost / p->compute_rate > *load / p->memory_rate)
        *load = 0.0;
    else
        *cost = 0.0;
}

/* Equations 2.6 to 2.8: bytes at memory_rate. */
static void make_load(const struct platform_spec *s, const struct engine_overhead *e,
                      struct platform *out) {
    const struct hardware *h = s->hardware;
    const double eta = e->experts[experts_class(s->weights)];

    out->load_kv = out->bytes_kv * h->eta_memory / h->eta_kv;
    out->load_kv_windowed = out->bytes_kv_windowed * h->eta_memory / h->eta_kv;
    out->load_decode = out->load_kv;
    out->load_decode_windowed = out->load_kv_windowed;
    longer_only(out, &out->cost_decode, &out->load_decode);
    longer_only(out, &out->cost_decode_windowed, &out->load_decode_windowed);
    out->load_experts = out->bytes_experts * (eta > 0.0 ? h->eta_memory / eta : 1.0);
    out->load_state = out->bytes_state * h->eta_memory / h->eta_state;
    out->expert_spread = 0.0;
    if (s->experts == PLATFORM_EXPERTS_PARALLEL && s->gpus > 1 && s->llm->experts > 0.0) {
        const double z = largest_of(s->gpus);
        out->expert_spread = z * z * s->gpus / s->llm->experts;
    }
}

/* Equations 2.9 to 2.11: what neither compute nor memory explains. */
static void make_overhead(const struct platform_spec *s, const struct engine_overhead *e,
                          struct platform *out) {
    const struct llm *m = s->llm;
    const struct hardware *h = s->hardware;
    const double gpus = s->gpus;

    out->time_iteration = e->iteration + e->layer * m->layers + e->layer_moe * m->expert_layers;
    if (s->experts == PLATFORM_EXPERTS_PARALLEL && s->gpus > 1)
        out->time_iteration += e->layer_parallel * m->expert_layers * log2(gpus) / 3.0;
    if (m->attention == LLM_MLA)
        out->time_iteration += e->layer_mla * m->layers;
    out->time_token = 0.0;
    if (s->gpus > 1) { /* two all-reduces a layer, of T d activations in 16 bits */
        const double bytes = m->width * precision_bytes(PRECISION_FP16);
        out->time_iteration +=
            2.0 * m->layers * e->allreduce_latency * h->allreduce_latency * log2(gpus) / 3.0;
        out->time_token = 2.0 * m->layers * e->allreduce_volume * (2.0 * (gpus - 1.0) / gpus) *
                          bytes / h->allreduce_bandwidth;
    }
    out->time_sequence = e->sequence;
    if (s->attention == PLATFORM_ATTENTION_DATA) /* each GPU's own scheduler has its share */
        out->time_sequence /= gpus;
    out->time_request = e->request;
    out->time_prompt = e->prompt_token;
}

static void make_time(const struct platform_spec *s, struct platform *out) {
    const struct hardware *h = s->hardware;
    const struct engine_overhead *e = serving_engine_overhead(s->engine, h->name);
    enum precision used;

    out->compute_peak = s->gpus * hardware_peak(h, s->math, &used);
    out->compute_rate = out->compute_peak * h->eta_compute[used];
    out->memory_peak = s->gpus * h->bandwidth;
    out->memory_rate = out->memory_peak * h->eta_memory;
    make_cost(s, e, out);
    make_load(s, e, out);
    make_overhead(s, e, out);
}

/* Equation 3.2, all GPUs together. */
static void make_power(const struct platform_spec *s, struct platform *out) {
    const struct hardware *h = s->hardware;
    const double gpus = s->gpus;

    out->power_static = gpus * h->power_idle;
    out->power_active = gpus * h->power_active;
    out->power_compute = gpus * h->power_compute;
    out->power_scale = h->power_scale;
    out->power_memory = gpus * h->power_memory;
    out->power_gamma = h->power_gamma;
    out->power_fixed = h->power_fixed;
    out->power_experts = h->power_experts[experts_class(s->weights)];
    out->power_limit = gpus * h->power_limit * h->power_clamp;
    out->phi_min = h->phi_min;
}

/* Equation 1.11. */
static void make_memory(const struct platform_spec *s, struct platform *out) {
    const double reserve = s->memory_reserve < 0.0 ? s->engine->memory_reserve : s->memory_reserve;

    /* The embedding table that is only looked up stands in memory too; with a head of its own. */
    const double all = s->llm->params_linear + (s->llm->experts - s->llm->experts_per_token) *
                                                   s->llm->expert_layers * s->llm->params_expert;
    const double table = fmax(s->llm->params_total - all - s->llm->width * s->llm->vocabulary, 0.0);
    out->weight_bytes =
        out->bytes_shared + out->bytes_experts + table * precision_bytes(PRECISION_FP16);
    out->kv_pool_bytes = s->hardware->memory * s->gpus * (1.0 - reserve) - out->weight_bytes;
    out->kv_windowed_stored = llm_kv_bytes_stored_windowed(s->llm, s->kv) * kv_copies(s);
    out->state_stored = llm_state_bytes(s->llm);
}

void platform_make(const struct platform_spec *spec, struct platform *out) {
    make_work(spec, out);
    make_time(spec, out);
    make_power(spec, out);
    make_memory(spec, out);
    out->gpus = spec->gpus;
}

double platform_sequence_bytes(const struct platform *p, long block_tokens, double longest) {
    if (!(p->kv_windowed_stored > 0.0)) /* no windowed layer: the window may be infinite */
        return p->state_stored;
    const double block = (double)block_tokens;
    const double positions = ceil(fmin(p->window, longest) / block) * block;
    return positions * p->kv_windowed_stored + p->state_stored;
}

long platform_kv_blocks(const struct platform *p, long block_tokens, long max_seqs,
                        double longest) {
    const double pool =
        p->kv_pool_bytes - (double)max_seqs * platform_sequence_bytes(p, block_tokens, longest);
    if (!(pool > 0.0))
        return 0;
    const double blocks = floor(pool / ((double)block_tokens * p->kv_stored_bytes));
    return blocks < (double)INT_MAX ? (long)blocks : INT_MAX; /* no unwindowed layer: no bound */
}
