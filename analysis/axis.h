/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ANALYSIS_AXIS_H
#define ANALYSIS_AXIS_H

/* An axis of a sweep: a name, the XPath of the attributes that follow it, and the values that they
 * get. From --vary:
 *
 *   NAME=XPATH=LIST          the values, with commas between: 'FP16,FP8', '60 MW,80 MW'
 *   NAME=XPATH=LO:HI:N       N values from LO to HI, evenly spaced: '1.1:2:10', '60 MW:100 MW:5'
 *   NAME=XPATH=LO:HI:N:log   ... by equal factors
 *   NAME=XPATH=LO:HI[:log]   a range without values, for designs that choose them
 *
 * LO and HI are numbers with the same unit, or one of them without; `:int` at the end rounds to
 * whole numbers. */

#include "sim/engine/error.h"

struct axis {
    char *name, *xpath, *unit; /* unit: as written after the numbers, "" when none; owned */
    char **text;               /* `count` values as attributes get them; owned */
    double *value;             /* their numbers; NULL when not all have one, in one unit; owned */
    size_t count;              /* 0: a range without values */
    double low, high;          /* of a range; NAN else */
    bool log, whole;           /* of a range */
};

/* Reads --vary's argument. False, with a message in *e and *a empty, when it is wrong. */
bool axis_read(struct axis *a, const char *text, struct error *e);
void axis_clear(struct axis *a);

/* The value at `share` (0 to 1) of the way through a range, as an attribute gets it, owned by the
 * caller; its number in *value. */
char *axis_at(const struct axis *a, double share, double *value);

/* Whether the names of `count` axes differ from each other and from all others in a sweep's file
 * (analysis/sweep_file.h); messages in *e. That no two set one attribute is told when the scenario
 * is read (sim/io/override.h). */
bool axis_names(const struct axis *axis, size_t count, struct error *e);

#endif
