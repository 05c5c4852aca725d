/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Each request goes to a replica drawn uniformly. */
#include "sim/serving/router.h"

static int32_t pick(struct router_state *state, const struct replica *replica, int32_t count,
                    simtime now) {
    (void)replica;
    (void)now;
    return (int32_t)rng_below(&state->rng, (uint64_t)count);
}

const struct router router_random = {
    .name = "random",
    .summary = "a replica drawn uniformly",
    .pick = pick,
};
