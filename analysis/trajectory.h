/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ANALYSIS_TRAJECTORY_H
#define ANALYSIS_TRAJECTORY_H

/* `dcsim trajectory`: a site over years. Representative windows of each period are simulated
 * request by request, as they are and with more feed and more nodes, and integrated over the
 * calendar. */

#include "analysis/run.h"

/* Runs, with messages in *e unless all went well. */
enum run_status trajectory_command(const struct options *o, struct error *e);

#endif
