/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/goal.h"

#include "analysis/outcome_list.h"
#include "sim/engine/memory.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* -- What is asked for --------------------------------------------------------------------------
 */

static void add(struct goal *g, enum goal_kind kind, size_t figure, double limit) {
    assert(g->parts < GOAL_PARTS);
    g->part[g->parts++] = (struct goal_part){kind, figure, limit};
}

/* "ttft_p99=0.5". */
static void add_figure(struct goal *g, const char *text, struct error *e) {
    const char *equals = strchr(text, '=');
    char *end = NULL;
    const double limit = equals == NULL ? NAN : strtod(equals + 1, &end);
    if (equals == NULL || end == equals + 1 || *end != '\0' || !isfinite(limit)) {
        error_add(e, NULL, 0,
                  "--at-most: found '%s'; FIGURE=NUMBER in the figure's unit would be right, as in "
                  "ttft_p99=0.5",
                  text);
        return;
    }
    char *name = memory_print("%.*s", (int)(equals - text), text);
    const long figure = outcome_named("--at-most", name, e);
    free(name);
    if (figure >= 0)
        add(g, GOAL_FIGURE, (size_t)figure, limit);
}

bool goal_read(struct goal *g, const struct options *o, bool all, struct error *e) {
    const size_t before = e->count;
    *g = (struct goal){.parts = 0};
    if (all || isfinite(o->good))
        add(g, GOAL_GOOD, 0, isfinite(o->good) ? o->good : GOAL_GOOD_SHARE);
    if (all)
        add(g, GOAL_QUEUE, 0, GOAL_QUEUE_GROWTH);
    if (all || isfinite(o->overshoot))
        add(g, GOAL_POWER, 0, isfinite(o->overshoot) ? o->overshoot : GOAL_OVERSHOOT);
    if (o->at_most.count > GOAL_FIGURES)
        error_add(e, NULL, 0, "--at-most: found %zu of them; at most %d would be right",
                  o->at_most.count, GOAL_FIGURES);
    for (size_t i = 0; i < o->at_most.count && i < GOAL_FIGURES; i++)
        add_figure(g, o->at_most.text[i], e);
    return e->count == before;
}

struct figure goal_figure(const struct goal_part *p) {
    static const struct figure own[] = {
        [GOAL_GOOD] = {.name = "good_share",
                       .unit = "1",
                       .long_name =
                           "good tokens over tokens of the requests that ended, a rejected "
                           "request counted as a late one"},
        [GOAL_QUEUE] = {.name = "queue_growth",
                        .unit = "1",
                        .long_name = "requests in flight at the end beyond those of a steady site "
                                     "and chance, over requests that arrived"},
        [GOAL_POWER] = {.name = "over_limit",
                        .unit = "1",
                        .long_name = "energy above the feed's limit over site energy, or above the "
                                     "heat limit over IT energy, whichever is more"},
    };
    return p->kind == GOAL_FIGURE ? *outcome_figure(p->figure) : own[p->kind];
}

/* -- Of one run ---------------------------------------------------------------------------------
 */

static double of(const struct outcome *run, const char *name) {
    const long figure = outcome_find(name);
    assert(figure >= 0);
    return run[figure].value;
}

/* Requests in flight that chance may leave where `steady` are on average; a simulated node stands
 * for `weight`. */
static double usual_in_flight(double steady, double weight) {
    const double root = sqrt(steady / weight) + 0.5 * GOAL_CHANCE;
    return weight * root * root;
}

/* More than chance leaves in flight at an empty site, and none ended: that is a site that is stuck.
 */
static bool is_silent(const struct outcome *run) {
    return of(run, "requests_done") == 0.0 && of(run, "requests_rejected") == 0.0 &&
           of(run, "requests_in_flight") <= usual_in_flight(0.0, of(run, "sample_weight"));
}

bool goal_silent(const struct outcome *run, size_t runs) {
    bool silent = false;
    for (size_t i = 0; i < runs; i++)
        silent = silent || is_silent(run + i * outcome_count());
    return silent;
}

/* A rejected request is taken to be as long as the others are. Where none ended, nothing is known.
 */
static double good_share(const struct outcome *run) {
    const double done = of(run, "requests_done"), rejected = of(run, "requests_rejected");
    if (!(done > 0.0))
        return rejected > 0.0 ? 0.0 : NAN;
    return of(run, "good_tokens") / of(run, "done_tokens") * done / (done + rejected);
}

/* Requests in flight when nothing grows: what the warm-up left, or by Little's law what the
 * requests that ended spent in the site, whichever is more, so that neither the filling up of an
 * empty site nor a queue that the warm-up left counts. */
static double queue_growth(const struct outcome *run) {
    const double arrived = of(run, "requests_arrived"), e2e = of(run, "e2e_mean");
    const double rate = of(run, "requests_done") / of(run, "horizon");
    const double steady =
        fmax(of(run, "requests_in_flight_start"), isfinite(e2e) ? rate * e2e : 0.0);
    const double beyond =
        of(run, "requests_in_flight") - usual_in_flight(steady, of(run, "sample_weight"));
    return beyond > 0.0 ? beyond / arrived : 0.0;
}

static double over_limit(const struct outcome *run) {
    return fmax(of(run, "overshoot_energy") / of(run, "site_energy"),
                of(run, "heat_overshoot_energy") / of(run, "it_energy"));
}

double goal_value(const struct goal_part *p, const struct outcome *run) {
    /* A run that could not be made has no figures at all. */
    if (isnan(of(run, "horizon")))
        return NAN;
    switch (p->kind) {
    case GOAL_GOOD:
        return good_share(run);
    case GOAL_QUEUE:
        return queue_growth(run);
    case GOAL_POWER:
        return over_limit(run);
    case GOAL_FIGURE:
        break;
    }
    return run[p->figure].value;
}

/* -- Of a point ---------------------------------------------------------------------------------
 */

void goal_judge(const struct goal_part *p, const struct outcome *run, size_t runs,
                struct goal_verdict *out) {
    double *value = memory_new(runs, sizeof *value);
    size_t count = 0;
    for (size_t i = 0; i < runs; i++) {
        const struct outcome *r = run + i * outcome_count();
        value[count] = goal_value(p, r);
        count += isfinite(value[count]) || !is_silent(r);
    }
    out->mean = outcome_interval(value, count);
    free(value);
    /* Runs that are all the same (a replayed trace) say nothing of chance. */
    if (outcome_same(run, runs))
        out->mean.half = INFINITY;
    /* How far it is on the wrong side. */
    const double mean = out->mean.value;
    const double beyond = p->kind == GOAL_GOOD ? p->limit - mean : mean - p->limit;
    out->met = count == 0 || beyond <= 0.0;
    out->sure = out->met ? -beyond >= out->mean.half : beyond > out->mean.half;
    const double scale = p->limit != 0.0 ? fabs(p->limit) : 1.0;
    out->excess = out->met ? 0.0 : isnan(beyond) ? INFINITY : beyond / scale;
}

struct goal_verdict goal_judge_all(const struct goal *g, const struct outcome *run, size_t runs) {
    struct goal_verdict all = {.met = true, .sure = true};
    bool lost = false;
    for (size_t i = 0; i < g->parts; i++) {
        struct goal_verdict v;
        goal_judge(&g->part[i], run, runs, &v);
        all.met = all.met && v.met;
        all.sure = all.sure && v.sure;
        all.excess += v.excess;
        lost = lost || (!v.met && v.sure);
    }
    if (!all.met)
        all.sure = lost;
    return all;
}
