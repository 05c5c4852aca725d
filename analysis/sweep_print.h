/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ANALYSIS_SWEEP_PRINT_H
#define ANALYSIS_SWEEP_PRINT_H

/* A sweep on the terminal: a table of points, or a matrix for each figure when there are two axes,
 * with the binding constraint's letter at each point; and the boundary between power and compute.
 */

#include "analysis/sweep_table.h"

#include <stdio.h>

/* `figure`: indices of `figures` outcomes to be shown. */
void sweep_print(const struct sweep_table *t, const char *title, const size_t *figure,
                 size_t figures, FILE *to);

#endif
