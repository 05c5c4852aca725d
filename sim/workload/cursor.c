/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/workload/cursor.h"

#include "sim/engine/simtime.h"

#include <math.h>

/* Reads the piece that begins at c->knot. */
static void read_piece(struct cursor *c) {
    const struct schedule *s = c->schedule;
    const bool last = c->knot + 1 == s->count;
    c->start = c->period_start + s->time[c->knot];
    c->value = s->value[c->knot];
    c->slope = 0;
    if (last && !(s->period > 0)) {
        c->end = INFINITY;
        c->whole = c->value > 0 ? INFINITY : 0;
        return;
    }
    const double length = (last ? s->period : s->time[c->knot + 1]) - s->time[c->knot];
    c->end = c->period_start + (last ? s->period : s->time[c->knot + 1]);
    if (s->linear)
        c->slope = (s->value[last ? 0 : c->knot + 1] - c->value) / length;
    c->whole = length * (c->value + 0.5 * c->slope * length);
}

static void next_piece(struct cursor *c) {
    if (++c->knot == c->schedule->count) {
        c->knot = 0;
        c->period_start += c->schedule->period;
    }
    read_piece(c);
}

void cursor_open(struct cursor *c, const struct schedule *s) {
    *c = (struct cursor){.schedule = s};
    read_piece(c);
}

double cursor_travel(struct cursor *c, double area) {
    c->done += area;
    while (c->done > c->whole) {
        if (!(c->end < SIMTIME_HORIZON_MAX))
            return INFINITY;
        c->done -= c->whole;
        next_piece(c);
    }
    if (!(c->done > 0))
        return c->start;
    if (c->slope == 0)
        return c->start + c->done / c->value;

    /* value dt + slope dt^2 / 2 = done; this form of the root does not cancel for small slopes. */
    const double square = c->value * c->value + 2 * c->slope * c->done;
    const double dt = 2 * c->done / (c->value + sqrt(fmax(square, 0)));
    return fmin(c->start + dt, c->end);
}

double cursor_value(struct cursor *c, double t) {
    while (t >= c->end)
        next_piece(c);
    return c->value + c->slope * (t - c->start);
}

bool cursor_over(const struct cursor *c) {
    const struct schedule *s = c->schedule;
    return s->period > 0 ? !(s->area[s->count] > 0) : isinf(c->end) && !(c->value > 0);
}
