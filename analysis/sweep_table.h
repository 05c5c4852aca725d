/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ANALYSIS_SWEEP_TABLE_H
#define ANALYSIS_SWEEP_TABLE_H

/* The outcomes of a sweep by point, and the boundary between what binds: the value of the first
 * axis at which rho crosses rho*, and at which power gives way to the nodes' own limits, for each
 * combination of the other axes. */

#include "analysis/outcome.h"
#include "analysis/plan.h"

/* Where power stops binding, or begins to. */
enum boundary_kind {
    BOUNDARY_RHO,     /* rho = rho*, K_eff realized */
    BOUNDARY_BINDING, /* as much node-time bound by feed and cooling as by compute, memory and KV */
    BOUNDARY_COUNT
};

struct boundary {
    double value, half; /* on the first axis, interpolated; half width of the 95 % interval over
                           replications, INFINITY with one; of BOUNDARY_BINDING at least what
                           reaches over the step of the axis that it lies in, since shares change
                           within less than one. NAN: not crossed */
    int direction;      /* +1: power binds below the value; -1: above it; 0: not crossed, or not
                           by every replication, or not in one direction */
    int side;           /* where direction is 0: -1: power is scarce on the whole axis, +1: compute
                           is; 0: replications differ, or there is nothing to tell it by */
};

struct sweep_table {
    const struct plan *plan;
    size_t replications;
    const struct outcome *run; /* points * replications * outcome_count(), not owned */
    struct outcome *cell;      /* points * outcome_count(): means over replications with the half
                                  widths of their 95 % intervals (Student's t); with one
                                  replication its own. Owned */
    size_t columns;            /* combinations of all axes but the first; 0: no boundary is asked
                                  for, as the plan is no grid or its first axis has no numbers */
    struct boundary *boundary; /* BOUNDARY_COUNT * columns, owned */
};

void sweep_table_make(struct sweep_table *t, const struct plan *plan, size_t replications,
                      const struct outcome *run);
void sweep_table_clear(struct sweep_table *t);

/* The record of a figure at a point. */
const struct outcome *sweep_table_cell(const struct sweep_table *t, size_t point, size_t figure);

/* The constraint with the largest share of node-time at a point. */
enum binding sweep_table_binding(const struct sweep_table *t, size_t point);

#endif
