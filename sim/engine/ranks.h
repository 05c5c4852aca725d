/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_ENGINE_RANKS_H
#define SIM_ENGINE_RANKS_H

/* Ranks: like processes, on one machine or many, that work on parts of one task and then hold the
 * same sums (docs/parallel.md). The only place that knows of MPI; built without it, or started
 * without its launcher, the program is one rank, and nothing here does anything.
 *
 * All functions but ranks_count, ranks_index and ranks_of are to be called by every rank in the
 * same order, and by the thread alone that called ranks_begin; ranks_count and ranks_index by that
 * thread too. When MPI fails, a rank is lost: all ranks then end here, in one place, with a message
 * and exit code 1, as they do when memory is out. */

#include "sim/engine/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Joins the ranks that a launcher (mpirun, srun) started; alone and at no cost when none did. False
 * with a message in *e when it started several that cannot join: built without MPI, or with
 * another one than the launcher's. */
bool ranks_begin(struct error *e);

/* Leaves; after the last call of the others. */
void ranks_end(void);

/* How many ranks there are (1 before ranks_begin), and which this one is, from 0. */
int ranks_count(void);
int ranks_index(void);

/* The rank that item i belongs to when like items are dealt out one by one. */
static inline int ranks_of(size_t i, int ranks) {
    return (int)(i % (size_t)ranks);
}

/* The lowest rank on which `mine` holds; ranks_count() when there is none. */
int ranks_first(bool mine);

/* Whether it holds on any rank. */
static inline bool ranks_any(bool mine) {
    return ranks_first(mine) < ranks_count();
}

/* Whether `good` holds on every rank. If not, the messages in *e stay on the lowest rank alone that
 * found fault, which is named when it is not rank 0, so that they are printed once. */
bool ranks_agree(bool good, struct error *e);

/* Whether `size` bytes are the same on every rank as on rank 0; known on the rank that differs. */
bool ranks_same(const void *bytes, size_t size);

/* Gives rank 0's `size` bytes to all. */
void ranks_broadcast(void *bytes, size_t size);

/* Replaces each of `count` numbers by its sum over the ranks. */
void ranks_sum(uint64_t *number, size_t count);

/* Items in an array that is as long on every rank, each belonging to one rank. */
struct ranks_share {
    size_t items;
    int *owner;            /* by item; owned */
    int *count, *first;    /* by rank: its items, and where they begin in `parcel`; owned */
    int *next;             /* by rank: scratch; owned */
    unsigned char *parcel; /* items rank after rank: scratch; owned */
    size_t parcel_size;
};

/* Item i of `items` (at most 2^31 - 1) belongs to rank owner[i], which is copied. */
void ranks_share_init(struct ranks_share *s, const int *owner, size_t items);
void ranks_share_clear(struct ranks_share *s);

/* All ranks' items to all ranks: `size` bytes of each, `stride` bytes from one to the next, are
 * afterwards what they were on the rank that the item belongs to. Ranks are to be like machines:
 * bytes are not translated. */
void ranks_gather(struct ranks_share *s, void *item, size_t stride, size_t size);

#endif
