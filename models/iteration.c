/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/iteration.h"

void iteration_describe(const struct platform *p, const struct batch *b, struct iteration *out) {
    const double tokens = b->decoding + b->chunk;

    /* Equations 1.1 to 1.6. */
    out->flop = p->flop_token * tokens + p->flop_head * b->emitted + p->flop_decode * b->context +
                p->flop_decode_windowed * b->windowed + p->flop_prefill * b->chunk_pairs +
                p->flop_prefill_windowed * b->chunk_pairs_windowed;
    out->flop_step = p->flop_decode * b->decoding + p->flop_decode_windowed * b->below_window +
                     p->flop_prefill * b->pairs_step;

    /* Equation 1.10: weights, positions read, positions written. */
    out->bytes = platform_weight_bytes(p, tokens) +
                 p->bytes_kv * (b->context + b->chunk_reads + tokens) +
                 p->bytes_kv_windowed * (b->windowed + b->chunk_reads_windowed + tokens);
    out->bytes_step =
        p->bytes_kv * (b->decoding + b->reads_step) + p->bytes_kv_windowed * b->below_window;

    /* Equations 2.3, 2.4. */
    out->overhead = p->time_iteration + p->time_token * tokens + p->time_sequence * b->sequences;
}
