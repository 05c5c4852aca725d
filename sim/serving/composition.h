/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_SERVING_COMPOSITION_H
#define SIM_SERVING_COMPOSITION_H

/* What the next iterations run: the scheduler's plan laid over the running sequences (DESIGN 5,
 * step 4), described as a segment with its power; and which constraint binds meanwhile. */

#include "sim/serving/replica.h"
#include "sim/serving/scheduler.h"

/* Begins a segment at `now` for the scheduler's plan. With `reset`, frequency and power are set
 * anew from its first iteration, as they are when the chunks of prompts differ from the last
 * iteration's; else they hold, as the batch and the control period are the same. */
void composition_start(struct replica_env *env, struct replica *r, struct scheduler_plan plan,
                       simtime now, bool reset);

/* Sets the segment's next event: the first boundary at which anything may happen. */
void composition_aim(struct replica_env *env, struct replica *r);

/* The constraint that the time from this boundary on counts for (DESIGN 7). A request that waits
 * though there is a free place waits for KV memory, unless the scheduler keeps the batch shut. */
enum binding composition_binding(const struct replica_env *env, const struct replica *r);

#endif
