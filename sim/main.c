/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command line: reads it, runs the command, and prints what went wrong. Exit status 0: done;
 * 1: a failure while running; 2: a user's mistake. */

#include "config.h"

#include "analysis/calibrate.h"
#include "analysis/capacity.h"
#include "analysis/check.h"
#include "analysis/explain.h"
#include "analysis/optimize.h"
#include "analysis/options.h"
#include "analysis/run.h"
#include "analysis/sensitivity.h"
#include "analysis/sweep.h"
#include "analysis/validate.h"
#include "sim/io/datadir.h"
#include "sim/io/scenario.h"

#include <stdio.h>
#include <stdlib.h>

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

/* Loads the scenario and does what was asked with it. */
static int with_scenario(const struct options *o, char *command, struct error *e) {
    struct scenario scenario;
    if (!scenario_load(&scenario, o->scenario, o->set, o->sets, e))
        return MAIN_MISTAKE;
    if (o->has_seed)
        scenario.site.seed = o->seed;
    scenario.site.threads = o->threads;
    scenario.site.step_by_step = o->step_by_step;
    int status = MAIN_DONE;
    if (o->command == OPTIONS_CHECK)
        check_site(&scenario.site, stdout);
    else if (o->command == OPTIONS_EXPLAIN)
        explain_site(&scenario.site, stdout);
    else
        status = exit_of(run_scenario(o, &scenario, command, e));
    scenario_clear(&scenario);
    return status;
}

int main(int argc, char **argv) {
    struct error e;
    struct options o;
    int status = MAIN_MISTAKE;
    error_init(&e);
    run_handlers();
    char *command = run_command_text(argc, argv);
    if (options_read(&o, argc, argv, &e)) {
        if (o.command == OPTIONS_HELP)
            status = fputs(options_help, stdout) < 0 ? MAIN_FAILED : MAIN_DONE;
        else if (o.command == OPTIONS_VERSION)
            status = print_version();
        else if (o.command == OPTIONS_CALIBRATE)
            status = exit_of(calibrate_run(&o, &e));
        else if (o.command == OPTIONS_SWEEP)
            status = exit_of(sweep_run(&o, command, &e));
        else if (o.command == OPTIONS_SENSITIVITY)
            status = exit_of(sensitivity_run(&o, command, &e));
        else if (o.command == OPTIONS_CAPACITY)
            status = exit_of(capacity_run(&o, command, &e));
        else if (o.command == OPTIONS_SIZE)
            status = exit_of(size_run(&o, command, &e));
        else if (o.command == OPTIONS_OPTIMIZE)
            status = exit_of(optimize_run(&o, command, &e));
        else if (o.command == OPTIONS_VALIDATE)
            status = exit_of(validate_run(&o, command, stdout, &e));
        else if (o.scenario == NULL) {
            explain_paper(stdout);
            status = MAIN_DONE;
        } else
            status = with_scenario(&o, command, &e);
    }
    print_errors(&e);
    if (fflush(stdout) != 0) {
        perror("dcsim: standard output");
        status = status == MAIN_DONE ? MAIN_FAILED : status;
    }
    free(command);
    options_clear(&o);
    error_clear(&e);
    return status;
}
