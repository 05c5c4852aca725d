/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ANALYSIS_RUN_H
#define ANALYSIS_RUN_H

/* `dcsim run`: simulates a scenario, writes its result file and prints the summary. */

#include "analysis/options.h"
#include "sim/io/scenario.h"

enum run_status { RUN_DONE, RUN_MISTAKE, RUN_FAILED };

/* Gives the libraries' errors to our own reporting: none of them prints or aborts. */
void run_handlers(void);

/* Where the result goes: -o, else the scenario's file name with `suffix` and .h5, in the working
 * folder. Owned by the caller. */
char *run_output(const struct options *o, const char *suffix);

/* Runs, with messages in *e unless all went well. Over several ranks each calls this with the same
 * scenario; rank 0 alone writes and prints. */
enum run_status run_scenario(const struct options *o, const struct scenario *s, struct error *e);

#endif
