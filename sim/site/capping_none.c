/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/site/capping.h"

/* The site draws what its nodes want; what goes beyond the limits is counted as overshoot. */
static void divide(double budget, double share, struct capping_node *node, size_t count) {
    (void)budget;
    (void)share;
    for (size_t i = 0; i < count; i++)
        node[i].cap = node[i].full;
}

const struct capping capping_none = {
    .name = "none",
    .summary = "no caps; power above the limits is counted as overshoot",
    .divide = divide,
};
