/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_SERVING_SEQUENCE_H
#define SIM_SERVING_SEQUENCE_H

/* A request while it is in a cell, and the pool of such: recycled slots addressed by index, so that
 * any number of requests needs memory only for those in the cell at one time. */

#include "sim/engine/simtime.h"

#include <stdint.h>

#define SEQUENCE_NONE (-1)

struct sequence {
    simtime arrival;    /* at the cell */
    simtime first;      /* its first token's */
    simtime last;       /* its last token's that no decoding iteration emitted */
    int64_t joined;     /* the replica's decode counter at the iteration it first decodes in */
    int32_t prompt;     /* tokens */
    int32_t output;     /* tokens, its last included */
    int32_t emitted;    /* tokens emitted when it joined the decoding sequences (or waits) */
    int32_t prefilled;  /* of prompt + emitted, since it was last admitted */
    int32_t prev, next; /* in the running list, or next in the queue or free list */
};

struct sequence_pool {
    struct sequence *slot; /* owned */
    int32_t capacity, free;
};

/* Room for `capacity` sequences at first; grows by doubling when more are in the cell at once. */
void sequence_pool_init(struct sequence_pool *p, int32_t capacity);
void sequence_pool_clear(struct sequence_pool *p);

/* A slot of undefined content. May move the slots: pointers into them do not survive. */
int32_t sequence_take(struct sequence_pool *p);
void sequence_give(struct sequence_pool *p, int32_t index);

/* Positions that a sequence's prefill must fill: its prompt and what it had emitted. */
static inline int32_t sequence_prefill(const struct sequence *s) {
    return s->prompt + s->emitted;
}

/* L of a decoding sequence in the iteration that the decode counter `n` names. */
static inline int64_t sequence_context(const struct sequence *s, int64_t n) {
    return (int64_t)s->prompt + s->emitted + (n - s->joined);
}

#endif
