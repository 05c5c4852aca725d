/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ANALYSIS_GOAL_H
#define ANALYSIS_GOAL_H

/* A goal: what the runs of a point must keep for the point to be one that a planner could have
 * (docs/search.md): enough good tokens, queues that do not grow, no power above the limits, and
 * figures that are at most so large. */

#include "analysis/options.h"
#include "analysis/outcome.h"

enum goal_kind {
    GOAL_GOOD,   /* share of good tokens among those of the requests that ended, at least */
    GOAL_QUEUE,  /* requests that the site fell behind by, as a share of those that arrived, at most
                  */
    GOAL_POWER,  /* energy above the feed's or the plant's limit, as a share of all, at most */
    GOAL_FIGURE, /* a figure of the outcome, at most */
};

struct goal_part {
    enum goal_kind kind;
    size_t figure; /* GOAL_FIGURE */
    double limit;
};

enum { GOAL_FIGURES = 16, GOAL_PARTS = GOAL_FIGURES + 3 };

struct goal {
    struct goal_part part[GOAL_PARTS];
    size_t parts;
};

/* Unless asked otherwise: --good and --overshoot. */
#define GOAL_GOOD_SHARE 0.99
#define GOAL_OVERSHOOT  0.0
/* What the queue may grow by: so little that demand is less than 1 % above what is served, also
 * where the run has no warm-up and only half of what it falls behind by is told from the filling
 * up. */
#define GOAL_QUEUE_GROWTH 0.005
/* Standard deviations of the number in flight, were it Poisson's, that are not taken for growth; by
 * its square root, whose standard deviation is 1/2 whatever the mean (Bartlett 1936, Supplement to
 * the J. of the Royal Statistical Society 3, 68), since the number itself is far from normal where
 * hardly one is in flight. */
#define GOAL_CHANCE 3.0

/* Reads the options: with `all` every part that is no figure, else only those that are asked for.
 * False with messages in *e. */
bool goal_read(struct goal *g, const struct options *o, bool all, struct error *e);

/* "good_share", ..., or the figure's name; its unit, and what it is. Static. */
struct figure goal_figure(const struct goal_part *p);

/* Whether in any of `runs` runs no request ended, and no more are in flight than chance may leave
 * at a site that is nearly empty (GOAL_CHANCE: two): of what requests see such a run tells nothing.
 */
bool goal_silent(const struct outcome *run, size_t runs);

/* Its value in one run: NAN when the run has no such figure. */
double goal_value(const struct goal_part *p, const struct outcome *run);

/* What `runs` runs of a point, outcome_count() records each, make of one part: decided by the mean,
 * `sure` when the 95 % interval lies on one side of the limit (never with one run). A silent run
 * that has no value is left out. Where all are, the part is met as far as can be told, and not
 * surely; where another run has none (requests wait, and none ended), it is missed. */
struct goal_verdict {
    struct outcome mean;
    bool met, sure;
    double excess; /* beyond the limit as a share of it, of 1 where it is 0; 0 when met */
};
void goal_judge(const struct goal_part *p, const struct outcome *run, size_t runs,
                struct goal_verdict *out);

/* All parts: whether every one is met, and whether that is sure (all surely met, or one surely
 * missed); *excess the sum, INFINITY when a part has no value. */
struct goal_verdict goal_judge_all(const struct goal *g, const struct outcome *run, size_t runs);

#endif
