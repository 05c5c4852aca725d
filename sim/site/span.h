/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_SITE_SPAN_H
#define SIM_SITE_SPAN_H

/* What a schedule does over a span of time: its lowest, highest and mean value. The power manager
 * plans by the first two, a period's figures are taken at the third. */

#include "sim/engine/schedule.h"

/* Lowest and highest value in [from, to), 0 <= from < to seconds; a value reached in the limit at
 * `to` by a sloped line counts. Steps that fall at `to` do not. */
double span_lowest(const struct schedule *s, double from, double to);
double span_highest(const struct schedule *s, double from, double to);

/* Mean value over [from, to); the value itself, to the bit, where it is constant there. */
double span_mean(const struct schedule *s, double from, double to);

#endif
