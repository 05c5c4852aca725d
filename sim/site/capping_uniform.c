/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/site/capping.h"

/* The share s that solves sum w max(floor, s full) = budget. The sum is convex and rises with s, so
 * Newton's steps from s = 1 come down to the root from above and never pass it; the last step,
 * taken with the right set of nodes at their floor, is exact. Steps end when none of them leaves
 * the set, after at most as many as there are distinct nodes. */
static double share_of(double budget, const struct capping_node *node, size_t count) {
    double share = 1.0;
    for (size_t step = 0; step <= count; step++) {
        double held = 0.0, scaled = 0.0;
        for (size_t i = 0; i < count; i++) {
            if (share * node[i].full <= node[i].floor)
                held += node[i].weight * node[i].floor;
            else
                scaled += node[i].weight * node[i].full;
        }
        if (!(scaled > 0.0) || !(held < budget))
            return 0.0;
        const double next = (budget - held) / scaled;
        if (!(next < share))
            break;
        share = next;
    }
    return share;
}

/* Every node gets the same share of its own full power, so that unlike nodes are treated alike; one
 * whose share would be under its floor gets the floor, and the others less. */
static void divide(double budget, double floor_share, struct capping_node *node, size_t count) {
    (void)floor_share;
    const double share = share_of(budget, node, count);
    for (size_t i = 0; i < count; i++) {
        const double cap = share * node[i].full;
        node[i].cap = cap > node[i].floor ? cap : node[i].floor;
    }
}

const struct capping capping_uniform = {
    .name = "uniform",
    .summary = "every node gets the same share of its own full power",
    .caps = true,
    .divide = divide,
};
