/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_WORKLOAD_CURSOR_H
#define SIM_WORKLOAD_CURSOR_H

/* A place on a schedule (of values >= 0) that only moves forward. It remembers the piece it stands
 * on, so that a step on the same piece costs no search, and counts the integral from the piece's
 * start, so that no precision is lost however long the run. Says the same as schedule_inverse and
 * schedule_at, to rounding. */

#include "sim/engine/schedule.h"

struct cursor {
    const struct schedule *schedule;
    size_t knot;         /* where the piece begins */
    double period_start; /* s: when the present period began */
    double start, end;   /* s, of the piece; end INFINITY when its value holds for ever */
    double value, slope; /* at the start, unit and unit / s */
    double whole;        /* integral over the piece */
    double done;         /* of which the cursor is past */
};

/* Stands at time 0. `s` must outlive the cursor. */
void cursor_open(struct cursor *c, const struct schedule *s);

/* Moves on until the integral has grown by `area` >= 0; returns the time, s. INFINITY when that is
 * never so or not within SIMTIME_HORIZON_MAX; the cursor may not be used again then. Of two times
 * an ulp apart the later may come first. */
double cursor_travel(struct cursor *c, double area);

/* Moves to time `t` and returns the value there; t never decreases. One cursor is moved either by
 * this or by cursor_travel. */
double cursor_value(struct cursor *c, double t);

/* True when all values from here on are known to be 0: on the last piece, or when all of the
 * schedule is. */
bool cursor_over(const struct cursor *c);

#endif
