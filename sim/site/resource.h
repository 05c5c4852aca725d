/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_SITE_RESOURCE_H
#define SIM_SITE_RESOURCE_H

/* What a site has more or less of: the resources whose marginal value d ln Q / d ln R is asked for
 * (DESIGN 7). A trial is the same site with one of them multiplied by a factor, all else and all
 * random streams alike. */

#include "sim/site/site.h"

enum resource {
    RESOURCE_DEMAND,    /* arrival rate, clients of a closed loop, speed of a repeated trace */
    RESOURCE_FEED,      /* the feed's limit */
    RESOURCE_COOLING,   /* the plant's heat limit */
    RESOURCE_CAP,       /* power that a node may draw: own cap, rack's limit, boards' limit */
    RESOURCE_COMPUTE,   /* FLOP/s, at the same power */
    RESOURCE_BANDWIDTH, /* HBM bandwidth */
    RESOURCE_MEMORY,    /* HBM capacity */
    RESOURCE_NODES,     /* nodes, for the same demand, feed and plant */
    RESOURCE_CLOCK,     /* highest frequency of GPUs, by the law of power over frequency */
    RESOURCE_PUE,       /* PUE, less of it */
    RESOURCE_COUNT
};
extern const char *const resource_name[RESOURCE_COUNT]; /* "demand", ... */

struct resource_trial {
    struct site_spec site; /* to be run; shares what is not scaled with the site it was made of */
    double factor;         /* by which the resource is multiplied, never 1; see resource_scale */
    double k_eff;          /* of clock: by which that multiplies K_eff, at the workloads' lengths */
    double gain;           /* by which the trial's totals are multiplied to be the scaled site's */
    enum resource resource;
    /* Owned. */
    struct cell_spec *group;
    struct trace *trace;
    size_t traces;
};

/* Makes the trial of `factor` > 1, of demand and feed of any positive one but 1, on `resource`,
 * which for PUE, where less is better, is one of 1 / factor: every value of it, so overhead and
 * all, whatever load, weather and time. PUE is never made lower than 1: where it would be, it is
 * multiplied by `factor` instead. False when the site has none of it (no heat limit stated), or it
 * cannot be divided (nodes, where each cell has one client; less demand, where one has only one),
 * or the feed would never carry the idle nodes (site_feed_carries; less feed, more nodes). A closed
 * loop has whole clients, so there out->factor is the nearest to 1 beyond `factor`, or at
 * it, that makes them whole; of several loops, of the one with the fewest in a cell.
 *
 * More nodes are not made but a smaller rest: tokens, power and demand of a site are extensive, so
 * with N times the nodes it makes N times what its nodes make at 1 / N of demand, feed limit, heat
 * limit and fixed overhead. That holds for any factor, where nodes and cells are whole.
 *
 * A higher clock raises what a node could do and leaves what it does at any lower speed, and the
 * power it then draws: K_eff grows, e_tok and c_tok of a capped node do not. */
bool resource_scale(const struct site_spec *site, enum resource resource, double factor,
                    struct resource_trial *out);

/* Whether more of the resource can change nothing that the site does, down to the last bit: of feed
 * and heat limit, where policy caps nothing or both carry all nodes at full power from the warm-up
 * to the end. (rho, U and the power ceiling still follow them.) False where that is not known
 * beforehand. */
bool resource_idle(const struct site_spec *site, enum resource resource);

/* Frees what the trial owns; the site that it was made of must still be there. */
void resource_clear(struct resource_trial *t);

#endif
