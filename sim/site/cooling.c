/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/site/cooling.h"

#include "sim/engine/memory.h"
#include "sim/site/span.h"

#include <assert.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_roots.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

void cooling_constant(struct cooling *c, const struct schedule *pue) {
    *c = (struct cooling){.kind = COOLING_CONSTANT, .pue = *pue};
}

/* What is wrong with the knots, or NULL. */
static const char *knots_wrong(const double *load, size_t loads, const double *temperature,
                               size_t temperatures, const double *value) {
    if (loads < 1 || temperatures < 1)
        return "a PUE table needs at least one knot";
    if (temperatures > 1 && loads < 2)
        return "a PUE surface needs at least two loads";
    for (size_t i = 0; i < loads; i++)
        if (!isfinite(load[i]) || load[i] < 0.0 || (i > 0 && load[i] <= load[i - 1]))
            return "loads of a PUE table must be finite, not negative and increasing";
    for (size_t j = 0; temperature != NULL && j < temperatures; j++)
        if (!isfinite(temperature[j]) || (j > 0 && temperature[j] <= temperature[j - 1]))
            return "temperatures of a PUE table must be finite and increasing";
    for (size_t k = 0; k < loads * temperatures; k++)
        if (!isfinite(value[k]) || value[k] < 1.0)
            return "PUE must be finite and at least 1";
    for (size_t k = 0; k < loads * temperatures; k++)
        if (k % loads > 0 && load[k % loads] * value[k] <= load[k % loads - 1] * value[k - 1])
            return "site power (load times PUE) must rise with load";
    return NULL;
}

static double *copy(const double *from, size_t count) {
    double *into = memory_new(count, sizeof *into);
    memcpy(into, from, count * sizeof *into);
    return into;
}

const char *cooling_knots(struct cooling *c, const double *load, size_t loads,
                          const double *temperature, size_t temperatures, const double *value) {
    const char *wrong = knots_wrong(load, loads, temperature, temperatures, value);
    if (temperatures > 1 && temperature == NULL)
        wrong = "a PUE surface needs its temperatures";
    *c = (struct cooling){.kind = temperatures > 1 ? COOLING_SURFACE : COOLING_CURVE};
    if (wrong != NULL)
        return wrong;
    c->loads = loads;
    c->temperatures = temperatures;
    c->load = copy(load, loads);
    c->value = copy(value, loads * temperatures);
    if (c->kind == COOLING_SURFACE) {
        c->temperature = copy(temperature, temperatures);
        c->surface = gsl_interp2d_alloc(gsl_interp2d_bilinear, loads, temperatures);
        gsl_interp2d_init(c->surface, c->load, c->temperature, c->value, loads, temperatures);
    } else if (loads > 1) {
        /* Steffen's method needs three knots; between two it is the straight line. */
        c->curve = gsl_interp_alloc(loads > 2 ? gsl_interp_steffen : gsl_interp_linear, loads);
        gsl_interp_init(c->curve, c->load, c->value, loads);
    }
    return NULL;
}

void cooling_clear(struct cooling *c) {
    schedule_clear(&c->pue);
    schedule_clear(&c->heat_limit);
    schedule_clear(&c->water);
    free(c->load);
    free(c->temperature);
    free(c->value);
    if (c->curve != NULL)
        gsl_interp_free(c->curve);
    if (c->surface != NULL)
        gsl_interp2d_free(c->surface);
    *c = (struct cooling){0};
}

static double clamp(double x, double low, double high) {
    return x < low ? low : x > high ? high : x;
}

/* PUE of a table, held constant outside its knots. */
static double table_pue(const struct cooling *c, double it, double temperature) {
    const double x = clamp(it, c->load[0], c->load[c->loads - 1]);
    if (c->kind == COOLING_SURFACE) {
        const double y = clamp(temperature, c->temperature[0], c->temperature[c->temperatures - 1]);
        return gsl_interp2d_eval(c->surface, c->load, c->temperature, c->value, x, y, NULL, NULL);
    }
    return c->curve == NULL ? c->value[0] : gsl_interp_eval(c->curve, c->load, c->value, x, NULL);
}

double cooling_pue(const struct cooling *c, double it, double temperature, double time) {
    if (c->kind == COOLING_CONSTANT)
        return schedule_at(&c->pue, time);
    return table_pue(c, it, temperature);
}

double cooling_site_power(const struct cooling *c, double it, double temperature, double time) {
    return it * cooling_pue(c, it, temperature, time);
}

/* Site power above the limit, as GSL's root finders want it. */
struct excess {
    const struct cooling *cooling;
    double temperature, limit;
};

static double excess_at(double it, void *user) {
    const struct excess *e = user;
    return it * table_pue(e->cooling, it, e->temperature) - e->limit;
}

/* Root of the excess in [low, high], where it is <= 0 and > 0: the lower end of the last bracket,
 * so that the excess there is never positive. The solver's state stands on the stack: this runs
 * every tick. */
static double excess_root(struct excess *e, double low, double high) {
    gsl_function f = {.function = excess_at, .params = e};
    max_align_t state[16];
    gsl_root_fsolver solver = {.type = gsl_root_fsolver_brent, .state = state};
    assert(solver.type->size <= sizeof state);
    if (gsl_root_fsolver_set(&solver, &f, low, high) != GSL_SUCCESS)
        return low;
    for (int i = 0; i < 100; i++) {
        const double below = gsl_root_fsolver_x_lower(&solver);
        const double above = gsl_root_fsolver_x_upper(&solver);
        if (gsl_root_test_interval(below, above, 0.0, 1e-14) == GSL_SUCCESS ||
            gsl_root_fsolver_iterate(&solver) != GSL_SUCCESS)
            break;
    }
    return gsl_root_fsolver_x_lower(&solver);
}

/* The largest IT power whose site power is at most `limit` by the table. PUE is at least 1, so it
 * lies in [0, limit]; knots narrow that, and hold the largest root where there are several. */
static double table_available(const struct cooling *c, double limit, double temperature) {
    struct excess e = {.cooling = c, .temperature = temperature, .limit = limit};
    if (excess_at(limit, &e) <= 0.0)
        return limit;
    double low = 0.0, high = limit;
    for (size_t i = c->loads; i-- > 0;) {
        if (c->load[i] >= limit)
            continue;
        if (excess_at(c->load[i], &e) <= 0.0) {
            low = c->load[i];
            break;
        }
        high = c->load[i];
    }
    return excess_root(&e, low, high);
}

static double by_heat_limit(double it, double heat, bool *by_heat) {
    if (by_heat != NULL)
        *by_heat = heat < it;
    return heat < it ? heat : it;
}

double cooling_it_available(const struct cooling *c, double limit, double temperature, double time,
                            bool *by_heat) {
    const double heat = c->heat_limit.count > 0 ? schedule_at(&c->heat_limit, time) : INFINITY;
    double it = INFINITY;
    if (c->kind == COOLING_CONSTANT)
        it = limit / schedule_at(&c->pue, time);
    else if (isfinite(limit))
        it = limit > 0.0 ? table_available(c, limit, temperature) : 0.0;
    return by_heat_limit(it, heat, by_heat);
}

double cooling_it_throughout(const struct cooling *c, double limit,
                             const struct schedule *temperature, double from, double to,
                             bool *by_heat) {
    const double heat = c->heat_limit.count > 0 ? span_lowest(&c->heat_limit, from, to) : INFINITY;
    double it = INFINITY;
    if (c->kind == COOLING_CONSTANT) {
        it = limit / span_highest(&c->pue, from, to);
    } else if (!(limit > 0.0)) {
        it = 0.0;
    } else if (c->kind == COOLING_CURVE) {
        it = isfinite(limit) ? table_available(c, limit, 0.0) : INFINITY;
    } else if (isfinite(limit)) {
        /* On a bilinear surface PUE over temperature has its extremes at the ends and the knots. */
        const double low = span_lowest(temperature, from, to);
        const double high = span_highest(temperature, from, to);
        it = table_available(c, limit, low);
        if (high > low)
            it = fmin(it, table_available(c, limit, high));
        for (size_t j = 0; j < c->temperatures; j++)
            if (c->temperature[j] > low && c->temperature[j] < high)
                it = fmin(it, table_available(c, limit, c->temperature[j]));
    }
    return by_heat_limit(it, heat, by_heat);
}

struct cooling_parts cooling_split(const struct cooling *c, double it, double site,
                                   double seconds) {
    const double overhead = fmax(site - it, 0.0);
    struct cooling_parts p;
    p.losses = fmin(c->loss_share * it, overhead);
    p.fixed = fmin(c->fixed * seconds, overhead - p.losses);
    p.cooling = overhead - p.losses - p.fixed;
    return p;
}
