/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Replay of a trace. TRACE_REPEAT: every cell replays it as it is, over and over. TRACE_SUPERPOSE:
 * as many copies as the cell's peak rate asks for, each from an offset of its own, every request
 * kept with the probability that brings the sum to the rate asked for; a copy keeps its bursts. */
#include "sim/engine/memory.h"
#include "sim/workload/arrival.h"
#include "sim/workload/cursor.h"

#include <math.h>
#include <stdlib.h>

struct copy {
    double time; /* s, of its next request */
    double base; /* s: when its present pass of the trace began (negative at first) */
    size_t at;   /* its next request, in the trace */
};

struct replay {
    bool follows;       /* the rate of a schedule; else `keep` is the probability itself */
    double keep;        /* probability per request/s of the group's rate to keep a request */
    struct cursor rate; /* on that rate */
    size_t copies;
    struct copy *copy; /* a heap by time, the first in front; owned */
};

static size_t size_trace(const struct workload_spec *w) {
    (void)w;
    return sizeof(struct replay);
}

/* Mean rate of the trace itself, requests/s. */
static double own_rate(const struct trace *t) {
    return (double)t->count / t->length;
}

/* Moves on to its next request, which may be the first of another pass. */
static void step(const struct trace *t, struct copy *c) {
    if (++c->at == t->count) {
        c->at = 0;
        c->base += t->length;
    }
    c->time = c->base + t->request[c->at].time;
}

/* A pass that is `offset` seconds old at time 0, 0 <= offset <= t->length. */
static void start(const struct trace *t, struct copy *c, double offset) {
    size_t low = 0, high = t->count; /* the first request at or after the offset */
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (t->request[middle].time < offset)
            low = middle + 1;
        else
            high = middle;
    }
    const bool past = low == t->count;
    *c = (struct copy){.base = past ? t->length - offset : -offset, .at = past ? 0 : low};
    c->time = c->base + t->request[c->at].time;
}

/* Puts `c` into the heap below place `i`, whose former occupant is gone. */
static void sift(struct replay *r, size_t i, struct copy c) {
    for (size_t child = 2 * i + 1; child < r->copies; child = 2 * i + 1) {
        child += child + 1 < r->copies && r->copy[child + 1].time < r->copy[child].time;
        if (r->copy[child].time >= c.time)
            break;
        r->copy[i] = r->copy[child];
        i = child;
    }
    r->copy[i] = c;
}

/* Whether a request at `time` is kept: all of them when the probability is 1. */
static bool kept(struct source *s, struct replay *r, double time) {
    const double p = r->follows ? cursor_value(&r->rate, time) * r->keep : r->keep;
    return p >= 1 || rng_uniform(&s->process) < p;
}

static void advance_trace(struct source *s) {
    const struct trace *t = s->spec->trace;
    struct replay *r = s->state;
    while (r->copy[0].time < SIMTIME_HORIZON_MAX && !(r->follows && cursor_over(&r->rate))) {
        struct copy c = r->copy[0];
        const double time = c.time;
        const struct trace_request *q = &t->request[c.at];
        step(t, &c);
        sift(r, 0, c);
        if (kept(s, r, time)) {
            s->next = (struct request){simtime_of(time), q->prompt, q->output};
            return;
        }
    }
    s->next.time = SIMTIME_NEVER;
}

/* How many copies bring the peak of the rate, and which share of their requests is kept. */
static void scale(struct replay *r, const struct workload_spec *w, double share) {
    r->copies = 1;
    if (w->scaling == TRACE_REPEAT) {
        r->keep = w->cells > 0 ? share * w->cells : 1;
        return;
    }
    const double own = own_rate(w->trace);
    const double copies = fmax(ceil(schedule_max(&w->rate) * share / own), 1);
    r->copies = (size_t)copies;
    r->keep = share / (copies * own);
    r->follows = true;
    cursor_open(&r->rate, &w->rate);
}

static void open_trace(struct source *s, double share, uint64_t seed, uint64_t entity) {
    const struct workload_spec *w = s->spec;
    struct replay *r = s->state;
    scale(r, w, share);
    r->copy = memory_new(r->copies, sizeof *r->copy);
    rng_init(&s->process, seed, entity, RNG_TRACE);
    for (size_t i = 0; i < r->copies; i++) {
        const double offset = rng_uniform(&s->process) * w->trace->length;
        start(w->trace, &r->copy[i], i > 0 || w->trace_offset ? offset : 0);
    }
    for (size_t i = r->copies / 2; i-- > 0;)
        sift(r, i, r->copy[i]);
    advance_trace(s);
}

static void close_trace(struct source *s) {
    struct replay *r = s->state;
    free(r->copy);
    r->copy = NULL;
}

const struct arrival arrival_trace = {
    .name = "trace",
    .summary = "replay of a trace",
    .size = size_trace,
    .open = open_trace,
    .close = close_trace,
    .advance = advance_trace,
};
