/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ANALYSIS_PLAN_H
#define ANALYSIS_PLAN_H

/* A plan: the points of a sweep, made of its axes: a grid, pairs, or a design that fills the space
 * between their ends. */

#include "analysis/axis.h"
#include "sim/io/override.h"

#include <stdint.h>

enum plan_kind {
    PLAN_GRID, /* every value of an axis with every one of the others; the last axis runs fastest */
    PLAN_ZIP,  /* the first values of all axes, the second ones, ... */
    PLAN_SOBOL, /* points of Sobol's sequence */
    PLAN_LHS    /* a Latin hypercube */
};

struct plan {
    enum plan_kind kind;
    const struct axis *axis; /* not owned */
    size_t axes, points;
    struct override *set; /* points * axes: what a point sets, axis after axis; owned, its texts too
                             where kind is a design, else those of the axes */
    double *value;        /* points * axes: the numbers; NAN where an axis has none; owned */
};

/* Reads --design's "sobol:N" or "lhs:N". False with a message in *e. */
bool plan_design(const char *text, enum plan_kind *kind, size_t *points, struct error *e);

/* Makes the plan; `points` and `seed` only matter to designs. False with messages in *e, and *p
 * empty: a grid or pairs with an axis without values, pairs of unequal number, too many points. */
bool plan_make(struct plan *p, enum plan_kind kind, const struct axis *axis, size_t axes,
               size_t points, uint64_t seed, struct error *e);
void plan_clear(struct plan *p);

/* The index on axis `a` of point i of a grid. */
size_t plan_index(const struct plan *p, size_t i, size_t a);

#endif
