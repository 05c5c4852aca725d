/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/trajectory_table.h"

#include "sim/engine/memory.h"
#include "sim/measure/interval.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DAY   86400.0 /* s */
#define LEVEL 0.95

const char *const trajectory_method_name[TRAJECTORY_METHODS] = {[TRAJECTORY_RHO] = "rho",
                                                                [TRAJECTORY_PEAK] = "rho_peak",
                                                                [TRAJECTORY_MARGINAL] = "marginal",
                                                                [TRAJECTORY_INVEST] = "invest"};

const struct figure trajectory_value[TRAJECTORY_VALUES] = {
    [TRAJECTORY_IT_POWER] = {.name = "marginal_it_power",
                             .unit = "1",
                             .long_name =
                                 "d ln Q_token / d ln of the feed's limit, and of the heat limit"},
    [TRAJECTORY_K_EFF] = {.name = "marginal_K_eff",
                          .unit = "1",
                          .long_name = "d ln Q_token / d ln K_eff, by the clock"},
    [TRAJECTORY_MORE_NODES] =
        {.name = "marginal_nodes",
         .unit = "1",
         .long_name = "d ln Q_token / d ln of the nodes on the same feed, plant and demand"},
};

/* -- What the figures are -----------------------------------------------------------------------
 */

enum kind {
    TOTAL, /* windows' rates over the period's length */
    RATIO, /* of two totals */
    MEAN,  /* over time */
    PEAK,  /* the highest */
    OWN    /* a mean over time of what is worked out here */
};

enum own { COMPUTE_CEILING, POWER_CEILING, IT_AVAILABLE };

#define FIGURE(name_, unit_, text_)                                                                \
    { .name = name_, .unit = unit_, .long_name = text_ }
#define OF(name_, kind_)                                                                           \
    { .name = name_, .kind = kind_ }
#define SUM_OF(name_)  OF(name_, TOTAL)
#define MEAN_OF(name_) OF(name_, MEAN)
#define PEAK_OF(name_) OF(name_, PEAK)
#define RATIO_OF(name_, top_, bottom_, scale_)                                                     \
    { .name = name_, .kind = RATIO, .top = top_, .bottom = bottom_, .scale = scale_ }

static const struct definition {
    const char *name;
    enum kind kind;
    const char *top, *bottom; /* RATIO */
    double scale;             /* RATIO */
    enum own own;             /* OWN */
    struct figure figure;     /* where no outcome has that name */
} definition[] = {
    SUM_OF("Q_token"),
    SUM_OF("good_tokens"),
    SUM_OF("prompt_tokens"),
    SUM_OF("requests_arrived"),
    SUM_OF("requests_done"),
    SUM_OF("requests_rejected"),
    SUM_OF("flop"),
    SUM_OF("it_energy"),
    SUM_OF("site_energy"),
    SUM_OF("overshoot_energy"),
    SUM_OF("overshoot_time"),
    SUM_OF("cost"),
    SUM_OF("carbon"),
    SUM_OF("water"),
    RATIO_OF("e_tok", "it_energy", "Q_token", 1),
    RATIO_OF("e_tok_site", "site_energy", "Q_token", 1),
    RATIO_OF("c_tok", "flop", "Q_token", 1),
    RATIO_OF("PUE", "site_energy", "it_energy", 1),
    {.name = "good_share",
     .kind = RATIO,
     .top = "good_tokens",
     .bottom = "Q_token",
     .scale = 1,
     .figure = FIGURE("good_share", "1", "good_tokens over Q_token")},
    RATIO_OF("cost_per_million_tokens", "cost", "Q_token", 1e6),
    RATIO_OF("carbon_per_million_tokens", "carbon", "Q_token", 1e6),
    RATIO_OF("water_per_million_tokens", "water", "Q_token", 1e6),
    MEAN_OF("token_rate_mean"),
    MEAN_OF("site_power_mean"),
    PEAK_OF("site_power_peak"),
    MEAN_OF("feed_limit_mean"),
    {.name = "it_power_available",
     .kind = OWN,
     .own = IT_AVAILABLE,
     .figure =
         FIGURE("it_power_available", "W", "IT power that feed and plant leave, mean over time")},
    MEAN_OF("nodes"),
    MEAN_OF("K_eff"),
    MEAN_OF("K_peak"),
    {.name = "compute_ceiling",
     .kind = OWN,
     .own = COMPUTE_CEILING,
     .figure = FIGURE("compute_ceiling", "token/s",
                      "K_eff over c_tok of the operating point, mean over time")},
    {.name = "power_ceiling",
     .kind = OWN,
     .own = POWER_CEILING,
     .figure = FIGURE("power_ceiling", "token/s",
                      "it_power_available over e_tok of the operating point, mean over time")},
    MEAN_OF("U"),
    MEAN_OF("rho"),
    MEAN_OF("rho_peak"),
    MEAN_OF("rho_star"),
    MEAN_OF("binding_share_demand"),
    MEAN_OF("binding_share_compute"),
    MEAN_OF("binding_share_memory"),
    MEAN_OF("binding_share_kv"),
    MEAN_OF("binding_share_feed"),
    MEAN_OF("binding_share_cooling"),
    MEAN_OF("binding_share_rack"),
    MEAN_OF("binding_share_node"),
};
enum { FIGURES = sizeof definition / sizeof definition[0] };

size_t trajectory_figures(void) {
    return FIGURES;
}

const struct figure *trajectory_figure(size_t i) {
    const long there = outcome_find(definition[i].name);
    return there >= 0 ? outcome_figure((size_t)there) : &definition[i].figure;
}

long trajectory_find(const char *name) {
    for (size_t i = 0; i < FIGURES; i++)
        if (strcmp(definition[i].name, name) == 0)
            return (long)i;
    return -1;
}

/* -- Runs ---------------------------------------------------------------------------------------
 */

size_t trajectory_run(const struct trajectory_table *t, size_t period, size_t day, size_t window,
                      size_t replication, enum trajectory_trial trial) {
    const size_t at = (period * t->days + day) * t->windows + window;
    return (at * t->replications + replication) * TRAJECTORY_TRIALS + (size_t)trial;
}

size_t trajectory_runs(const struct trajectory_table *t) {
    return t->periods * t->days * t->windows * t->replications * TRAJECTORY_TRIALS;
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
    enum own own;
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
        [COMPUTE_CEILING] = compute,
        [POWER_CEILING] = compute * ratio,
        [IT_AVAILABLE] = run[index_of("rho")].value * run[index_of("K_eff")].value,
    };
    s->value += seconds * value[s->own];
}

/* A figure over a span of one replication. */
static double span_value(const struct span *s, const struct definition *d) {
    struct sum sum = {.own = d->own};
    switch (d->kind) {
    case TOTAL:
        return span_total(s, d->name);
    case RATIO:
        return d->scale * span_total(s, d->top) / span_total(s, d->bottom);
    case MEAN:
        return span_sum(s, d->name).value / span_seconds(s);
    case PEAK:
        return span_sum(s, d->name).peak;
    case OWN:
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
static double half_by_windows(const struct span *s, const struct definition *d, double value) {
    if (d->kind == TOTAL)
        return sqrt(span_sum(s, d->name).square) / s->t->horizon;
    if (d->kind == MEAN)
        return sqrt(span_sum(s, d->name).square) / span_seconds(s);
    if (d->kind != RATIO || outcome_find(d->name) < 0)
        return INFINITY;
    struct ratio_sum sum = {index_of(d->name), index_of(d->bottom), value, 0.0};
    span_visit(s, add_ratio, &sum);
    return sqrt(sum.square) / span_sum(s, d->bottom).value;
}

/* Over several periods: all of them have the same seeds, so that their errors may go together. */
static double half_by_periods(const struct span *s, const struct definition *d) {
    double half = 0.0;
    if (d->kind == RATIO)
        for (size_t p = s->first; p < s->end; p++) {
            const struct span one = {s->t, p, p + 1, s->replication, s->trial};
            const double share = span_sum(&one, d->bottom).value / span_sum(s, d->bottom).value;
            half += share * half_by_windows(&one, d, span_value(s, d));
        }
    else
        for (size_t p = s->first; p < s->end; p++) {
            const struct span one = {s->t, p, p + 1, s->replication, s->trial};
            const double weight = d->kind == MEAN ? span_seconds(&one) / span_seconds(s) : 1.0;
            half += weight * half_by_windows(&one, d, 0.0);
        }
    return half;
}

static struct outcome span_figure(const struct trajectory_table *t, size_t first, size_t end,
                                  const struct definition *d) {
    const size_t n = t->replications;
    struct span s = {t, first, end, 0, TRAJECTORY_BASE};
    double *value = memory_new(n, sizeof *value), *bottom = memory_new(n, sizeof *bottom);
    for (s.replication = 0; s.replication < n; s.replication++) {
        const bool ratio = d->kind == RATIO;
        value[s.replication] = ratio ? d->scale * span_total(&s, d->top) : span_value(&s, d);
        bottom[s.replication] = ratio ? span_total(&s, d->bottom) : 1.0;
    }
    s.replication = 0;
    struct outcome out = {value[0] / bottom[0], INFINITY};
    if (n > 1) {
        const struct interval i = d->kind == RATIO ? interval_ratio(value, bottom, n, LEVEL)
                                                   : interval_mean(value, n, LEVEL);
        out = (struct outcome){i.mean, d->kind == PEAK ? INFINITY : i.half};
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

/* d ln Q / d ln R of a period in one replication. More nodes are made as a smaller rest
 * (sim/site/resource.h), so the trial's totals count for so much more. */
static double trial_value(const struct trajectory_table *t, size_t period, size_t replication,
                          enum trajectory_trial trial) {
    const struct span base = {t, period, period + 1, replication, TRAJECTORY_BASE};
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
        [TRAJECTORY_IT_POWER] = TRAJECTORY_FEED,
        [TRAJECTORY_K_EFF] = TRAJECTORY_CLOCK,
        [TRAJECTORY_MORE_NODES] = TRAJECTORY_NODES};
    const size_t n = t->replications;
    double *value = memory_new(n, sizeof *value);
    for (size_t r = 0; r < n; r++) {
        value[r] = trial_value(t, period, r, trial[which]);
        const double heat =
            which == TRAJECTORY_IT_POWER ? trial_value(t, period, r, TRAJECTORY_COOLING) : NAN;
        value[r] += isfinite(heat) ? heat : 0.0;
    }
    const struct interval i = interval_mean(value, n, LEVEL);
    free(value);
    return isfinite(i.mean) ? (struct outcome){i.mean, i.half} : (struct outcome){NAN, INFINITY};
}

/* The marginal value that a method compares with that of IT power. */
static enum trajectory_value other_side(enum trajectory_method method) {
    return method == TRAJECTORY_INVEST ? TRAJECTORY_MORE_NODES : TRAJECTORY_K_EFF;
}

bool trajectory_decided(const struct trajectory_table *t, size_t period,
                        enum trajectory_method method) {
    const double power = trajectory_marginal(t, period, TRAJECTORY_IT_POWER)->value;
    return fmax(power, trajectory_marginal(t, period, other_side(method))->value) >=
           TRAJECTORY_DECIDED;
}

struct outcome trajectory_difference(const struct trajectory_table *t, size_t period,
                                     enum trajectory_method method) {
    const struct outcome *more, *less;
    if (method == TRAJECTORY_MARGINAL || method == TRAJECTORY_INVEST) {
        more = trajectory_marginal(t, period, other_side(method));
        less = trajectory_marginal(t, period, TRAJECTORY_IT_POWER);
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
    t->figure = memory_new((t->periods + 1) * FIGURES, sizeof *t->figure);
    t->marginal = memory_new(TRAJECTORY_VALUES * t->periods, sizeof *t->marginal);
    for (size_t p = 0; p <= t->periods; p++)
        for (size_t f = 0; f < FIGURES; f++)
            t->figure[p * FIGURES + f] = span_figure(
                t, p < t->periods ? p : 0, p < t->periods ? p + 1 : t->periods, &definition[f]);
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
    return &t->figure[period * FIGURES + (size_t)i];
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
