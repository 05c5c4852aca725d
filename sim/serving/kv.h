/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_SERVING_KV_H
#define SIM_SERVING_KV_H

/* KV memory of a replica: blocks held by sequences, and their growth while the batch decodes. A
 * decoding sequence takes a block in the iterations in which (L - 1) is a multiple of the block's
 * tokens; sequences are counted by that residue, so that the growth of any number of iterations is
 * a sum over at most one block's length. */

#include "sim/serving/replica.h"

/* Blocks that hold `positions` positions. */
static inline int64_t kv_blocks(const struct cell_spec *spec, int64_t positions) {
    return (positions + spec->block_tokens - 1) / spec->block_tokens;
}

/* Blocks that a sequence asks for when it is admitted: its whole prompt, with what it had emitted
 * before a preemption, plus one token. */
static inline int64_t kv_admission(const struct cell_spec *spec, const struct sequence *s) {
    return kv_blocks(spec, (int64_t)sequence_prefill(s) + 1);
}

/* Residue class of a decoding sequence, constant while it decodes. */
int32_t kv_residue(const struct cell_spec *spec, const struct sequence *s);

/* Blocks that the counted decoding sequences take in the next decode iteration, n. */
int64_t kv_need(const struct cell_spec *spec, const struct replica *r);

/* Blocks that the decode iterations first .. last need (none if last < first). */
int64_t kv_growth(const struct cell_spec *spec, const struct replica *r, int64_t first,
                  int64_t last);

/* Takes the growth of all iterations after r->grown up to `last`; it is free. */
void kv_take(const struct cell_spec *spec, struct replica *r, int64_t last);

/* How many boundaries ahead growth first exceeds what is free: the smallest K >= 1 such that the
 * iterations n + 1 .. n + K need more than kv_free; AGENDA_NEVER when that is beyond `horizon`. */
int64_t kv_exhaustion(const struct cell_spec *spec, const struct replica *r, int64_t horizon);

/* Counts the sequences that began to decode since the last growth. */
void kv_count_fresh(const struct cell_spec *spec, const struct sequence *slot, struct replica *r);

#endif
