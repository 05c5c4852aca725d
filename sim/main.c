/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command line: reads it, runs the command, and prints what went wrong. Exit status 0: done;
 * 1: a failure while running; 2: a user's mistake. */

#include "config.h"

#include "analysis/calibrate.h"
#include "analysis/capacity.h"
#include "analysis/check.h"
#include "analysis/compare.h"
#include "analysis/explain.h"
#include "analysis/optimize.h"
#include "analysis/options.h"
#include "analysis/run.h"
#include "analysis/sensitivity.h"
#include "analysis/sweep.h"
#include "analysis/trajectory.h"
#include "analysis/validate.h"
#include "sim/engine/ranks.h"
#include "sim/io/datadir.h"
#include "sim/io/scenario.h"

#include <stdio.h>
#include <string.h>

enum main_exit { MAIN_DONE = 0, MAIN_FAILED = 1, MAIN_MISTAKE = 2 };

/* Prints mistakes as file:line: text. */
static void print_errors(const struct error *e) {
    for (size_t i = 0; i < e->count; i++) {
        const struct error_entry *entry = &e->entry[i];
        if (entry->file == NULL)
            fprintf(stderr, "dcsim: %s\n", entry->text);
        else if (entry->line > 0)
            fprintf(stderr, "%s:%ld: %s\n", entry->file, entry->line, entry->text);
        else
            fprintf(stderr, "%s: %s\n", entry->file, entry->text);
    }
}

static int print_version(void) {
    char folder[DATADIR_SIZE];
    if (!datadir_find(folder, sizeof folder)) {
        fprintf(stderr, "dcsim: no schema and tables under %s; set DCSIM_DATADIR\n", folder);
        return MAIN_FAILED;
    }
    printf("dcsim %s\ndata in %s\n", PACKAGE_VERSION, folder);
    return MAIN_DONE;
}

static int exit_of(enum run_status status) {
    switch (status) {
    case RUN_DONE:
        return MAIN_DONE;
    case RUN_MISTAKE:
        return MAIN_MISTAKE;
    case RUN_FAILED:
        break;
    }
    return MAIN_FAILED;
}

static enum run_status validate(const struct options *o, struct error *e) {
    return validate_run(o, o->text, stdout, e);
}

static enum run_status compare(const struct options *o, struct error *e) {
    return compare_run(o, stdout, e);
}

/* Commands that read their own scenario or data; the others get theirs from with_scenario. And
 * those whose work is divided among the ranks; any other is done by rank 0 alone. */
static const struct {
    enum run_status (*run)(const struct options *o, struct error *e);
    bool divided;
} table[OPTIONS_COMMANDS] = {
    [OPTIONS_RUN] = {NULL, true},
    [OPTIONS_MARGINAL] = {NULL, true},
    [OPTIONS_SWEEP] = {sweep_run, true},
    [OPTIONS_SENSITIVITY] = {sensitivity_run, true},
    [OPTIONS_CAPACITY] = {capacity_run, true},
    [OPTIONS_SIZE] = {size_run, true},
    [OPTIONS_OPTIMIZE] = {optimize_run, true},
    [OPTIONS_TRAJECTORY] = {trajectory_command, true},
    [OPTIONS_COMPARE] = {compare, false},
    [OPTIONS_CALIBRATE] = {calibrate_run, false},
    [OPTIONS_VALIDATE] = {validate, false},
};

static bool is_divided(enum options_command command) {
    return command < OPTIONS_COMMANDS && table[command].divided;
}

/* Every rank loads the scenario for itself; all must then have the same. */
static bool load_divided(struct scenario *s, const struct options *o, struct error *e) {
    const bool loaded = scenario_load(s, o->scenario, o->set, o->sets, e);
    if (!ranks_agree(loaded, e)) {
        if (loaded)
            scenario_clear(s);
        return false;
    }
    const bool same = ranks_same(s->sha256, strlen(s->sha256));
    if (!same)
        error_add(
            e, o->scenario, 0,
            "found another scenario, or other tables, than on rank 0; the same files on every "
            "machine would be right");
    if (ranks_agree(same, e))
        return true;
    scenario_clear(s);
    return false;
}

/* Loads the scenario and does what was asked with it. */
static int with_scenario(const struct options *o, struct error *e) {
    struct scenario scenario;
    if (is_divided(o->command) ? !load_divided(&scenario, o, e)
                               : !scenario_load(&scenario, o->scenario, o->set, o->sets, e))
        return MAIN_MISTAKE;
    if (o->has_seed)
        scenario.site.seed = o->seed;
    scenario.site.threads = o->threads;
    scenario.site.spread = is_divided(o->command);
    scenario.site.step_by_step = o->step_by_step;
    int status = MAIN_DONE;
    if (o->command == OPTIONS_CHECK)
        check_site(&scenario.site, stdout);
    else if (o->command == OPTIONS_EXPLAIN)
        explain_site(&scenario.site, stdout);
    else
        status = exit_of(run_scenario(o, &scenario, e));
    scenario_clear(&scenario);
    return status;
}

static int do_command(const struct options *o, struct error *e) {
    if (ranks_index() > 0 && !is_divided(o->command))
        return MAIN_DONE;
    if (o->command == OPTIONS_HELP)
        return fputs(options_help, stdout) < 0 ? MAIN_FAILED : MAIN_DONE;
    if (o->command == OPTIONS_VERSION)
        return print_version();
    if (table[o->command].run != NULL)
        return exit_of(table[o->command].run(o, e));
    if (o->scenario == NULL) {
        explain_paper(stdout);
        return MAIN_DONE;
    }
    return with_scenario(o, e);
}

int main(int argc, char **argv) {
    struct error e;
    struct options o = {.command = OPTIONS_RUN};
    int status = MAIN_MISTAKE;
    error_init(&e);
    run_handlers();
    if (ranks_begin(&e) && ranks_agree(options_read(&o, argc, argv, &e), &e))
        status = do_command(&o, &e);
    print_errors(&e);
    if (fflush(stdout) != 0) {
        perror("dcsim: standard output");
        status = status == MAIN_DONE ? MAIN_FAILED : status;
    }
    ranks_end();
    options_clear(&o);
    error_clear(&e);
    return status;
}
