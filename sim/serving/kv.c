/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/serving/kv.h"

#include <assert.h>

/* Residue class whose sequences take a block in decode iteration n. */
static int32_t taker(const struct cell_spec *spec, int64_t n) {
    const int64_t rest = n % spec->block_tokens;
    return (int32_t)(rest == 0 ? 0 : spec->block_tokens - rest);
}

int32_t kv_residue(const struct cell_spec *spec, const struct sequence *s) {
    const int64_t size = spec->block_tokens;
    const int64_t rest = ((int64_t)sequence_prefill(s) - 1 - s->joined) % size;
    return (int32_t)(rest < 0 ? rest + size : rest);
}

int64_t kv_need(const struct cell_spec *spec, const struct replica *r) {
    return r->residue[taker(spec, r->n)];
}

int64_t kv_growth(const struct cell_spec *spec, const struct replica *r, int64_t first,
                  int64_t last) {
    if (last < first)
        return 0;
    const int64_t count = last - first + 1, rounds = count / spec->block_tokens;
    int64_t blocks = rounds * r->decoding;
    for (int64_t n = first + rounds * spec->block_tokens; n <= last; n++)
        blocks += r->residue[taker(spec, n)];
    return blocks;
}

void kv_take(const struct cell_spec *spec, struct replica *r, int64_t last) {
    if (last <= r->grown)
        return;
    r->kv_free -= kv_growth(spec, r, r->grown + 1, last);
    r->grown = last;
    assert(r->kv_free >= 0);
}

int64_t kv_exhaustion(const struct cell_spec *spec, const struct replica *r, int64_t horizon) {
    if (r->kv_free >= (horizon / spec->block_tokens + 1) * r->decoding)
        return AGENDA_NEVER;
    int64_t ahead = r->kv_free / r->decoding * spec->block_tokens;
    int64_t left = r->kv_free % r->decoding;
    while (left >= 0 && ahead < horizon)
        left -= r->residue[taker(spec, r->n + ++ahead)];
    return left < 0 ? ahead : AGENDA_NEVER;
}

void kv_count_fresh(const struct cell_spec *spec, const struct sequence *slot, struct replica *r) {
    for (int32_t i = r->fresh_head; i != SEQUENCE_NONE && i != r->prefill_head; i = slot[i].next)
        r->residue[kv_residue(spec, &slot[i])]++;
    r->fresh_head = SEQUENCE_NONE;
}
