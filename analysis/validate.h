/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ANALYSIS_VALIDATE_H
#define ANALYSIS_VALIDATE_H

/* `dcsim validate`: the simulator run on measured points, and how far it is off (docs/validate.md).
 */

#include "analysis/options.h"
#include "analysis/run.h"

#include <stdio.h>

/* Runs, prints the summary to `to`, and writes what the options ask for. Messages in *e unless all
 * went well; an error of any size is a finding and no failure. */
enum run_status validate_run(const struct options *o, const char *command, FILE *to,
                             struct error *e);

#endif
