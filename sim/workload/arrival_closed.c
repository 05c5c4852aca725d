/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A closed loop: clients that each send a request, wait for its end, think, and send the next; how
 * benchmarks load a server at a stated concurrency. */
#include "sim/engine/memory.h"
#include "sim/workload/arrival.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

struct closed {
    int64_t clients;
    int64_t waiting; /* clients with a request to send; the others' are outstanding */
    simtime *at;     /* when: a heap, the first in front; room for all clients; owned */
};

static size_t size_closed(const struct workload_spec *w) {
    (void)w;
    return sizeof(struct closed);
}

static void push(struct closed *c, simtime at) {
    assert(c->waiting < c->clients); /* else a request ended that was never taken */
    int64_t i = c->waiting++;
    for (; i > 0 && c->at[(i - 1) / 2] > at; i = (i - 1) / 2)
        c->at[i] = c->at[(i - 1) / 2];
    c->at[i] = at;
}

static void pop(struct closed *c) {
    const simtime last = c->at[--c->waiting];
    int64_t i = 0;
    for (int64_t child = 1; child < c->waiting; child = 2 * i + 1) {
        child += child + 1 < c->waiting && c->at[child + 1] < c->at[child];
        if (c->at[child] >= last)
            break;
        c->at[i] = c->at[child];
        i = child;
    }
    c->at[i] = last;
}

/* Brings the time of s->next up to date with the clients that wait. */
static void look(struct source *s) {
    const struct closed *c = s->state;
    s->next.time = c->waiting > 0 ? c->at[0] : SIMTIME_NEVER;
}

static void open_closed(struct source *s, double share, uint64_t seed, uint64_t entity) {
    struct closed *c = s->state;
    const double clients = fmax(round(s->spec->clients * share), 1);
    c->clients = (int64_t)clients;
    c->at = memory_new((size_t)c->clients, sizeof *c->at);
    for (int64_t i = 0; i < c->clients; i++) /* in order: a heap */
        c->at[i] = simtime_of(s->spec->stagger * (double)i / clients);
    c->waiting = c->clients;
    rng_init(&s->process, seed, entity, RNG_THINK);
    length_draw(&s->lengths, &s->length, &s->next);
    look(s);
}

static void close_closed(struct source *s) {
    struct closed *c = s->state;
    free(c->at);
    c->at = NULL;
}

static void advance_closed(struct source *s) {
    pop(s->state);
    length_draw(&s->lengths, &s->length, &s->next);
    look(s);
}

/* A client whose thought would end after any run's horizon is gone for good. */
static void ended_closed(struct source *s, simtime now) {
    double pause = s->spec->frontend;
    if (s->spec->think > 0)
        pause += s->spec->think * rng_exponential(&s->process);
    const bool gone = pause + simtime_seconds(now) >= SIMTIME_HORIZON_MAX;
    const simtime at = gone ? SIMTIME_NEVER : now + simtime_of(pause);
    push(s->state, at);
    look(s);
}

const struct arrival arrival_closed = {
    .name = "closed",
    .summary = "a closed loop of clients",
    .size = size_closed,
    .open = open_closed,
    .close = close_closed,
    .advance = advance_closed,
    .ended = ended_closed,
};
