/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_ENGINE_SCHEDULE_H
#define SIM_ENGINE_SCHEDULE_H

/* A quantity as a function of time: a constant, steps or straight lines between knots, once or
 * repeated with a period. Immutable after it is made; shared by threads. */

#include <stdbool.h>
#include <stddef.h>

struct schedule {
    double *time;  /* s, strictly increasing, count of them; owned */
    double *value; /* SI value at each knot; owned */
    double *area;  /* integral of the value from 0 to each knot, in unit * s, then from 0 to the end
                      of a period (count + 1 of them; the last is 0 when not repeated); owned */
    size_t count;  /* at least 1 */
    double period; /* s; 0: not repeated, the last value holds for ever */
    bool linear;   /* straight lines between knots; else each value holds to the next knot */
};

/* A constant. */
void schedule_constant(struct schedule *s, double value);

/* From `count` knots, copied. `time` starts at 0 and is strictly increasing, values are finite;
 * with a finite `period` > 0 all times are below it, and straight lines return at the period's end
 * to the value of its start. Returns the index of the first knot that breaks this (0 when there is
 * none, or when the period is negative or not finite), or -1 when all is well; on failure *s is
 * left empty. */
long schedule_make(struct schedule *s, const double *time, const double *value, size_t count,
                   double period, bool linear);

/* Makes `out` what `s` is from `by` >= 0 s on: its value at t is that of `s` at t + by. A shift by
 * whole periods, 0 among them, is an exact copy. */
void schedule_shift(struct schedule *out, const struct schedule *s, double by);

/* Frees what the schedule owns. An empty (zeroed) schedule is allowed. */
void schedule_clear(struct schedule *s);

/* Value at `t` >= 0 seconds. */
double schedule_at(const struct schedule *s, double t);

/* Integral of the value from 0 to `t`. */
double schedule_integral(const struct schedule *s, double t);

/* The earliest t with schedule_integral(t) >= area, for values >= 0; INFINITY when never reached.
 * Closed form on each piece, so right to rounding: of two areas an ulp apart the later time may
 * come first, and who needs times in order takes the larger of this and the one before. */
double schedule_inverse(const struct schedule *s, double area);

/* The first time after `t` at which the value changes: a knot with another value for steps, `t`
 * itself on a sloped line; INFINITY when it is constant from `t` on. */
double schedule_next_change(const struct schedule *s, double t);

/* The first knot after `t`, whatever its value, the start of a period among them; INFINITY when no
 * knot is left. Between neighbouring knots the value is constant or monotone. */
double schedule_next_knot(const struct schedule *s, double t);

/* Largest and smallest value at any time. */
double schedule_max(const struct schedule *s);
double schedule_min(const struct schedule *s);

#endif
