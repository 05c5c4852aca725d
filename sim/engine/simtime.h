/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_ENGINE_SIMTIME_H
#define SIM_ENGINE_SIMTIME_H

/* Simulated time: a whole number of picoseconds since the start of the run. Whole numbers compare
 * exactly, so that two events are either at one time or in an order, whatever the history of
 * rounding; 63 bits of picoseconds reach 106 days. */

#include <math.h>
#include <stdint.h>

typedef int64_t simtime;

#define SIMTIME_SECOND ((simtime)1000000000000)
#define SIMTIME_NEVER  INT64_MAX

/* Longest horizon that a run may have, in seconds: leaves room to add times without overflow. */
#define SIMTIME_HORIZON_MAX 8640000.0

/* Nearest simtime to `seconds`, ties to even. */
static inline simtime simtime_of(double seconds) {
    return (simtime)llrint(seconds * 1e12);
}

/* Seconds of a time or of a difference of times: the nearest double to the exact quotient (1e12 is
 * a double, 1e-12 is not: with it one in eight whole milliseconds of a day would come out as
 * another double than the literal, and a tick miss the knot of a schedule that it falls on). */
static inline double simtime_seconds(simtime t) {
    return (double)t / 1e12;
}

#endif
