/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ANALYSIS_VALIDATION_BARS_H
#define ANALYSIS_VALIDATION_BARS_H

/* Bars: the errors that are asked for (docs/validate.md), which of them are missed, and how the
 * report says so. */

#include "analysis/validation_notes.h"

#include <stdbool.h>
#include <stdio.h>

/* Groups with fewer points are not held to a bar. */
enum { VALIDATION_BAR_POINTS = 50 };

/* Whether a group's median, or 90th percentile, of a quantity is above what is asked for. */
bool validation_median_missed(const struct error_group *g, enum quantity q);
bool validation_p90_missed(const struct error_group *g, enum quantity q);

/* The median error that is asked for on what a fit had not seen; NAN: none. */
double validation_held_bar(const struct validation_held *h);
bool validation_held_missed(const struct validation_held *h);

/* The report's section: a sentence for each bar that is missed, over the data as a whole, by
 * hardware and engine, and on what was held out. */
void validation_bars(const struct comparisons *c, const struct validation_held_out *held, FILE *to);

#endif
