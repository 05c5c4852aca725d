/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ANALYSIS_OPTIMIZE_FILE_H
#define ANALYSIS_OPTIMIZE_FILE_H

/* An optimization in a result file: every point that was run, and the comparison on fresh random
 * numbers (docs/results.md). */

#include "analysis/search.h"

/* `optimize`: a struct optimize; as search_command wants it. */
void optimize_file(const struct search *s, const void *optimize, struct h5out *out);

#endif
