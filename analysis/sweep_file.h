/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ANALYSIS_SWEEP_FILE_H
#define ANALYSIS_SWEEP_FILE_H

/* The result file of a sweep: figures as labelled arrays over its axes (docs/sweeps.md, whose names
 * are a contract). */

#include "analysis/sweep_table.h"
#include "sim/io/results.h"

/* Writes it as results_write does. `meta` is of the scenario before any axis. */
bool sweep_file_write(const char *path, const struct sweep_table *t,
                      const struct results_meta *meta, struct error *e);

#endif
