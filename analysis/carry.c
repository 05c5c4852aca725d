/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/carry.h"

#include <math.h>

#define MOMENTS_MAX 1e5

double carry_at(const struct site_spec *s, double t, bool *by_heat) {
    return cooling_it_available(&s->cooling, schedule_at(&s->feed_limit, t),
                                schedule_at(&s->temperature, t), t, by_heat);
}

static double sooner(double when, const struct schedule *s, double t) {
    return s->count == 0 ? when : fmin(when, schedule_next_knot(s, t));
}

/* The next moment at which something may turn: a knot or a whole hour. */
static double next_moment(const struct site_spec *s, double t) {
    double when = (floor(t / 3600.0) + 1.0) * 3600.0;
    when = sooner(when, &s->feed_limit, t);
    when = sooner(when, &s->temperature, t);
    when = sooner(when, &s->cooling.pue, t);
    when = sooner(when, &s->cooling.heat_limit, t);
    return fmax(when, t + s->horizon / MOMENTS_MAX);
}

void carry_extremes(const struct site_spec *s, double *when_least, double *when_most) {
    double least = INFINITY, most = -INFINITY;
    *when_least = *when_most = s->warmup;
    for (double t = s->warmup; t < site_end(s); t = next_moment(s, t)) {
        const double it = carry_at(s, t, NULL);
        if (it < least) {
            least = it;
            *when_least = t;
        }
        if (it > most) {
            most = it;
            *when_most = t;
        }
    }
}
