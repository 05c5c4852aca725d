/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/study.h"

#include "config.h"

#include "analysis/journal.h"
#include "analysis/progress.h"
#include "analysis/summary.h"
#include "sim/engine/memory.h"
#include "sim/engine/ranks.h"

#include <stdio.h>
#include <stdlib.h>

struct results_meta study_meta(const struct options *o, const struct scenario *s) {
    return (struct results_meta){.title = s->title,
                                 .version = PACKAGE_VERSION,
                                 .scenario_sha256 = s->sha256,
                                 .command = o->text,
                                 .scenario_xml = s->resolved_xml,
                                 .seed = o->has_seed ? o->seed : s->site.seed};
}

/* Writes and prints, and says what it took. */
static bool report(const struct study *s, const struct outcome *out, double seconds,
                   struct error *e) {
    char text[SUMMARY_TEXT];
    if (!s->report(s->user, out, e))
        return false;
    if (!s->o->quiet) {
        printf("\nresults in %s\n", s->path);
        fflush(stdout);
        fprintf(stderr, "%zu runs in %s\n", s->runs, summary_duration(text, seconds));
    }
    return true;
}

/* The runs and what follows. */
static enum run_status run_all(const struct study *s, const struct experiment *x,
                               const bool *failed, struct error *e) {
    const bool first = ranks_index() == 0;
    struct progress progress;
    struct outcome *out = memory_new(s->runs * outcome_count(), sizeof *out);
    progress_start(&progress, stderr, 0.0, !s->o->quiet && first);
    const bool done = experiment_do(x, progress_runs, &progress, out, e);
    const double seconds = progress_end(&progress);
    enum run_status status = *failed ? RUN_FAILED : RUN_MISTAKE;
    if (done)
        status = ranks_agree(!first || report(s, out, seconds, e), e) ? RUN_DONE : RUN_FAILED;
    if (status == RUN_DONE && first)
        journal_remove(x->journal);
    free(out);
    return status;
}

struct experiment study_experiment(const struct options *o, const struct experiment_run *run,
                                   size_t runs, bool *failed) {
    return (struct experiment){.scenario = o->scenario,
                               .set = o->set,
                               .sets = o->sets,
                               .has_seed = o->has_seed,
                               .seed = o->seed,
                               .threads = o->threads,
                               .step_by_step = o->step_by_step,
                               .run = run,
                               .runs = runs,
                               .failed = failed};
}

enum run_status study_run(const struct study *s, struct error *e) {
    bool failed = false;
    char *journal = memory_print("%s.journal", s->path);
    struct experiment x = study_experiment(s->o, s->run, s->runs, &failed);
    x.journal = journal;
    enum run_status status = RUN_MISTAKE;
    if (ranks_agree(ranks_index() > 0 || (results_probe(s->path, e) && s->check(s->user, &x, e)),
                    e))
        status = run_all(s, &x, &failed, e);
    free(journal);
    return status;
}
