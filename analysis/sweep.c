/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/sweep.h"

#include "config.h"

#include "analysis/experiment.h"
#include "analysis/journal.h"
#include "analysis/outcome_list.h"
#include "analysis/progress.h"
#include "analysis/summary.h"
#include "analysis/sweep_file.h"
#include "analysis/sweep_print.h"
#include "sim/engine/memory.h"
#include "sim/engine/ranks.h"
#include "sim/io/scenario.h"

#include <stdlib.h>

/* So many that arrays over them and the replications fit HDF5, with room. */
enum { AXES_MAX = 16 };

static const char figures_default[] = "token_rate_mean,e_tok_site";

struct sweep {
    const struct options *o;
    struct scenario base; /* before any axis */
    struct axis axis[AXES_MAX];
    size_t axes;
    struct plan plan;
    struct outcome_list of; /* to print */
    struct experiment_run *run;
    struct outcome *out;
};

static void read_axes(struct sweep *s, struct error *e) {
    const struct options_list *vary = &s->o->vary;
    if (vary->count == 0)
        error_add(e, NULL, 0,
                  "sweep needs an axis; --vary NAME=XPATH=VALUES would be right, as in --vary "
                  "'pue=//cooling/@pue=1.1:2:10'");
    if (vary->count > AXES_MAX)
        error_add(e, NULL, 0, "--vary: found %zu axes; at most %d would be right", vary->count,
                  AXES_MAX);
    for (size_t i = 0; i < vary->count && i < AXES_MAX; i++)
        s->axes += axis_read(&s->axis[s->axes], vary->text[i], e);
    axis_names(s->axis, s->axes, e);
}

/* Reads what is asked for; all mistakes are told at once. */
static bool read_sweep(struct sweep *s, struct error *e) {
    const struct options *o = s->o;
    enum plan_kind kind = o->zip ? PLAN_ZIP : PLAN_GRID;
    size_t points = 0;
    read_axes(s, e);
    outcome_list_read(&s->of, o->of != NULL ? o->of : figures_default, e);
    if (o->design != NULL)
        plan_design(o->design, &kind, &points, e);
    if (!scenario_load(&s->base, o->scenario, o->set, o->sets, e) || error_any(e))
        return false;
    const uint64_t seed = o->has_seed ? o->seed : s->base.site.seed;
    return plan_make(&s->plan, kind, s->axis, s->axes, points, seed, e);
}

/* Whether a point is checked before the runs, so that a long sweep does not end at a value that the
 * scenario cannot have: each value of an axis with the first of the others. */
static bool is_checked(const struct plan *p, size_t point) {
    size_t others = 0;
    if (p->kind != PLAN_GRID)
        return true;
    for (size_t a = 0; a < p->axes; a++)
        others += plan_index(p, point, a) != 0;
    return others <= 1;
}

static void fill_runs(struct sweep *s) {
    const size_t replications = (size_t)s->o->replications, axes = s->axes;
    s->run = memory_new(s->plan.points * replications, sizeof *s->run);
    for (size_t i = 0; i < s->plan.points * replications; i++)
        s->run[i] = (struct experiment_run){.set = &s->plan.set[i / replications * axes],
                                            .sets = axes,
                                            .replication = i % replications,
                                            .resource = RESOURCE_COUNT};
}

static bool check_points(const struct sweep *s, const struct experiment *x, struct error *e) {
    enum { CHECKS = 256 };
    size_t checks = 0;
    for (size_t p = 0; p < s->plan.points && checks < CHECKS; p++)
        if (is_checked(&s->plan, p)) {
            checks++;
            if (!experiment_check(x, p * (size_t)s->o->replications, e))
                return false;
        }
    return true;
}

/* Writes and prints: by one rank. */
static bool report(const struct sweep *s, const char *path, const char *command, double seconds,
                   struct error *e) {
    const struct results_meta meta = {.title = s->base.title,
                                      .version = PACKAGE_VERSION,
                                      .scenario_sha256 = s->base.sha256,
                                      .command = command,
                                      .scenario_xml = s->base.resolved_xml,
                                      .seed = s->o->has_seed ? s->o->seed : s->base.site.seed};
    struct sweep_table table;
    sweep_table_make(&table, &s->plan, (size_t)s->o->replications, s->out);
    const bool written = sweep_file_write(path, &table, &meta, e);
    if (written && !s->o->quiet) {
        char text[SUMMARY_TEXT];
        sweep_print(&table, s->base.title, s->of.figure, s->of.count, stdout);
        printf("\nresults in %s\n", path);
        fflush(stdout);
        fprintf(stderr, "%zu runs in %s\n", s->plan.points * table.replications,
                summary_duration(text, seconds));
    }
    sweep_table_clear(&table);
    return written;
}

/* Does the runs and what follows. */
static enum run_status run_points(struct sweep *s, const char *path, const char *command,
                                  struct error *e) {
    const struct options *o = s->o;
    bool failed = false;
    fill_runs(s);
    char *journal = memory_print("%s.journal", path);
    const struct experiment x = {.scenario = o->scenario,
                                 .set = o->set,
                                 .sets = o->sets,
                                 .has_seed = o->has_seed,
                                 .seed = o->seed,
                                 .threads = o->threads,
                                 .step_by_step = o->step_by_step,
                                 .journal = journal,
                                 .run = s->run,
                                 .runs = s->plan.points * (size_t)o->replications,
                                 .failed = &failed};
    enum run_status status = RUN_MISTAKE;
    if (ranks_agree(ranks_index() > 0 || check_points(s, &x, e), e)) {
        struct progress progress;
        s->out = memory_new(x.runs * outcome_count(), sizeof *s->out);
        progress_start(&progress, stderr, 0.0, !o->quiet && ranks_index() == 0);
        const bool done = experiment_do(&x, progress_runs, &progress, s->out, e);
        const double seconds = progress_end(&progress);
        status = failed ? RUN_FAILED : RUN_MISTAKE;
        if (done)
            status = ranks_agree(ranks_index() > 0 || report(s, path, command, seconds, e), e)
                         ? RUN_DONE
                         : RUN_FAILED;
        if (status == RUN_DONE && ranks_index() == 0)
            journal_remove(journal);
    }
    free(journal);
    return status;
}

enum run_status sweep_run(const struct options *o, const char *command, struct error *e) {
    struct sweep s = {.o = o};
    enum run_status status = RUN_MISTAKE;
    char *path = run_output(o, "_sweep");
    if (read_sweep(&s, e) && ranks_agree(ranks_index() > 0 || results_probe(path, e), e))
        status = run_points(&s, path, command, e);
    free(path);
    free(s.out);
    free(s.run);
    plan_clear(&s.plan);
    outcome_list_clear(&s.of);
    for (size_t a = 0; a < s.axes; a++)
        axis_clear(&s.axis[a]);
    scenario_clear(&s.base);
    return status;
}
