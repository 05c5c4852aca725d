/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Poisson arrivals at a rate that follows a schedule. */
#include "sim/workload/renewal.h"

static void open_poisson(struct source *s, double share, uint64_t seed, uint64_t entity) {
    renewal_open(s, share, seed, entity, 0.0);
}

const struct arrival arrival_poisson = {
    .name = "poisson",
    .summary = "Poisson arrivals",
    .size = renewal_size,
    .open = open_poisson,
    .advance = renewal_advance,
};
