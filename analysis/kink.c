/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/kink.h"

#include <math.h>

/* Lagrange's polynomial through (y, x) of `count` points, at y = 0. */
static double carried_on(const double *x, const double *y, size_t count) {
    double sum = 0.0;
    for (size_t i = 0; i < count; i++) {
        double weight = 1.0;
        for (size_t k = 0; k < count; k++)
            if (k != i)
                weight *= y[k] / (y[k] - y[i]);
        sum += weight * x[i];
    }
    return sum;
}

bool kink_side(const double *x, const double *y, size_t count, double low, double high,
               struct kink *out) {
    for (size_t i = 0; i < count; i++) /* away from zero, or more points tell less */
        if (!isfinite(y[i]) || (i > 0 && !(fabs(y[i]) > fabs(y[i - 1]) && y[i] * y[i - 1] >= 0.0)))
            count = i;
    if (count < 2)
        return false;
    const double bent = carried_on(x, y, count);
    *out = (struct kink){bent, count > 2 ? fabs(bent - carried_on(x, y, 2)) : INFINITY};
    return bent >= low && bent <= high;
}

static double chord_of(const double *x, const double *y, size_t at) {
    double share = y[at - 1] / (y[at - 1] - y[at]);
    if (isnan(share)) /* from no power at all: infinitely far from the crossing */
        share = 1.0;
    return x[at - 1] + share * (x[at] - x[at - 1]);
}

struct kink kink_find(const double *x, const double *y, size_t count, size_t at) {
    const double chord = chord_of(x, y, at), low = x[at - 1], high = x[at];
    double side_x[2][KINK_POINTS], side_y[2][KINK_POINTS];
    size_t points[2] = {0, 0};
    for (; points[0] < KINK_POINTS && points[0] < at; points[0]++) {
        side_x[0][points[0]] = x[at - 1 - points[0]];
        side_y[0][points[0]] = y[at - 1 - points[0]];
    }
    for (; points[1] < KINK_POINTS && at + points[1] < count; points[1]++) {
        side_x[1][points[1]] = x[at + points[1]];
        side_y[1][points[1]] = y[at + points[1]];
    }
    struct kink side[2];
    bool leads[2];
    for (int s = 0; s < 2; s++) {
        leads[s] = kink_side(side_x[s], side_y[s], points[s], low, high, &side[s]);
        if (leads[s] && isinf(side[s].error))
            side[s].error = fabs(side[s].place - chord);
    }
    if (leads[0] && leads[1])
        return (struct kink){0.5 * (side[0].place + side[1].place),
                             0.5 * fabs(side[0].place - side[1].place) +
                                 fmin(side[0].error, side[1].error)};
    if (leads[0] || leads[1])
        return leads[0] ? side[0] : side[1];
    return (struct kink){chord, fmax(chord - low, high - chord)};
}
