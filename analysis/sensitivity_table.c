/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/sensitivity_table.h"

#include "sim/engine/memory.h"
#include "sim/engine/window.h"

#include <stdlib.h>

/* Means over replications; NAN where a replication has none. */
static void fill_output(struct sensitivity_table *t, size_t figure) {
    double *output = t->output + figure * t->plan->points;
    for (size_t p = 0; p < t->plan->points; p++) {
        double sum = 0.0;
        for (size_t r = 0; r < t->replications; r++)
            sum += t->run[(p * t->replications + r) * outcome_count() + figure].value;
        output[p] = sum / (double)t->replications;
    }
}

struct work {
    struct sensitivity_table *table;
    uint64_t seed;
};

static void work_figure(void *user, size_t figure) {
    const struct work *w = user;
    struct sensitivity_table *t = w->table;
    const struct sensitivity_plan *p = t->plan;
    const double *output = t->output + figure * p->points;
    fill_output(t, figure);
    if (p->method == SENSITIVITY_MORRIS)
        t->variation[figure] = morris_effects(p->share, output, p->size, p->factors, w->seed,
                                              t->effect + figure * p->factors);
    else
        t->variation[figure] = sobol_index_estimate(output, p->size, p->factors, w->seed,
                                                    t->index + figure * p->factors);
}

void sensitivity_table_make(struct sensitivity_table *t, const struct sensitivity_plan *plan,
                            size_t replications, const struct outcome *run, uint64_t seed,
                            int threads) {
    const size_t figures = outcome_count();
    *t = (struct sensitivity_table){.plan = plan, .replications = replications, .run = run};
    t->output = memory_new(figures * plan->points, sizeof *t->output);
    t->variation = memory_new(figures, sizeof *t->variation);
    if (plan->method == SENSITIVITY_MORRIS)
        t->effect = memory_new(figures * plan->factors, sizeof *t->effect);
    else
        t->index = memory_new(figures * plan->factors, sizeof *t->index);
    struct work work = {t, seed};
    window_run(threads > 0 ? threads : window_threads(), figures, work_figure, &work);
}

void sensitivity_table_clear(struct sensitivity_table *t) {
    free(t->index);
    free(t->effect);
    free(t->variation);
    free(t->output);
    *t = (struct sensitivity_table){.plan = NULL};
}

double sensitivity_table_weight(const struct sensitivity_table *t, size_t figure, size_t i) {
    const size_t at = figure * t->plan->factors + i;
    return t->effect != NULL ? t->effect[at].mu_star : t->index[at].total;
}
