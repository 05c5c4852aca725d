/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ANALYSIS_VALIDATION_FILE_H
#define ANALYSIS_VALIDATION_FILE_H

/* The comparisons as an HDF5 file, one row a point (layout: docs/validate.md). */

#include "analysis/comparison.h"

/* Writes the file, complete or not at all. False with a message in *e. */
bool validation_file_write(const char *path, const struct comparisons *c, const char *command,
                           struct error *e);

#endif
