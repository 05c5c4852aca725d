/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fails when the pending-event set, or one of those it is measured against in bench_eventq, ever
 * names another first event than a search of all slots does: after random settings anew, with ties,
 * with events that never come, in window after window, for one slot and for thousands; or when an
 * event beyond the window's span is reported, or one within it is not. */
#include "sim/engine/eventq.h"
#include "sim/engine/memory.h"
#include "sim/engine/rng.h"
#include "tests/bench_calendar.h"
#include "tests/bench_heap4.h"
#include "tests/bench_scan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

/* The reference: all slots' times, searched from the first. */
static simtime naive_first(const simtime *time, uint32_t slots, uint32_t *slot) {
    *slot = 0;
    for (uint32_t i = 1; i < slots; i++)
        if (time[i] < time[*slot])
            *slot = i;
    return time[*slot];
}

/* A step to the next event: mostly few different values, so that ties are common; seldom never. */
static simtime draw_step(struct rng *r) {
    const uint64_t kind = rng_below(r, 40);
    if (kind == 0)
        return SIMTIME_NEVER;
    if (kind < 4)
        return (simtime)rng_below(r, 3); /* at once, or a picosecond or two later */
    if (kind < 20)
        return (simtime)(1 + rng_below(r, 3)) * SIMTIME_SECOND / 50;
    return (simtime)rng_below(r, (uint64_t)SIMTIME_SECOND);
}

struct all {
    struct eventq eventq;
    struct heap4 heap4;
    struct calendar calendar;
    struct scan scan;
};

static void set_all(struct all *a, simtime *time, uint32_t slot, simtime now, simtime step) {
    time[slot] = step == SIMTIME_NEVER ? SIMTIME_NEVER : now + step;
    eventq_set(&a->eventq, slot, time[slot]);
    heap4_set(&a->heap4, slot, time[slot]);
    calendar_set(&a->calendar, slot, time[slot]);
    scan_set(&a->scan, slot, time[slot]);
}

static void start_all(struct all *a, const simtime *time, simtime base) {
    eventq_start(&a->eventq, base);
    heap4_start(&a->heap4, base);
    calendar_start(&a->calendar, base);
    scan_start(&a->scan, base);
    uint32_t slot;
    assert_true(eventq_first(&a->eventq, &slot) == SIMTIME_NEVER);
    eventq_fill(&a->eventq, time);
    heap4_fill(&a->heap4, time);
    calendar_fill(&a->calendar, time);
    scan_fill(&a->scan, time);
}

static void check_all(struct all *a, const simtime *time, uint32_t slots) {
    uint32_t slot, other;
    const simtime first = naive_first(time, slots, &slot);
    assert_true(eventq_first(&a->eventq, &other) == first && other == slot);
    assert_true(heap4_first(&a->heap4, &other) == first && other == slot);
    assert_true(calendar_first(&a->calendar, &other) == first && other == slot);
    assert_true(scan_first(&a->scan, &other) == first && other == slot);
}

static void run_random(uint32_t slots, int events, struct rng *r) {
    struct all a;
    simtime *time = memory_new(slots, sizeof *time);
    eventq_init(&a.eventq, slots);
    heap4_init(&a.heap4, slots);
    calendar_init(&a.calendar, slots);
    scan_init(&a.scan, slots);
    for (uint32_t i = 0; i < slots; i++)
        time[i] = draw_step(r);
    simtime now = 0;
    start_all(&a, time, now);

    for (int k = 0; k < events; k++) {
        check_all(&a, time, slots);
        uint32_t slot;
        const simtime first = naive_first(time, slots, &slot);
        if (first != SIMTIME_NEVER)
            now = first;
        set_all(&a, time, slot, now, draw_step(r));
        if (rng_below(r, 2)) /* an arrival sets some other slot anew */
            set_all(&a, time, (uint32_t)rng_below(r, slots), now, draw_step(r));
        if (rng_below(r, 100) == 0) { /* a new window, after a pause now and then */
            uint32_t next;
            const simtime until = naive_first(time, slots, &next);
            if (rng_below(r, 2) && until != SIMTIME_NEVER)
                now = until;
            start_all(&a, time, now);
        }
    }
    eventq_free(&a.eventq);
    heap4_free(&a.heap4);
    calendar_free(&a.calendar);
    scan_free(&a.scan);
    free(time);
}

static void test_same_order_as_a_search(void **state) {
    (void)state;
    struct rng r;
    rng_init(&r, 8, 8, RNG_TEST);
    for (uint32_t slots = 1; slots <= 70; slots++)
        run_random(slots, 2000, &r);
    run_random(1000, 5000, &r);
    run_random(4097, 2000, &r);
}

static void test_beyond_the_span(void **state) {
    (void)state;
    const uint32_t sizes[] = {1, 2, 3, 64, 5000, EVENTQ_SLOTS_MAX};
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        struct eventq q;
        eventq_init(&q, sizes[k]);
        const simtime base = 86400 * SIMTIME_SECOND, span = eventq_span(&q);
        const uint32_t last = sizes[k] - 1;
        uint32_t slot = 99;
        assert_true(span >= 1000 * SIMTIME_SECOND);
        eventq_start(&q, base);
        assert_true(eventq_first(&q, &slot) == SIMTIME_NEVER && slot == 0);
        if (span < SIMTIME_NEVER - base) {
            eventq_set(&q, last, base + span);
            assert_true(eventq_first(&q, &slot) == SIMTIME_NEVER);
            eventq_set(&q, last, base + span - 1);
            assert_true(eventq_first(&q, &slot) == base + span - 1 && slot == last);
        }
        eventq_set(&q, last, base);
        assert_true(eventq_first(&q, &slot) == base && slot == last);
        eventq_set(&q, last, SIMTIME_NEVER);
        assert_true(eventq_first(&q, &slot) == SIMTIME_NEVER);
        eventq_free(&q);
    }
}

static void test_ties_go_to_the_lowest_slot(void **state) {
    (void)state;
    struct eventq q;
    eventq_init(&q, 37);
    eventq_start(&q, 5);
    for (uint32_t i = 37; i-- > 0;)
        eventq_set(&q, i, 77);
    for (uint32_t i = 0; i < 37; i++) {
        uint32_t slot;
        assert_true(eventq_first(&q, &slot) == 77 && slot == i);
        eventq_set(&q, i, 78);
    }
    eventq_free(&q);
}

int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_order_as_a_search),
        cmocka_unit_test(test_beyond_the_span),
        cmocka_unit_test(test_ties_go_to_the_lowest_slot),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
