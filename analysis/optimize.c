/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/optimize.h"

#include "analysis/optimize_file.h"
#include "analysis/optimize_print.h"
#include "sim/engine/memory.h"
#include "sim/engine/ranks.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

/* Of the start: neighbours a quarter of the way along. */
#define MESH 0.25

/* -- The objective over runs --------------------------------------------------------------------
 */

/* Mean of the objective over the runs of a point, less that of the same runs of `base` (NULL: of
 * none). */
static struct outcome mean_of(const struct optimize *z, const struct search *s,
                              const struct outcome *run, const double *knob,
                              const struct outcome *base, const double *base_knob) {
    const size_t runs = s->replications;
    double *value = memory_new(runs, sizeof *value);
    for (size_t r = 0; r < runs; r++) {
        const size_t at = r * outcome_count();
        const double own = objective_value(&z->aim, run + at, knob);
        const double less = base == NULL ? 0.0 : objective_value(&z->aim, base + at, base_knob);
        /* Rounding is no difference. */
        value[r] =
            base != NULL && fabs(own - less) <= OUTCOME_ROUNDING * fabs(less) ? 0.0 : own - less;
    }
    struct outcome mean = outcome_interval(value, runs);
    free(value);
    /* Runs that are all the same (a replayed trace) say nothing of chance. */
    if (outcome_same(run, runs) && (base == NULL || outcome_same(base, runs)))
        mean.half = INFINITY;
    return mean;
}

struct outcome optimize_value(const struct optimize *z, const struct search *s, size_t i) {
    return mean_of(z, s, search_runs(s, z->first + i), knobs_value(&z->knobs, i), NULL, NULL);
}

bool optimize_better(const struct optimize *z, const struct search *s, size_t a, size_t b) {
    const double ea = search_verdict(s, z->first + a).excess,
                 eb = search_verdict(s, z->first + b).excess;
    if (ea != eb)
        return ea < eb;
    return objective_better(&z->aim, optimize_value(z, s, a).value, optimize_value(z, s, b).value);
}

/* Where the knobs of a fresh point stand; NULL: not known. */
static const double *fresh_knob(const struct optimize *z, enum optimize_fresh which) {
    if (which == OPTIMIZE_AS_IS)
        return NULL;
    return knobs_value(&z->knobs, which == OPTIMIZE_START ? 0 : z->found.best);
}

struct outcome optimize_fresh(const struct optimize *z, const struct search *s,
                              enum optimize_fresh which) {
    return mean_of(z, s, search_runs(s, z->fresh + which), fresh_knob(z, which), NULL, NULL);
}

struct outcome optimize_gain(const struct optimize *z, const struct search *s,
                             enum optimize_fresh over) {
    return mean_of(z, s, search_runs(s, z->fresh + OPTIMIZE_BEST), fresh_knob(z, OPTIMIZE_BEST),
                   search_runs(s, z->fresh + over), fresh_knob(z, over));
}

/* -- The search ---------------------------------------------------------------------------------
 */

struct trial {
    struct optimize *optimize;
    struct search *search;
    struct error *error;
    bool failed;
};

static struct search_point point_of(const struct knobs *k, size_t i, size_t first) {
    return (struct search_point){.set = knobs_set(k, i),
                                 .sets = k->axes,
                                 .resource = RESOURCE_COUNT,
                                 .factor = 1.0,
                                 .first = first};
}

/* A pattern_trial. */
static bool try_points(void *user, const double *share, size_t count, size_t *index,
                       size_t *fresh) {
    struct trial *t = user;
    struct knobs *k = &t->optimize->knobs;
    const size_t before = k->points;
    for (size_t i = 0; i < count; i++)
        index[i] = knobs_point(k, share + i * k->axes);
    *fresh = k->points - before;
    struct search_point *point = memory_new(*fresh + 1, sizeof *point);
    for (size_t i = 0; i < *fresh; i++)
        point[i] = point_of(k, before + i, 0);
    t->failed = !search_run(t->search, point, *fresh, t->error);
    free(point);
    return !t->failed;
}

/* A pattern_better. */
static bool is_better(void *user, size_t a, size_t b) {
    const struct trial *t = user;
    return optimize_better(t->optimize, t->search, a, b);
}

/* The scenario as it is, the start and the best on random numbers that the search has not chosen
 * by. */
static bool run_fresh(struct optimize *z, struct search *s, struct error *e) {
    const struct search_point fresh[OPTIMIZE_FRESH] = {
        [OPTIMIZE_AS_IS] = {.resource = RESOURCE_COUNT, .factor = 1.0, .first = s->replications},
        [OPTIMIZE_START] = point_of(&z->knobs, 0, s->replications),
        [OPTIMIZE_BEST] = point_of(&z->knobs, z->found.best, s->replications),
    };
    z->fresh = s->points;
    return search_run(s, fresh, OPTIMIZE_FRESH, e);
}

static bool check_price(const struct optimize *z, const struct search *s, struct error *e) {
    const struct schedule *price = &s->base.site.price;
    const bool money = z->aim.kind == OBJECTIVE_PER_DOLLAR || z->aim.kind == OBJECTIVE_DOLLARS;
    if (!money || z->aim.charges > 0 || schedule_max(price) > 0.0 || schedule_min(price) < 0.0)
        return true;
    error_add(e, NULL, 0,
              "%s: found no price in the scenario; <tariff price=...> or --charge would be right",
              objective_figure(&z->aim).name);
    return false;
}

static bool work(struct search *s, void *user, struct error *e) {
    struct optimize *z = user;
    struct trial t = {.optimize = z, .search = s, .error = e};
    const struct pattern_rule rule = {z->knobs.axes, MESH, z->tolerance, z->most};
    double share[KNOBS_MAX];
    for (size_t a = 0; a < z->knobs.axes; a++)
        share[a] = 0.5;
    /* A start that the scenario does not take is a mistake: most of all, of an XPath. */
    const size_t start = knobs_point(&z->knobs, share);
    const struct search_point point = point_of(&z->knobs, start, 0);
    if (!check_price(z, s, e) || !search_check(s, &point, e))
        return false;
    z->first = s->points;
    if (!search_run(s, &point, 1, e))
        return false;
    pattern_search(&rule, share, try_points, is_better, &t, &z->found);
    return !t.failed && run_fresh(z, s, e);
}

enum run_status optimize_run(const struct options *o, struct error *e) {
    static const struct search_command what = {"_optimize", false, work, optimize_file,
                                               optimize_print};
    struct optimize z = {.tolerance = isfinite(o->tolerance) ? o->tolerance : OPTIMIZE_TOLERANCE};
    enum run_status status = RUN_MISTAKE;
    const int runs = o->runs > 0 ? o->runs : OPTIMIZE_RUNS;
    z.most = (size_t)(runs / o->replications);
    bool read = knobs_read(&z.knobs, &o->vary, e);
    read = objective_read(&z.aim, o, z.knobs.axis, z.knobs.axes, e) && read;
    if (z.most < 2 * z.knobs.axes + 2) {
        error_add(e, NULL, 0,
                  "--runs: found %d; %zu or more would be right: the start and the first %zu "
                  "neighbours, %d times each",
                  runs, (2 * z.knobs.axes + 2) * (size_t)o->replications, 2 * z.knobs.axes + 1,
                  o->replications);
        read = false;
    }
    if (ranks_agree(read, e))
        status = search_command(&what, &z, o, e);
    objective_clear(&z.aim);
    knobs_clear(&z.knobs);
    return status;
}
