/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/sensitivity.h"

#include "analysis/outcome_list.h"
#include "analysis/sensitivity_file.h"
#include "analysis/sensitivity_print.h"
#include "analysis/study.h"
#include "sim/engine/memory.h"
#include "sim/engine/ranks.h"
#include "sim/io/scenario.h"

#include <stdlib.h>

/* Printed unless others are asked for: what a token costs in energy, how many there are, and how
 * well the site is used. */
static const char figures_default[] = "e_tok_site,Q_token,U";

struct sensitivity {
    const struct options *o;
    char *path;           /* of the result; owned */
    struct scenario base; /* before any factor is set */
    uint64_t seed;
    struct axis *axis; /* owned */
    size_t axes;
    struct outcome_list of;
    struct sensitivity_plan plan;
    struct experiment_run *run;
};

static void read_axes(struct sensitivity *s, struct error *e) {
    const struct options_list *vary = &s->o->vary;
    if (vary->count == 0)
        error_add(e, NULL, 0,
                  "sensitivity needs factors; --vary NAME=XPATH=LO:HI would be right, as in --vary "
                  "'pue=//cooling/@pue=1.1:1.6'");
    s->axis = memory_new(vary->count + 1, sizeof *s->axis);
    for (size_t i = 0; i < vary->count; i++)
        s->axes += axis_read(&s->axis[s->axes], vary->text[i], e);
    axis_names(s->axis, s->axes, e);
}

/* Reads what is asked for; all mistakes are told at once. */
static bool read_all(struct sensitivity *s, struct error *e) {
    const struct options *o = s->o;
    enum sensitivity_method method = SENSITIVITY_MORRIS;
    size_t size = 0;
    read_axes(s, e);
    outcome_list_read(&s->of, o->of != NULL ? o->of : figures_default, e);
    if (o->method == NULL)
        error_add(e, NULL, 0,
                  "sensitivity needs --method: morris:R to screen factors with R trajectories, or "
                  "sobol:N for indices from N rows");
    else
        sensitivity_method_read(o->method, &method, &size, e);
    if (!scenario_load(&s->base, o->scenario, o->set, o->sets, e) || error_any(e))
        return false;
    s->seed = o->has_seed ? o->seed : s->base.site.seed;
    return sensitivity_plan_make(&s->plan, method, size, s->axis, s->axes, s->seed, e);
}

/* Whether the scenario takes the least and the largest value of each factor, so that a long
 * analysis does not end at one that it cannot have. */
static bool check_ends(void *user, const struct experiment *x, struct error *e) {
    const struct sensitivity *s = user;
    const struct sensitivity_plan *p = &s->plan;
    for (size_t i = 0; i < p->factors; i++) {
        size_t least = 0, most = 0;
        for (size_t point = 1; point < p->points; point++) {
            const double share = p->share[point * p->factors + i];
            least = share < p->share[least * p->factors + i] ? point : least;
            most = share > p->share[most * p->factors + i] ? point : most;
        }
        const size_t runs = (size_t)s->o->replications;
        if (!experiment_check(x, least * runs, e) || !experiment_check(x, most * runs, e))
            return false;
    }
    return true;
}

static void fill_runs(struct sensitivity *s) {
    const size_t replications = (size_t)s->o->replications, factors = s->plan.factors;
    s->run = memory_new(s->plan.points * replications, sizeof *s->run);
    for (size_t i = 0; i < s->plan.points * replications; i++)
        s->run[i] = (struct experiment_run){.set = &s->plan.set[i / replications * factors],
                                            .sets = factors,
                                            .replication = i % replications,
                                            .resource = RESOURCE_COUNT};
}

static bool report(void *user, const struct outcome *out, struct error *e) {
    const struct sensitivity *s = user;
    const struct results_meta meta = study_meta(s->o, &s->base);
    struct sensitivity_table table;
    sensitivity_table_make(&table, &s->plan, (size_t)s->o->replications, out, s->seed,
                           s->o->threads);
    const bool written = sensitivity_file_write(s->path, &table, &meta, e);
    if (written && !s->o->quiet)
        sensitivity_print(&table, s->base.title, &s->of, stdout);
    sensitivity_table_clear(&table);
    return written;
}

enum run_status sensitivity_run(const struct options *o, struct error *e) {
    struct sensitivity s = {.o = o, .path = run_output(o, "_sensitivity")};
    enum run_status status = RUN_MISTAKE;
    if (ranks_agree(read_all(&s, e), e)) {
        fill_runs(&s);
        const struct study study = {.o = o,
                                    .path = s.path,
                                    .run = s.run,
                                    .runs = s.plan.points * (size_t)o->replications,
                                    .user = &s,
                                    .check = check_ends,
                                    .report = report};
        status = study_run(&study, e);
    }
    free(s.path);
    free(s.run);
    sensitivity_plan_clear(&s.plan);
    outcome_list_clear(&s.of);
    for (size_t a = 0; a < s.axes; a++)
        axis_clear(&s.axis[a]);
    free(s.axis);
    scenario_clear(&s.base);
    return status;
}
