/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/site/capping.h"

static double wanted(const struct capping_node *n) {
    return n->demand > n->idle ? n->demand - n->idle : 0.0;
}

static double range(const struct capping_node *n) {
    return n->full - n->idle;
}

/* On top of node.cap each node gets min(factor * part, full - cap), with the factor at which that
 * uses up `left`. What they take together is concave in the factor, so Newton's steps from the left
 * never pass the root: each takes the nodes that are full out and divides what is left among the
 * others. Steps end when none more is full; were they cut short, less than `left` would be used. */
static double fill(double left, double (*part)(const struct capping_node *),
                   struct capping_node *node, size_t count) {
    double factor = 0.0;
    for (int step = 0; step < 64; step++) {
        double filled = 0.0, parts = 0.0;
        for (size_t i = 0; i < count; i++) {
            const double room = node[i].full - node[i].cap, p = part(&node[i]);
            if (factor * p >= room)
                filled += node[i].weight * room;
            else
                parts += node[i].weight * p;
        }
        if (!(parts > 0.0))
            break;
        const double next = (left - filled) / parts;
        if (!(next > factor))
            break;
        factor = next;
    }
    double used = 0.0;
    for (size_t i = 0; i < count; i++) {
        const double room = node[i].full - node[i].cap, more = factor * part(&node[i]);
        const double given = more < room ? more : room;
        node[i].cap += given;
        used += node[i].weight * given;
    }
    return left - used;
}

/* First its floor for each node: idle power plus `share` of its dynamic range (less for all when
 * the budget does not reach that far). Then what is left in proportion to what each wants above
 * idle; then what nobody wants in proportion to the ranges, so that an idle node can wake between
 * two ticks. */
static void divide(double budget, double share, struct capping_node *node, size_t count) {
    double idle = 0.0, first = 0.0;
    for (size_t i = 0; i < count; i++) {
        const double base = node[i].idle + share * range(&node[i]);
        node[i].cap = node[i].floor;
        idle += node[i].weight * node[i].floor;
        if (base > node[i].floor)
            first += node[i].weight * (base - node[i].floor);
    }
    if (!(budget > idle))
        return;
    const double part = first > budget - idle ? (budget - idle) / first : 1.0;
    for (size_t i = 0; i < count; i++) {
        const double base = node[i].idle + share * range(&node[i]);
        if (base > node[i].floor)
            node[i].cap += part * (base - node[i].floor);
    }
    double left = budget - idle - part * first;
    if (left > 0.0)
        left = fill(left, wanted, node, count);
    if (left > 0.0)
        fill(left, range, node, count);
}

const struct capping capping_proportional = {
    .name = "proportional",
    .summary = "idle power and a floor for every node, the rest by what each would draw uncapped",
    .caps = true,
    .by_demand = true,
    .divide = divide,
};
