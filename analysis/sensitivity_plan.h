/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ANALYSIS_SENSITIVITY_PLAN_H
#define ANALYSIS_SENSITIVITY_PLAN_H

/* What a sensitivity analysis runs: a method, its design, and what each point of the design sets in
 * the scenario. */

#include "analysis/axis.h"
#include "sim/io/override.h"

#include <stdint.h>

enum sensitivity_method {
    SENSITIVITY_MORRIS, /* `size` trajectories (analysis/morris.h) */
    SENSITIVITY_SOBOL   /* `size` rows (analysis/sobol_index.h) */
};

struct sensitivity_plan {
    enum sensitivity_method method;
    size_t size;
    const struct axis *axis; /* ranges without values, `factors` of them; not owned */
    size_t factors, points;
    double *share;        /* points * factors: the design, 0 to 1 of each range; owned */
    double *value;        /* points * factors: the numbers that are simulated; owned */
    struct override *set; /* points * factors; the array and the values are owned, not the XPaths */
};

/* Reads --method's "morris:R" or "sobol:N", N a power of two. False with a message in *e. */
bool sensitivity_method_read(const char *text, enum sensitivity_method *method, size_t *size,
                             struct error *e);

/* Makes the plan. False, with messages in *e and *p empty, when an axis is no range, or has values,
 * or when there are more factors or points than the method takes. */
bool sensitivity_plan_make(struct sensitivity_plan *p, enum sensitivity_method method, size_t size,
                           const struct axis *axis, size_t factors, uint64_t seed, struct error *e);
void sensitivity_plan_clear(struct sensitivity_plan *p);

#endif
