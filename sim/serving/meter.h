/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_SERVING_METER_H
#define SIM_SERVING_METER_H

/* What a cell's replicas report to: the sums of the present control period and the latency sketches
 * of the run. */

#include "sim/serving/cell.h"

struct meter {
    struct cell_tick tick;
    struct sketch latency[CELL_LATENCY_COUNT];
    double in_cell;       /* requests queued or running */
    double rejected_pool; /* run totals, see struct cell_totals */
    double rejected_context;
};

#endif
