/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_SERVING_SEGMENT_H
#define SIM_SERVING_SEGMENT_H

/* A segment: a run of iterations over which the batch does not change and power is held. Iteration
 * k lasts alpha + beta k seconds, so boundary times are a closed form from the segment's start,
 * which stepping and fast-forward both read (docs/equations.md, 6). */

#include "models/power.h"
#include "sim/engine/simtime.h"

#include <stdbool.h>
#include <stdint.h>

struct segment {
    simtime start;      /* boundary at which iteration 0 began */
    simtime until;      /* the control tick after `start`: the first boundary at or after it ends
                           the segment */
    double alpha, beta; /* s */
    double flop, flop_step;
    int64_t done;       /* iterations counted so far */
    int64_t target;     /* the boundary that is the replica's next event */
    int64_t piece;      /* the boundary at which the description ends: chunk or window */
    int32_t completing; /* prompts whose prefill completes in iteration 0, the only one then */
    int32_t chunk;      /* prompt tokens per iteration */
    bool decode;        /* decoding sequences take part */
    bool stalled;       /* they took no part in the iteration before the first */
};

/* Time of boundary k: the end of k iterations. */
static inline simtime segment_time(const struct segment *s, int64_t k) {
    const double n = (double)k;
    return s->start + simtime_of(n * (s->alpha + s->beta * (n - 1.0) * 0.5));
}

/* The smallest k >= 0 whose boundary is at or after `t`: the root of a quadratic, mended by at most
 * a step or two where rounding put it on the other side. */
static inline int64_t segment_first_at(const struct segment *s, simtime t) {
    if (t <= s->start)
        return 0;
    const double x = simtime_seconds(t - s->start);
    const double b = s->alpha - 0.5 * s->beta;
    int64_t k = (int64_t)ceil(2.0 * x / (b + sqrt(b * b + 2.0 * s->beta * x)));
    while (k > 0 && segment_time(s, k - 1) >= t)
        k--;
    while (segment_time(s, k) < t)
        k++;
    return k;
}

/* Boundaries at or before `t`: iterations that have ended by then. */
static inline int64_t segment_ended_by(const struct segment *s, simtime t) {
    return segment_first_at(s, t + 1) - 1;
}

/* FLOP of `count` iterations from index `from` on. */
static inline double segment_flop(const struct segment *s, int64_t from, int64_t count) {
    const double n = (double)count;
    return n * (s->flop + s->flop_step * ((double)from + (n - 1.0) * 0.5));
}

#endif
