/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_SERVING_ROUTER_H
#define SIM_SERVING_ROUTER_H

/* A router: the policy by which a cell gives an arriving request to one of its replicas, seeing
 * their live state. A new policy is one file with one of these structs and one row in router.c. */

#include "sim/engine/rng.h"
#include "sim/serving/replica.h"

struct router_state {
    struct rng rng;   /* the cell's stream for routing */
    int64_t requests; /* routed so far */
};

struct router {
    const char *name;    /* in scenarios */
    const char *summary; /* one line for `dcsim check` */
    /* Index of one of `count` >= 1 replicas for a request that arrives at `now`. */
    int32_t (*pick)(struct router_state *state, const struct replica *replica, int32_t count,
                    simtime now);
};

extern const struct router router_random;
extern const struct router router_round_robin;
extern const struct router router_least_outstanding;
extern const struct router router_power_of_two;

/* The router of that name; NULL when there is none. */
const struct router *router_find(const char *name);

/* All names, separated by ", ". */
const char *router_names(void);

#endif
