/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/trajectory_impl.h"

#include "sim/engine/memory.h"
#include "sim/measure/interval.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DAY   86400.0 /* s */
#define LEVEL 0.95

const char *const trajectory_method_name[TRAJECTORY_METHODS] = {
    [TRAJECTORY_RHO] = "rho",
    [TRAJECTORY_PEAK] = "rho_peak",
    [TRAJECTORY_MARGINAL] = "marginal",
    [TRAJECTORY_INVEST] = "invest",
};

const struct figure trajectory_value[TRAJECTORY_VALUES] = {
    [TRAJECTORY_FEED_VALUE] = {.name = "marginal_feed",
                               .unit = "1",
                               .long_name = "d ln Q_token / d ln of the feed's limit"},
    [TRAJECTORY_NODES_VALUE] =
        {.name = "marginal_nodes",
         .unit = "1",
         .long_name = "d ln Q_token / d ln of the nodes, on the same feed, plant and demand"},
    [TRAJECTORY_IT_POWER] =
        {.name = "marginal_it_power_full",
         .unit = "1",
         .long_name =
             "d ln Q_token / d ln of the feed's limit (and the heat limit), in a full site"},
    [TRAJECTORY_K_EFF] = {.name = "marginal_K_eff_full",
                          .unit = "1",
                          .long_name = "d ln Q_token / d ln K_eff, by the clock, in a full site"},
};

/* -- Runs ---------------------------------------------------------------------------------------
 */

size_t trajectory_run(const struct trajectory_table *t, size_t period, size_t day, size_t window,
                      size_t replication, enum trajectory_trial trial) {
    const size_t at = (period * t->days + day) * t->windows + window;
    return (at * t->replications + replication) * t->trials + t->place[trial];
}

size_t trajectory_runs(const struct trajectory_table *t) {
    return t->periods * t->days * t->windows * t->replications * t->trials;
}

static size_t index_of(const char *name) {
    const long i = outcome_find(name);
    assert(i >= 0);
    return (size_t)i;
}

/* Where a sum over windows stands: periods [first, end) of a replication and trial. */
struct span {
    const struct trajectory_table *t;
    size_t first, end, replication;
    enum trajectory_trial trial;
};

static double period_seconds(const struct trajectory_table *t, size_t period) {
    long from, to;
    course_period(t->course, period, &from, &to);
    return (double)(to - from) * DAY;
}

static double span_seconds(const struct span *s) {
    double sum = 0.0;
    for (size_t p = s->first; p < s->end; p++)
        sum += period_seconds(s->t, p);
    return sum;
}

/* A visit to each window of a span: its outcome, and the seconds that it stands for. */
typedef void window_visit(void *user, const struct outcome *run, double seconds);

static void span_visit(const struct span *s, window_visit *visit, void *user) {
    const struct trajectory_table *t = s->t;
    for (size_t p = s->first; p < s->end; p++)
        for (size_t d = 0; d < t->days; d++)
            for (size_t w = 0; w < t->windows; w++) {
                const size_t run = trajectory_run(t, p, d, w, s->replication, s->trial);
                visit(user, t->run + run * outcome_count(),
                      period_seconds(t, p) / (double)t->days * t->course->window[w].share);
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
static struct sum span_sum(const struct span *s, const char *name) {
    struct sum sum = {.outcome = index_of(name), .peak = -INFINITY};
    span_visit(s, add_value, &sum);
    return sum;
}

static double span_total(const struct span *s, const char *name) {
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
    };
    s->value += seconds * value[s->own];
}

/* The same windows in the runs in which the site is full. */
static struct span at_full(const struct span *s) {
    struct span full = *s;
    full.trial = TRAJECTORY_FULL;
    return full;
}

/* A figure over a span of one replication. */
static double span_value(const struct span *s, const struct trajectory_definition *d) {
    struct sum sum = {.own = d->own};
    switch (d->kind) {
    case TRAJECTORY_TOTAL:
        return span_total(s, d->name);
    case TRAJECTORY_RATIO:
        return d->scale * span_total(s, d->top) / span_total(s, d->bottom);
    case TRAJECTORY_MEAN:
        return span_sum(s, d->name).value / span_seconds(s);
    case TRAJECTORY_MOST:
        return span_sum(s, d->name).peak;
    case TRAJECTORY_AT_FULL: {
        const struct span full = at_full(s);
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
static double half_by_windows(const struct span *s, const struct trajectory_definition *d,
                              double value) {
    if (d->kind == TRAJECTORY_TOTAL)
        return sqrt(span_sum(s, d->name).square) / s->t->horizon;
    if (d->kind == TRAJECTORY_MEAN)
        return sqrt(span_sum(s, d->name).square) / span_seconds(s);
    if (d->kind == TRAJECTORY_AT_FULL) {
        const struct span full = at_full(s);
        return sqrt(span_sum(&full, d->top).square) / span_seconds(s);
    }
    if (d->kind != TRAJECTORY_RATIO || outcome_find(d->name) < 0)
        return INFINITY;
    struct ratio_sum sum = {index_of(d->name), index_of(d->bottom), value, 0.0};
    span_visit(s, add_ratio, &sum);
    return sqrt(sum.square) / span_sum(s, d->bottom).value;
}

/* Over several periods: all of them have the same seeds, so that their errors may go together. */
static double half_by_periods(const struct span *s, const struct trajectory_definition *d) {
    double half = 0.0;
    if (d->kind == TRAJECTORY_RATIO)
        for (size_t p = s->first; p < s->end; p++) {
            const struct span one = {s->t, p, p + 1, s->replication, s->trial};
            const double share = span_sum(&one, d->bottom).value / span_sum(s, d->bottom).value;
            half += share * half_by_windows(&one, d, span_value(s, d));
        }
    else
        for (size_t p = s->first; p < s->end; p++) {
            const struct span one = {s->t, p, p + 1, s->replication, s->trial};
            const bool mean = d->kind == TRAJECTORY_MEAN || d->kind == TRAJECTORY_AT_FULL;
            const double weight = mean ? span_seconds(&one) / span_seconds(s) : 1.0;
            half += weight * half_by_windows(&one, d, 0.0);
        }
    return half;
}

static struct outcome span_figure(const struct trajectory_table *t, size_t first, size_t end,
                                  const struct trajectory_definition *d) {
    const size_t n = t->replications;
    struct span s = {t, first, end, 0, TRAJECTORY_BASE};
    double *value = memory_new(n, sizeof *value), *bottom = memory_new(n, sizeof *bottom);
    for (s.replication = 0; s.replication < n; s.replication++) {
        const bool ratio = d->kind == TRAJECTORY_RATIO;
        value[s.replication] = ratio ? d->scale * span_total(&s, d->top) : span_value(&s, d);
        bottom[s.replication] = ratio ? span_total(&s, d->bottom) : 1.0;
    }
    s.replication = 0;
    struct outcome out = {value[0] / bottom[0], INFINITY};
    if (n > 1) {
        const struct interval i = d->kind == TRAJECTORY_RATIO
                                      ? interval_ratio(value, bottom, n, LEVEL)
                                      : interval_mean(value, n, LEVEL);
        out = (struct outcome){i.mean, d->kind == TRAJECTORY_MOST ? INFINITY : i.half};
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

/* -- Marginal values and crossovers -------------------------------------------------------------
 */

/* What a trial is compared with. */
static enum trajectory_trial base_of(enum trajectory_trial trial) {
    return trial > TRAJECTORY_FULL ? TRAJECTORY_FULL : TRAJECTORY_BASE;
}

/* d ln Q / d ln R of a period in one replication. More nodes are made as a smaller rest
 * (sim/site/resource.h), so the trial's totals count for so much more. */
static double trial_value(const struct trajectory_table *t, size_t period, size_t replication,
                          enum trajectory_trial trial) {
    const struct span base = {t, period, period + 1, replication, base_of(trial)};
    const struct span more = {t, period, period + 1, replication, trial};
    const double step = t->step[period * TRAJECTORY_TRIALS + (size_t)trial];
    if (!isfinite(step))
        return NAN;
    const double ratio = span_total(&more, "Q_token") / span_total(&base, "Q_token");
    return log(ratio) / step + (trial == TRAJECTORY_NODES ? 1.0 : 0.0);
}

static struct outcome period_marginal(const struct trajectory_table *t, size_t period,
                                      enum trajectory_value which) {
    static const enum trajectory_trial trial[TRAJECTORY_VALUES] = {
        [TRAJECTORY_FEED_VALUE] = TRAJECTORY_FEED,
        [TRAJECTORY_NODES_VALUE] = TRAJECTORY_NODES,
        [TRAJECTORY_IT_POWER] = TRAJECTORY_FULL_FEED,
        [TRAJECTORY_K_EFF] = TRAJECTORY_FULL_CLOCK};
    const size_t n = t->replications;
    double *value = memory_new(n, sizeof *value);
    for (size_t r = 0; r < n; r++) {
        const double heat =
            which == TRAJECTORY_IT_POWER ? trial_value(t, period, r, TRAJECTORY_FULL_COOLING) : NAN;
        value[r] = trial_value(t, period, r, trial[which]) + (isfinite(heat) ? heat : 0.0);
    }
    const struct interval i = interval_mean(value, n, LEVEL);
    free(value);
    return isfinite(i.mean) ? (struct outcome){i.mean, i.half} : (struct outcome){NAN, INFINITY};
}

/* The two marginal values that a method compares: of compute, and of power. */
static const struct outcome *side(const struct trajectory_table *t, size_t period,
                                  enum trajectory_method method, bool power) {
    const bool invest = method == TRAJECTORY_INVEST;
    return trajectory_marginal(t, period,
                               power    ? (invest ? TRAJECTORY_FEED_VALUE : TRAJECTORY_IT_POWER)
                               : invest ? TRAJECTORY_NODES_VALUE
                                        : TRAJECTORY_K_EFF);
}

bool trajectory_decided(const struct trajectory_table *t, size_t period,
                        enum trajectory_method method) {
    return fmax(side(t, period, method, false)->value, side(t, period, method, true)->value) >=
           TRAJECTORY_DECIDED;
}

struct outcome trajectory_difference(const struct trajectory_table *t, size_t period,
                                     enum trajectory_method method) {
    const struct outcome *more, *less;
    if (method == TRAJECTORY_MARGINAL || method == TRAJECTORY_INVEST) {
        more = side(t, period, method, false);
        less = side(t, period, method, true);
        if (!trajectory_decided(t, period, method))
            return (struct outcome){NAN, INFINITY};
    } else {
        more = trajectory_cell(t, period, method == TRAJECTORY_RHO ? "rho" : "rho_peak");
        less = trajectory_cell(t, period, "rho_star");
    }
    return (struct outcome){more->value - less->value, hypot(more->half, less->half)};
}

static void find_crossings(struct trajectory_table *t, enum trajectory_method method) {
    double *value = memory_new(t->periods, sizeof *value),
           *half = memory_new(t->periods, sizeof *half);
    t->crossing[method] = memory_new(t->periods, sizeof **t->crossing);
    for (size_t p = 0; p < t->periods; p++) {
        const struct outcome d = trajectory_difference(t, p, method);
        value[p] = d.value;
        half[p] = d.half;
    }
    t->crossings[method] = crossover_find(t->time, value, half, t->periods, t->crossing[method]);
    free(half);
    free(value);
}

/* -- The table ----------------------------------------------------------------------------------
 */

void trajectory_table_make(struct trajectory_table *t) {
    t->time = memory_new(t->periods, sizeof *t->time);
    t->figure = memory_new((t->periods + 1) * trajectory_figures(), sizeof *t->figure);
    t->marginal = memory_new(TRAJECTORY_VALUES * t->periods, sizeof *t->marginal);
    for (size_t p = 0; p <= t->periods; p++)
        for (size_t f = 0; f < trajectory_figures(); f++)
            t->figure[p * trajectory_figures() + f] =
                span_figure(t, p < t->periods ? p : 0, p < t->periods ? p + 1 : t->periods,
                            trajectory_define(f));
    for (size_t p = 0; p < t->periods; p++) {
        long from, to;
        course_period(t->course, p, &from, &to);
        t->time[p] = 0.5 * (double)(from + to) - (double)t->course->from;
        for (int v = 0; v < TRAJECTORY_VALUES; v++)
            t->marginal[p * TRAJECTORY_VALUES + (size_t)v] =
                period_marginal(t, p, (enum trajectory_value)v);
    }
    for (int m = 0; m < TRAJECTORY_METHODS; m++)
        find_crossings(t, (enum trajectory_method)m);
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
