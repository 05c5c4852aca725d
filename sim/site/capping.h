/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_SITE_CAPPING_H
#define SIM_SITE_CAPPING_H

/* A capping policy: how a budget of IT power becomes the caps of nodes (docs/site.md). A new policy
 * is one file with one of these structs and one row in capping.c. */

#include <stdbool.h>
#include <stddef.h>

/* A node as a policy sees it, W at its terminals. */
struct capping_node {
    double weight; /* nodes of the site that it stands for */
    double idle;   /* every GPU idle: below that it cannot go */
    double floor;  /* the lowest cap that can be set, idle <= floor <= full */
    double full;   /* every replica at its boards' own clamp, or the node's own lower cap */
    double demand; /* what it would draw now were it not capped; kept only for `by_demand` */
    double cap;    /* out */
};

struct capping {
    const char *name;    /* in scenarios */
    const char *summary; /* one line for `dcsim check` */
    bool caps;           /* false: never sets a cap */
    bool by_demand;      /* caps depend on the demand of the nodes */
    /* Sets the cap of each of `count` nodes, floor <= cap <= full, so that their sum by weight is
     * at most `budget` (W of IT power, below what all nodes at full power draw), or else every cap
     * at its floor. `share` is site_spec's capping_floor, in [0, 1]. */
    void (*divide)(double budget, double share, struct capping_node *node, size_t count);
};

extern const struct capping capping_none;
extern const struct capping capping_uniform;
extern const struct capping capping_proportional;

/* The policy of that name; NULL when there is none. */
const struct capping *capping_find(const char *name);

/* All names, separated by ", ". */
const char *capping_names(void);

#endif
