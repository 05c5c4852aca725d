/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_ENGINE_EVENTQ_H
#define SIM_ENGINE_EVENTQ_H

/* The pending events of a cell: a fixed number of slots (entities), each with exactly one next
 * event that is often set anew. Time is told from the base of a window, which the caller starts
 * with eventq_start and within which it takes events; an event further away than `eventq_span`
 * counts as beyond the window, and has to be set again in a later window.
 *
 * Order: by time, at one time by the lowest slot, whatever was set before.
 *
 * A winner tree: one 64-bit key per slot (time from the base in ps, slot) in the leaves, the
 * smaller of two children in each inner node. To set a slot is to replay its path to the root, one
 * minimum per level and no branch that data decide.
 *
 * Why this one (tests/bench_eventq.c, gcc 12 and clang 14 at -O2, on an AMD EPYC): for the 8 to 256
 * slots that a cell has, with steps exponential or tied, with or without another slot set anew at
 * each event, it was the fastest in every case. The others took, times as long:
 *   a 4-ary indexed heap of the same keys  1.4 to 4.4
 *   a calendar queue                       1.5 to 18 (worst where ties share a day)
 *   a scan of all keys                     1.1 (8 slots, vectorized) to 12
 * Its cost hardly depends on the steps; theirs does, but for the scan's. At 10,000 slots the heap
 * still takes 1.9 to 3.0 times as long, the calendar 1.6 times and more. */

#include "sim/engine/simtime.h"

#include <assert.h>
#include <stdint.h>

/* Most slots: keeps 50 bits of ps, 18 minutes, for a window. */
#define EVENTQ_SLOTS_MAX 16384

struct eventq {
    uint64_t *key;   /* 2 * leaves: [1] the root, [leaves + slot] the leaf of a slot; owned */
    uint64_t beyond; /* time field of a key that means: beyond the window */
    simtime base;
    uint32_t slots;
    uint32_t leaves; /* 2^slot_bits, at least slots */
    int slot_bits;
};

/* Room for `slots` slots, 1 to EVENTQ_SLOTS_MAX; a window must be started before anything else. */
void eventq_init(struct eventq *q, uint32_t slots);
void eventq_free(struct eventq *q);

/* Starts a window at `base` >= 0; every slot's event is SIMTIME_NEVER. */
void eventq_start(struct eventq *q, simtime base);

/* Sets all slots at once: `time[i]` is slot i's, as in eventq_set. Cheaper than one by one. */
void eventq_fill(struct eventq *q, const simtime *time);

/* Length of time (ps) from the base within which events can be told apart and taken: all windows
 * must be shorter. */
static inline simtime eventq_span(const struct eventq *q) {
    return (simtime)q->beyond;
}

/* The key of a slot's event. */
static inline uint64_t eventq_key(const struct eventq *q, uint32_t slot, simtime time) {
    assert(time >= q->base);
    const uint64_t since = (uint64_t)(time - q->base);
    return (since < q->beyond ? since : q->beyond) << q->slot_bits | slot;
}

/* Sets the next event of `slot` to `time`, at or after the base; SIMTIME_NEVER is allowed. */
static inline void eventq_set(struct eventq *q, uint32_t slot, simtime time) {
    assert(slot < q->slots);
    uint64_t least = eventq_key(q, slot, time);
    uint64_t *const key = q->key;
    uint32_t i = q->leaves + slot;
    for (key[i] = least; i > 1; key[i] = least) {
        const uint64_t other = key[i ^ 1];
        least = other < least ? other : least;
        i >>= 1;
    }
}

/* Time of the first event and its slot; SIMTIME_NEVER when there is none within the window's span
 * (*slot is then the lowest one). The event stays until its slot is set again. */
static inline simtime eventq_first(const struct eventq *q, uint32_t *slot) {
    const uint64_t first = q->key[1], since = first >> q->slot_bits;
    *slot = (uint32_t)(first & (q->leaves - 1));
    return since == q->beyond ? SIMTIME_NEVER : q->base + (simtime)since;
}

#endif
