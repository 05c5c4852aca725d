/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_SERVING_CELL_IMPL_H
#define SIM_SERVING_CELL_IMPL_H

/* What a cell is made of: for cell.c and the tests of its inside. */

#include "sim/engine/eventq.h"
#include "sim/serving/router.h"

struct cell {
    struct replica_env env;
    struct replica *replica; /* node i has replicas i * per_node .. (i + 1) * per_node - 1 */
    int32_t replicas;
    long nodes;
    uint64_t *words;     /* storage of the replicas' agendas */
    struct eventq queue; /* slot 0: arrivals; slot 1 + i: replica i */
    struct router_state router;
    simtime now;
    simtime measured_from;  /* where the counts began */
    double in_flight_start; /* requests queued or running then */
};

#endif
