/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ANALYSIS_SENSITIVITY_PRINT_H
#define ANALYSIS_SENSITIVITY_PRINT_H

/* A sensitivity analysis on the terminal: a table for each figure, the factor that matters most
 * first. */

#include "analysis/outcome_list.h"
#include "analysis/sensitivity_table.h"

#include <stdio.h>

void sensitivity_print(const struct sensitivity_table *t, const char *title,
                       const struct outcome_list *of, FILE *to);

#endif
