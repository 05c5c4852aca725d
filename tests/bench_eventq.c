/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Measures the pending-event set of sim/engine/eventq.h against others, in ns per event:
 *   hold     take the first event, set its slot's next one
 *   re-time  the same, and set another slot anew, as an arrival does
 * for slots whose steps are exponential ("exp"), or in lock-step with many ties ("tied": nine in
 * ten take 20 ms, the others 1 s). Steps are drawn before the clock starts. */
#include "sim/engine/eventq.h"
#include "sim/engine/memory.h"
#include "sim/engine/rng.h"
#include "tests/bench_calendar.h"
#include "tests/bench_heap4.h"
#include "tests/bench_scan.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define DRAWS   4096 /* steps and slots drawn ahead, used in a circle */
#define WINDOW  (60 * SIMTIME_SECOND)
#define REPEATS 3

struct load {
    simtime step[DRAWS];
    uint32_t other[DRAWS];
    uint32_t slots;
    long events;
    bool retime;
};

struct outcome {
    double ns;
    uint64_t hash; /* of the order in which slots came first */
};

static double seconds_now(void) {
    struct timespec t;
    timespec_get(&t, TIME_UTC);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* The measured loop for the structure named by the prefix; all are inlined alike. `time` is what a
 * cell keeps of each slot itself. */
#define BENCH(prefix)                                                                              \
    static struct outcome prefix##_run(const struct load *load, simtime *time) {                   \
        struct prefix q;                                                                           \
        prefix##_init(&q, load->slots);                                                            \
        for (uint32_t i = 0; i < load->slots; i++)                                                 \
            time[i] = load->step[i % DRAWS];                                                       \
        struct outcome out = {0, 14695981039346656037u};                                           \
        simtime end = 0;                                                                           \
        const double begin = seconds_now();                                                        \
        for (long k = 0; k < load->events; k++) {                                                  \
            uint32_t slot;                                                                         \
            const simtime now = k ? prefix##_first(&q, &slot) : 0;                                 \
            if (now >= end || k == 0) {                                                            \
                prefix##_start(&q, now);                                                           \
                prefix##_fill(&q, time);                                                           \
                end = now + WINDOW;                                                                \
                continue;                                                                          \
            }                                                                                      \
            out.hash = (out.hash ^ slot) * 1099511628211u;                                         \
            time[slot] = now + load->step[k % DRAWS];                                              \
            prefix##_set(&q, slot, time[slot]);                                                    \
            if (load->retime) {                                                                    \
                const uint32_t other = load->other[k % DRAWS];                                     \
                time[other] = now + load->step[(k + 1) % DRAWS];                                   \
                prefix##_set(&q, other, time[other]);                                              \
            }                                                                                      \
        }                                                                                          \
        out.ns = (seconds_now() - begin) * 1e9 / (double)load->events;                             \
        prefix##_free(&q);                                                                         \
        return out;                                                                                \
    }

BENCH(eventq)
BENCH(heap4)
BENCH(calendar)
BENCH(scan)

static const struct contender {
    const char *name;
    struct outcome (*run)(const struct load *, simtime *);
} contender[] = {
    {"winner tree", eventq_run},
    {"4-ary heap", heap4_run},
    {"calendar", calendar_run},
    {"scan", scan_run},
};
enum { CONTENDERS = sizeof contender / sizeof *contender };

static void draw_load(struct load *load, uint32_t slots, bool tied, bool retime) {
    struct rng r;
    rng_init(&r, 1, slots, RNG_TEST);
    load->slots = slots;
    load->retime = retime;
    load->events = slots > 1024 ? 100000 : 400000;
    for (int i = 0; i < DRAWS; i++) {
        load->other[i] = (uint32_t)rng_below(&r, slots);
        if (tied)
            load->step[i] = rng_below(&r, 10) ? SIMTIME_SECOND / 50 : SIMTIME_SECOND;
        else
            load->step[i] = simtime_of(0.1 * rng_exponential(&r));
    }
}

/* One line of the table; false when two structures disagree about the order of events. */
static bool measure(const struct load *load, simtime *time, const char *steps) {
    double best[CONTENDERS];
    uint64_t hash = 0;
    bool same = true;
    for (int repeat = 0; repeat < REPEATS; repeat++) {
        for (int c = 0; c < CONTENDERS; c++) {
            const struct outcome out = contender[c].run(load, time);
            if (repeat == 0 && c == 0)
                hash = out.hash;
            same = same && out.hash == hash;
            if (repeat == 0 || out.ns < best[c])
                best[c] = out.ns;
        }
    }
    printf("%6u %-8s %-5s", load->slots, load->retime ? "re-time" : "hold", steps);
    for (int c = 0; c < CONTENDERS; c++)
        printf(" %12.1f", best[c]);
    printf(" %s\n", same ? "" : "  ORDERS DIFFER");
    return same;
}

int main(void) {
    const uint32_t sizes[] = {8, 16, 32, 64, 128, 256, 1024, 10000};
    const size_t count = sizeof sizes / sizeof *sizes;
    struct load *load = memory_new(1, sizeof *load);
    simtime *time = memory_new(sizes[count - 1], sizeof *time);
    bool same = true;
    printf("Pending events, ns per event (best of %d)\n slots", REPEATS);
    printf(" %-8s %-5s", "", "steps");
    for (int c = 0; c < CONTENDERS; c++)
        printf(" %12s", contender[c].name);
    printf("\n");
    for (size_t i = 0; i < count; i++)
        for (int which = 0; which < 4; which++) {
            draw_load(load, sizes[i], which & 1, which & 2);
            same = measure(load, time, which & 1 ? "tied" : "exp") && same;
        }
    free(load);
    free(time);
    return same ? 0 : 1;
}
