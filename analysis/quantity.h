/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ANALYSIS_QUANTITY_H
#define ANALYSIS_QUANTITY_H

/* A unit to print numbers in: that of a figure of the results as a reader would have it, with a
 * prefix that suits how large they are, so that a row of numbers shares one. */

#include <stdbool.h>

struct quantity_unit {
    double factor; /* a value times this is in the unit */
    char text[32]; /* "TJ", "T tokens", "g"; empty when there is none */
};

/* For values of a size up to `largest` (of any sign), in `unit`, UDUNITS syntax as in results.
 * `whole`: a count, whose plain number may have a prefix. */
struct quantity_unit quantity_unit(const char *unit, bool whole, double largest);

#endif
