/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/trajectory.h"

#include "config.h"

#include "analysis/experiment.h"
#include "analysis/journal.h"
#include "analysis/marginal.h"
#include "analysis/progress.h"
#include "analysis/summary.h"
#include "analysis/trajectory_file.h"
#include "analysis/trajectory_print.h"
#include "sim/engine/memory.h"
#include "sim/engine/ranks.h"
#include "sim/io/outfile.h"

#include <math.h>
#include <stdlib.h>
#include <unistd.h>

struct trajectory {
    const struct options *o;
    struct scenario base; /* before any date */
    struct trajectory_table table;
    struct override *set; /* of each period, day and window: course_sets() of them */
    size_t sets;          /* in all */
    struct experiment_run *run;
    struct outcome *out;
    double *step;
};

static const enum resource trial_resource[TRAJECTORY_TRIALS] = {
    [TRAJECTORY_BASE] = RESOURCE_COUNT,      [TRAJECTORY_FEED] = RESOURCE_FEED,
    [TRAJECTORY_COOLING] = RESOURCE_COOLING, [TRAJECTORY_CLOCK] = RESOURCE_CLOCK,
    [TRAJECTORY_NODES] = RESOURCE_NODES,
};

static bool read_trajectory(struct trajectory *t, struct error *e) {
    const struct options *o = t->o;
    struct trajectory_table *table = &t->table;
    if (!scenario_load(&t->base, o->scenario, o->set, o->sets, e))
        return false;
    const struct course *c = &t->base.course;
    if (c->windows == 0) {
        error_add(e, o->scenario, 0,
                  "has no <trajectory>; one with periods and windows would be right "
                  "(docs/trajectory.md)");
        return false;
    }
    *table = (struct trajectory_table){.course = c,
                                       .periods = course_periods(c),
                                       .days = (size_t)c->days,
                                       .windows = c->windows,
                                       .replications = (size_t)o->replications,
                                       .horizon = t->base.site.horizon};
    return true;
}

/* Each window of a day has seeds of its own; those of other periods and days, and the trials of one
 * window, have the same, so that what differs between them is not chance. */
static void fill_window(struct trajectory *t, size_t period, size_t day, size_t window) {
    const struct trajectory_table *table = &t->table;
    const struct course *c = table->course;
    struct override *set = t->set + t->sets;
    course_set(c, course_day(c, period, day), window, t->base.site.warmup, set);
    t->sets += course_sets(c);
    for (size_t r = 0; r < table->replications; r++)
        for (int trial = 0; trial < TRAJECTORY_TRIALS; trial++) {
            const size_t i =
                trajectory_run(table, period, day, window, r, (enum trajectory_trial)trial);
            t->run[i] = (struct experiment_run){
                .set = set,
                .sets = course_sets(c),
                .replication = (r * table->days + day) * table->windows + window,
                .resource = trial_resource[trial],
                .factor = MARGINAL_FACTOR};
        }
}

static void fill_runs(struct trajectory *t) {
    const struct trajectory_table *table = &t->table;
    const size_t windows = table->periods * table->days * table->windows;
    t->set = memory_new(windows * course_sets(table->course), sizeof *t->set);
    t->run = memory_new(trajectory_runs(table), sizeof *t->run);
    for (size_t p = 0; p < table->periods; p++)
        for (size_t d = 0; d < table->days; d++)
            for (size_t w = 0; w < table->windows; w++)
                fill_window(t, p, d, w);
}

/* The scenario as it is on the first day that stands for a period; messages in *e. */
static bool load_period(const struct trajectory *t, size_t period, struct scenario *s,
                        struct error *e) {
    const struct options *o = t->o;
    const struct experiment_run *run =
        &t->run[trajectory_run(&t->table, period, 0, 0, 0, TRAJECTORY_BASE)];
    struct override *set = memory_new(o->sets + run->sets, sizeof *set);
    char name[COURSE_NAME];
    for (size_t i = 0; i < o->sets; i++)
        set[i] = o->set[i];
    for (size_t i = 0; i < run->sets; i++)
        set[o->sets + i] = run->set[i];
    const bool loaded = scenario_load(s, o->scenario, set, o->sets + run->sets, e);
    free(set);
    if (!loaded)
        error_add(e, o->scenario, 0, "so it is in the period %s of its <trajectory>",
                  course_name(t->table.course, period, name));
    return loaded;
}

/* By how much each trial changes its resource. Loads the scenario of each period, so that a mistake
 * in a later year does not end a long run. */
static bool fill_steps(struct trajectory *t, struct error *e) {
    t->step = memory_new(t->table.periods * TRAJECTORY_TRIALS, sizeof *t->step);
    for (size_t p = 0; p < t->table.periods; p++) {
        struct scenario s;
        double *step = t->step + p * TRAJECTORY_TRIALS;
        if (!load_period(t, p, &s, e))
            return false;
        for (int trial = TRAJECTORY_BASE + 1; trial < TRAJECTORY_TRIALS; trial++) {
            struct resource_trial more;
            step[trial] = NAN;
            if (!resource_scale(&s.site, trial_resource[trial], MARGINAL_FACTOR, &more))
                continue;
            step[trial] = log(trial == TRAJECTORY_CLOCK ? more.k_eff : more.factor);
            resource_clear(&more);
        }
        scenario_clear(&s);
    }
    return true;
}

static bool write_files(struct trajectory *t, const char *path, const char *command,
                        struct error *e) {
    const struct options *o = t->o;
    const struct results_meta meta = {.title = t->base.title,
                                      .version = PACKAGE_VERSION,
                                      .scenario_sha256 = t->base.sha256,
                                      .command = command,
                                      .scenario_xml = t->base.resolved_xml,
                                      .seed = o->has_seed ? o->seed : t->base.site.seed};
    return trajectory_file_write(path, &t->table, &meta, e) &&
           (o->csv == NULL || trajectory_csv_write(o->csv, &t->table, e));
}

/* Writes and prints: by one rank. */
static bool report(struct trajectory *t, const char *path, const char *command, double seconds,
                   struct error *e) {
    const struct options *o = t->o;
    struct trajectory_table *table = &t->table;
    char text[SUMMARY_TEXT];
    table->run = t->out;
    table->step = t->step;
    trajectory_table_make(table);
    if (!write_files(t, path, command, e))
        return false;
    if (!o->quiet) {
        const char *plain = getenv("NO_COLOR"); /* no-color.org */
        const bool colour = isatty(STDOUT_FILENO) && (plain == NULL || *plain == '\0');
        trajectory_print(table, t->base.title, colour, stdout);
        printf("\nresults in %s%s%s\n", path, o->csv != NULL ? " and " : "",
               o->csv != NULL ? o->csv : "");
        fflush(stdout);
        fprintf(stderr, "%zu runs in %s\n", trajectory_runs(table),
                summary_duration(text, seconds));
    }
    return true;
}

/* Does the runs and what follows. */
static enum run_status run_windows(struct trajectory *t, const char *path, const char *command,
                                   struct error *e) {
    const struct options *o = t->o;
    bool failed = false;
    fill_runs(t);
    char *journal = memory_print("%s.journal", path);
    const struct experiment x = {.scenario = o->scenario,
                                 .set = o->set,
                                 .sets = o->sets,
                                 .has_seed = o->has_seed,
                                 .seed = o->seed,
                                 .threads = o->threads,
                                 .step_by_step = o->step_by_step,
                                 .journal = journal,
                                 .run = t->run,
                                 .runs = trajectory_runs(&t->table),
                                 .failed = &failed};
    enum run_status status = RUN_MISTAKE;
    if (ranks_agree(ranks_index() > 0 || fill_steps(t, e), e)) {
        struct progress progress;
        t->out = memory_new(x.runs * outcome_count(), sizeof *t->out);
        progress_start(&progress, stderr, 0.0, !o->quiet && ranks_index() == 0);
        const bool done = experiment_do(&x, progress_runs, &progress, t->out, e);
        const double seconds = progress_end(&progress);
        status = failed ? RUN_FAILED : RUN_MISTAKE;
        if (done)
            status = ranks_agree(ranks_index() > 0 || report(t, path, command, seconds, e), e)
                         ? RUN_DONE
                         : RUN_FAILED;
        if (status == RUN_DONE && ranks_index() == 0)
            journal_remove(journal);
    }
    free(journal);
    return status;
}

/* Both files can be written, and are two. */
static bool probe_files(const struct options *o, const char *path, struct error *e) {
    if (!results_probe(path, e) || (o->csv != NULL && !outfile_probe(o->csv, e)))
        return false;
    if (o->csv == NULL || (!outfile_same(o->csv, path) && !outfile_same(o->csv, o->scenario)))
        return true;
    error_add(e, o->csv, 0,
              "found under --csv, where it would replace the %s; another name would be right",
              outfile_same(o->csv, path) ? "results" : "scenario");
    return false;
}

enum run_status trajectory_command(const struct options *o, const char *command, struct error *e) {
    struct trajectory t = {.o = o};
    enum run_status status = RUN_MISTAKE;
    char *path = run_output(o, "_trajectory");
    if (read_trajectory(&t, e) && ranks_agree(ranks_index() > 0 || probe_files(o, path, e), e))
        status = run_windows(&t, path, command, e);
    trajectory_table_clear(&t.table);
    for (size_t i = 0; i < t.sets; i++)
        override_clear(&t.set[i]);
    free(path);
    free(t.step);
    free(t.out);
    free(t.run);
    free(t.set);
    scenario_clear(&t.base);
    return status;
}
