/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/sweep.h"

#include "analysis/outcome_list.h"
#include "analysis/study.h"
#include "analysis/sweep_file.h"
#include "analysis/sweep_print.h"
#include "sim/engine/memory.h"
#include "sim/engine/ranks.h"
#include "sim/io/scenario.h"

#include <stdlib.h>

/* So many that arrays over them and the replications fit HDF5, with room. */
enum { AXES_MAX = 16 };

static const char figures_default[] = "token_rate_mean,e_tok_site";

struct sweep {
    const struct options *o;
    char *path;           /* of the result; owned */
    struct scenario base; /* before any axis */
    struct axis axis[AXES_MAX];
    size_t axes;
    struct plan plan;
    struct outcome_list of; /* to print */
    struct experiment_run *run;
};

static void read_axes(struct sweep *s, struct error *e) {
    const struct options_list *vary = &s->o->vary;
    if (vary->count == 0)
        error_add(e, NULL, 0,
                  "sweep needs an axis; --vary NAME=XPATH=VALUES would be right, as in --vary "
                  "'pue=//cooling/@pue=1.1:2:10'");
    if (vary->count > AXES_MAX)
        error_add(e, NULL, 0, "--vary: found %zu axes; at most %d would be right", vary->count,
                  AXES_MAX);
    for (size_t i = 0; i < vary->count && i < AXES_MAX; i++)
        s->axes += axis_read(&s->axis[s->axes], vary->text[i], e);
    axis_names(s->axis, s->axes, e);
}

/* Reads what is asked for; all mistakes are told at once. */
static bool read_sweep(struct sweep *s, struct error *e) {
    const struct options *o = s->o;
    enum plan_kind kind = o->zip ? PLAN_ZIP : PLAN_GRID;
    size_t points = 0;
    read_axes(s, e);
    outcome_list_read(&s->of, o->of != NULL ? o->of : figures_default, e);
    if (o->design != NULL)
        plan_design(o->design, &kind, &points, e);
    if (!scenario_load(&s->base, o->scenario, o->set, o->sets, e) || error_any(e))
        return false;
    const uint64_t seed = o->has_seed ? o->seed : s->base.site.seed;
    return plan_make(&s->plan, kind, s->axis, s->axes, points, seed, e);
}

/* Whether a point is checked before the runs, so that a long sweep does not end at a value that the
 * scenario cannot have: each value of an axis with the first of the others. */
static bool is_checked(const struct plan *p, size_t point) {
    size_t others = 0;
    if (p->kind != PLAN_GRID)
        return true;
    for (size_t a = 0; a < p->axes; a++)
        others += plan_index(p, point, a) != 0;
    return others <= 1;
}

static void fill_runs(struct sweep *s) {
    const size_t replications = (size_t)s->o->replications, axes = s->axes;
    s->run = memory_new(s->plan.points * replications, sizeof *s->run);
    for (size_t i = 0; i < s->plan.points * replications; i++)
        s->run[i] = (struct experiment_run){.set = &s->plan.set[i / replications * axes],
                                            .sets = axes,
                                            .replication = i % replications,
                                            .resource = RESOURCE_COUNT};
}

static bool check_points(void *user, const struct experiment *x, struct error *e) {
    const struct sweep *s = user;
    enum { CHECKS = 256 };
    size_t checks = 0;
    for (size_t p = 0; p < s->plan.points && checks < CHECKS; p++)
        if (is_checked(&s->plan, p)) {
            checks++;
            if (!experiment_check(x, p * (size_t)s->o->replications, e))
                return false;
        }
    return true;
}

static bool report(void *user, const struct outcome *out, struct error *e) {
    const struct sweep *s = user;
    const struct results_meta meta = study_meta(s->o, &s->base);
    struct sweep_table table;
    sweep_table_make(&table, &s->plan, (size_t)s->o->replications, out);
    const bool written = sweep_file_write(s->path, &table, &meta, e);
    if (written && !s->o->quiet)
        sweep_print(&table, s->base.title, s->of.figure, s->of.count, stdout);
    sweep_table_clear(&table);
    return written;
}

enum run_status sweep_run(const struct options *o, struct error *e) {
    struct sweep s = {.o = o, .path = run_output(o, "_sweep")};
    enum run_status status = RUN_MISTAKE;
    if (ranks_agree(read_sweep(&s, e), e)) {
        fill_runs(&s);
        const struct study study = {.o = o,
                                    .path = s.path,
                                    .run = s.run,
                                    .runs = s.plan.points * (size_t)o->replications,
                                    .user = &s,
                                    .check = check_points,
                                    .report = report};
        status = study_run(&study, e);
    }
    free(s.path);
    free(s.run);
    plan_clear(&s.plan);
    outcome_list_clear(&s.of);
    for (size_t a = 0; a < s.axes; a++)
        axis_clear(&s.axis[a]);
    scenario_clear(&s.base);
    return status;
}
