/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_ENGINE_WINDOW_H
#define SIM_ENGINE_WINDOW_H

/* A window in which independent items (cells) are worked on by several threads. An item writes only
 * what is its own; sums over items are the caller's, afterwards and in the order of the items. So
 * results are the same, bit for bit, for any number of threads. The only place that knows of
 * OpenMP; built without it, the items are worked on one after the other. */

#include <stddef.h>

/* Calls function(user, index) once for each index in [0, count), in any order and on up to
 * `threads` (at least 1) threads, and returns when all have returned. Items are handed out one at a
 * time, from the first, as threads become free: put the long ones first. */
void window_run(int threads, size_t count, void (*function)(void *user, size_t index), void *user);

/* Calls function(user) while no other thread is inside such a call: for what may be done by one at
 * a time, like reading a scenario, from within the items of window_run. */
void window_alone(void (*function)(void *user), void *user);

/* How many threads the machine and OMP_NUM_THREADS offer; 1 when built without OpenMP. */
int window_threads(void);

#endif
