/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/site/spread.h"

#include "sim/engine/memory.h"
#include "sim/site/site_impl.h"

#include <stdlib.h>

/* Nodes follow their cells. */
static void share_out(struct spread *p, const struct site_state *s) {
    size_t nodes = 0, node = 0, cell = 0;
    for (size_t g = 0; g < s->spec->groups; g++)
        nodes += (size_t)s->group[g].sample.cells * (size_t)s->group[g].sample.nodes;
    int *cell_owner = memory_new(s->cells, sizeof *cell_owner);
    int *node_owner = memory_new(nodes, sizeof *node_owner);
    for (size_t g = 0; g < s->spec->groups; g++)
        for (long i = 0; i < s->group[g].sample.cells; i++, cell++) {
            cell_owner[cell] = ranks_of(cell, p->ranks);
            for (long k = 0; k < s->group[g].sample.nodes; k++)
                node_owner[node++] = cell_owner[cell];
        }
    ranks_share_init(&p->cell, cell_owner, s->cells);
    ranks_share_init(&p->node, node_owner, nodes);
    free(cell_owner);
    free(node_owner);
}

void spread_open(struct spread *p, const struct site_state *s) {
    *p = (struct spread){.ranks = 1};
    if (s->spec->spread) {
        p->ranks = ranks_count();
        p->rank = ranks_index();
    }
    p->own = memory_new(s->cells, sizeof *p->own);
    for (size_t i = 0; i < s->cells; i++)
        if (spread_has(p, i))
            p->own[p->owns++] = i;
    if (p->ranks > 1)
        share_out(p, s);
}

void spread_clear(struct spread *p) {
    if (p->ranks > 1) {
        ranks_share_clear(&p->cell);
        ranks_share_clear(&p->node);
    }
    free(p->own);
    *p = (struct spread){0};
}

void spread_meet(struct site_state *s, size_t ticks, bool demand) {
    struct spread *p = &s->spread;
    if (p->ranks == 1)
        return;
    ranks_gather(&p->cell, s->tick, SITE_WINDOW * sizeof *s->tick, ticks * sizeof *s->tick);
    if (demand)
        ranks_gather(&p->node, &s->manager.node->demand, sizeof *s->manager.node,
                     sizeof s->manager.node->demand);
}

void spread_end(struct site_state *s, struct result *out) {
    struct spread *p = &s->spread;
    if (p->ranks == 1)
        return;
    ranks_gather(&p->cell, &s->cell->total, sizeof *s->cell, sizeof s->cell->total);
    ranks_gather(&p->cell, &s->cell->end, sizeof *s->cell, sizeof s->cell->end);
    ranks_gather(&p->node, &out->node->total, sizeof *out->node, sizeof out->node->total);
    for (int l = 0; l < CELL_LATENCY_COUNT; l++) {
        ranks_sum(&out->latency[l].count, 1);
        ranks_sum(out->latency[l].bin, SKETCH_BINS);
    }
}
