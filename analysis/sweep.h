/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ANALYSIS_SWEEP_H
#define ANALYSIS_SWEEP_H

/* `dcsim sweep`: a scenario at every point of a plan, some times over, in one file of arrays. */

#include "analysis/options.h"
#include "analysis/run.h"

/* Runs, writes and prints, by rank 0; messages in *e unless all went well. A killed sweep goes on
 * where it was when the same command is given again: its journal is OUTPUT.journal.N. Called by all
 * ranks. */
enum run_status sweep_run(const struct options *o, struct error *e);

#endif
