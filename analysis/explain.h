/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ANALYSIS_EXPLAIN_H
#define ANALYSIS_EXPLAIN_H

/* `dcsim explain`: what the formulas say of a site, without a simulation. */

#include "sim/site/site.h"

#include <stdio.h>

/* For each group of cells: work per token, the operating point, iteration time and joules per token
 * over batch and context; for the site, at the start and at the hours of least and most available
 * power: both ceilings, rho and rho* under both conventions of K_eff. */
void explain_site(const struct site_spec *s, FILE *to);

/* The paper's worked example (arXiv 2605.11733, appendix B) with its own figures, and what changes
 * with N = 65e9. */
void explain_paper(FILE *to);

#endif
