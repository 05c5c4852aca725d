/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_SERVING_AGENDA_H
#define SIM_SERVING_AGENDA_H

/* What falls due at which value of a replica's decode counter: a binary heap of (count, slot)
 * packed in 64 bits, so that ties have a fixed order. Storage is the caller's. */

#include <stdint.h>

#define AGENDA_SLOT_BITS 24 /* 16 million sequences in one cell; 40 bits of counter */
#define AGENDA_NEVER     INT64_MAX

struct agenda {
    uint64_t *key;
    int32_t count;
};

/* Adds `slot`, due at `due`; there is room for it. */
static inline void agenda_add(struct agenda *a, int64_t due, int32_t slot) {
    const uint64_t key = ((uint64_t)due << AGENDA_SLOT_BITS) | (uint64_t)slot;
    int32_t i = a->count++;
    while (i > 0 && a->key[(i - 1) / 2] > key) {
        a->key[i] = a->key[(i - 1) / 2];
        i = (i - 1) / 2;
    }
    a->key[i] = key;
}

/* The earliest due count, AGENDA_NEVER when empty. */
static inline int64_t agenda_due(const struct agenda *a) {
    return a->count > 0 ? (int64_t)(a->key[0] >> AGENDA_SLOT_BITS) : AGENDA_NEVER;
}

/* Puts `key` in place of the entry at `i`, whose subtree is a heap. */
static inline void agenda_sink(struct agenda *a, int32_t i, uint64_t key) {
    for (int32_t child = 2 * i + 1; child < a->count; child = 2 * i + 1) {
        child += child + 1 < a->count && a->key[child + 1] < a->key[child];
        if (a->key[child] >= key)
            break;
        a->key[i] = a->key[child];
        i = child;
    }
    a->key[i] = key;
}

/* Removes the earliest entry (there is one) and returns its slot. */
static inline int32_t agenda_take(struct agenda *a) {
    const int32_t slot = (int32_t)(a->key[0] & ((1u << AGENDA_SLOT_BITS) - 1));
    const uint64_t last = a->key[--a->count];
    if (a->count > 0)
        agenda_sink(a, 0, last);
    return slot;
}

/* Removes `slot`, which is in the agenda; linear in the agenda's size. */
static inline void agenda_remove(struct agenda *a, int32_t slot) {
    int32_t i = 0;
    while ((int32_t)(a->key[i] & ((1u << AGENDA_SLOT_BITS) - 1)) != slot)
        i++;
    const uint64_t last = a->key[--a->count];
    if (i == a->count)
        return;
    while (i > 0 && a->key[(i - 1) / 2] > last) {
        a->key[i] = a->key[(i - 1) / 2];
        i = (i - 1) / 2;
    }
    agenda_sink(a, i, last);
}

#endif
