/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ANALYSIS_CROSSOVER_H
#define ANALYSIS_CROSSOVER_H

/* Crossovers of a site over years: the dates at which a difference that tells which of two
 * constraints is the scarcer one changes sign, between two periods by a straight line. */

#include <stddef.h>

struct crossover {
    double time;          /* in the unit of the times given */
    double half;          /* half width of its 95 % interval; INFINITY: none */
    int direction;        /* +1: the difference rose through zero; -1: it fell */
    size_t before, after; /* the periods between which it lies */
};

/* Finds the crossovers of `value` over `count` times, that increase. `half`[i] is the half width of
 * the interval of value[i], INFINITY where there is none, or NULL. A value whose interval holds
 * zero, that is zero, or that is no number is passed over: the sign before it stands. Writes at
 * most `count` of them, and returns how many. */
size_t crossover_find(const double *time, const double *value, const double *half, size_t count,
                      struct crossover *out);

/* Where one series crosses zero between times a and b = a + 1, at which it has unlike signs, when
 * it is smooth but for jumps on `step` (increasing; as the time) and a kink at zero itself
 * (kink.h): each side is carried on by the points that no jump parts from it. Without a jump
 * between a and b it is kink_find's; with one, where a side leads to zero before it jumps, or else
 * on the jump itself (of several, between the first and the last). Writes how far it may be off to
 * *error, at most to the farther of both ends. */
double crossover_place(const double *time, const double *value, size_t count, size_t a,
                       const double *step, size_t steps, double *error);

/* From a crossover's time to the farther end of the time in which it lies for sure. */
double crossover_reach(const double *time, const struct crossover *c);

#endif
