/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_BENCH_SCAN_H
#define TESTS_BENCH_SCAN_H

/* Pending events as a plain array that is searched whole: to set is one store, to look is one pass.
 * Keys are packed as in sim/engine/eventq.h and then read as doubles, whose minimum is the one that
 * every x86-64 has as a vector instruction: bit 61 is set, so that each is a normal positive number
 * and the order of the doubles is that of the keys. Same interface as eventq. */

#include "sim/engine/memory.h"
#include "sim/engine/simtime.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define SCAN_BIAS ((uint64_t)1 << 61)

struct scan {
    double *key; /* `padded` of them; owned */
    uint64_t beyond;
    simtime base;
    uint32_t slots, padded;
    int slot_bits;
};

static inline void scan_init(struct scan *q, uint32_t slots) {
    assert(slots >= 1 && slots <= 16384);
    *q = (struct scan){.slots = slots, .padded = (slots + 7) & ~7u};
    while (((uint32_t)1 << q->slot_bits) < q->padded)
        q->slot_bits++;
    q->beyond = (SCAN_BIAS - 1) >> q->slot_bits;
    q->key = memory_new(q->padded, sizeof *q->key);
}

static inline void scan_free(struct scan *q) {
    free(q->key);
}

static inline double scan_key(const struct scan *q, uint32_t slot, simtime time) {
    assert(time >= q->base);
    const uint64_t since = (uint64_t)(time - q->base);
    const uint64_t bits =
        SCAN_BIAS | (since < q->beyond ? since : q->beyond) << q->slot_bits | slot;
    double key;
    memcpy(&key, &bits, sizeof key);
    return key;
}

static inline void scan_set(struct scan *q, uint32_t slot, simtime time) {
    assert(slot < q->slots);
    q->key[slot] = scan_key(q, slot, time);
}

static inline void scan_start(struct scan *q, simtime base) {
    q->base = base;
    for (uint32_t i = 0; i < q->padded; i++)
        q->key[i] = scan_key(q, i, SIMTIME_NEVER);
}

static inline void scan_fill(struct scan *q, const simtime *time) {
    for (uint32_t i = 0; i < q->slots; i++)
        q->key[i] = scan_key(q, i, time[i]);
}

static inline simtime scan_first(const struct scan *q, uint32_t *slot) {
    double least[8]; /* eight running minima, which need not wait for each other */
    memcpy(least, q->key, sizeof least);
    for (uint32_t i = 8; i < q->padded; i += 8)
        for (int k = 0; k < 8; k++)
            least[k] = q->key[i + (uint32_t)k] < least[k] ? q->key[i + (uint32_t)k] : least[k];
    for (int step = 4; step >= 1; step /= 2)
        for (int k = 0; k < step; k++)
            least[k] = least[k + step] < least[k] ? least[k + step] : least[k];
    uint64_t bits;
    memcpy(&bits, least, sizeof bits);
    bits &= SCAN_BIAS - 1;
    *slot = (uint32_t)(bits & (((uint64_t)1 << q->slot_bits) - 1));
    const uint64_t since = bits >> q->slot_bits;
    return since == q->beyond ? SIMTIME_NEVER : q->base + (simtime)since;
}

#endif
