/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ANALYSIS_TRAJECTORY_IMPL_H
#define ANALYSIS_TRAJECTORY_IMPL_H

/* What a trajectory's figures are made of: for the files that make its table. */

#include "analysis/trajectory_table.h"

enum trajectory_kind {
    TRAJECTORY_TOTAL,   /* windows' rates over the period's length */
    TRAJECTORY_RATIO,   /* of two totals */
    TRAJECTORY_MEAN,    /* over time */
    TRAJECTORY_MOST,    /* the highest */
    TRAJECTORY_AT_FULL, /* a mean over time of the runs in which the site is full */
    TRAJECTORY_OWN      /* a mean over time of what is worked out from several outcomes */
};

enum trajectory_own {
    TRAJECTORY_COMPUTE_CEILING,
    TRAJECTORY_POWER_CEILING,
    TRAJECTORY_IT_AVAILABLE,
    TRAJECTORY_OVERLOAD
};

struct trajectory_definition {
    const char *name; /* TOTAL, MEAN, MOST: of the outcome, too */
    enum trajectory_kind kind;
    const char *top, *bottom; /* outcomes: RATIO; top: AT_FULL */
    double scale;             /* RATIO */
    enum trajectory_own own;  /* OWN */
    struct figure figure;     /* where no outcome has that name */
};

#define TRAJECTORY_LEVEL 0.95 /* of intervals */

/* Where a sum over windows stands: periods [first, end) of a replication and trial. */
struct trajectory_span {
    const struct trajectory_table *t;
    size_t first, end, replication;
    enum trajectory_trial trial;
};

/* The total of an outcome over a span; a figure over it. */
double trajectory_span_total(const struct trajectory_span *s, const char *name);
double trajectory_span_value(const struct trajectory_span *s,
                             const struct trajectory_definition *d);

/* Fill marginal; then crossing and crossings, after all else. */
void trajectory_values_make(struct trajectory_table *t);
void trajectory_crossings_make(struct trajectory_table *t);

/* The definition of figure i. */
const struct trajectory_definition *trajectory_define(size_t i);

#endif
