/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ANALYSIS_EDGE_H
#define ANALYSIS_EDGE_H

/* An edge: along one quantity of a scenario the last value at which its goal is met, found by
 * threshold search. The largest demand, the fewest nodes, the smallest feed, or the least value of
 * an axis. */

#include "analysis/axis.h"
#include "analysis/search.h"
#include "analysis/threshold.h"

enum edge_kind {
    EDGE_DEMAND, /* a factor on the demand of all groups */
    EDGE_NODES,  /* nodes: cells of each group, in step; nodes of a group that has one cell */
    EDGE_FEED,   /* the feed's limit at its highest, W; it is multiplied whenever it holds */
    EDGE_AXIS    /* the numbers of an axis, in its unit; the goal is met from the edge upward */
};

struct edge {
    enum edge_kind kind;
    const struct axis *axis; /* EDGE_AXIS: a range; else NULL */
    double tolerance;
    /* What edge_find found. Point i of the edge is point first + i of the search. */
    struct threshold at;
    bool hopeless; /* it gave up, since more of the quantity brought nothing */
    size_t first, points;
    double *tried; /* of each point, what the search for the threshold knows it by; owned */
    double *value; /* of each point, as it is told; owned */
    char **
        set; /* of each point: what it overrides, a line "XPATH=VALUE" each; "" if nothing; owned */
};

/* Unless asked otherwise: --tolerance. */
#define EDGE_TOLERANCE 0.01

/* "demand", "nodes", "feed", the axis's name; unit of the values; and what they are. Static, or the
 * axis's. */
const char *edge_name(const struct edge *g);
const char *edge_unit(const struct edge *g);
const char *edge_text(const struct edge *g);

/* Finds it; kind, axis and tolerance are set. False with messages in *e when the scenario has no
 * such edge, or a run failed. */
bool edge_find(struct edge *g, struct search *s, struct error *e);
void edge_clear(struct edge *g);

/* The point of the last value that met the goal, of the first that missed it; -1: there is none. */
long edge_met(const struct edge *g);
long edge_missed(const struct edge *g);

/* The value next to the edge on the side where the goal is met (`met`) or missed that is sure: all
 * values tried from there on are of that side, surely, but for silent ones (search_silent).
 * NAN: there is none. */
double edge_sure(const struct edge *g, const struct search *s, bool met);

#endif
