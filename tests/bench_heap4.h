/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_BENCH_HEAP4_H
#define TESTS_BENCH_HEAP4_H

/* Pending events as a 4-ary heap of packed keys (as in sim/engine/eventq.h) with each slot's place
 * beside it. Same interface as eventq. */

#include "sim/engine/memory.h"
#include "sim/engine/simtime.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

struct heap4 {
    uint64_t *key;   /* [0] the root, children of i at 4 i + 1 ..; padded with UINT64_MAX; owned */
    uint32_t *place; /* of each slot in key; owned */
    uint64_t beyond;
    simtime base;
    uint32_t slots;
    int slot_bits;
};

static inline void heap4_init(struct heap4 *q, uint32_t slots) {
    assert(slots >= 1 && slots <= 16384);
    *q = (struct heap4){.slots = slots, .slot_bits = 1};
    while (((uint32_t)1 << q->slot_bits) < slots)
        q->slot_bits++;
    q->beyond = UINT64_MAX >> q->slot_bits;
    q->key = memory_new(4 * (size_t)slots + 5, sizeof *q->key);
    q->place = memory_new(slots, sizeof *q->place);
    for (size_t i = 0; i < 4 * (size_t)slots + 5; i++)
        q->key[i] = UINT64_MAX;
}

static inline void heap4_free(struct heap4 *q) {
    free(q->key);
    free(q->place);
}

static inline uint64_t heap4_key(const struct heap4 *q, uint32_t slot, simtime time) {
    assert(time >= q->base);
    const uint64_t since = (uint64_t)(time - q->base);
    return (since < q->beyond ? since : q->beyond) << q->slot_bits | slot;
}

static inline uint32_t heap4_slot(const struct heap4 *q, uint64_t key) {
    return (uint32_t)(key & (((uint64_t)1 << q->slot_bits) - 1));
}

static inline void heap4_put(struct heap4 *q, uint32_t i, uint64_t key) {
    q->key[i] = key;
    q->place[heap4_slot(q, key)] = i;
}

/* Moves `key`, whose place is i, down to where no child is smaller. */
static inline void heap4_down(struct heap4 *q, uint32_t i, uint64_t key) {
    while (4 * i + 1 < q->slots) {
        const uint32_t c = 4 * i + 1;
        const uint64_t *const k = q->key;
        const uint32_t a = c + (k[c + 1] < k[c]), b = c + 2 + (k[c + 3] < k[c + 2]);
        const uint32_t least = k[b] < k[a] ? b : a;
        if (key < k[least])
            break;
        heap4_put(q, i, k[least]);
        i = least;
    }
    heap4_put(q, i, key);
}

static inline void heap4_set(struct heap4 *q, uint32_t slot, simtime time) {
    assert(slot < q->slots);
    const uint64_t key = heap4_key(q, slot, time);
    uint32_t i = q->place[slot];
    while (i > 0 && key < q->key[(i - 1) / 4]) {
        heap4_put(q, i, q->key[(i - 1) / 4]);
        i = (i - 1) / 4;
    }
    heap4_down(q, i, key);
}

static inline void heap4_start(struct heap4 *q, simtime base) {
    q->base = base;
    for (uint32_t i = 0; i < q->slots; i++) /* in order: a heap */
        heap4_put(q, i, heap4_key(q, i, SIMTIME_NEVER));
}

static inline void heap4_fill(struct heap4 *q, const simtime *time) {
    for (uint32_t i = 0; i < q->slots; i++)
        heap4_put(q, i, heap4_key(q, i, time[i]));
    for (uint32_t i = q->slots; i-- > 0;)
        heap4_down(q, i, q->key[i]);
}

static inline simtime heap4_first(const struct heap4 *q, uint32_t *slot) {
    const uint64_t since = q->key[0] >> q->slot_bits;
    *slot = heap4_slot(q, q->key[0]);
    return since == q->beyond ? SIMTIME_NEVER : q->base + (simtime)since;
}

#endif
