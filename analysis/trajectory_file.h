/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ANALYSIS_TRAJECTORY_FILE_H
#define ANALYSIS_TRAJECTORY_FILE_H

/* The files of a trajectory: HDF5 and CSV, with names that are a contract (docs/trajectory.md). */

#include "analysis/trajectory_table.h"
#include "sim/io/results.h"

/* Writes the HDF5 file, or the CSV file, as a whole. False with a message in *e, and what stood at
 * `path` is untouched. */
bool trajectory_file_write(const char *path, const struct trajectory_table *t,
                           const struct results_meta *meta, struct error *e);
bool trajectory_csv_write(const char *path, const struct trajectory_table *t, struct error *e);

#endif
