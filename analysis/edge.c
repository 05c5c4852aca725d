/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/edge.h"

#include "sim/engine/memory.h"
#include "sim/workload/arrival.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* How far from the scenario's own is looked: demand and feed by factors of 2^20 and 2^-12, under
 * which hardly a request comes; nodes up to 1024 times as many, more than is meant by a site of
 * some size. A closed loop up to eight times as many clients as all batches hold, from where on
 * more of them only wait. */
#define DEMAND_MOST  1048576.0
#define DEMAND_LEAST (1.0 / 4096.0)
#define NODES_MOST   1024.0
#define CLIENTS_MOST 8.0

/* -- What it is ---------------------------------------------------------------------------------
 */

static const struct figure kind[] = {
    [EDGE_DEMAND] = {.name = "demand",
                     .unit = "1",
                     .long_name = "factor on the demand of all groups: arrival rates, clients of "
                                  "closed loops, speed of repeated traces"},
    [EDGE_NODES] = {.name = "nodes", .unit = "1", .long_name = "nodes of the site"},
    [EDGE_FEED] = {.name = "feed",
                   .unit = "W",
                   .long_name = "highest limit of the feed; its whole schedule is in proportion"},
};

const char *edge_name(const struct edge *g) {
    return g->kind == EDGE_AXIS ? g->axis->name : kind[g->kind].name;
}

const char *edge_unit(const struct edge *g) {
    if (g->kind != EDGE_AXIS)
        return kind[g->kind].unit;
    return *g->axis->unit == '\0' ? "1" : g->axis->unit;
}

const char *edge_text(const struct edge *g) {
    return g->kind == EDGE_AXIS ? g->axis->xpath : kind[g->kind].long_name;
}

/* -- Points -------------------------------------------------------------------------------------
 */

/* What is changed of a group when nodes are: cells, of a lone cell its nodes. */
static double group_parts(const struct cell_spec *c) {
    return (double)(c->cells > 1 ? c->cells : c->nodes);
}

static double most_parts(const struct site_spec *s) {
    double most = 0.0;
    for (size_t g = 0; g < s->groups; g++)
        most = fmax(most, group_parts(&s->group[g]));
    return most;
}

/* Parts of a group when the group with the most has `parts`: in proportion, rounded up, so that
 * none is left without. */
static double parts_of(const struct site_spec *s, size_t g, double parts) {
    const double own = group_parts(&s->group[g]) * parts / most_parts(s);
    return fmax(ceil(own * (1.0 - 1e-12)), 1.0);
}

static double nodes_of(const struct site_spec *s, double parts) {
    double nodes = 0.0;
    for (size_t g = 0; g < s->groups; g++) {
        const struct cell_spec *c = &s->group[g];
        nodes += parts_of(s, g, parts) * (c->cells > 1 ? (double)c->nodes : 1.0);
    }
    return nodes;
}

static double clients_of(const struct site_spec *s) {
    double clients = 0.0;
    for (size_t g = 0; g < s->groups; g++)
        clients += s->group[g].workload.clients;
    return clients;
}

/* The factor on demand that a run really has: a site of nothing but closed loops has whole clients.
 */
static double true_demand(const struct site_spec *s, double factor) {
    struct resource_trial trial;
    for (size_t g = 0; g < s->groups; g++)
        if (s->group[g].workload.arrival != &arrival_closed)
            return factor;
    if (factor == 1.0 || !resource_scale(s, RESOURCE_DEMAND, factor, &trial))
        return factor;
    const double clients = clients_of(&trial.site);
    resource_clear(&trial);
    return clients / clients_of(s);
}

/* A point, its overrides owned, and the value that is told of it. */
static struct search_point make_point(const struct edge *g, const struct search *s, double at,
                                      struct override *set, double *value) {
    const struct site_spec *site = &s->base.site;
    struct search_point p = {.set = set, .resource = RESOURCE_COUNT, .factor = at};
    *value = at;
    switch (g->kind) {
    case EDGE_DEMAND:
        p.resource = at != 1.0 ? RESOURCE_DEMAND : RESOURCE_COUNT;
        *value = true_demand(site, at);
        break;
    case EDGE_FEED:
        p.resource = at != 1.0 ? RESOURCE_FEED : RESOURCE_COUNT;
        *value = at * schedule_max(&site->feed_limit);
        break;
    case EDGE_NODES:
        for (; p.sets < site->groups; p.sets++) {
            const bool cells = site->group[p.sets].cells > 1;
            set[p.sets].xpath =
                memory_print("/scenario/cells[%zu]/@%s", p.sets + 1, cells ? "count" : "nodes");
            set[p.sets].value = memory_print("%.0f", parts_of(site, p.sets, at));
        }
        *value = nodes_of(site, at);
        break;
    case EDGE_AXIS:
        set->xpath = memory_text(g->axis->xpath);
        set->value =
            memory_print("%.12g%s%s", at, *g->axis->unit == '\0' ? "" : " ", g->axis->unit);
        p.sets = 1;
        break;
    }
    return p;
}

static char *set_text(const struct search_point *p) {
    char *text = memory_text("");
    for (size_t i = 0; i < p->sets; i++) {
        char *longer =
            memory_print("%s%s%s=%s", text, i > 0 ? "\n" : "", p->set[i].xpath, p->set[i].value);
        free(text);
        text = longer;
    }
    return text;
}

/* -- The search ---------------------------------------------------------------------------------
 */

struct trial {
    struct edge *edge;
    struct search *search;
    struct error *error;
    double excess; /* of the last point that missed; INFINITY before */
    bool met;      /* some point has */
    bool failed;
};

/* Whether going on the same way would bring nothing either. Less demand: where there can be no less
 * (whole clients). More feed: where no node was slowed by
 * it, and none was drawn above it. More nodes, or less demand: where nodes have room for more work,
 * and twice the step was hardly nearer to the goal. */
static bool is_hopeless(const struct trial *t, size_t point, double excess) {
    const struct search *s = t->search;
    if (s->refused[point])
        return t->edge->kind == EDGE_DEMAND;
    if (t->edge->kind == EDGE_FEED)
        return search_figure(s, point, "binding_share_feed").value == 0.0 &&
               search_figure(s, point, "overshoot_energy").value == 0.0;
    return t->edge->kind != EDGE_AXIS &&
           search_figure(s, point, "binding_share_demand").value > 0.99 &&
           excess > 0.99 * t->excess;
}

static enum threshold_answer try_value(void *user, double at) {
    struct trial *t = user;
    struct edge *g = t->edge;
    const size_t groups = t->search->base.site.groups, i = g->points;
    struct override *set = memory_new(groups, sizeof *set);
    g->tried = memory_resize(g->tried, i + 1, sizeof *g->tried);
    g->value = memory_resize(g->value, i + 1, sizeof *g->value);
    g->set = memory_resize(g->set, i + 1, sizeof *g->set);
    const struct search_point p = make_point(g, t->search, at, set, &g->value[i]);
    g->set[i] = set_text(&p);
    g->tried[i] = at;
    g->points++;
    t->failed = !search_run(t->search, &p, 1, t->error);
    for (size_t k = 0; k < groups; k++)
        override_clear(&set[k]);
    free(set);
    if (t->failed)
        return THRESHOLD_STOP;
    const struct goal_verdict v = search_verdict(t->search, g->first + i);
    t->met = t->met || v.met;
    if (v.met)
        return THRESHOLD_HOLDS;
    g->hopeless = !t->met && is_hopeless(t, g->first + i, v.excess);
    t->excess = v.excess;
    return g->hopeless ? THRESHOLD_STOP : THRESHOLD_FAILS;
}

/* Where to begin and where to end. False with a message when the scenario has no such edge. */
static bool make_rule(const struct edge *g, const struct site_spec *s, struct threshold_rule *r,
                      struct error *e) {
    *r = (struct threshold_rule){.start = 1.0,
                                 .low = DEMAND_LEAST,
                                 .high = DEMAND_MOST,
                                 .upward = g->kind != EDGE_DEMAND,
                                 .tolerance = g->tolerance};
    if (g->kind == EDGE_AXIS) {
        r->low = g->axis->whole ? ceil(g->axis->low) : g->axis->low;
        r->start = r->high = g->axis->whole ? floor(g->axis->high) : g->axis->high;
        r->whole = g->axis->whole;
    } else if (g->kind == EDGE_NODES) {
        r->low = 1.0;
        r->start = most_parts(s);
        r->high = NODES_MOST * r->start;
        r->whole = true;
    }
    for (size_t i = 0; i < s->groups; i++) {
        const struct cell_spec *c = &s->group[i];
        const struct workload_spec *w = &c->workload;
        const double places =
            (double)c->cells * (double)c->nodes * (double)c->replicas * (double)c->max_seqs;
        if (g->kind == EDGE_DEMAND && w->arrival == &arrival_closed)
            r->high = fmax(fmin(r->high, CLIENTS_MOST * places / w->clients), 1.0);
        if (g->kind == EDGE_NODES && c->cells > 1 && w->arrival == &arrival_trace &&
            w->scaling == TRACE_REPEAT) {
            error_add(
                e, NULL, 0,
                "size: found that each cell of '%s' repeats a trace, so that more cells bring "
                "more demand; arrivals/@scaling='superpose' would be right",
                c->name);
            return false;
        }
    }
    return true;
}

/* Whether the scenario takes the axis at all: a wrong XPath is a mistake. */
static bool check_axis(const struct edge *g, struct search *s, double at, struct error *e) {
    struct override set = {0};
    double value;
    const struct search_point p = make_point(g, s, at, &set, &value);
    const bool taken = search_check(s, &p, e);
    override_clear(&set);
    return taken;
}

bool edge_find(struct edge *g, struct search *s, struct error *e) {
    struct threshold_rule rule;
    struct trial t = {.edge = g, .search = s, .error = e, .excess = INFINITY};
    g->first = s->points;
    if (!make_rule(g, &s->base.site, &rule, e))
        return false;
    if (g->kind == EDGE_AXIS && !check_axis(g, s, rule.start, e))
        return false;
    threshold_find(&rule, try_value, &t, &g->at);
    return !t.failed;
}

void edge_clear(struct edge *g) {
    for (size_t i = 0; i < g->points; i++)
        free(g->set[i]);
    free(g->set);
    free(g->value);
    free(g->tried);
    *g = (struct edge){.points = 0};
}

/* -- What was found -----------------------------------------------------------------------------
 */

static long point_of(const struct edge *g, double tried) {
    for (size_t i = 0; i < g->points; i++)
        if (g->tried[i] == tried)
            return (long)(g->first + i);
    return -1; /* NAN is no point's */
}

long edge_met(const struct edge *g) {
    return point_of(g, g->at.holds);
}

long edge_missed(const struct edge *g) {
    return point_of(g, g->at.fails);
}

/* Whether all points from i on, towards smaller values or larger, are surely of one side; those
 * that tell nothing apart. */
static bool all_sure(const struct edge *g, const struct search *s, size_t i, bool smaller,
                     bool met) {
    for (size_t k = 0; k < g->points; k++) {
        const bool beyond = smaller ? g->value[k] <= g->value[i] : g->value[k] >= g->value[i];
        const struct goal_verdict v = search_verdict(s, g->first + k);
        if (beyond && !(v.sure && v.met == met) && (k == i || !search_silent(s, g->first + k)))
            return false;
    }
    return true;
}

double edge_sure(const struct edge *g, const struct search *s, bool met) {
    /* More demand is what misses a goal; of all else, less. */
    const bool smaller = (g->kind == EDGE_DEMAND) == met;
    double sure = NAN;
    for (size_t i = 0; i < g->points; i++)
        if (all_sure(g, s, i, smaller, met))
            sure = isnan(sure) ? g->value[i]
                   : smaller   ? fmax(sure, g->value[i])
                               : fmin(sure, g->value[i]);
    return sure;
}
