/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ANALYSIS_MARGINAL_H
#define ANALYSIS_MARGINAL_H

/* Marginal values d ln Q / d ln R (DESIGN 7): a site's run repeated with 1 % more of each resource
 * under common random numbers. The honest answer to "what binds". */

#include "sim/site/site.h"

#include <stdio.h>

/* Multiplies each resource by this. */
#define MARGINAL_FACTOR 1.01

/* Simulated cells of each group from which on intervals are taken over cells; below it, over the
 * control periods (interval_series). With 4 cells Student's t has 3 degrees of freedom. */
enum { MARGINAL_CELLS = 4 };

/* Called after each window of each run: the share of all work that is done, as simulated seconds of
 * site_end(site), and requests completed. Repeats the run once for each resource that the site has,
 * beside `base`, its own result, and writes the values into base->marginal. False when a run was
 * stopped, with a message in *e. */
bool marginal_run(const struct site_spec *site, site_progress *progress, void *user,
                  struct result *base, struct error *e);

/* Runs that marginal_run makes: resources that the site has. */
int marginal_runs(const struct site_spec *site);

/* Prints base->marginal as a table, the largest first. */
void marginal_print(const struct site_spec *site, const struct result *base, FILE *to);

#endif
