/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/site/resource.h"

#include "sim/engine/memory.h"
#include "sim/site/ceiling.h"
#include "sim/site/manager.h"
#include "sim/workload/arrival.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const resource_name[RESOURCE_COUNT] = {
    [RESOURCE_DEMAND] = "demand",   [RESOURCE_FEED] = "feed",
    [RESOURCE_COOLING] = "cooling", [RESOURCE_CAP] = "cap",
    [RESOURCE_COMPUTE] = "compute", [RESOURCE_BANDWIDTH] = "bandwidth",
    [RESOURCE_MEMORY] = "memory",   [RESOURCE_NODES] = "nodes",
    [RESOURCE_CLOCK] = "clock",     [RESOURCE_PUE] = "pue",
};

/* -- Sites' parts, multiplied: each replaces what the trial shared by a copy of its own ----------
 */

static void scale_schedule(struct schedule *s, double factor) {
    const struct schedule old = *s;
    double *value = memory_new(old.count + 1, sizeof *value);
    for (size_t i = 0; i < old.count; i++)
        value[i] = old.value[i] * factor;
    const long bad = schedule_make(s, old.time, value, old.count, old.period, old.linear);
    assert(bad < 0);
    (void)bad;
    free(value);
}

static double *scale_values(const double *from, size_t count, double factor) {
    double *into = memory_new(count, sizeof *into);
    for (size_t i = 0; i < count; i++)
        into[i] = from[i] * factor;
    return into;
}

/* The plant of a site that is `factor` times as large, with `pue` times the PUE at every load. */
static void scale_plant(struct cooling *c, double factor, double pue) {
    const struct cooling old = *c;
    if (old.kind == COOLING_CONSTANT) {
        scale_schedule(&c->pue, pue);
    } else {
        double *load = scale_values(old.load, old.loads, factor);
        double *value = scale_values(old.value, old.loads * old.temperatures, pue);
        const char *bad =
            cooling_knots(c, load, old.loads, old.temperature, old.temperatures, value);
        assert(bad == NULL);
        (void)bad;
        free(value);
        free(load);
    }
    c->loss_share = old.loss_share;
    c->fixed = old.fixed * factor;
    c->heat_limit = old.heat_limit;
    if (old.heat_limit.count > 0)
        scale_schedule(&c->heat_limit, factor);
    c->water = old.water; /* per energy */
    if (old.water.count > 0)
        scale_schedule(&c->water, 1.0);
}

/* The lowest PUE that the plant has anywhere. */
static double plant_least(const struct cooling *c) {
    const bool constant = c->kind == COOLING_CONSTANT;
    const double *value = constant ? c->pue.value : c->value;
    const size_t count = constant ? c->pue.count : c->loads * c->temperatures;
    double least = INFINITY;
    for (size_t i = 0; i < count; i++)
        least = fmin(least, value[i]);
    return least;
}

/* Share of its group's demand that a simulated cell brings; and its clients in a closed loop. */
static double cell_share(const struct site_spec *s, size_t g) {
    struct site_sample sample;
    site_sample(s, g, &sample);
    return (double)sample.nodes / ((double)s->group[g].cells * (double)s->group[g].nodes);
}

static double cell_clients(const struct site_spec *s, size_t g) {
    return fmax(round(s->group[g].workload.clients * cell_share(s, g)), 1.0);
}

/* A replay at another speed. */
static void scale_trace(struct trace *t, const struct trace *old, double factor) {
    *t = (struct trace){.request = memory_new(old->count, sizeof *t->request),
                        .count = old->count,
                        .length = old->length / factor};
    memcpy(t->request, old->request, old->count * sizeof *t->request);
    for (size_t i = 0; i < t->count; i++)
        t->request[i].time = old->request[i].time / factor;
}

static void scale_demand(struct resource_trial *t, const struct site_spec *site, double factor) {
    t->trace = memory_new(site->groups, sizeof *t->trace);
    for (size_t g = 0; g < site->groups; g++) {
        struct workload_spec *w = &t->group[g].workload;
        if (w->arrival == &arrival_closed && site->group[g].cells == 0)
            continue;
        if (w->arrival == &arrival_closed) {
            w->clients = fmax(round(cell_clients(site, g) * factor), 1.0) / cell_share(site, g);
        } else if (w->arrival == &arrival_trace && w->scaling == TRACE_REPEAT) {
            struct trace *replay = &t->trace[t->traces++];
            scale_trace(replay, w->trace, factor);
            w->trace = replay;
        } else {
            scale_schedule(&w->rate, factor);
        }
    }
}

/* -- Groups' parts ------------------------------------------------------------------------------
 */

static void scale_board(struct cell_spec *g, double limit) {
    g->platform.power_limit = limit;
    g->node_full =
        g->host_power + (1.0 + g->host_slope) * (g->spare_power + (double)g->replicas * limit);
}

static void scale_cap(struct cell_spec *g, double factor) {
    g->node_cap *= factor;
    g->rack_cap *= factor;
    scale_board(g, g->platform.power_limit * factor);
}

/* Frequencies are relative to the highest, so that the same one is now 1 / factor of what it was.
 * Equation 3.2 is rewritten for that: at the same frequency it gives the same time and power. The
 * boards' clamp moves along, or they would draw less than before for the same work. */
static void scale_clock(struct cell_spec *g, double factor) {
    struct platform *p = &g->platform;
    const double power = pow(factor, p->power_gamma);
    const double memory = p->power_fixed + (1.0 - p->power_fixed) * power;
    p->compute_rate *= factor;
    p->compute_peak *= factor;
    p->power_scale /= factor;
    p->power_active *= power;
    p->power_compute *= power;
    p->power_memory *= memory;
    p->power_fixed /= memory;
    p->phi_min /= factor;
    scale_board(g, p->power_static + (p->power_limit - p->power_static) * power);
}

/* HBM less its reserve is what weights and KV pool share. */
static void scale_memory(struct cell_spec *g, double factor) {
    struct platform *p = &g->platform;
    p->kv_pool_bytes = (p->kv_pool_bytes + p->weight_bytes) * factor - p->weight_bytes;
    g->kv_blocks = cell_kv_blocks(g);
}

static void scale_group(struct cell_spec *g, enum resource resource, double factor) {
    struct platform *p = &g->platform;
    switch (resource) {
    case RESOURCE_CAP:
        scale_cap(g, factor);
        break;
    case RESOURCE_COMPUTE:
        p->compute_rate *= factor;
        p->compute_peak *= factor;
        break;
    case RESOURCE_BANDWIDTH:
        p->memory_rate *= factor;
        p->memory_peak *= factor;
        break;
    case RESOURCE_MEMORY:
        scale_memory(g, factor);
        break;
    case RESOURCE_CLOCK:
        scale_clock(g, factor);
        break;
    default:
        break;
    }
}

/* -- The trial ----------------------------------------------------------------------------------
 */

/* Clients of a cell in the closed loop that has the fewest; INFINITY when none is closed. */
static double fewest_clients(const struct site_spec *site) {
    double fewest = INFINITY;
    for (size_t g = 0; g < site->groups; g++)
        if (site->group[g].workload.arrival == &arrival_closed && site->group[g].cells > 0)
            fewest = fmin(fewest, cell_clients(site, g));
    return fewest;
}

/* The factor itself; in a closed loop the next that is one of whole clients, INFINITY when there is
 * none: what is rounded must be told, or the elasticity is that of another step. Of several loops
 * the one with the fewest clients sets it, whose steps are the largest. */
static double true_factor(const struct site_spec *site, enum resource resource, double factor) {
    const double rounding = 1e-9;
    if (resource == RESOURCE_PUE)
        return plant_least(&site->cooling) * (1.0 / factor) >= 1.0 ? 1.0 / factor : factor;
    const double clients = fewest_clients(site);
    if (isinf(clients) || (resource != RESOURCE_DEMAND && resource != RESOURCE_NODES))
        return factor;
    if (resource == RESOURCE_DEMAND && factor > 1.0)
        return ceil(clients * factor - rounding) / clients;
    if (clients <= 1.0)
        return INFINITY;
    const double less = resource == RESOURCE_NODES ? 1.0 / factor : factor;
    const double left = fmax(floor(clients * less + rounding), 1.0);
    return resource == RESOURCE_NODES ? clients / left : left / clients;
}

/* K_eff (FLOP/s) of these groups at the lengths of their workloads. */
static double k_eff_of(const struct cell_spec *group, size_t groups) {
    double sum = 0.0;
    for (size_t g = 0; g < groups; g++) {
        struct ceiling c;
        ceiling_init(&c, &group[g], (double)group[g].cells * (double)group[g].nodes);
        sum += c.flop_rate;
    }
    return sum;
}

bool resource_scale(const struct site_spec *site, enum resource resource, double factor,
                    struct resource_trial *out) {
    const bool fewer = resource == RESOURCE_DEMAND || resource == RESOURCE_FEED;
    assert(factor > (fewer ? 0.0 : 1.0) && factor != 1.0);
    *out = (struct resource_trial){.site = *site, .gain = 1.0, .resource = resource};
    out->factor = true_factor(site, resource, factor);
    if (isinf(out->factor))
        return false;
    if (resource == RESOURCE_COOLING && site->cooling.heat_limit.count == 0)
        return false;
    out->group = memory_new(site->groups, sizeof *out->group);
    memcpy(out->group, site->group, site->groups * sizeof *out->group);
    out->site.group = out->group;
    for (size_t g = 0; g < site->groups; g++)
        scale_group(&out->group[g], resource, out->factor);
    if (resource == RESOURCE_DEMAND)
        scale_demand(out, site, out->factor);
    if (resource == RESOURCE_FEED)
        scale_schedule(&out->site.feed_limit, out->factor);
    if (resource == RESOURCE_COOLING)
        scale_schedule(&out->site.cooling.heat_limit, out->factor);
    if (resource == RESOURCE_NODES) {
        out->gain = out->factor;
        scale_demand(out, site, 1.0 / out->factor);
        scale_schedule(&out->site.feed_limit, 1.0 / out->factor);
        scale_plant(&out->site.cooling, 1.0 / out->factor, 1.0);
    }
    if (resource == RESOURCE_PUE)
        scale_plant(&out->site.cooling, 1.0, out->factor);
    /* No scenario may be so either. */
    if (!site_feed_carries(&out->site, NULL)) {
        resource_clear(out);
        return false;
    }
    if (resource == RESOURCE_CLOCK)
        out->k_eff = k_eff_of(out->group, site->groups) / k_eff_of(site->group, site->groups);
    return true;
}

bool resource_idle(const struct site_spec *site, enum resource resource) {
    if (resource != RESOURCE_FEED && resource != RESOURCE_COOLING)
        return false;
    if (!site->capping->caps)
        return true;
    struct manager m = {.spec = site,
                        .full = site_power_full(site) * (1.0 + 2.0 * MANAGER_ROUNDING)};
    return manager_budget(&m, 0.0, site_end(site)).lifted;
}

void resource_clear(struct resource_trial *t) {
    const bool demand = t->resource == RESOURCE_DEMAND || t->resource == RESOURCE_NODES;
    for (size_t g = 0; demand && t->group != NULL && g < t->site.groups; g++) {
        struct workload_spec *w = &t->group[g].workload;
        if (w->arrival != &arrival_closed &&
            !(w->arrival == &arrival_trace && w->scaling == TRACE_REPEAT))
            schedule_clear(&w->rate);
    }
    for (size_t i = 0; i < t->traces; i++)
        free(t->trace[i].request);
    if (t->group != NULL && (t->resource == RESOURCE_FEED || t->resource == RESOURCE_NODES))
        schedule_clear(&t->site.feed_limit);
    if (t->group != NULL && t->resource == RESOURCE_COOLING)
        schedule_clear(&t->site.cooling.heat_limit);
    if (t->group != NULL && (t->resource == RESOURCE_NODES || t->resource == RESOURCE_PUE))
        cooling_clear(&t->site.cooling);
    free(t->trace);
    free(t->group);
    *t = (struct resource_trial){.gain = 0.0};
}
