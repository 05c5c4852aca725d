/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/site/manager.h"

#include "sim/engine/memory.h"
#include "sim/site/span.h"

#include <math.h>
#include <stdlib.h>

void manager_init(struct manager *m, const struct site_spec *spec, size_t nodes) {
    *m = (struct manager){.spec = spec, .nodes = nodes};
    m->node = memory_new(nodes, sizeof *m->node);
    m->budget = (struct manager_budget){INFINITY, BINDING_FEED, true};
}

void manager_clear(struct manager *m) {
    free(m->node);
    *m = (struct manager){0};
}

void manager_node(struct manager *m, size_t i, const struct cell_spec *group, double weight) {
    const double full = fmin(group->node_full, fmin(group->node_cap, group->rack_cap));
    m->node[i] = (struct capping_node){.weight = weight,
                                       .idle = group->node_idle,
                                       .floor = fmin(cell_cap_floor(group), full),
                                       .full = full,
                                       .demand = group->node_idle,
                                       .cap = INFINITY};
    m->full += weight * full;
}

struct manager_budget manager_budget(const struct manager *m, double from, double to) {
    const struct site_spec *s = m->spec;
    struct manager_budget b = {INFINITY, BINDING_FEED, true};
    if (!s->capping->caps)
        return b;
    bool by_heat;
    const double limit = span_lowest(&s->feed_limit, from, to);
    b.power = cooling_it_throughout(&s->cooling, limit, &s->temperature, from, to, &by_heat);
    b.setter = by_heat ? BINDING_COOLING : BINDING_FEED;
    b.lifted = b.power >= m->full * (1.0 - MANAGER_ROUNDING);
    return b;
}

bool manager_stays(const struct manager *m, const struct manager_budget *b) {
    if (b->lifted || m->budget.lifted)
        return b->lifted && m->budget.lifted;
    return !m->spec->capping->by_demand && b->power == m->budget.power &&
           b->setter == m->budget.setter;
}

void manager_set(struct manager *m, const struct manager_budget *b) {
    m->budget = *b;
    if (!b->lifted)
        m->spec->capping->divide(b->power, m->spec->capping_floor, m->node, m->nodes);
    for (size_t i = 0; b->lifted && i < m->nodes; i++)
        m->node[i].cap = INFINITY;
}
