/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/sweep_table.h"

#include "analysis/kink.h"
#include "sim/engine/memory.h"
#include "sim/measure/interval.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

static const struct outcome *run_of(const struct sweep_table *t, size_t point, size_t replication,
                                    size_t figure) {
    return &t->run[(point * t->replications + replication) * outcome_count() + figure];
}

const struct outcome *sweep_table_cell(const struct sweep_table *t, size_t point, size_t figure) {
    return &t->cell[point * outcome_count() + figure];
}

static void fill_cells(struct sweep_table *t) {
    for (size_t p = 0; p < t->plan->points; p++)
        for (size_t f = 0; f < outcome_count(); f++)
            t->cell[p * outcome_count() + f] = outcome_mean(run_of(t, p, 0, 0), f, t->replications);
}

enum binding sweep_table_binding(const struct sweep_table *t, size_t point) {
    enum binding most = 0;
    for (enum binding b = 1; b < BINDING_COUNT; b++)
        if (sweep_table_cell(t, point, outcome_binding(b))->value >
            sweep_table_cell(t, point, outcome_binding(most))->value)
            most = b;
    return most;
}

/* -- Boundary -----------------------------------------------------------------------------------
 */

/* Above 0 where compute is scarce, below where power is. */
static double side(const struct outcome *run, enum boundary_kind kind) {
    static const enum binding own[] = {BINDING_COMPUTE, BINDING_MEMORY, BINDING_KV};
    static const enum binding power[] = {BINDING_FEED, BINDING_COOLING};
    if (kind == BOUNDARY_RHO)
        return log(run[outcome_find("rho")].value / run[outcome_find("rho_star")].value);
    double sum = 0.0;
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        sum += run[outcome_binding(own[i])].value;
    for (size_t i = 0; i < sizeof power / sizeof power[0]; i++)
        sum -= run[outcome_binding(power[i])].value;
    return sum;
}

/* The first axis of a grid in the order of its values. */
static size_t *order_of(const struct axis *a) {
    size_t *order = memory_new(a->count, sizeof *order);
    for (size_t i = 0; i < a->count; i++) {
        size_t k = i;
        for (; k > 0 && a->value[order[k - 1]] > a->value[i]; k--)
            order[k] = order[k - 1];
        order[k] = i;
    }
    return order;
}

/* One replication of a column: `count` points of the axis that have a value, in order. */
struct column {
    double *x, *side;
    size_t count;
};

static void read_column(struct column *c, const struct sweep_table *t, size_t column,
                        size_t replication, enum boundary_kind kind, const size_t *order) {
    const struct axis *a = &t->plan->axis[0];
    c->count = 0;
    for (size_t i = 0; i < a->count; i++) {
        const size_t point = order[i] * t->columns + column;
        const double now = side(run_of(t, point, replication, 0), kind);
        if (isnan(now))
            continue;
        c->x[c->count] = a->log ? log(a->value[order[i]]) : a->value[order[i]];
        c->side[c->count++] = now;
    }
}

/* The first crossing in a column, with the half width that reaches over the step of the axis which
 * it lies in; of rho, of what the step may hide. */
static struct boundary crossing(const struct column *c, enum boundary_kind kind, bool logarithm) {
    for (size_t i = 1; i < c->count; i++) {
        if ((c->side[i - 1] < 0.0) == (c->side[i] < 0.0))
            continue;
        const int direction = c->side[i] >= 0.0 ? +1 : -1;
        if (kind == BOUNDARY_RHO) {
            const struct kink k = kink_find(c->x, c->side, c->count, i);
            return logarithm ? (struct boundary){exp(k.place), exp(k.place) * k.error, direction, 0}
                             : (struct boundary){k.place, k.error, direction, 0};
        }
        const double share = c->side[i - 1] / (c->side[i - 1] - c->side[i]);
        const double from = c->x[i - 1], to = c->x[i], x = from + share * (to - from);
        return logarithm ? (struct boundary){exp(x), fmax(exp(x) - exp(from), exp(to) - exp(x)),
                                             direction, 0}
                         : (struct boundary){x, fmax(x - from, to - x), direction, 0};
    }
    const double last = c->count > 0 ? c->side[c->count - 1] : NAN;
    return (struct boundary){NAN, INFINITY, 0, last < 0.0 ? -1 : last >= 0.0 ? +1 : 0};
}

/* The half width of the mean: what chance does, and what the step of the axis leaves open. */
static double half_of(enum boundary_kind kind, double chance, double step) {
    if (kind == BOUNDARY_BINDING) /* Shares go over within less than a step: which is all known */
        return isfinite(chance) ? fmax(step, chance) : step;
    if (!isfinite(chance) || !isfinite(step))
        return fmin(chance, step);
    return chance + step;
}

static void fill_boundary(struct sweep_table *t, size_t column, enum boundary_kind kind,
                          const size_t *order) {
    const struct axis *a = &t->plan->axis[0];
    struct column c = {memory_new(a->count, sizeof *c.x), memory_new(a->count, sizeof *c.side), 0};
    double *value = memory_new(t->replications, sizeof *value);
    double step = 0.0;
    struct boundary b = {NAN, INFINITY, 0, 0}, first = b;
    for (size_t r = 0; r < t->replications; r++) {
        read_column(&c, t, column, r, kind, order);
        const struct boundary one = crossing(&c, kind, a->log);
        if (r == 0)
            b = first = one;
        value[r] = one.value;
        step = fmax(step, one.half);
        /* A boundary that only some replications cross is at the end of the axis: it has no
         * interval that could be believed. */
        if (one.direction != first.direction || one.side != first.side)
            b = (struct boundary){NAN, INFINITY, 0, 0};
    }
    if (b.direction != 0) {
        const struct interval i = interval_mean(value, t->replications, 0.95);
        b.value = i.mean;
        b.half = half_of(kind, i.half, step);
    }
    t->boundary[(size_t)kind * t->columns + column] = b;
    free(value);
    free(c.side);
    free(c.x);
}

static void fill_boundaries(struct sweep_table *t) {
    const struct plan *p = t->plan;
    if (p->kind != PLAN_GRID || p->axis[0].value == NULL || p->axis[0].count < 2)
        return;
    t->columns = p->points / p->axis[0].count;
    t->boundary = memory_new(BOUNDARY_COUNT * t->columns, sizeof *t->boundary);
    size_t *order = order_of(&p->axis[0]);
    for (size_t c = 0; c < t->columns; c++)
        for (int kind = 0; kind < BOUNDARY_COUNT; kind++)
            fill_boundary(t, c, (enum boundary_kind)kind, order);
    free(order);
}

void sweep_table_make(struct sweep_table *t, const struct plan *plan, size_t replications,
                      const struct outcome *run) {
    assert(plan->points > 0 && replications > 0);
    *t = (struct sweep_table){.plan = plan, .replications = replications, .run = run};
    t->cell = memory_new(plan->points * outcome_count(), sizeof *t->cell);
    fill_cells(t);
    fill_boundaries(t);
}

void sweep_table_clear(struct sweep_table *t) {
    free(t->cell);
    free(t->boundary);
    *t = (struct sweep_table){.plan = NULL};
}
