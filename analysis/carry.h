/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ANALYSIS_CARRY_H
#define ANALYSIS_CARRY_H

/* What the feed carries: the IT power that is left after the plant, over a site's horizon,
 * its warm-up not among it. */

#include "sim/site/site.h"

/* IT power (W) that the feed and the plant carry at time t (s); `*by_heat` (may be NULL) tells that
 * the plant's heat limit was the lower. */
double carry_at(const struct site_spec *s, double t, bool *by_heat);

/* The moments (s after the run began) with the least and the most of it. Looked at are whole hours
 * and every knot of the schedules of feed, weather, PUE and heat limit, at most 100,000 moments. */
void carry_extremes(const struct site_spec *s, double *when_least, double *when_most);

#endif
