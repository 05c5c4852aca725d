/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/pairing.h"

#include "analysis/marginal.h"
#include "sim/engine/memory.h"
#include "sim/measure/interval.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const pairing_name[] = {
    [PAIRING_CELLS] = "cells", [PAIRING_TIMES] = "times", [PAIRING_NONE] = "none"};

/* -- What a figure is made of ------------------------------------------------------------------ */

/* A figure that is a total over cells, or a ratio of two, times what all cells share (PUE, a
 * price): what follows from energy scales as the nodes' does, as the intervals of a run have it
 * (docs/site.md). */
struct made_of {
    const char *figure;
    enum saved_column top, bottom; /* SAVED_COLUMNS: no ratio */
};

static const struct made_of *find_made_of(const char *figure) {
    static const struct made_of all[] = {
        {"Q_token", SAVED_TOKENS, SAVED_COLUMNS},
        {"token_rate_mean", SAVED_TOKENS, SAVED_COLUMNS},
        {"U", SAVED_TOKENS, SAVED_COLUMNS},
        {"good_tokens", SAVED_GOOD, SAVED_COLUMNS},
        {"requests_done", SAVED_REQUESTS, SAVED_COLUMNS},
        {"it_energy", SAVED_ENERGY, SAVED_COLUMNS},
        {"site_energy", SAVED_ENERGY, SAVED_COLUMNS},
        {"site_power_mean", SAVED_ENERGY, SAVED_COLUMNS},
        {"cost", SAVED_ENERGY, SAVED_COLUMNS},
        {"carbon", SAVED_ENERGY, SAVED_COLUMNS},
        {"water", SAVED_ENERGY, SAVED_COLUMNS},
        {"e_tok", SAVED_ENERGY, SAVED_TOKENS},
        {"e_tok_site", SAVED_ENERGY, SAVED_TOKENS},
        {"cost_per_million_tokens", SAVED_ENERGY, SAVED_TOKENS},
        {"carbon_per_million_tokens", SAVED_ENERGY, SAVED_TOKENS},
        {"water_per_million_tokens", SAVED_ENERGY, SAVED_TOKENS},
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (strcmp(all[i].figure, figure) == 0)
            return &all[i];
    return NULL;
}

/* -- Batches ----------------------------------------------------------------------------------- */

/* End of the group of cells that begins at `from`. */
static size_t group_end(const struct saved *s, size_t from) {
    size_t to = from;
    while (to < s->cells && strcmp(s->cell_group[to], s->cell_group[from]) == 0)
        to++;
    return to;
}

static bool has_enough_cells(const struct saved *s) {
    for (size_t from = 0, to; from < s->cells; from = to) {
        to = group_end(s, from);
        if (to - from < MARGINAL_CELLS)
            return false;
    }
    return s->cells > 0;
}

/* A run's batches by a method: its cells, or its control periods. */
static size_t batch_count(const struct saved *s, enum pairing_method method) {
    return method == PAIRING_CELLS ? s->cells : s->rows;
}

/* Adds sign * (share of the column's total that each batch has) to `share`. False when the total is
 * none. */
static bool add_shares(const struct saved *s, enum pairing_method method, enum saved_column column,
                       double sign, double *share) {
    const bool by_cells = method == PAIRING_CELLS;
    const double *value = by_cells ? s->cell[column] : s->series[column];
    const size_t count = batch_count(s, method);
    double total = 0.0;
    if (value == NULL)
        return false;
    for (size_t i = 0; i < count; i++)
        total += value[i];
    if (!(isfinite(total) && total > 0.0))
        return false;
    for (size_t i = 0; i < count; i++)
        share[i] += sign * value[i] / total;
    return true;
}

/* By how much each batch moves the figure, owned by the caller: its part of a total, or of a ratio
 * A / B, linearised (Cochran, Sampling Techniques, section 6.4), F * (a / A - b / B). NULL when the
 * run does not hold it. */
static double *influence(const struct saved *s, enum pairing_method method,
                         const struct made_of *made) {
    const struct saved_figure *f = saved_figure(s, made->figure);
    const size_t count = batch_count(s, method);
    if (f == NULL || !isfinite(f->value))
        return NULL;
    double *share = memory_new(count + 1, sizeof *share);
    const bool held =
        add_shares(s, method, made->top, 1.0, share) &&
        (made->bottom == SAVED_COLUMNS || add_shares(s, method, made->bottom, -1.0, share));
    if (!held) {
        free(share);
        return NULL;
    }
    for (size_t i = 0; i < count; i++)
        share[i] *= f->value;
    return share;
}

/* Half width of the sum of `value` over batches. Groups of cells are independent, so their
 * variances add; control periods are not, one from the next. */
static double half_of(const struct saved *s, enum pairing_method method, const double *value) {
    if (method == PAIRING_TIMES)
        return interval_series(value, s->rows, 0.95).half * (double)s->rows;
    double square = 0.0;
    for (size_t from = 0, to; from < s->cells; from = to) {
        to = group_end(s, from);
        const double half = interval_mean(value + from, to - from, 0.95).half * (double)(to - from);
        square += half * half;
    }
    return sqrt(square);
}

/* -- Pairs ------------------------------------------------------------------------------------- */

static bool same_cells(const struct saved *a, const struct saved *b) {
    if (a->cells != b->cells)
        return false;
    for (size_t i = 0; i < a->cells; i++)
        if (strcmp(a->cell_group[i], b->cell_group[i]) != 0 || a->cell_index[i] != b->cell_index[i])
            return false;
    return true;
}

static bool same_times(const struct saved *a, const struct saved *b) {
    return a->rows >= INTERVAL_SERIES && a->rows == b->rows &&
           memcmp(a->time, b->time, a->rows * sizeof *a->time) == 0;
}

void pairing_make(const struct saved *a, const struct saved *b, struct pairing *p) {
    *p = (struct pairing){.method = PAIRING_NONE, .a = a, .b = b};
    const char *const too_few = "some group has fewer than 4 simulated cells";
    _Static_assert(MARGINAL_CELLS == 4 && INTERVAL_SERIES == 20, "as the texts say");
    if (a->seed != b->seed)
        snprintf(p->reason, sizeof p->reason, "the seeds differ, %" PRId64 " and %" PRId64, a->seed,
                 b->seed);
    else if (!same_cells(a, b))
        snprintf(p->reason, sizeof p->reason, "they did not simulate the same cells");
    else if (has_enough_cells(a)) {
        p->method = PAIRING_CELLS;
        p->batches = a->cells;
        snprintf(p->reason, sizeof p->reason,
                 "both drew from seed %" PRId64 " in the same %zu cells", a->seed, a->cells);
    } else if (same_times(a, b)) {
        p->method = PAIRING_TIMES;
        p->batches = a->rows;
        snprintf(p->reason, sizeof p->reason,
                 "both drew from seed %" PRId64 " in the same cells, but %s", a->seed, too_few);
    } else
        snprintf(p->reason, sizeof p->reason, "%s, and control periods differ or are fewer than 20",
                 too_few);
}

/* Half widths from pairs; false when the runs do not hold the figure by batch. */
static bool half_by_pairs(const struct pairing *p, const struct made_of *made, double ratio,
                          double before, struct pairing_half *out) {
    double *a = influence(p->a, p->method, made), *b = influence(p->b, p->method, made);
    const bool held = a != NULL && b != NULL;
    if (held) {
        const size_t count = batch_count(p->a, p->method);
        double *pair = memory_new(count + 1, sizeof *pair);
        for (size_t i = 0; i < count; i++)
            pair[i] = b[i] - a[i];
        out->difference = half_of(p->a, p->method, pair);
        for (size_t i = 0; i < count; i++)
            pair[i] = b[i] - ratio * a[i];
        out->relative = half_of(p->a, p->method, pair) / fabs(before);
        out->paired = true;
        free(pair);
    }
    free(b);
    free(a);
    return held;
}

/* The half width that a run alone has: its own, else over its batches. */
static double half_alone(const struct saved *s, const struct saved_figure *f) {
    if (f->has_interval)
        return f->high - f->value; /* the lower end may be cut at 0 */
    const struct made_of *made = find_made_of(f->name);
    const enum pairing_method method = has_enough_cells(s)          ? PAIRING_CELLS
                                       : s->rows >= INTERVAL_SERIES ? PAIRING_TIMES
                                                                    : PAIRING_NONE;
    double *value = made == NULL || method == PAIRING_NONE ? NULL : influence(s, method, made);
    const double half = value == NULL ? INFINITY : half_of(s, method, value);
    free(value);
    return half;
}

struct pairing_half pairing_half(const struct pairing *p, const char *figure) {
    struct pairing_half out = {INFINITY, INFINITY, false};
    const struct saved_figure *a = saved_figure(p->a, figure), *b = saved_figure(p->b, figure);
    if (a == NULL || b == NULL || !isfinite(a->value) || !isfinite(b->value))
        return out;
    const double ratio = b->value / a->value;
    const struct made_of *made = find_made_of(figure);
    if (p->method == PAIRING_NONE || made == NULL ||
        !half_by_pairs(p, made, ratio, a->value, &out)) {
        const double half_a = half_alone(p->a, a), half_b = half_alone(p->b, b);
        out.difference = hypot(half_a, half_b);
        out.relative = hypot(ratio * half_a, half_b) / fabs(a->value);
    }
    if (!isfinite(out.difference))
        out.difference = INFINITY;
    if (!isfinite(out.relative))
        out.relative = INFINITY;
    return out;
}
