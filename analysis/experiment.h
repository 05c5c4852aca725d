/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ANALYSIS_EXPERIMENT_H
#define ANALYSIS_EXPERIMENT_H

/* An experiment: many runs of one scenario, each with overrides of its own, over the threads of a
 * process and the ranks of a job. What sweeps, sensitivities, searches and trajectories are made
 * of. */

#include "analysis/outcome.h"
#include "sim/io/override.h"
#include "sim/site/resource.h"

/* One run of it. */
struct experiment_run {
    const struct override *set; /* after those of the experiment; runs with the same ones share them
                                   (the pointer), and their scenario is read once */
    size_t sets;
    uint64_t replication; /* its seed is that of the experiment plus this: runs of one replication
                             have common random numbers */
    enum resource
        resource;  /* RESOURCE_COUNT: none; else the site with it multiplied by `factor`, */
    double factor; /* or in a closed loop by the next that whole clients allow (resource_scale). Of
                      RESOURCE_NODES the outcome is that of a smaller rest: totals times what
                      experiment_factor tells are those of the site with more nodes */
    const struct experiment_run *base; /* of the same experiment, without the resource scaled: where
                      more of it can change nothing (resource_idle), this run is not made and has
                      that one's outcome, of which rho, U and what is stated of the resource are the
                      base's own; NULL: it is always made */
    double demand; /* before that, the site's demand is multiplied by this, where it is above 1 */
};

struct experiment {
    const char *scenario;       /* path */
    const struct override *set; /* --set, in every run */
    size_t sets;
    bool has_seed; /* else the scenario's */
    uint64_t seed;
    int threads; /* 0: as many as there are */
    bool step_by_step;
    const char
        *journal; /* path of a checkpoint, from which a killed experiment goes on; NULL: none */
    const struct experiment_run *run;
    size_t runs;
    bool *failed; /* set when it ended for another reason than a mistake of the user; may be NULL */
};

/* Called when a run has ended: how many of this rank's have, of how many. False stops the
 * experiment. */
typedef bool experiment_progress(void *user, size_t done, size_t runs);

/* Does every run, or takes it from the journal. The outcome of run i is out[i * outcome_count()]
 * and what follows; where the site has none of the resource, or it cannot be scaled, all its values
 * are NAN. The same bytes for any number of threads and ranks; to
 * be called by all ranks, which all get all outcomes. False with messages in *e when a run's
 * scenario is wrong, with the overrides that made it so, or when stopped; runs that have ended are
 * in the journal then. */
bool experiment_do(const struct experiment *x, experiment_progress *progress, void *user,
                   struct outcome *out, struct error *e);

/* The factor that the resource was really multiplied by in the run of that index, 1 when in none.
 * It is the same for the same scenario, so that it is found without running: false with messages in
 * *e when the scenario is wrong. */
bool experiment_factor(const struct experiment *x, size_t index, double *factor, struct error *e);

/* Whether the scenario loads with the overrides of run `index`; messages in *e. */
bool experiment_check(const struct experiment *x, size_t index, struct error *e);

#endif
