/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Requests go to the replicas in turn. */
#include "sim/serving/router.h"

static int32_t pick(struct router_state *state, const struct replica *replica, int32_t count,
                    simtime now) {
    (void)replica;
    (void)now;
    return (int32_t)(state->requests % count);
}

const struct router router_round_robin = {
    .name = "round_robin",
    .summary = "the replicas in turn",
    .pick = pick,
};
