/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/trajectory_impl.h"

#include "sim/engine/memory.h"
#include "sim/measure/interval.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DAY 86400.0 /* s */

/* -- Runs ---------------------------------------------------------------------------------------
 */

static size_t index_of(const char *name) {
    const long i = outcome_find(name);
    assert(i >= 0);
    return (size_t)i;
}

/* Trials of windows [0, end) in one replication: those of a full site only where it is wanted. */
static size_t trials_before(const struct trajectory_table *t, size_t end) {
    size_t full = 0;
    for (size_t w = 0; w < end; w++)
        full += t->course->window[w].full;
    return end * t->place[TRAJECTORY_FULL] + full * (t->trials - t->place[TRAJECTORY_FULL]);
}

bool trajectory_has(const struct trajectory_table *t, size_t window, enum trajectory_trial trial) {
    return t->place[trial] != SIZE_MAX &&
           (trial < TRAJECTORY_FULL || t->course->window[window].full);
}

size_t trajectory_run(const struct trajectory_table *t, size_t period, size_t day, size_t window,
                      size_t replication, enum trajectory_trial trial) {
    const size_t before = trials_before(t, window), here = trials_before(t, window + 1) - before;
    const size_t all = (period * t->days + day) * trials_before(t, t->windows) + before;
    return all * t->replications + replication * here + t->place[trial];
}

size_t trajectory_runs(const struct trajectory_table *t) {
    return t->periods * t->days * t->replications * trials_before(t, t->windows);
}

bool trajectory_overloaded(const struct outcome *run) {
    const double grown =
        run[index_of("requests_in_flight")].value - run[index_of("requests_in_flight_start")].value;
    return run[index_of("binding_share_demand")].value < 0.5 &&
           grown > TRAJECTORY_GROWTH * run[index_of("requests_arrived")].value;
}

static double period_seconds(const struct trajectory_table *t, size_t period) {
    long from, to;
    course_period(t->course, period, &from, &to);
    return (double)(to - from) * DAY;
}

static double span_seconds(const struct trajectory_span *s) {
    double sum = 0.0;
    for (size_t p = s->first; p < s->end; p++)
        sum += period_seconds(s->t, p);
    return sum;
}

/* A visit to each window of a span: its outcome, and the seconds that it stands for. */
typedef void window_visit(void *user, const struct outcome *run, double seconds);

static void span_visit(const struct trajectory_span *s, window_visit *visit, void *user) {
    const struct trajectory_table *t = s->t;
    double shares = 0.0; /* of the windows that have the trial, which stand for the others too */
    for (size_t w = 0; w < t->windows; w++)
        shares += trajectory_has(t, w, s->trial) ? t->course->window[w].share : 0.0;
    for (size_t p = s->first; p < s->end; p++)
        for (size_t d = 0; d < t->days; d++)
            for (size_t w = 0; w < t->windows; w++) {
                if (!trajectory_has(t, w, s->trial))
                    continue;
                const size_t run = trajectory_run(t, p, d, w, s->replication, s->trial);
                visit(user, t->run + run * outcome_count(),
                      period_seconds(t, p) / (double)t->days * t->course->window[w].share / shares);
            }
}

/* -- One replication ----------------------------------------------------------------------------
 */

struct sum {
    size_t outcome;
    enum trajectory_own own;
    double value, square; /* square: of half widths */
    double peak;
};

static void add_value(void *user, const struct outcome *run, double seconds) {
    struct sum *s = user;
    const struct outcome *o = &run[s->outcome];
    s->value += seconds * o->value;
    s->square += seconds * o->half * (seconds * o->half);
    s->peak = fmax(s->peak, o->value);
}

/* Sum of seconds times value; that over the horizon is a total, over the seconds a mean. */
static struct sum span_sum(const struct trajectory_span *s, const char *name) {
    struct sum sum = {.outcome = index_of(name), .peak = -INFINITY};
    span_visit(s, add_value, &sum);
    return sum;
}

double trajectory_span_total(const struct trajectory_span *s, const char *name) {
    return span_sum(s, name).value / s->t->horizon;
}

/* The ceilings of a run: of both the lower is rate / U, and the other follows from rho / rho*. */
static void add_own(void *user, const struct outcome *run, double seconds) {
    struct sum *s = user;
    const double ratio = run[index_of("rho")].value / run[index_of("rho_star")].value;
    const double lower = run[index_of("token_rate_mean")].value / run[index_of("U")].value;
    const double compute = lower / fmin(ratio, 1.0);
    const double value[] = {
        [TRAJECTORY_COMPUTE_CEILING] = compute,
        [TRAJECTORY_POWER_CEILING] = compute * ratio,
        [TRAJECTORY_IT_AVAILABLE] = run[index_of("rho")].value * run[index_of("K_eff")].value,
        [TRAJECTORY_OVERLOAD] = trajectory_overloaded(run) ? 1.0 : 0.0,
    };
    s->value += seconds * value[s->own];
}

/* The same windows in the runs in which the site is full. */
static struct trajectory_span at_full(const struct trajectory_span *s) {
    struct trajectory_span full = *s;
    full.trial = TRAJECTORY_FULL;
    return full;
}

/* A figure over a span of one replication. */
double trajectory_span_value(const struct trajectory_span *s,
                             const struct trajectory_definition *d) {
    struct sum sum = {.own = d->own};
    switch (d->kind) {
    case TRAJECTORY_TOTAL:
        return trajectory_span_total(s, d->name);
    case TRAJECTORY_RATIO:
        return d->scale * trajectory_span_total(s, d->top) / trajectory_span_total(s, d->bottom);
    case TRAJECTORY_MEAN:
        return span_sum(s, d->name).value / span_seconds(s);
    case TRAJECTORY_MOST:
        return span_sum(s, d->name).peak;
    case TRAJECTORY_AT_FULL: {
        const struct trajectory_span full = at_full(s);
        return span_sum(&full, d->top).value / span_seconds(s);
    }
    case TRAJECTORY_OWN:
        break;
    }
    span_visit(s, add_own, &sum);
    return sum.value / span_seconds(s);
}

/* -- Intervals ----------------------------------------------------------------------------------
 */

/* Of a ratio by the windows' own intervals: the spread of top - ratio * bottom in a window is that
 * of its own ratio, and what its bottom adds where the two ratios differ. */
struct ratio_sum {
    size_t own, bottom; /* outcomes */
    double ratio, square;
};

static void add_ratio(void *user, const struct outcome *run, double seconds) {
    struct ratio_sum *s = user;
    const struct outcome *own = &run[s->own], *bottom = &run[s->bottom];
    const double half =
        seconds * (bottom->value * own->half + fabs(own->value - s->ratio) * bottom->half);
    s->square += half * half;
}

/* Half width over one period by the windows' own intervals; windows have seeds of their own. */
static double half_by_windows(const struct trajectory_span *s,
                              const struct trajectory_definition *d, double value) {
    if (d->kind == TRAJECTORY_TOTAL)
        return sqrt(span_sum(s, d->name).square) / s->t->horizon;
    if (d->kind == TRAJECTORY_MEAN)
        return sqrt(span_sum(s, d->name).square) / span_seconds(s);
    if (d->kind == TRAJECTORY_AT_FULL) {
        const struct trajectory_span full = at_full(s);
        return sqrt(span_sum(&full, d->top).square) / span_seconds(s);
    }
    if (d->kind != TRAJECTORY_RATIO || outcome_find(d->name) < 0)
        return INFINITY;
    struct ratio_sum sum = {index_of(d->name), index_of(d->bottom), value, 0.0};
    span_visit(s, add_ratio, &sum);
    return sqrt(sum.square) / span_sum(s, d->bottom).value;
}

/* Over several periods: all of them have the same seeds, so that their errors may go together. */
static double half_by_periods(const struct trajectory_span *s,
                              const struct trajectory_definition *d) {
    double half = 0.0;
    if (d->kind == TRAJECTORY_RATIO)
        for (size_t p = s->first; p < s->end; p++) {
            const struct trajectory_span one = {s->t, p, p + 1, s->replication, s->trial};
            const double share = span_sum(&one, d->bottom).value / span_sum(s, d->bottom).value;
            half += share * half_by_windows(&one, d, trajectory_span_value(s, d));
        }
    else
        for (size_t p = s->first; p < s->end; p++) {
            const struct trajectory_span one = {s->t, p, p + 1, s->replication, s->trial};
            const bool mean = d->kind == TRAJECTORY_MEAN || d->kind == TRAJECTORY_AT_FULL;
            const double weight = mean ? span_seconds(&one) / span_seconds(s) : 1.0;
            half += weight * half_by_windows(&one, d, 0.0);
        }
    return half;
}

static struct outcome span_figure(const struct trajectory_table *t, size_t first, size_t end,
                                  const struct trajectory_definition *d) {
    const size_t n = t->replications;
    struct trajectory_span s = {t, first, end, 0, TRAJECTORY_BASE};
    double *value = memory_new(n, sizeof *value), *bottom = memory_new(n, sizeof *bottom);
    for (s.replication = 0; s.replication < n; s.replication++) {
        const bool ratio = d->kind == TRAJECTORY_RATIO;
        value[s.replication] =
            ratio ? d->scale * trajectory_span_total(&s, d->top) : trajectory_span_value(&s, d);
        bottom[s.replication] = ratio ? trajectory_span_total(&s, d->bottom) : 1.0;
    }
    s.replication = 0;
    struct outcome out = {value[0] / bottom[0], INFINITY};
    if (d->kind == TRAJECTORY_MOST) {
        for (size_t r = 1; r < n; r++)
            out.value = fmax(out.value, value[r]);
    } else if (n > 1) {
        const struct interval i = d->kind == TRAJECTORY_RATIO
                                      ? interval_ratio(value, bottom, n, TRAJECTORY_LEVEL)
                                      : interval_mean(value, n, TRAJECTORY_LEVEL);
        out = (struct outcome){i.mean, i.half};
    } else {
        out.half = half_by_periods(&s, d);
    }
    free(bottom);
    free(value);
    if (!isfinite(out.value))
        out = (struct outcome){NAN, INFINITY};
    if (!isfinite(out.half))
        out.half = INFINITY;
    return out;
}

/* -- The table ----------------------------------------------------------------------------------
 */

void trajectory_table_make(struct trajectory_table *t) {
    t->time = memory_new(t->periods, sizeof *t->time);
    t->figure = memory_new((t->periods + 1) * trajectory_figures(), sizeof *t->figure);
    for (size_t p = 0; p <= t->periods; p++)
        for (size_t f = 0; f < trajectory_figures(); f++)
            t->figure[p * trajectory_figures() + f] =
                span_figure(t, p < t->periods ? p : 0, p < t->periods ? p + 1 : t->periods,
                            trajectory_define(f));
    for (size_t p = 0; p < t->periods; p++) {
        long from, to;
        course_period(t->course, p, &from, &to);
        t->time[p] = 0.5 * (double)(from + to) - (double)t->course->from;
    }
    trajectory_values_make(t);
    trajectory_crossings_make(t);
}

void trajectory_table_clear(struct trajectory_table *t) {
    for (int m = 0; m < TRAJECTORY_METHODS; m++)
        free(t->crossing[m]);
    free(t->marginal);
    free(t->figure);
    free(t->time);
    *t = (struct trajectory_table){.periods = 0};
}

const struct outcome *trajectory_cell(const struct trajectory_table *t, size_t period,
                                      const char *name) {
    const long i = trajectory_find(name);
    assert(i >= 0);
    return &t->figure[period * trajectory_figures() + (size_t)i];
}

enum binding trajectory_binding(const struct trajectory_table *t, size_t period) {
    const struct outcome *share = trajectory_cell(t, period, "binding_share_demand");
    int most = 0;
    for (int b = 1; b < BINDING_COUNT; b++)
        if (share[b].value > share[most].value)
            most = b;
    return (enum binding)most;
}

enum binding trajectory_window_binding(const struct trajectory_table *t, size_t period,
                                       size_t window) {
    double share[BINDING_COUNT] = {0.0};
    int most = 0;
    for (size_t d = 0; d < t->days; d++)
        for (size_t r = 0; r < t->replications; r++)
            for (int b = 0; b < BINDING_COUNT; b++)
                share[b] += t->run[trajectory_run(t, period, d, window, r, TRAJECTORY_BASE) *
                                       outcome_count() +
                                   outcome_binding((enum binding)b)]
                                .value;
    for (int b = 1; b < BINDING_COUNT; b++)
        if (share[b] > share[most])
            most = b;
    return (enum binding)most;
}

bool trajectory_window_overloaded(const struct trajectory_table *t, size_t period, size_t window) {
    size_t over = 0;
    for (size_t d = 0; d < t->days; d++)
        for (size_t r = 0; r < t->replications; r++)
            over += trajectory_overloaded(t->run +
                                          trajectory_run(t, period, d, window, r, TRAJECTORY_BASE) *
                                              outcome_count());
    return 2 * over > t->days * t->replications;
}
