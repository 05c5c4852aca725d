/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gamma renewal arrivals: gaps whose coefficient of variation is stated, so bursty above 1, regular
 * below, Poisson at 1. Each cell has a process of its own, so bursts stay whole inside a cell. */
#include "sim/workload/renewal.h"

static void open_gamma(struct source *s, double share, uint64_t seed, uint64_t entity) {
    renewal_open(s, share, seed, entity, 1.0 / (s->spec->cv * s->spec->cv));
}

const struct arrival arrival_gamma = {
    .name = "gamma",
    .summary = "renewal arrivals with gamma gaps",
    .size = renewal_size,
    .open = open_gamma,
    .advance = renewal_advance,
};
