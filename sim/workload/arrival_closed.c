/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A closed loop: clients that each send a request, wait for its end, think, and send the next; how
 * benchmarks load a server at a stated concurrency. */
#include "sim/workload/arrival.h"
#include "sim/workload/length.h"

#include <assert.h>
#include <math.h>

struct closed {
    struct rng think;
    int64_t clients, waiting; /* waiting: to send, their times in a heap */
    simtime at[];
};

static int64_t clients_of(const struct workload_spec *w, double share) {
    const double clients = rint(w->clients * share);
    return clients > 1.0 ? (int64_t)clients : 1;
}

/* The whole group's clients: a source never has more. */
static size_t size_closed(const struct workload_spec *w) {
    return sizeof(struct closed) + (size_t)clients_of(w, 1.0) * sizeof(simtime);
}

static void push(struct closed *c, simtime at) {
    assert(c->waiting < c->clients);
    int64_t i = c->waiting++;
    for (; i > 0 && c->at[(i - 1) / 2] > at; i = (i - 1) / 2)
        c->at[i] = c->at[(i - 1) / 2];
    c->at[i] = at;
}

static simtime pop(struct closed *c) {
    const simtime first = c->at[0], last = c->at[--c->waiting];
    int64_t i = 0;
    for (int64_t child = 1; child < c->waiting; child = 2 * i + 1) {
        child += child + 1 < c->waiting && c->at[child + 1] < c->at[child];
        if (c->at[child] >= last)
            break;
        c->at[i] = c->at[child];
        i = child;
    }
    c->at[i] = last;
    return first;
}

/* Brings s->next up to date with the clients that wait. */
static void look(struct source *s) {
    const struct closed *c = s->state;
    s->next.time = c->waiting > 0 ? c->at[0] : SIMTIME_NEVER;
}

static void open_closed(struct source *s, double share, uint64_t seed, uint64_t entity) {
    struct closed *c = s->state;
    c->clients = clients_of(s->spec, share);
    c->waiting = 0;
    rng_init(&c->think, seed, entity, RNG_THINK);
    for (int64_t i = 0; i < c->clients; i++)
        push(c, 0);
    length_draw_both(s->spec, &s->length, &s->next);
    look(s);
}

static void close_closed(struct source *s) {
    (void)s;
}

static void advance_closed(struct source *s) {
    pop(s->state);
    length_draw_both(s->spec, &s->length, &s->next);
    look(s);
}

static void ended_closed(struct source *s, simtime now) {
    struct closed *c = s->state;
    const double think = s->spec->think;
    push(c, think > 0.0 ? now + simtime_of(think * rng_exponential(&c->think)) : now);
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
