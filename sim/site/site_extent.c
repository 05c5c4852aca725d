/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/site/site.h"

#include <math.h>

void site_sample(const struct site_spec *s, size_t group, struct site_sample *out) {
    const struct cell_spec *g = &s->group[group];
    const long k = s->sample_every > 1 ? s->sample_every : 1;
    *out = (struct site_sample){.cells = g->cells, .nodes = g->nodes, .stride = 1, .weight = 1.0};
    if (g->cells == 0)
        return;
    if (g->cells >= k) {
        out->stride = k;
        out->cells = (g->cells + k - 1) / k;
    } else if (g->nodes >= k) {
        out->nodes = g->nodes / k;
    } else { /* a node of every few cells */
        const long each = k / g->nodes;
        out->nodes = 1;
        out->stride = each < g->cells ? each : g->cells;
        out->cells = (g->cells + out->stride - 1) / out->stride;
    }
    out->weight = (double)g->cells * (double)g->nodes / ((double)out->cells * (double)out->nodes);
}

double site_nodes(const struct site_spec *s) {
    double sum = 0.0;
    for (size_t i = 0; i < s->groups; i++)
        sum += (double)s->group[i].cells * (double)s->group[i].nodes;
    return sum;
}

double site_power_idle(const struct site_spec *s) {
    double sum = 0.0;
    for (size_t i = 0; i < s->groups; i++)
        sum += (double)s->group[i].cells * (double)s->group[i].nodes * s->group[i].node_idle;
    return sum;
}

bool site_feed_carries(const struct site_spec *s, double *least) {
    const double idle = site_power_idle(s);
    const int steps = 1000;
    bool carries = false;
    double lowest = INFINITY;
    for (int i = 0; i < steps && !carries; i++) {
        const double t = site_end(s) * i / steps;
        const double need =
            cooling_site_power(&s->cooling, idle, schedule_at(&s->temperature, t), t);
        carries = schedule_at(&s->feed_limit, t) >= need;
        lowest = fmin(lowest, need);
    }
    if (least != NULL)
        *least = lowest;
    return carries;
}

double site_power_full(const struct site_spec *s) {
    double sum = 0.0;
    for (size_t i = 0; i < s->groups; i++) {
        const struct cell_spec *g = &s->group[i];
        const double node = fmin(g->node_full, fmin(g->node_cap, g->rack_cap));
        sum += (double)g->cells * (double)g->nodes * node;
    }
    return sum;
}
