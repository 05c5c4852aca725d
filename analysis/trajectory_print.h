/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ANALYSIS_TRAJECTORY_PRINT_H
#define ANALYSIS_TRAJECTORY_PRINT_H

/* A trajectory on the screen: a line a period with its binding constraint, totals, crossovers by
 * each method, and why they differ. */

#include "analysis/trajectory_table.h"

#include <stdio.h>

/* `colour`: constraints are coloured by the terminal's escape codes, beside their letters. */
void trajectory_print(const struct trajectory_table *t, const char *title, bool colour, FILE *to);

#endif
