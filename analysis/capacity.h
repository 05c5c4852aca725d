/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ANALYSIS_CAPACITY_H
#define ANALYSIS_CAPACITY_H

/* `dcsim capacity`: the largest demand that meets the targets. `dcsim size`: the fewest nodes that
 * meet them on the feed as it is, and the smallest feed with the nodes as they are; or the least
 * value of an axis. */

#include "analysis/options.h"
#include "analysis/run.h"

/* Run, write and print; messages in *e unless all went well. A demand or size that is not found is
 * a finding and no failure. */
enum run_status capacity_run(const struct options *o, struct error *e);
enum run_status size_run(const struct options *o, struct error *e);

#endif
