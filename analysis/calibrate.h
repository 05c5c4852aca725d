/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ANALYSIS_CALIBRATE_H
#define ANALYSIS_CALIBRATE_H

/* `dcsim calibrate`: fits the coefficients of time and power to measured points, prints estimates
 * and errors, and writes tables that a scenario can include. */

#include "analysis/options.h"
#include "analysis/run.h"
#include "sim/engine/error.h"

/* Runs the command. What is left out when o->leave_out is set: one group at a time, predicted by a
 * fit on all others. */
enum run_status calibrate_run(const struct options *o, struct error *e);

#endif
