/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_SITE_MANAGER_H
#define SIM_SITE_MANAGER_H

/* The power manager: from the feed's limit and the plant's heat limit to a budget of IT power for
 * the next control period, and from that to the caps of nodes (docs/site.md). */

#include "sim/site/capping.h"
#include "sim/site/site.h"

/* A budget that lacks no more than this share of full power carries it: that is rounding. Less than
 * what the books take for rounding. */
#define MANAGER_ROUNDING 1e-10

/* What the nodes may draw together in a period. */
struct manager_budget {
    double power;        /* W of IT power; it keeps every limit throughout the period */
    enum binding setter; /* BINDING_FEED or BINDING_COOLING: whose limit is the lower */
    bool lifted;         /* it carries every node at full power, or nothing is capped at all */
};

struct manager {
    const struct site_spec *spec;
    struct capping_node *node; /* of the simulated nodes, cell after cell; owned */
    size_t nodes;
    double full;                  /* W, all nodes of the site at full power */
    struct manager_budget budget; /* the one in force */
};

/* For `nodes` nodes, whose fields the caller then fills through manager_node. Nothing is capped. */
void manager_init(struct manager *m, const struct site_spec *spec, size_t nodes);
void manager_clear(struct manager *m);

/* Node `i` is one of `group`, idle, and stands for `weight` nodes of the site. */
void manager_node(struct manager *m, size_t i, const struct cell_spec *group, double weight);

/* The budget of the period [from, to) s. */
struct manager_budget manager_budget(const struct manager *m, double from, double to);

/* Whether under budget `b` every cap would be what it is now, whatever the nodes' demand. */
bool manager_stays(const struct manager *m, const struct manager_budget *b);

/* Puts budget `b` in force: sets the cap of each node, INFINITY when lifted. */
void manager_set(struct manager *m, const struct manager_budget *b);

#endif
