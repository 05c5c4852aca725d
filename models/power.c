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
 *     D(v) = compute v^exponent (1 - exp(-z r)) + memory r,  r = v / (a + overhead v).
 * With v = phi and a, overhead the parts of the iteration time this is equation 3.2 where compute
 * sets the time; with v = 1 / stretch, a = 1, no overhead and exponent 0 it is duty-cycling. */
struct curve {
    double compute, exponent; /* W; dimensionless */
    double z, memory;         /* s; W s */
    double a, overhead;       /* s */
};

struct point {
    double v, compute, memory; /* D's two parts at v, W */
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
    const double grown = c->compute * power_of(v, c->exponent);
    struct point x = {.v = v, .compute = grown * (1.0 - miss), .memory = c->memory * rate};
    const double slope = x.compute * c->exponent + (grown * z * miss + x.memory) * share;
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

/* Equations 3.1 to 3.3; `grown` is phi^gamma. */
static inline void state_at(const struct platform *p, const struct iteration *it, double phi,
                            double grown, struct power_state *out) {
    const double t = iteration_time(p, it, 0.0, phi);
    double compute = 0.0, memory = 0.0;

    if (t > 0.0) {
        const double u_c = it->flop / (p->compute_peak * t);
        const double u_m = it->bytes / (p->memory_peak * t);
        compute = p->power_compute * (1.0 - exp(-u_c / p->power_scale)) * grown;
        memory = p->power_memory * u_m;
        const double room = p->power_limit - p->power_static;
        if (compute + memory > room) { /* the boards' own clamp */
            const double scale = room > 0.0 ? room / (compute + memory) : 0.0;
            compute *= scale;
            memory *= scale;
        }
    }
    state_set(p, phi, 1.0, compute, memory, out);
}

void power_free(const struct platform *p, const struct iteration *it, struct power_state *out) {
    state_at(p, it, 1.0, 1.0, out);
}

void power_at(const struct platform *p, const struct iteration *it, double phi,
              struct power_state *out) {
    state_at(p, it, phi, power_of(phi, p->power_gamma), out);
}

/* Equation 3.5: the least stretch at phi_min. */
static void power_duty(const struct platform *p, const struct iteration *it, double target,
                       struct power_state *out) {
    const double t = iteration_time(p, it, 0.0, p->phi_min);
    const struct curve duty = {.compute = p->power_compute * power_of(p->phi_min, p->power_gamma),
                               .z = it->flop / (p->compute_peak * t * p->power_scale),
                               .memory = p->power_memory * it->bytes / (p->memory_peak * t),
                               .a = 1.0};
    struct point x = curve_at(&duty, 1.0);
    if (x.compute + x.memory > target)
        curve_solve(&duty, target, 0.0, x, &x);
    state_set(p, p->phi_min, 1.0 / x.v, x.compute, x.memory, out);
}

/* Where memory sets the iteration's time u_c and u_m do not depend on phi, so that equation 3.4 has
 * a closed form: phi^gamma = (target - memory) / compute. False when the root is not above `low`.
 */
static bool power_memory_bound(const struct platform *p, const struct iteration *it, double target,
                               double low, struct power_state *out) {
    const double t = iteration_time(p, it, 0.0, 1.0);
    const double memory = p->power_memory * it->bytes / (p->memory_peak * t);
    const double compute =
        p->power_compute * (1.0 - exp(-it->flop / (p->compute_peak * t * p->power_scale)));
    if (!(target > memory && compute > 0.0 && p->power_gamma > 0.0))
        return false;
    const double phi =
        fmin(exp(log((target - memory) / compute) / p->power_gamma), 1.0) * (1.0 - MARGIN);
    if (!(phi >= low))
        return false;
    state_set(p, phi, 1.0, compute * power_of(phi, p->power_gamma), memory, out);
    return true;
}

void power_capped(const struct platform *p, const struct iteration *it, double cap,
                  struct power_state *out) {
    assert(cap > p->power_static);
    power_free(p, it, out);
    if (power_gpus(out) <= cap)
        return;

    const double target = cap - p->power_static;
    const double compute = it->flop / p->compute_rate, memory = it->bytes / p->memory_rate;

    /* From phi = 1 down to the frequency at which compute takes as long as memory. */
    double high = 1.0;
    if (compute < memory) {
        high = compute / memory;
        if (power_memory_bound(p, it, target, fmax(high, p->phi_min), out))
            return;
    }
    /* From there down to phi_min. */
    if (high > p->phi_min) {
        const struct curve c = {.compute = p->power_compute,
                                .exponent = p->power_gamma,
                                .z = it->flop / (p->compute_peak * p->power_scale),
                                .memory = p->power_memory * it->bytes / p->memory_peak,
                                .a = compute,
                                .overhead = it->overhead};
        struct point x = curve_at(&c, high);
        if (x.compute + x.memory <= target || curve_solve(&c, target, p->phi_min, x, &x)) {
            state_set(p, x.v, 1.0, x.compute, x.memory, out);
            return;
        }
    }
    power_duty(p, it, target, out);
}
