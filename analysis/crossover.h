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

#endif
