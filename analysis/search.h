/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ANALYSIS_SEARCH_H
#define ANALYSIS_SEARCH_H

/* A search: points of a scenario that are run as they turn out to be wanted, each some times over
 * on random numbers that are common to all points, and judged by a goal. What capacity, size and
 * optimize share. */

#include "analysis/experiment.h"
#include "analysis/goal.h"
#include "analysis/progress.h"
#include "analysis/run.h"
#include "sim/io/results.h"

struct search {
    const struct options *o;
    struct scenario base;
    uint64_t seed;
    struct goal goal;
    size_t replications;
    struct outcome *run; /* points * replications * outcome_count(); owned */
    bool *refused;       /* by point: the scenario cannot be so; its outcomes are NAN; owned */
    size_t points, runs; /* runs: made */
    struct progress progress;
    bool failed; /* for another reason than a mistake */
};

/* A point to be run. */
struct search_point {
    const struct override *set; /* after those of the command line */
    size_t sets;
    enum resource
        resource; /* RESOURCE_COUNT: none; else multiplied by `factor`, with no overrides */
    double factor;
    size_t
        first; /* replication of its first run; 0 but for runs that the search must not have seen */
};

/* Loads the scenario and reads the goal (goal_read, with `all`). False with messages in *e; then,
 * too, search_close is to be called. */
bool search_open(struct search *s, const struct options *o, bool all, struct error *e);
void search_close(struct search *s);

/* Runs `count` more points, numbered from s->points on. A point whose overrides the scenario does
 * not take, or whose resource cannot be scaled so (resource_scale), is refused and not run. False
 * with messages in *e. */
bool search_run(struct search *s, const struct search_point *point, size_t count, struct error *e);

/* Whether the scenario takes the overrides of a point; messages in *e. */
bool search_check(struct search *s, const struct search_point *point, struct error *e);

/* The runs of a point: `replications` records, outcome_count() apart; and what the goal says of
 * them. Refused points are surely missed. */
const struct outcome *search_runs(const struct search *s, size_t point);
struct goal_verdict search_verdict(const struct search *s, size_t point);

/* Whether some run of the point tells nothing of requests (goal_silent). */
bool search_silent(const struct search *s, size_t point);

/* The mean of a figure at a point. */
struct outcome search_figure(const struct search *s, size_t point, const char *name);

/* The constraint with the largest share of node-time at a point. */
enum binding search_binding(const struct search *s, size_t point);

/* Does what a command with a search does around it: probes the output (suffix "_capacity"), opens,
 * calls `work`, writes by `file` what it found, and prints it by `print`. To be called by all
 * ranks; one of them writes and prints. */
struct search_command {
    const char *suffix;
    bool all;
    bool (*work)(struct search *s, void *user, struct error *e);
    void (*file)(const struct search *s, const void *user, struct h5out *out);
    void (*print)(const struct search *s, const void *user, FILE *to);
};
enum run_status search_command(const struct search_command *c, void *user, const struct options *o,
                               struct error *e);

#endif
