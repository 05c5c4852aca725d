/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ANALYSIS_EDGE_FILE_H
#define ANALYSIS_EDGE_FILE_H

/* An edge in a result file: a group of its name with what was found and every point that was run
 * (docs/results.md). */

#include "analysis/edge.h"

void edge_file(const struct edge *g, const struct search *s, struct h5out *out);

/* All figures of points first to first + count - 1 of a search over the scale "point" of the group,
 * with the ends of their intervals; each part of the goal, whether it is met, and what binds. */
void edge_file_points(const struct search *s, size_t first, size_t count, struct h5out *out,
                      hid_t group);

#endif
