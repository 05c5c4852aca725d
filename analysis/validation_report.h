/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ANALYSIS_VALIDATION_REPORT_H
#define ANALYSIS_VALIDATION_REPORT_H

/* The comparisons in words: a summary of one screen, the same as JSON, and the whole report in
 * Markdown (docs/validation.md is one). */

#include "analysis/validation_notes.h"

#include <stdio.h>

void validation_summary(const struct comparisons *c, FILE *to);

void validation_json(const struct comparisons *c, FILE *to);

/* The whole report; `held` may be empty. */
void validation_report(const struct comparisons *c, const struct validation_notes *notes,
                       const struct validation_held_out *held, FILE *to);

#endif
