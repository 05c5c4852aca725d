/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/kink.h"
#include "analysis/trajectory_impl.h"

#include "sim/engine/memory.h"
#include "sim/measure/interval.h"

#include <math.h>
#include <stdlib.h>

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

/* d ln Q / d ln R of a period in one replication. More nodes are made as a smaller rest
 * (sim/site/resource.h), so the trial's totals count for so much more. */
static double trial_value(const struct trajectory_table *t, size_t period, size_t replication,
                          enum trajectory_trial trial) {
    const struct trajectory_span base = {t, period, period + 1, replication,
                                         trajectory_base(trial)};
    const struct trajectory_span more = {t, period, period + 1, replication, trial};
    const double step = t->step[period * TRAJECTORY_TRIALS + (size_t)trial];
    if (!isfinite(step))
        return NAN;
    const double ratio =
        trajectory_span_total(&more, "Q_token") / trajectory_span_total(&base, "Q_token");
    return log(ratio) / step + (trial == TRAJECTORY_NODES ? 1.0 : 0.0);
}

/* A marginal value of a period in one replication. */
static double value_in(const struct trajectory_table *t, size_t period, enum trajectory_value which,
                       size_t replication) {
    static const enum trajectory_trial trial[TRAJECTORY_VALUES] = {
        [TRAJECTORY_FEED_VALUE] = TRAJECTORY_FEED,
        [TRAJECTORY_NODES_VALUE] = TRAJECTORY_NODES,
        [TRAJECTORY_IT_POWER] = TRAJECTORY_FULL_FEED,
        [TRAJECTORY_K_EFF] = TRAJECTORY_FULL_CLOCK};
    const double heat = which == TRAJECTORY_IT_POWER
                            ? trial_value(t, period, replication, TRAJECTORY_FULL_COOLING)
                            : NAN;
    return trial_value(t, period, replication, trial[which]) + (isfinite(heat) ? heat : 0.0);
}

/* A figure of a period in one replication. */
static double figure_in(const struct trajectory_table *t, size_t period, const char *name,
                        size_t replication) {
    const struct trajectory_span s = {t, period, period + 1, replication, TRAJECTORY_BASE};
    return trajectory_span_value(&s, trajectory_define((size_t)trajectory_find(name)));
}

static bool is_of_rho(enum trajectory_method method) {
    return method == TRAJECTORY_RHO || method == TRAJECTORY_PEAK;
}

/* The marginal value of compute, or of power, that a method compares. */
static enum trajectory_value side(enum trajectory_method method, bool power) {
    if (method == TRAJECTORY_INVEST)
        return power ? TRAJECTORY_FEED_VALUE : TRAJECTORY_NODES_VALUE;
    return power ? TRAJECTORY_IT_POWER : TRAJECTORY_K_EFF;
}

/* A method's difference in one replication. */
static double difference_in(const struct trajectory_table *t, size_t period,
                            enum trajectory_method method, size_t replication) {
    if (is_of_rho(method))
        return figure_in(t, period, method == TRAJECTORY_RHO ? "rho" : "rho_peak", replication) -
               figure_in(t, period, "rho_star", replication);
    return value_in(t, period, side(method, false), replication) -
           value_in(t, period, side(method, true), replication);
}

/* Mean and interval over replications. */
static struct outcome mean_of(const struct trajectory_table *t, const double *value) {
    const struct interval i = interval_mean(value, t->replications, TRAJECTORY_LEVEL);
    return isfinite(i.mean) ? (struct outcome){i.mean, i.half} : (struct outcome){NAN, INFINITY};
}

static struct outcome period_marginal(const struct trajectory_table *t, size_t period,
                                      enum trajectory_value which) {
    double *value = memory_new(t->replications, sizeof *value);
    for (size_t r = 0; r < t->replications; r++)
        value[r] = value_in(t, period, which, r);
    const struct outcome mean = mean_of(t, value);
    free(value);
    return mean;
}

/* Reaches what is decided, and by more than chance where that is known. */
static bool tells(const struct outcome *value) {
    return value->value >= TRAJECTORY_DECIDED && (isinf(value->half) || value->value > value->half);
}

bool trajectory_decided(const struct trajectory_table *t, size_t period,
                        enum trajectory_method method) {
    return tells(trajectory_marginal(t, period, side(method, false))) ||
           tells(trajectory_marginal(t, period, side(method, true)));
}

/* Of pairs: both sides have the same hours, days and random numbers in a replication, and what one
 * gains by them the other may lose. */
struct outcome trajectory_difference(const struct trajectory_table *t, size_t period,
                                     enum trajectory_method method) {
    if (!is_of_rho(method) && !trajectory_decided(t, period, method))
        return (struct outcome){NAN, INFINITY};
    double *value = memory_new(t->replications, sizeof *value);
    for (size_t r = 0; r < t->replications; r++)
        value[r] = difference_in(t, period, method, r);
    const struct outcome mean = mean_of(t, value);
    free(value);
    return mean;
}

/* The dates of jumps. */
struct steps {
    double *day;
    size_t count;
};

/* rho over rho* is smooth but for its kink and for jumps of what follows dates: its date is known
 * better than to the period. False when some replication does not cross there. */
static bool place_rho(const struct trajectory_table *t, enum trajectory_method method,
                      const struct steps *steps, struct crossover *c) {
    const size_t n = t->replications;
    double *value = memory_new(t->periods, sizeof *value), *date = memory_new(n, sizeof *date);
    double error = 0.0;
    bool all = c->after == c->before + 1;
    for (size_t r = 0; r < n && all; r++) {
        double here;
        for (size_t p = 0; p < t->periods; p++)
            value[p] = difference_in(t, p, method, r);
        all = value[c->before] * value[c->after] < 0.0 &&
              (value[c->after] > 0.0) == (c->direction > 0);
        date[r] =
            crossover_place(t->time, value, t->periods, c->before, steps->day, steps->count, &here);
        error = fmax(error, here);
    }
    if (all) {
        const struct interval i = interval_mean(date, n, TRAJECTORY_LEVEL);
        c->time = i.mean;
        c->half = i.half + error;
    }
    free(date);
    free(value);
    return all;
}

static void find_crossings(struct trajectory_table *t, enum trajectory_method method,
                           const struct steps *steps) {
    double *value = memory_new(t->periods, sizeof *value),
           *half = memory_new(t->periods, sizeof *half);
    t->crossing[method] = memory_new(t->periods, sizeof **t->crossing);
    for (size_t p = 0; p < t->periods; p++) {
        const struct outcome d = trajectory_difference(t, p, method);
        value[p] = d.value;
        half[p] = d.half;
    }
    t->crossings[method] = crossover_find(t->time, value, half, t->periods, t->crossing[method]);
    for (size_t i = 0; i < t->crossings[method]; i++) {
        struct crossover *c = &t->crossing[method][i];
        const bool placed = is_of_rho(method) && place_rho(t, method, steps, c);
        const double reach = crossover_reach(t->time, c);
        if (t->replications < 2) /* the signs themselves may be chance */
            c->half = INFINITY;
        else
            c->half = placed ? fmin(c->half, reach) : reach;
    }
    free(half);
    free(value);
}

void trajectory_values_make(struct trajectory_table *t) {
    t->marginal = memory_new(TRAJECTORY_VALUES * t->periods, sizeof *t->marginal);
    for (size_t p = 0; p < t->periods; p++)
        for (int v = 0; v < TRAJECTORY_VALUES; v++)
            t->marginal[p * TRAJECTORY_VALUES + (size_t)v] =
                period_marginal(t, p, (enum trajectory_value)v);
}

void trajectory_crossings_make(struct trajectory_table *t) {
    struct steps steps = {memory_new(course_steps_most(t->course) + 1, sizeof *steps.day), 0};
    steps.count = course_steps(t->course, steps.day);
    for (int m = 0; m < TRAJECTORY_METHODS; m++)
        find_crossings(t, (enum trajectory_method)m, &steps);
    free(steps.day);
}
