/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_SITE_SPREAD_H
#define SIM_SITE_SPREAD_H

/* How a site's cells are spread over ranks: dealt out one by one, so that each rank has its share
 * of every group. A rank holds and advances its own cells; what they did goes to all ranks after
 * each window, so that every rank takes the same sums in the order of the cells. */

#include "sim/engine/ranks.h"

struct site_state; /* sim/site/site_impl.h */
struct result;

struct spread {
    int ranks, rank; /* 1, 0: this process has all cells */
    size_t *own;     /* indices of this rank's cells, rising; owned */
    size_t owns;
    struct ranks_share cell, node; /* whose each is */
};

/* For the cells of `s`, whose number is known; over all ranks when the specification says so. */
void spread_open(struct spread *p, const struct site_state *s);
void spread_clear(struct spread *p);

/* Whether cell i is this rank's. */
static inline bool spread_has(const struct spread *p, size_t i) {
    return ranks_of(i, p->ranks) == p->rank;
}

/* Makes `ticks` ticks of the present window, and with `demand` what each node would draw, known to
 * all ranks. Not through threads. */
void spread_meet(struct site_state *s, size_t ticks, bool demand);

/* At the end: totals of all cells and what was asked of them, then totals of all nodes and the
 * latencies in *out, known to all ranks. */
void spread_end(struct site_state *s, struct result *out);

#endif
