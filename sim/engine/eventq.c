/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/engine/eventq.h"

#include "sim/engine/memory.h"

#include <stdlib.h>

void eventq_init(struct eventq *q, uint32_t slots) {
    assert(slots >= 1 && slots <= EVENTQ_SLOTS_MAX);
    *q = (struct eventq){.slots = slots};
    while (((uint32_t)1 << q->slot_bits) < slots)
        q->slot_bits++;
    q->leaves = (uint32_t)1 << q->slot_bits;
    q->beyond = UINT64_MAX >> q->slot_bits;
    if (q->beyond > INT64_MAX) /* one slot: no bit of the key is the slot's */
        q->beyond = INT64_MAX;
    q->key = memory_new(2 * (size_t)q->leaves, sizeof *q->key);
}

void eventq_free(struct eventq *q) {
    free(q->key);
    *q = (struct eventq){0};
}

/* Plays every match, from the leaves up. */
static void replay_all(struct eventq *q) {
    uint64_t *const key = q->key;
    for (uint32_t i = q->leaves; i-- > 1;)
        key[i] = key[2 * i] < key[2 * i + 1] ? key[2 * i] : key[2 * i + 1];
}

void eventq_start(struct eventq *q, simtime base) {
    assert(base >= 0);
    q->base = base;
    for (uint32_t i = 0; i < q->leaves; i++) /* leaves without a slot as well: they lose all ties */
        q->key[q->leaves + i] = q->beyond << q->slot_bits | i;
    replay_all(q);
}

void eventq_fill(struct eventq *q, const simtime *time) {
    for (uint32_t i = 0; i < q->slots; i++)
        q->key[q->leaves + i] = eventq_key(q, i, time[i]);
    replay_all(q);
}
