/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ANALYSIS_SENSITIVITY_FILE_H
#define ANALYSIS_SENSITIVITY_FILE_H

/* The result file of a sensitivity analysis: indices over figures and factors, the design, and what
 * the runs gave (docs/sensitivity.md, whose names are a contract). */

#include "analysis/sensitivity_table.h"
#include "sim/io/results.h"

/* Writes it as results_write does. `meta` is of the scenario before any factor is set. */
bool sensitivity_file_write(const char *path, const struct sensitivity_table *t,
                            const struct results_meta *meta, struct error *e);

#endif
