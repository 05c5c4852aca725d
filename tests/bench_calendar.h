/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_BENCH_CALENDAR_H
#define TESTS_BENCH_CALENDAR_H

/* Pending events as a calendar queue (Brown 1988, CACM 31(10)) of doubly linked lists, so that a
 * slot can be set anew. The population is fixed, so the number of days is; a day's width is taken
 * from the times pending when they are filled, and again whenever looking or inserting has cost
 * more than CALENDAR_WORK steps an operation of late. Same interface as eventq. */

#include "sim/engine/memory.h"
#include "sim/engine/simtime.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#define CALENDAR_NONE UINT32_MAX
#define CALENDAR_WORK 8

struct calendar {
    simtime *time;                /* of each slot; owned */
    uint32_t *next, *prev, *head; /* lists in order of (time, slot); owned */
    uint32_t slots, days;         /* days: a power of two */
    int shift;                    /* a day is 2^shift ps */
    int64_t cursor;               /* no event is on an earlier day, counted from time 0 */
    uint64_t operations, work;    /* since the width was last chosen */
};

static inline void calendar_init(struct calendar *q, uint32_t slots) {
    *q = (struct calendar){.slots = slots, .days = 2};
    while (q->days < slots)
        q->days *= 2;
    q->time = memory_new(slots, sizeof *q->time);
    q->next = memory_new(slots, sizeof *q->next);
    q->prev = memory_new(slots, sizeof *q->prev);
    q->head = memory_new(q->days, sizeof *q->head);
}

static inline void calendar_free(struct calendar *q) {
    free(q->time);
    free(q->next);
    free(q->prev);
    free(q->head);
}

static inline uint32_t *calendar_day(const struct calendar *q, simtime time) {
    return &q->head[(uint64_t)(time >> q->shift) & (q->days - 1)];
}

static inline void calendar_insert(struct calendar *q, uint32_t slot) {
    const simtime time = q->time[slot];
    if (time == SIMTIME_NEVER)
        return; /* on no day */
    if (time >> q->shift < q->cursor)
        q->cursor = time >> q->shift;
    uint32_t *const head = calendar_day(q, time);
    uint32_t left = CALENDAR_NONE, after = *head;
    while (after != CALENDAR_NONE &&
           (q->time[after] < time || (q->time[after] == time && after < slot))) {
        left = after;
        after = q->next[after];
        q->work++;
    }
    q->prev[slot] = left;
    q->next[slot] = after;
    if (left == CALENDAR_NONE)
        *head = slot;
    else
        q->next[left] = slot;
    if (after != CALENDAR_NONE)
        q->prev[after] = slot;
}

static inline void calendar_remove(struct calendar *q, uint32_t slot) {
    if (q->time[slot] == SIMTIME_NEVER)
        return;
    const uint32_t left = q->prev[slot], right = q->next[slot];
    if (left == CALENDAR_NONE)
        *calendar_day(q, q->time[slot]) = right;
    else
        q->next[left] = right;
    if (right != CALENDAR_NONE)
        q->prev[right] = left;
}

/* Chooses a day of about the mean distance between events and lays all of them out again. */
static inline void calendar_layout(struct calendar *q) {
    double sum = 0, count = 0;
    simtime least = SIMTIME_NEVER;
    for (uint32_t i = 0; i < q->slots; i++) {
        if (q->time[i] == SIMTIME_NEVER)
            continue;
        sum += (double)q->time[i];
        count++;
        least = q->time[i] < least ? q->time[i] : least;
    }
    const double width = count > 0 ? 2 * (sum / count - (double)least) / count : 1;
    q->shift = 0;
    while (q->shift < 60 && (double)((int64_t)1 << q->shift) < width)
        q->shift++;
    q->cursor = least >> q->shift;
    q->operations = q->work = 0;
    for (uint32_t i = 0; i < q->days; i++)
        q->head[i] = CALENDAR_NONE;
    for (uint32_t i = q->slots; i-- > 0;)
        calendar_insert(q, i);
}

static inline void calendar_set(struct calendar *q, uint32_t slot, simtime time) {
    calendar_remove(q, slot);
    q->time[slot] = time;
    calendar_insert(q, slot);
    if (++q->operations >= 8 * (uint64_t)q->slots) {
        if (q->work > CALENDAR_WORK * q->operations)
            calendar_layout(q);
        q->operations = q->work = 0;
    }
}

static inline void calendar_start(struct calendar *q, simtime base) {
    (void)base;
    for (uint32_t i = 0; i < q->slots; i++)
        q->time[i] = SIMTIME_NEVER;
    calendar_layout(q);
}

static inline void calendar_fill(struct calendar *q, const simtime *time) {
    for (uint32_t i = 0; i < q->slots; i++)
        q->time[i] = time[i];
    calendar_layout(q);
}

static inline simtime calendar_first(struct calendar *q, uint32_t *slot) {
    /* One year from the cursor on, day by day. */
    for (int64_t ahead = 0; ahead < (int64_t)q->days; ahead++) {
        const int64_t day = (int64_t)((uint64_t)q->cursor + (uint64_t)ahead);
        const uint32_t first = q->head[(uint64_t)day & (q->days - 1)];
        if (first != CALENDAR_NONE && q->time[first] >> q->shift == day) {
            q->work += (uint64_t)(day - q->cursor);
            q->cursor = day;
            *slot = first;
            return q->time[first];
        }
    }

    /* Nothing this year: the least of all days' first. */
    *slot = 0;
    simtime least = SIMTIME_NEVER;
    for (uint32_t i = 0; i < q->days; i++) {
        const uint32_t first = q->head[i];
        if (first != CALENDAR_NONE &&
            (q->time[first] < least || (q->time[first] == least && first < *slot))) {
            least = q->time[first];
            *slot = first;
        }
    }
    q->work += 2 * (uint64_t)q->days;
    if (least != SIMTIME_NEVER)
        q->cursor = least >> q->shift;
    return least;
}

#endif
