/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/power.h"

#include <assert.h>
#include <math.h>

/* The root is approached until a step is below STEP_LAST (the error left is of its square), then
 * the point MARGIN below it is taken: the feasible side, within 1e-12 of the largest. */
#define STEP_LAST 1e-7
#define MARGIN    5e-13
#define STEPS_MAX 100

/* Dynamic power as a function of a variable v in (0, 1]:
 *     D(v) = (active + compute (1 - exp(-z r))) g + memory r (fixed + (1 - fixed) g),
 *     r = v / (a + overhead v), g = v^exponent.
 * With v = phi, a the time of compute and overhead the rest of the iteration this is equation 3.2;
 * with v = 1 / stretch, a = 1, no overhead, exponent 0 and no active it is duty-cycling. */
struct curve {
    double active, compute, exponent; /* W, W; dimensionless */
    double z, memory, fixed;          /* s; W s; a share */
    double a, overhead;               /* s */
};

struct point {
    double v, compute, memory; /* D's two parts at v, W: active is in the first */
    double slope;              /* d ln D / d ln v */
};

/* v^gamma; the usual exponents by products, exact to an ulp or two. */
static double power_of(double v, double gamma) {
    if (gamma == 3.0)
        return v * v * v;
    if (gamma == 2.0)
        return v * v;
    if (gamma == 2.5)
        return v * v * sqrt(v);
    return gamma == 0.0 ? 1.0 : exp(gamma * log(v));
}

static struct point curve_at(const struct curve *c, double v) {
    const double t = c->a + c->overhead * v, rate = v / t;
    const double z = c->z * rate, miss = exp(-z);
    const double share = c->a / t; /* d ln r / d ln v */
    const double g = power_of(v, c->exponent);
    const double follows = c->memory * rate * (1.0 - c->fixed) * g;
    struct point x = {.v = v,
                      .compute = g * (c->active + c->compute * (1.0 - miss)),
                      .memory = c->memory * rate * c->fixed + follows};
    const double slope =
        (x.compute + follows) * c->exponent + (g * c->compute * z * miss + x.memory) * share;
    x.slope = slope / (x.compute + x.memory);
    return x;
}

/* The largest v in [low, x.v] with D(v) <= target, to 1e-12 relative, from above: D(x.v) > target.
 * False when even D(low) exceeds it (low = 0: never). Newton's method on ln D over ln v, where D is
 * nearly a power law, inside a bracket. */
static bool curve_solve(const struct curve *c, double target, double low, struct point x,
                        struct point *out) {
    double high = x.v;
    bool low_known = low <= 0.0;
    *out = (struct point){.v = low};

    for (int i = 0; i < STEPS_MAX && high - low > MARGIN * high; i++) {
        const double step = log(target / (x.compute + x.memory)) / x.slope;
        if (low_known && x.v == low && step <= 2.0 * MARGIN) /* landed there by chance */
            return true;
        const bool last = fabs(step) < STEP_LAST;
        double v = x.v * exp(step) * (last ? 1.0 - MARGIN : 1.0);
        if (!(v > low) && !low_known)
            v = low;
        else if (!(v > low && v < high))
            v = 0.5 * (low + high);
        x = curve_at(c, v);
        if (x.compute + x.memory <= target) {
            *out = x;
            if (last && v > low)
                return true;
            low = v;
            low_known = true;
        } else {
            if (!low_known && v == low)
                return false;
            high = v;
        }
    }
    return low_known;
}

static void state_set(const struct platform *p, double phi, double stretch, double compute,
                      double memory, struct power_state *out) {
    *out = (struct power_state){.phi = phi,
                                .stretch = stretch,
                                .gpu_static = p->power_static,
                                .gpu_compute = compute,
                                .gpu_memory = memory};
}

/* Dynamic power of an iteration over phi (equations 3.1, 3.2), after the boards' own clamp (3.3).
 */
static struct curve dynamic_of(const struct platform *p, const struct iteration *it) {
    struct curve d = {.active = p->power_active,
                      .compute = p->power_compute,
                      .exponent = p->power_gamma,
                      .z = it->power_flop / (p->compute_peak * p->power_scale),
                      .memory = p->power_memory * it->power_bytes / p->memory_peak,
                      .fixed = p->power_fixed,
                      .a = it->compute,
                      .overhead = it->memory + it->overhead};
    const struct point full = curve_at(&d, 1.0);
    const double room = fmax(p->power_limit - p->power_static, 0.0);
    const double sum = full.compute + full.memory;
    if (sum > room) {
        const double clamp = room / sum;
        d.active *= clamp;
        d.compute *= clamp;
        d.memory *= clamp;
    }
    return d;
}

void power_at(const struct platform *p, const struct iteration *it, double phi,
              struct power_state *out) {
    if (!(it->compute + it->memory + it->overhead > 0.0)) {
        state_set(p, phi, 1.0, 0.0, 0.0, out);
        return;
    }
    const struct curve d = dynamic_of(p, it);
    const struct point x = curve_at(&d, phi);
    state_set(p, phi, 1.0, x.compute, x.memory, out);
}

void power_free(const struct platform *p, const struct iteration *it, struct power_state *out) {
    power_at(p, it, 1.0, out);
}

/* Equation 3.5: the least stretch at phi_min. All that is dynamic is then drawn for a share of the
 * time; it rises with that share, and what is active in proportion to it. */
static void power_duty(const struct platform *p, const struct curve *d, double target,
                       struct power_state *out) {
    const double t = d->a / p->phi_min + d->overhead, g = power_of(p->phi_min, d->exponent);
    const double active = d->active * g;
    const struct curve duty = {.compute = d->compute * g,
                               .z = d->z / t,
                               .memory = d->memory * (d->fixed + (1.0 - d->fixed) * g) / t + active,
                               .fixed = 1.0,
                               .a = 1.0};
    const double share = duty.memory > 0.0 ? active / duty.memory : 0.0;
    struct point x = curve_at(&duty, 1.0);
    if (x.compute + x.memory > target)
        curve_solve(&duty, target, 0.0, x, &x);
    const double constant = x.memory * share;
    state_set(p, p->phi_min, 1.0 / x.v, x.compute + constant, x.memory - constant, out);
}

void power_capped(const struct platform *p, const struct iteration *it, double cap,
                  struct power_state *out) {
    assert(cap > p->power_static);
    power_free(p, it, out);
    if (power_gpus(out) <= cap)
        return;

    const struct curve d = dynamic_of(p, it);
    const double target = cap - p->power_static;
    struct point x = curve_at(&d, 1.0);
    if (curve_solve(&d, target, p->phi_min, x, &x))
        state_set(p, x.v, 1.0, x.compute, x.memory, out);
    else
        power_duty(p, &d, target, out);
}
