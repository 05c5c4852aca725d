/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_AGREEMENT_SITE_H
#define TESTS_AGREEMENT_SITE_H

/* Random sites under full load, each with the diagnostic of its run and the marginal values that
 * are held against it (docs/site.md, marginal values; docs/agreement.md). */

#include <stdbool.h>
#include <stdint.h>

/* A share of node-time that demand binds below which a site counts as saturated. */
#define AGREEMENT_DEMAND 0.05

/* rho over rho* is a boundary case when it is this near to 1. */
#define AGREEMENT_EDGE 0.02

/* A marginal value and the half width of its 95 % interval. */
struct agreement_value {
    double value, half;
};

struct agreement {
    /* The site. */
    char text[256]; /* what it is, in words */
    double ratio;   /* IT power that feed and plant leave, over what all nodes draw at full power */
    /* Its run. */
    double demand; /* share of node-time that demand bound */
    double rho;    /* over rho*, under the counterfactual K_eff */
    double u;      /* U */
    double mixed;  /* full power of the nodes over what they draw at their operating point */
    /* d ln Q of output tokens over d ln of IT power (feed or heat limit, the lower one), of K_eff
     * (by the clock), and of nodes on the same feed and plant. */
    struct agreement_value power, k_eff, nodes;
};

/* Makes site `number` of a random stream, runs it and its trials. The same for the same two. */
void agreement_run(uint64_t stream, unsigned number, struct agreement *out);

/* Saturated: hardly any node-time is short of work. */
bool agreement_saturated(const struct agreement *a);

/* Whether power is the scarcer: by the diagnostic; by the two marginal values. */
bool agreement_diagnosed(const struct agreement *a);
bool agreement_valued(const struct agreement *a);

/* Whether the two values differ by more than their intervals together. */
bool agreement_decided(const struct agreement *a);

/* Whether nodes on the same feed, held against power, say so too (docs/site.md says why they need
 * not). */
bool agreement_nodes(const struct agreement *a);

/* Why diagnostic and values may part at this site: a static text, NULL when nothing is special. */
const char *agreement_reason(const struct agreement *a);

#endif
