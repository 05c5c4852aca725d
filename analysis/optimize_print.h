/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ANALYSIS_OPTIMIZE_PRINT_H
#define ANALYSIS_OPTIMIZE_PRINT_H

/* An optimization on the terminal: the points that were the best in their turn, why it ended, and
 * what the best is worth. */

#include "analysis/search.h"

#include <stdio.h>

/* `optimize`: a struct optimize; as search_command wants it. */
void optimize_print(const struct search *s, const void *optimize, FILE *to);

#endif
