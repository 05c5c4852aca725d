/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/site/estimate.h"

#include "sim/engine/memory.h"
#include "sim/measure/interval.h"

#include <math.h>
#include <stdlib.h>

static double total_of(const struct cell_tick *t, const struct cell_totals *end,
                       enum estimate_total which) {
    const double value[ESTIMATE_COUNT] = {
        [ESTIMATE_TOKENS] = t->tokens,
        [ESTIMATE_GOOD] = t->good_tokens,
        [ESTIMATE_DONE_TOKENS] = t->done_tokens,
        [ESTIMATE_PROMPT] = t->prompt_tokens,
        [ESTIMATE_ARRIVED] = t->arrived,
        [ESTIMATE_DONE] = t->done,
        [ESTIMATE_REJECTED] = t->rejected,
        [ESTIMATE_IN_FLIGHT] = end->requests_in_flight,
        [ESTIMATE_IN_FLIGHT_START] = end->requests_in_flight_start,
        [ESTIMATE_PREEMPTED] = t->preempted,
        [ESTIMATE_ITERATIONS] = t->iterations,
        [ESTIMATE_FLOP] = t->flop,
        [ESTIMATE_IT_ENERGY] = book_it_energy(t),
    };
    return value[which];
}

static double cell_total(const struct site_cell *c, enum estimate_total which) {
    return total_of(&c->total, &c->end.totals, which);
}

/* What a half width is multiplied by so that the interval is one for the full run's own total.
 * Where the simulated cells are some of the full run's, they are a sample without replacement of
 * what is asked for; where each cell has fewer nodes, the full run is another draw, with a spread
 * of its own. */
static double factor_of(const struct site_group *g) {
    const double share = 1.0 / g->sample.weight;
    return g->sample.nodes == g->spec->nodes ? interval_finite(share, 1.0) : sqrt(1.0 + share);
}

/* Half width of the group's total, scaled to the site, of top - ratio * bottom; batches are its
 * cells. `value` is scratch. */
static double group_half(const struct site_state *s, const struct site_group *g,
                         enum estimate_total top, enum estimate_total bottom, double ratio,
                         double *value) {
    const double factor = factor_of(g);
    if (factor == 0.0)
        return 0.0;
    const size_t n = (size_t)g->sample.cells;
    for (size_t i = 0; i < n; i++) {
        const struct site_cell *c = &s->cell[g->first + i];
        value[i] = cell_total(c, top) - (ratio != 0.0 ? ratio * cell_total(c, bottom) : 0.0);
    }
    return interval_mean(value, n, ESTIMATE_LEVEL).half * (double)n * g->sample.weight * factor;
}

/* The same of the whole site: groups are independent, so their variances add. */
static double site_half(const struct site_state *s, enum estimate_total top,
                        enum estimate_total bottom, double ratio, double *value) {
    double square = 0.0;
    for (size_t g = 0; g < s->spec->groups; g++) {
        const double half = group_half(s, &s->group[g], top, bottom, ratio, value);
        square += half * half;
    }
    return sqrt(square);
}

/* Ratios by linearisation (Cochran, Sampling Techniques, section 6.4): the spread of top - ratio
 * bottom over cells. For one group that is the jackknife's first order; for several it lets the
 * variances of groups add. */
static void by_cells(const struct site_state *s, struct estimate *out) {
    double *value = memory_new(s->cells, sizeof *value);
    for (int i = 0; i < ESTIMATE_COUNT; i++)
        out->half[i] = site_half(s, (enum estimate_total)i, (enum estimate_total)i, 0.0, value);
    const double tokens = out->value[ESTIMATE_TOKENS];
    const double e_tok = out->value[ESTIMATE_IT_ENERGY] / tokens;
    const double c_tok = out->value[ESTIMATE_FLOP] / tokens;
    out->half_e_tok = site_half(s, ESTIMATE_IT_ENERGY, ESTIMATE_TOKENS, e_tok, value) / tokens;
    out->half_c_tok = site_half(s, ESTIMATE_FLOP, ESTIMATE_TOKENS, c_tok, value) / tokens;
    free(value);
    for (size_t g = 0; g < s->spec->groups; g++)
        if (factor_of(&s->group[g]) > 0.0)
            out->batches += (size_t)s->group[g].sample.cells;
}

static void by_times(const struct site_state *s, struct estimate *out) {
    double square = 0.0, nodes = 0.0; /* one factor for the site: by groups' nodes */
    for (size_t g = 0; g < s->spec->groups; g++) {
        const double factor = factor_of(&s->group[g]);
        square += factor * factor * s->ceiling[g].nodes;
        nodes += s->ceiling[g].nodes;
    }
    const double factor = sqrt(square / nodes);
    const struct cell_totals none = {0};
    double value[ESTIMATE_COUNT][BOOK_BATCHES];
    for (int i = 0; i < ESTIMATE_COUNT; i++) {
        for (int k = 0; k < BOOK_BATCHES; k++)
            value[i][k] = total_of(&s->book.batch[k], &none, (enum estimate_total)i);
        out->half[i] =
            interval_mean(value[i], BOOK_BATCHES, ESTIMATE_LEVEL).half * BOOK_BATCHES * factor;
    }
    /* These stand at one time only. */
    out->half[ESTIMATE_IN_FLIGHT] = out->half[ESTIMATE_IN_FLIGHT_START] = INFINITY;
    out->half_e_tok = factor * interval_ratio(value[ESTIMATE_IT_ENERGY], value[ESTIMATE_TOKENS],
                                              BOOK_BATCHES, ESTIMATE_LEVEL)
                                   .half;
    out->half_c_tok = factor * interval_ratio(value[ESTIMATE_FLOP], value[ESTIMATE_TOKENS],
                                              BOOK_BATCHES, ESTIMATE_LEVEL)
                                   .half;
    out->batches = BOOK_BATCHES;
}

void estimate_make(const struct site_state *s, struct estimate *out) {
    bool sampled = false, enough = true;
    *out = (struct estimate){.half_e_tok = INFINITY, .half_c_tok = INFINITY};
    for (size_t g = 0; g < s->spec->groups; g++) {
        const struct site_group *group = &s->group[g];
        sampled = sampled || group->sample.weight > 1.0;
        enough = enough && (group->sample.weight == 1.0 || group->sample.cells >= ESTIMATE_CELLS);
    }
    for (int i = 0; i < ESTIMATE_COUNT; i++) {
        out->half[i] = INFINITY;
        for (size_t c = 0; c < s->cells; c++)
            out->value[i] += s->group[s->cell[c].group].sample.weight *
                             cell_total(&s->cell[c], (enum estimate_total)i);
    }
    if (sampled && enough)
        by_cells(s, out);
    else if (sampled && s->ticks >= BOOK_BATCHES)
        by_times(s, out);
}
