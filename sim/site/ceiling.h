/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_SITE_CEILING_H
#define SIM_SITE_CEILING_H

/* What a group of like nodes could do: its operating point at the lengths of requests lately seen,
 * and the token rate that a given power carries; and from all groups the site's compute and power
 * ceilings (docs/site.md; docs/equations.md, 5). */

#include "sim/serving/cell.h"

/* Frequencies, in equal ratios from phi_min to 1, at which a group's rate under less power is
 * worked out; between them it is taken as straight over power. */
#define CEILING_POINTS 33

/* The mean lengths seen forget with this time constant (s) and are looked at this often (s). At the
 * start they are those of the workload, which count as this many requests. */
#define CEILING_MEMORY   3600.0
#define CEILING_INTERVAL 60.0
#define CEILING_PRIOR    1000.0

/* The operating point is worked out again when a mean length has moved by this share since it was,
 * or the mean square of prompts by CEILING_DRIFT_SQUARE. */
#define CEILING_DRIFT        0.01
#define CEILING_DRIFT_SQUARE 0.05

/* Requests and sums of their lengths, as in struct cell_tick. */
struct ceiling_seen {
    double requests, prompt, output, decode, context, prompt_square;
};

struct ceiling {
    const struct cell_spec *spec;
    double nodes; /* of the site, in this group */
    struct ceiling_seen seen;
    struct lengths lengths;       /* those at which the point stands */
    struct operating_point point; /* of one replica, at full frequency */
    /* All nodes of the group at the operating point. */
    double token_rate, flop_rate; /* tokens/s, FLOP/s */
    double power;                 /* W at the nodes' terminals */
    double peak;                  /* FLOP/s by the datasheet, at the arithmetic's precision */
    double idle;                  /* W, all nodes idle */
    /* Rate over power, from phi_min up; made when first asked for. */
    size_t points; /* 0: not made */
    double point_power[CEILING_POINTS], point_rate[CEILING_POINTS];
};

/* The group at the lengths of its workload, `nodes` nodes in the site. */
void ceiling_init(struct ceiling *c, const struct cell_spec *spec, double nodes);

/* The same for given lengths, never refreshed. */
void ceiling_init_at(struct ceiling *c, const struct cell_spec *spec, double nodes,
                     const struct lengths *lengths);

/* Adds a period's arrivals to what was seen. */
void ceiling_see(struct ceiling *c, const struct cell_tick *tick);

/* Each CEILING_INTERVAL or a longer control period: works the operating point out again if the
 * lengths have moved, then forgets what `elapsed` s make it forget. */
void ceiling_refresh(struct ceiling *c, double elapsed);

/* Lengths from sums over requests; false, and nothing done, when there are none. */
bool ceiling_lengths(const struct ceiling_seen *seen, struct lengths *out);

/* Tokens/s of the group when its nodes may draw `power` W together: at the frequency which that
 * carries; below what phi_min draws, at phi_min for the share of time that it carries. */
double ceiling_rate(struct ceiling *c, double power);

/* The site's. */
struct ceilings {
    double compute, power; /* ceilings, tokens/s */
    double flop, peak;     /* K_eff realized and peak, FLOP/s */
    double e_tok;          /* J per token at the frequency that the power carries */
    double c_tok;          /* FLOP per token at the operating point */
};

/* Both ceilings with `available` W of IT power, which the groups share in proportion to what they
 * draw at their operating points. */
void ceiling_site(struct ceiling *group, size_t groups, double available, struct ceilings *out);

#endif
