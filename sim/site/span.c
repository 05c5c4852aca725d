/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/site/span.h"

#include <math.h>

/* Index of the first knot later than `t`, count when there is none. */
static size_t knot_after(const struct schedule *s, double t) {
    size_t low = 0, high = s->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (s->time[middle] > t)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* The larger value when `sign` is 1, the smaller when it is -1, over the span. Between knots a
 * schedule is constant or straight, so its extremes are at the ends and at the knots inside. */
static double extreme(const struct schedule *s, double from, double to, double sign) {
    double most = sign * schedule_at(s, from);
    if (s->linear)
        most = fmax(most, sign * schedule_at(s, to));
    const double rest = s->period > 0.0 ? fmod(from, s->period) : from;
    double base = from - rest;
    for (size_t i = knot_after(s, rest);; i++) {
        if (i == s->count) {
            if (!(s->period > 0.0))
                break;
            base += s->period;
            i = 0;
        }
        const double t = base + s->time[i];
        if (t >= to || t > from + 2.0 * s->period + s->time[s->count - 1])
            break;
        most = fmax(most, sign * s->value[i]);
    }
    return sign * most;
}

double span_lowest(const struct schedule *s, double from, double to) {
    return extreme(s, from, to, -1.0);
}

double span_highest(const struct schedule *s, double from, double to) {
    return extreme(s, from, to, 1.0);
}

double span_mean(const struct schedule *s, double from, double to) {
    const double lowest = span_lowest(s, from, to);
    if (lowest == span_highest(s, from, to))
        return lowest;
    return (schedule_integral(s, to) - schedule_integral(s, from)) / (to - from);
}
