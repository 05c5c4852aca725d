/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ANALYSIS_EDGE_PRINT_H
#define ANALYSIS_EDGE_PRINT_H

/* An edge on the terminal: what the goal is, every point that was run, and what was found. */

#include "analysis/edge.h"

#include <stdio.h>

/* What every point is judged by: once for all edges of a search. */
void edge_print_goal(const struct search *s, FILE *to);

void edge_print(const struct edge *g, const struct search *s, FILE *to);

#endif
