/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_SERVING_ADMISSION_H
#define SIM_SERVING_ADMISSION_H

/* Who is in the batch: joining and leaving the decoding sequences, KV growth with preemption, and
 * admission from the queue (DESIGN 5, steps 1 to 3). */

#include "sim/serving/replica.h"

/* Puts a sequence at the queue's end, or (after a preemption) at its head. */
void admission_queue(struct replica_env *env, struct replica *r, int32_t index, bool at_head);

/* Growth for the decode iteration that begins at `now`: each decoding sequence takes the block it
 * needs; while what is needed is not free, the most recently admitted sequence is preempted.
 * Returns whether any was. */
bool admission_grow(struct replica_env *env, struct replica *r, simtime now);

/* Admits waiting requests in order of arrival while there is room. Returns whether any entered. */
bool admission_admit(struct replica_env *env, struct replica *r);

/* A prefilled sequence begins to decode in iteration r->n, its emitted tokens counted. */
void admission_join(struct replica_env *env, struct replica *r, int32_t index, simtime now);

/* Takes a sequence out of the running list and gives back `blocks`. */
void admission_remove(struct replica_env *env, struct replica *r, int32_t index, int64_t blocks);

/* Takes a decoding sequence out of the sums over decoding sequences (not out of `finish`). */
void admission_uncount(struct replica_env *env, struct replica *r, int32_t index);

#endif
