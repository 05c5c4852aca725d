/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/trajectory.h"

#include "analysis/marginal.h"
#include "analysis/study.h"
#include "analysis/trajectory_file.h"
#include "analysis/trajectory_print.h"
#include "sim/engine/memory.h"
#include "sim/engine/ranks.h"
#include "sim/io/outfile.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct trajectory {
    const struct options *o;
    char *path;           /* of the result; owned */
    struct scenario base; /* before any date */
    struct trajectory_table table;
    struct override *set; /* of each period, day and window: course_sets() of them */
    size_t sets;          /* in all */
    struct experiment_run *run;
    double *step;
};

static const struct trial {
    enum resource resource;
    bool full;
} trials[TRAJECTORY_TRIALS] = {
    [TRAJECTORY_BASE] = {RESOURCE_COUNT, false},
    [TRAJECTORY_FEED] = {RESOURCE_FEED, false},
    [TRAJECTORY_NODES] = {RESOURCE_NODES, false},
    [TRAJECTORY_FULL] = {RESOURCE_COUNT, true},
    [TRAJECTORY_FULL_FEED] = {RESOURCE_FEED, true},
    [TRAJECTORY_FULL_COOLING] = {RESOURCE_COOLING, true},
    [TRAJECTORY_FULL_CLOCK] = {RESOURCE_CLOCK, true},
};

/* Whether the plant's heat is limited at any date. */
static bool has_heat_limit(const struct scenario *s) {
    for (size_t i = 0; i < s->course.follows; i++)
        if (strstr(s->course.follow[i].xpath, "@heat_limit") != NULL)
            return true;
    return s->site.cooling.heat_limit.count > 0;
}

/* Numbers the trials that are run. */
static void place_trials(struct trajectory *t) {
    struct trajectory_table *table = &t->table;
    const bool heat = has_heat_limit(&t->base);
    for (int trial = 0; trial < TRAJECTORY_TRIALS; trial++)
        table->place[trial] =
            trial == TRAJECTORY_FULL_COOLING && !heat ? SIZE_MAX : table->trials++;
}

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
    place_trials(t);
    return true;
}

/* Each window of a day has seeds of its own; those of other periods and days, and the trials of one
 * window, have the same, so that what differs between them is not chance. */
static void fill_window(struct trajectory *t, size_t period, size_t day, size_t window, size_t r) {
    const struct trajectory_table *table = &t->table;
    const struct course *c = table->course;
    struct override *set = t->set + t->sets;
    course_set(c, course_day(c, period, day),
               course_weather_day(c, period, day, window, r, table->replications),
               course_at(c, window, r, table->replications), t->base.site.warmup, set);
    t->sets += course_sets(c);
    for (int trial = 0; trial < TRAJECTORY_TRIALS; trial++) {
        const enum trajectory_trial which = (enum trajectory_trial)trial;
        if (!trajectory_has(table, window, which))
            continue;
        const enum trajectory_trial base = trajectory_base(which);
        t->run[trajectory_run(table, period, day, window, r, which)] = (struct experiment_run){
            .set = set,
            .sets = course_sets(c),
            .replication = (r * table->days + day) * table->windows + window,
            .resource = trials[trial].resource,
            .factor = MARGINAL_FACTOR,
            .base =
                base == which ? NULL : &t->run[trajectory_run(table, period, day, window, r, base)],
            .demand = trials[trial].full ? c->saturation : 1.0};
    }
}

static void fill_runs(struct trajectory *t) {
    const struct trajectory_table *table = &t->table;
    const size_t windows = table->periods * table->days * table->windows * table->replications;
    t->set = memory_new(windows * course_sets(table->course), sizeof *t->set);
    t->run = memory_new(trajectory_runs(table), sizeof *t->run);
    for (size_t p = 0; p < table->periods; p++)
        for (size_t d = 0; d < table->days; d++)
            for (size_t w = 0; w < table->windows; w++)
                for (size_t r = 0; r < table->replications; r++)
                    fill_window(t, p, d, w, r);
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
            if (trials[trial].resource == RESOURCE_COUNT ||
                !resource_scale(&s.site, trials[trial].resource, MARGINAL_FACTOR, &more))
                continue;
            step[trial] = log(trials[trial].resource == RESOURCE_CLOCK ? more.k_eff : more.factor);
            resource_clear(&more);
        }
        scenario_clear(&s);
    }
    return true;
}

/* The CSV file can be written and is no other of the files; then the steps. */
static bool check_trajectory(void *user, const struct experiment *x, struct error *e) {
    struct trajectory *t = user;
    const char *csv = t->o->csv;
    (void)x;
    const bool result = csv != NULL && outfile_same(csv, t->path);
    if (result || (csv != NULL && outfile_same(csv, t->o->scenario))) {
        error_add(e, csv, 0,
                  "found under --csv, where it would replace the %s; another name would be right",
                  result ? "results" : "scenario");
        return false;
    }
    return (csv == NULL || outfile_probe(csv, e)) && fill_steps(t, e);
}

static bool report(void *user, const struct outcome *out, struct error *e) {
    struct trajectory *t = user;
    const struct options *o = t->o;
    const struct results_meta meta = study_meta(o, &t->base);
    struct trajectory_table *table = &t->table;
    table->run = out;
    table->step = t->step;
    trajectory_table_make(table);
    const bool written = trajectory_file_write(t->path, table, &meta, e) &&
                         (o->csv == NULL || trajectory_csv_write(o->csv, table, e));
    if (written && !o->quiet) {
        const char *plain = getenv("NO_COLOR"); /* no-color.org */
        const bool colour = isatty(STDOUT_FILENO) && (plain == NULL || *plain == '\0');
        trajectory_print(table, t->base.title, colour, stdout);
    }
    return written;
}

enum run_status trajectory_command(const struct options *o, struct error *e) {
    struct trajectory t = {.o = o, .path = run_output(o, "_trajectory")};
    enum run_status status = RUN_MISTAKE;
    if (ranks_agree(read_trajectory(&t, e), e)) {
        fill_runs(&t);
        const struct study study = {.o = o,
                                    .path = t.path,
                                    .run = t.run,
                                    .runs = trajectory_runs(&t.table),
                                    .user = &t,
                                    .check = check_trajectory,
                                    .report = report};
        status = study_run(&study, e);
    }
    trajectory_table_clear(&t.table);
    for (size_t i = 0; i < t.sets; i++)
        override_clear(&t.set[i]);
    free(t.path);
    free(t.step);
    free(t.run);
    free(t.set);
    scenario_clear(&t.base);
    return status;
}
