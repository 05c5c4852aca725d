/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ANALYSIS_SENSITIVITY_H
#define ANALYSIS_SENSITIVITY_H

/* `dcsim sensitivity`: which of several uncertain inputs of a scenario its figures depend on. */

#include "analysis/options.h"
#include "analysis/run.h"

/* Runs, writes and prints; messages in *e unless all went well. A killed analysis goes on where it
 * was when the same command is given again: its journal is OUTPUT.journal.N. */
enum run_status sensitivity_run(const struct options *o, struct error *e);

#endif
