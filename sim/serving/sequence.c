/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/serving/sequence.h"

#include "sim/engine/memory.h"

#include <stdlib.h>

/* Chains slots from..capacity-1 into the free list, lowest first. */
static void chain_free(struct sequence_pool *p, int32_t from) {
    for (int32_t i = p->capacity - 1; i >= from; i--) {
        p->slot[i].next = p->free;
        p->free = i;
    }
}

void sequence_pool_init(struct sequence_pool *p, int32_t capacity) {
    p->capacity = capacity > 0 ? capacity : 1;
    p->slot = memory_new((size_t)p->capacity, sizeof *p->slot);
    p->free = SEQUENCE_NONE;
    chain_free(p, 0);
}

void sequence_pool_clear(struct sequence_pool *p) {
    free(p->slot);
    *p = (struct sequence_pool){.slot = NULL};
}

int32_t sequence_take(struct sequence_pool *p) {
    if (p->free == SEQUENCE_NONE) {
        const int32_t old = p->capacity;
        p->capacity = old * 2;
        p->slot = memory_resize(p->slot, (size_t)p->capacity, sizeof *p->slot);
        chain_free(p, old);
    }
    const int32_t index = p->free;
    p->free = p->slot[index].next;
    return index;
}

void sequence_give(struct sequence_pool *p, int32_t index) {
    p->slot[index].next = p->free;
    p->free = index;
}
