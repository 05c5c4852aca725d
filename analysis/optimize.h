/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ANALYSIS_OPTIMIZE_H
#define ANALYSIS_OPTIMIZE_H

/* `dcsim optimize`: the setting of a few knobs at which an objective is best, by pattern search;
 * and what it is worth beside the scenario as it is, on random numbers that the search has not
 * seen. */

#include "analysis/knobs.h"
#include "analysis/objective.h"
#include "analysis/pattern.h"
#include "analysis/search.h"

struct optimize {
    struct knobs knobs;
    struct objective aim;
    double tolerance;     /* least mesh, a share of a knob's range */
    size_t most;          /* points at most */
    struct pattern found; /* found.best is a point of the knobs */
    size_t first;         /* point i of the knobs is point first + i of the search */
    size_t fresh;         /* point of the search that is as the scenario is, then the start's, then
                             the best's: run once more, on new random numbers that are common to them */
};

/* Those three, after `fresh`. */
enum optimize_fresh { OPTIMIZE_AS_IS, OPTIMIZE_START, OPTIMIZE_BEST, OPTIMIZE_FRESH };

/* Unless asked otherwise: --tolerance, --runs. */
#define OPTIMIZE_TOLERANCE 0.02
#define OPTIMIZE_RUNS      300

/* The objective at point i of the knobs: mean over the runs, and half width of its 95 % interval.
 */
struct outcome optimize_value(const struct optimize *z, const struct search *s, size_t i);

/* Whether point a of the knobs is better than b: nearer to the goal, and where they are equally
 * near, as where both meet it, with the better objective. */
bool optimize_better(const struct optimize *z, const struct search *s, size_t a, size_t b);

/* The objective at a fresh point, and what the best is above it, run by run. NAN where one of them
 * has no value, as in the scenario as it is when knobs have charges. */
struct outcome optimize_fresh(const struct optimize *z, const struct search *s,
                              enum optimize_fresh which);
struct outcome optimize_gain(const struct optimize *z, const struct search *s,
                             enum optimize_fresh over);

/* Runs, writes and prints; messages in *e unless all went well. */
enum run_status optimize_run(const struct options *o, struct error *e);

#endif
