/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ANALYSIS_SENSITIVITY_TABLE_H
#define ANALYSIS_SENSITIVITY_TABLE_H

/* What the runs of a sensitivity plan gave: each figure at each point, and the indices of each
 * figure for each factor. */

#include "analysis/morris.h"
#include "analysis/outcome.h"
#include "analysis/sensitivity_plan.h"
#include "analysis/sobol_index.h"

struct sensitivity_table {
    const struct sensitivity_plan *plan;
    size_t replications;
    const struct outcome *run;    /* points * replications * outcome_count(), not owned */
    double *output;               /* outcome_count() * points: means over replications; owned */
    enum variation *variation;    /* outcome_count(); owned */
    struct morris_effect *effect; /* outcome_count() * factors; NULL with another method; owned */
    struct sobol_index *index;    /* the same */
};

/* Works the indices out, of every figure, on so many threads (the same for any number); `seed` is
 * that of the resampling. */
void sensitivity_table_make(struct sensitivity_table *t, const struct sensitivity_plan *plan,
                            size_t replications, const struct outcome *run, uint64_t seed,
                            int threads);
void sensitivity_table_clear(struct sensitivity_table *t);

/* By how much a figure's factor `i` matters: mu*, or the total index. */
double sensitivity_table_weight(const struct sensitivity_table *t, size_t figure, size_t i);

#endif
