/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/iteration.h"

/* Equations 1.1 to 1.6, 1.10: FLOP and bytes as they are. */
static void describe_work(const struct platform *p, const struct batch *b, double tokens,
                          double share, struct iteration *out) {
    out->flop = p->flop_token * tokens + p->flop_head * b->emitted + p->flop_decode * b->context +
                p->flop_decode_windowed * b->windowed + p->flop_prefill * b->chunk_pairs +
                p->flop_prefill_windowed * b->chunk_pairs_windowed;
    out->flop_step = p->flop_decode * b->decoding + p->flop_decode_windowed * b->below_window +
                     p->flop_prefill * b->pairs_step;
    out->bytes = p->bytes_shared + p->bytes_experts * share +
                 p->bytes_kv * (b->context + b->chunk_reads + tokens) +
                 p->bytes_kv_windowed * (b->windowed + b->chunk_reads_windowed + tokens) +
                 p->bytes_state * b->decoding;

    /* Equation 3.1: the experts' part weighs more. */
    const double more = p->power_experts - 1.0;
    out->power_flop = out->flop + more * p->flop_experts * tokens;
    out->power_bytes = out->bytes + more * p->bytes_experts * share;
}

void iteration_describe(const struct platform *p, const struct batch *b, struct iteration *out) {
    const double tokens = b->decoding + b->chunk;
    const double share = platform_expert_share(p, tokens);
    describe_work(p, b, tokens, share, out);

    /* Equations 2.1 to 2.5. */
    double cost = p->cost_token * tokens + p->cost_head * b->emitted + p->cost_decode * b->context +
                  p->cost_decode_windowed * b->windowed + p->cost_prefill * b->chunk_pairs +
                  p->cost_prefill_windowed * b->chunk_pairs_windowed;
    if (p->cost_token_root > 0.0)
        cost += p->cost_token_root * sqrt(tokens);
    const double cost_step = p->cost_decode * b->decoding +
                             p->cost_decode_windowed * b->below_window +
                             p->cost_prefill * b->pairs_step;

    /* Equations 2.6 to 2.8. */
    const double load = p->bytes_shared + p->load_experts * platform_expert_share_most(p, share) +
                        p->load_decode * b->context + p->load_decode_windowed * b->windowed +
                        p->load_kv * (b->chunk_reads + tokens) +
                        p->load_kv_windowed * (b->chunk_reads_windowed + tokens) +
                        p->load_state * b->decoding;
    const double load_step = p->load_decode * b->decoding +
                             p->load_decode_windowed * b->below_window + p->load_kv * b->reads_step;

    out->compute = cost / p->compute_rate;
    out->compute_step = cost_step / p->compute_rate;
    out->memory = load / p->memory_rate;
    out->memory_step = load_step / p->memory_rate;

    /* Equations 2.9 to 2.11. */
    out->overhead = p->time_iteration + p->time_token * tokens + p->time_sequence * b->sequences;
}
