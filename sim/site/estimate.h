/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_SITE_ESTIMATE_H
#define SIM_SITE_ESTIMATE_H

/* 95 % intervals of a sampled run's totals and ratios by batch means (docs/site.md). The batches
 * are the simulated cells, where every sampled group has enough of them; else pieces of the run's
 * time. */

#include "sim/site/site_impl.h"

/* Simulated cells that a group needs for its cells to be the batches. */
#define ESTIMATE_CELLS 8
#define ESTIMATE_LEVEL 0.95

enum estimate_total {
    ESTIMATE_TOKENS,
    ESTIMATE_GOOD,
    ESTIMATE_DONE_TOKENS,
    ESTIMATE_PROMPT,
    ESTIMATE_ARRIVED,
    ESTIMATE_DONE,
    ESTIMATE_REJECTED,
    ESTIMATE_IN_FLIGHT,
    ESTIMATE_IN_FLIGHT_START,
    ESTIMATE_PREEMPTED,
    ESTIMATE_ITERATIONS,
    ESTIMATE_FLOP,
    ESTIMATE_IT_ENERGY,
    ESTIMATE_COUNT
};

struct estimate {
    size_t batches;               /* 0: a full run, or too short a one; no intervals */
    double value[ESTIMATE_COUNT]; /* totals, scaled to the site */
    double half[ESTIMATE_COUNT];  /* half widths; INFINITY where there is none */
    double half_e_tok, half_c_tok;
};

void estimate_make(const struct site_state *s, struct estimate *out);

#endif
