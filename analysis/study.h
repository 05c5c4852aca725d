/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ANALYSIS_STUDY_H
#define ANALYSIS_STUDY_H

/* A study: a command that does an experiment and then writes and prints what came of it, as sweeps,
 * sensitivities and trajectories do. What is the same for all: the result's file is probed before
 * the runs, the journal goes with it, one rank alone writes and prints. */

#include "analysis/experiment.h"
#include "analysis/options.h"
#include "analysis/run.h"
#include "sim/io/results.h"

struct study {
    const struct options *o;
    const char *path; /* of the result */
    const struct experiment_run *run;
    size_t runs;
    void *user; /* of the functions */
    /* Whether the files can be written, and the scenario can be run where it is to be. Called by
     * one rank, before any run; messages in *e. */
    bool (*check)(void *user, const struct experiment *x, struct error *e);
    /* Writes, and prints unless quiet. Called by one rank with every run's outcome (as
     * experiment_do has them); messages in *e when it could not. */
    bool (*report)(void *user, const struct outcome *out, struct error *e);
};

/* Does it all, called by every rank; messages in *e unless all went well. A killed study goes on
 * where it was when it is done again: its journal, PATH.journal.N, is removed at its end. */
enum run_status study_run(const struct study *s, struct error *e);

/* The experiment of these runs as the options have it: without a journal. *failed (experiment.h)
 * must live as long. */
struct experiment study_experiment(const struct options *o, const struct experiment_run *run,
                                   size_t runs, bool *failed);

/* What the result's file says of its making: of the scenario before any of the experiment's own
 * overrides. */
struct results_meta study_meta(const struct options *o, const struct scenario *s);

#endif
