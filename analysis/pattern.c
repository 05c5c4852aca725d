/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/pattern.h"

#include "sim/engine/memory.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct search {
    const struct pattern_rule *rule;
    pattern_trial *trial;
    pattern_better *better;
    void *user;
    struct pattern *out;
    double *best;      /* axes */
    double *neighbour; /* 2 * axes points */
    double *onward;    /* one point */
    size_t *index;     /* 2 * axes */
};

static bool try_points(struct search *s, const double *share, size_t count, size_t *index) {
    size_t fresh = 0;
    if (!s->trial(s->user, share, count, index, &fresh)) {
        s->out->end = PATTERN_STOPPED;
        return false;
    }
    s->out->points += fresh;
    return true;
}

/* The points one mesh size away along each axis, at the cube's faces less. */
static void fill_neighbours(struct search *s) {
    const size_t axes = s->rule->axes;
    for (size_t i = 0; i < 2 * axes; i++) {
        double *point = s->neighbour + i * axes, *moved = &point[i / 2];
        memcpy(point, s->best, axes * sizeof *point);
        *moved = fmin(fmax(*moved + (i % 2 == 0 ? s->out->mesh : -s->out->mesh), 0.0), 1.0);
    }
}

/* The same step once more: what the pattern of moves suggests. True when the search goes on. */
static bool step_onward(struct search *s, const double *from) {
    const size_t axes = s->rule->axes;
    size_t index;
    for (size_t a = 0; a < axes; a++)
        s->onward[a] = fmin(fmax(2.0 * s->best[a] - from[a], 0.0), 1.0);
    if (!try_points(s, s->onward, 1, &index))
        return false;
    if (s->better(s->user, index, s->out->best)) {
        s->out->best = index;
        memcpy(s->best, s->onward, axes * sizeof *s->best);
    }
    return true;
}

/* One round; true when the search goes on. */
static bool poll(struct search *s) {
    const size_t axes = s->rule->axes, count = 2 * axes;
    size_t most = s->out->best, from = count;
    fill_neighbours(s);
    if (!try_points(s, s->neighbour, count, s->index))
        return false;
    s->out->rounds++;
    for (size_t i = 0; i < count; i++)
        if (s->better(s->user, s->index[i], most)) {
            most = s->index[i];
            from = i;
        }
    if (from == count) {
        s->out->mesh *= 0.5;
        return true;
    }
    /* The place of the neighbour gets what was the best, from which the step is measured. */
    double *moved = s->neighbour + from * axes;
    for (size_t a = 0; a < axes; a++) {
        const double before = s->best[a];
        s->best[a] = moved[a];
        moved[a] = before;
    }
    s->out->best = most;
    return step_onward(s, moved);
}

void pattern_search(const struct pattern_rule *r, double *share, pattern_trial *trial,
                    pattern_better *better, void *user, struct pattern *out) {
    assert(r->axes > 0 && r->mesh > 0.0 && r->tolerance > 0.0);
    struct search s = {.rule = r,
                       .trial = trial,
                       .better = better,
                       .user = user,
                       .out = out,
                       .best = share,
                       .neighbour = memory_new(2 * r->axes * r->axes, sizeof(double)),
                       .onward = memory_new(r->axes, sizeof(double)),
                       .index = memory_new(2 * r->axes, sizeof(size_t))};
    *out = (struct pattern){.end = PATTERN_SPENT, .mesh = r->mesh};
    bool going = try_points(&s, share, 1, &out->best);
    while (going) {
        if (out->mesh < r->tolerance) {
            out->end = PATTERN_NARROW;
            break;
        }
        /* A round may take its neighbours and a step onward. */
        if (out->points + 2 * r->axes + 1 > r->points)
            break;
        going = poll(&s);
    }
    free(s.index);
    free(s.onward);
    free(s.neighbour);
}
