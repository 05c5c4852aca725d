/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The less loaded of two replicas drawn uniformly (Mitzenmacher 2001, IEEE TPDS 12(10)). */
#include "sim/serving/router.h"

static int32_t pick(struct router_state *state, const struct replica *replica, int32_t count,
                    simtime now) {
    if (count == 1)
        return 0;
    const int32_t a = (int32_t)rng_below(&state->rng, (uint64_t)count);
    const int32_t skip = (int32_t)rng_below(&state->rng, (uint64_t)count - 1);
    const int32_t b = skip + (skip >= a);
    return replica_outstanding(&replica[b], now) < replica_outstanding(&replica[a], now) ? b : a;
}

const struct router router_power_of_two = {
    .name = "power_of_two",
    .summary = "the less loaded of two drawn at random",
    .pick = pick,
};
