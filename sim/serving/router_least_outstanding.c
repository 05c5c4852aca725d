/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The replica with the fewest tokens yet to be processed; ties go to the first in turn. */
#include "sim/serving/router.h"

static int32_t pick(struct router_state *state, const struct replica *replica, int32_t count,
                    simtime now) {
    int32_t best = (int32_t)(state->requests % count);
    int64_t least = replica_outstanding(&replica[best], now);
    for (int32_t i = 1; i < count && least > 0; i++) {
        const int32_t other = (int32_t)((state->requests + i) % count);
        const int64_t tokens = replica_outstanding(&replica[other], now);
        if (tokens < least) {
            least = tokens;
            best = other;
        }
    }
    return best;
}

const struct router router_least_outstanding = {
    .name = "least_outstanding",
    .summary = "the replica with the fewest outstanding tokens",
    .pick = pick,
};
