/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/site/site_impl.h"

#include "sim/engine/memory.h"
#include "sim/engine/window.h"
#include "sim/site/column.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

double site_tick_end(const struct site_spec *s, size_t i) {
    return fmin((double)(i + 1) * s->tick, site_end(s));
}

/* Periods that cover the horizon; one that would only be rounding is none. */
static size_t count_ticks(const struct site_spec *s) {
    return (size_t)fmax(ceil(s->horizon / s->tick * (1.0 - 1e-12)), 1.0);
}

/* Those before it. */
static size_t count_warmup(const struct site_spec *s) {
    const double ticks = nearbyint(s->warmup / s->tick);
    assert(s->warmup >= 0.0 && fabs(ticks * s->tick - s->warmup) <= 1e-9 * s->warmup);
    return (size_t)ticks;
}

static void open_group(struct site_state *s, size_t g, size_t *node) {
    struct site_group *group = &s->group[g];
    for (long i = 0; i < group->sample.cells; i++) {
        /* Each simulated node brings the share of one node of the group. */
        const double share = (double)group->sample.nodes / s->ceiling[g].nodes;
        struct site_cell *c = &s->cell[group->first + (size_t)i];
        *c = (struct site_cell){.group = g,
                                .index = i * group->sample.stride,
                                .nodes = group->sample.nodes,
                                .first_node = *node,
                                .tick = s->tick + (group->first + (size_t)i) * SITE_WINDOW};
        if (spread_has(&s->spread, group->first + (size_t)i))
            c->cell = cell_new(group->spec, g, (uint64_t)c->index, c->nodes, share, s->spec->seed,
                               s->spec->step_by_step);
        for (long k = 0; k < c->nodes; k++)
            manager_node(&s->manager, (*node)++, group->spec, group->sample.weight);
    }
}

static void open_state(struct site_state *s, const struct site_spec *spec) {
    *s = (struct site_state){.spec = spec, .warmup = count_warmup(spec)};
    s->ticks = s->warmup + count_ticks(spec);
    assert(spec->groups > 0 && spec->horizon > 0.0 && spec->tick > 0.0 && spec->capping != NULL);
    assert(spec->cooling.kind != COOLING_SURFACE || spec->temperature.count > 0);
    s->group = memory_new(spec->groups, sizeof *s->group);
    s->ceiling = memory_new(spec->groups, sizeof *s->ceiling);
    size_t nodes = 0;
    for (size_t g = 0; g < spec->groups; g++) {
        struct site_group *group = &s->group[g];
        *group = (struct site_group){.spec = &spec->group[g], .first = s->cells};
        site_sample(spec, g, &group->sample);
        s->cells += (size_t)group->sample.cells;
        nodes += (size_t)group->sample.cells * (size_t)group->sample.nodes;
        ceiling_init(&s->ceiling[g], group->spec,
                     (double)group->spec->cells * (double)group->spec->nodes);
    }
    s->cell = memory_new(s->cells, sizeof *s->cell);
    s->tick = memory_new(s->cells * SITE_WINDOW, sizeof *s->tick);
    manager_init(&s->manager, spec, nodes);
    spread_open(&s->spread, s);
    book_init(&s->book, spec);
    nodes = 0;
    for (size_t g = 0; g < spec->groups; g++)
        open_group(s, g, &nodes);
}

static void close_state(struct site_state *s) {
    for (size_t i = 0; i < s->cells; i++)
        cell_free(s->cell[i].cell);
    manager_clear(&s->manager);
    spread_clear(&s->spread);
    free(s->book.crossing.list);
    free(s->tick);
    free(s->cell);
    free(s->ceiling);
    free(s->group);
}

/* One window: what each cell does on its own. */
struct window {
    struct site_state *state;
    simtime end[SITE_WINDOW];
    size_t ticks;
    bool apply;  /* set the manager's caps first */
    bool gather; /* tell the manager what each node would draw, afterwards */
};

/* This rank's `own`th cell. */
static void run_cell(void *user, size_t own) {
    const struct window *w = user;
    struct site_cell *c = &w->state->cell[w->state->spread.own[own]];
    struct capping_node *node = w->state->manager.node + c->first_node;
    for (long k = 0; k < c->nodes && w->apply; k++)
        cell_cap(c->cell, k, node[k].cap, w->state->manager.budget.setter);
    cell_advance(c->cell, w->end, w->ticks, c->tick);
    for (size_t t = 0; t < w->ticks; t++)
        book_add(&c->total, &c->tick[t], 1.0);
    for (long k = 0; k < c->nodes && w->gather; k++)
        node[k].demand = cell_node_demand(c->cell, k);
}

/* Closes period `i`, the window's `t`th: sums over cells in their order, then the books. */
static void close_period(struct site_state *s, size_t i, size_t t, struct series *series) {
    struct cell_tick site = {0};
    for (size_t g = 0; g < s->spec->groups; g++) {
        struct site_group *group = &s->group[g];
        struct cell_tick sum = {0};
        for (long k = 0; k < group->sample.cells; k++)
            book_add(&sum, &s->cell[group->first + (size_t)k].tick[t], 1.0);
        book_add(&group->total, &sum, 1.0);
        book_add(&site, &sum, group->sample.weight);
        s->simulated_done += sum.done;
        ceiling_see(&s->ceiling[g], &sum);
    }
    double row[COLUMN_COUNT];
    const double from = i == 0 ? 0.0 : site_tick_end(s->spec, i - 1);
    const double to = site_tick_end(s->spec, i);
    book_close(&s->book, from, to, &site, s->ceiling, row);
    if (i >= s->warmup)
        series_append(series, fmin((double)(i - s->warmup + 1) * s->spec->tick, s->spec->horizon),
                      row);

    /* The operating points follow the lengths seen, at times that depend on the tick alone. */
    const double every = fmax(CEILING_INTERVAL / s->spec->tick, 1.0);
    if (floor((double)(i + 1) / every) > floor((double)i / every))
        for (size_t g = 0; g < s->spec->groups; g++)
            ceiling_refresh(&s->ceiling[g], every * s->spec->tick);
}

static struct manager_budget budget_of(const struct site_state *s, size_t i) {
    const double from = i == 0 ? 0.0 : site_tick_end(s->spec, i - 1);
    return manager_budget(&s->manager, from, site_tick_end(s->spec, i));
}

/* Plans the window that begins with period `first` under budget *next: as many periods as no cap
 * can change in, so that the cells need not meet; *next becomes the budget after it. */
static void plan_window(struct site_state *s, struct window *w, size_t first, size_t longest,
                        struct manager_budget *next) {
    w->apply = !manager_stays(&s->manager, next);
    if (w->apply)
        manager_set(&s->manager, next);
    w->ticks = 0;
    do {
        w->end[w->ticks] = simtime_of(site_tick_end(s->spec, first + w->ticks));
        w->ticks++;
        if (first + w->ticks == s->ticks)
            break;
        *next = budget_of(s, first + w->ticks);
    } while (w->ticks < longest && first + w->ticks != s->warmup &&
             manager_stays(&s->manager, next));
    w->gather = s->spec->capping->by_demand && !next->lifted;
}

/* The warm-up has ended: all that is reported begins anew, all that runs goes on. */
static void begin_horizon(struct site_state *s) {
    for (size_t i = 0; i < s->cells; i++) {
        s->cell[i].total = (struct cell_tick){0};
        if (spread_has(&s->spread, i)) /* the others are on ranks of their own */
            cell_measure(s->cell[i].cell);
    }
    for (size_t g = 0; g < s->spec->groups; g++)
        s->group[g].total = (struct cell_tick){0};
    book_restart(&s->book);
}

/* The loop of DESIGN 6; false when progress asked to stop. */
static bool run_loop(struct site_state *s, size_t longest, site_progress *progress, void *user,
                     struct series *series, double *reached) {
    const int threads = s->spec->threads > 0 ? s->spec->threads : window_threads();
    struct window w = {.state = s};
    struct manager_budget next = budget_of(s, 0);
    for (size_t i = 0; i < s->ticks; i += w.ticks) {
        plan_window(s, &w, i, longest, &next);
        window_run(threads, s->spread.owns, run_cell, &w);
        spread_meet(s, w.ticks, w.gather);
        for (size_t t = 0; t < w.ticks; t++)
            close_period(s, i + t, t, series);
        if (i + w.ticks == s->warmup)
            begin_horizon(s);
        *reached = site_tick_end(s->spec, i + w.ticks - 1);
        if (progress != NULL && !progress(user, *reached, s->simulated_done))
            return false;
    }
    return true;
}

bool site_run_windows(const struct site_spec *spec, size_t window, site_progress *progress,
                      void *user, struct result *out, struct error *e) {
    assert(window >= 1 && window <= SITE_WINDOW);
    struct site_state s;
    double reached = 0.0;
    *out = (struct result){0};
    open_state(&s, spec);
    series_init(&out->series, column_table, COLUMN_COUNT, s.ticks - s.warmup);
    const bool ended = run_loop(&s, window, progress, user, &out->series, &reached);
    if (ended) {
        summary_fill(&s, out);
    } else {
        error_add(e, NULL, 0, "stopped after %g s of %g s of simulated time", reached,
                  site_end(spec));
        result_clear(out);
    }
    close_state(&s);
    return ended;
}

bool site_run(const struct site_spec *s, site_progress *progress, void *user, struct result *out,
              struct error *e) {
    return site_run_windows(s, SITE_WINDOW, progress, user, out, e);
}
