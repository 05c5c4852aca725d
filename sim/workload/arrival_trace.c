/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Replay of a trace. TRACE_REPEAT: every cell replays it as it is, over and over. TRACE_SUPERPOSE:
 * as many copies as the cell's peak rate asks for, each from an offset of its own, every request
 * kept with the probability that brings the sum to the rate asked for; a copy keeps its bursts. */
#include "sim/workload/arrival.h"

#include <math.h>

struct copy {
    double base; /* s: time at which the present pass of the trace began (negative at first) */
    size_t at;   /* next request of the trace */
};

struct replay {
    double keep_scale; /* kept with probability rate(t) * keep_scale; 0: all */
    int64_t copies;
    struct copy copy[];
};

/* Mean rate of the trace itself, requests/s. */
static double own_rate(const struct trace *t) {
    return (double)t->count / t->length;
}

static int64_t copies_of(const struct workload_spec *w, double share) {
    if (w->scaling == TRACE_REPEAT)
        return 1;
    const double copies = ceil(schedule_max(&w->rate) * share / own_rate(w->trace));
    return copies > 1.0 ? (int64_t)copies : 1;
}

static size_t size_trace(const struct workload_spec *w) {
    return sizeof(struct replay) + (size_t)copies_of(w, 1.0) * sizeof(struct copy);
}

static double time_of(const struct trace *t, const struct copy *c) {
    return c->base + t->request[c->at].time;
}

static void step(const struct trace *t, struct copy *c) {
    if (++c->at == t->count) {
        c->at = 0;
        c->base += t->length;
    }
}

/* A pass that is `offset` seconds old at time 0. */
static void start_copy(const struct trace *t, struct copy *c, double offset) {
    size_t low = 0, high = t->count; /* the first request at or after the offset */
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (t->request[middle].time < offset)
            low = middle + 1;
        else
            high = middle;
    }
    *c = (struct copy){.base = -offset, .at = low};
    if (low == t->count)
        *c = (struct copy){.base = t->length - offset, .at = 0};
}

static struct copy *first_copy(const struct trace *t, struct replay *r) {
    struct copy *first = &r->copy[0];
    for (int64_t i = 1; i < r->copies; i++)
        if (time_of(t, &r->copy[i]) < time_of(t, first))
            first = &r->copy[i];
    return first;
}

static void advance_trace(struct source *s) {
    const struct trace *t = s->spec->trace;
    struct replay *r = s->state;
    for (;;) {
        struct copy *c = first_copy(t, r);
        const double time = time_of(t, c);
        const struct trace_request *q = &t->request[c->at];
        if (time >= SIMTIME_HORIZON_MAX) {
            s->next.time = SIMTIME_NEVER;
            return;
        }
        step(t, c);
        if (r->keep_scale > 0.0 &&
            rng_uniform(&s->gap) >= schedule_at(&s->spec->rate, time) * r->keep_scale)
            continue;
        s->next =
            (struct request){.time = simtime_of(time), .prompt = q->prompt, .output = q->output};
        return;
    }
}

static void open_trace(struct source *s, double share, uint64_t seed, uint64_t entity) {
    const struct workload_spec *w = s->spec;
    struct replay *r = s->state;
    rng_init(&s->gap, seed, entity, RNG_TRACE);
    r->copies = copies_of(w, share);
    r->keep_scale =
        w->scaling == TRACE_SUPERPOSE ? share / ((double)r->copies * own_rate(w->trace)) : 0.0;
    for (int64_t i = 0; i < r->copies; i++)
        start_copy(w->trace, &r->copy[i],
                   w->trace_offset ? rng_uniform(&s->gap) * w->trace->length : 0.0);
    advance_trace(s);
}

static void close_trace(struct source *s) {
    (void)s;
}

const struct arrival arrival_trace = {
    .name = "trace",
    .summary = "replay of a trace",
    .size = size_trace,
    .open = open_trace,
    .close = close_trace,
    .advance = advance_trace,
    .ended = NULL,
};
