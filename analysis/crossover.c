/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/crossover.h"

#include "analysis/kink.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

/* Whether the sign of a value is known. */
static bool is_decided(double value, double half) {
    return isfinite(value) && value != 0.0 && (!isfinite(half) || fabs(value) > half);
}

/* The line through two points of opposite signs, at zero; its error by those of the points. */
static void cross(const double *time, const double *value, const double *half, size_t a, size_t b,
                  struct crossover *out) {
    const double length = time[b] - time[a], rise = value[b] - value[a];
    const double share = -value[a] / rise;
    *out = (struct crossover){.time = time[a] + share * length,
                              .half = INFINITY,
                              .direction = rise > 0.0 ? 1 : -1,
                              .before = a,
                              .after = b};
    if (half != NULL)
        out->half = hypot((1.0 - share) * half[a], share * half[b]) * length / fabs(rise);
}

size_t crossover_find(const double *time, const double *value, const double *half, size_t count,
                      struct crossover *out) {
    size_t found = 0, last = count;
    for (size_t i = 0; i < count; i++) {
        if (!is_decided(value[i], half != NULL ? half[i] : INFINITY))
            continue;
        if (last < count && (value[last] > 0.0) != (value[i] > 0.0))
            cross(time, value, half, last, i, &out[found++]);
        last = i;
    }
    return found;
}

/* Up to KINK_POINTS points from `nearest` away from the crossing, as far as no jump lies between.
 */
static size_t gather(const double *time, const double *value, size_t count, size_t nearest,
                     bool left, const double *step, size_t steps, double *x, double *y) {
    double low = -INFINITY, high = INFINITY;
    for (size_t i = 0; i < steps; i++) {
        if (step[i] <= time[nearest])
            low = step[i];
        else if (isinf(high))
            high = step[i];
    }
    size_t n = 0;
    for (size_t i = nearest; i < count && n < KINK_POINTS; i += left ? SIZE_MAX : 1) {
        if (time[i] < low || time[i] >= high)
            break;
        x[n] = time[i];
        y[n++] = value[i];
    }
    return n;
}

static double clip(double error, double place, double low, double high) {
    return fmin(error, fmax(place - low, high - place));
}

double crossover_place(const double *time, const double *value, size_t count, size_t a,
                       const double *step, size_t steps, double *error) {
    double x[2][KINK_POINTS], y[2][KINK_POINTS];
    const double low = time[a], high = time[a + 1];
    const size_t n[2] = {gather(time, value, count, a, true, step, steps, x[0], y[0]),
                         gather(time, value, count, a + 1, false, step, steps, x[1], y[1])};
    double first = INFINITY, last = -INFINITY;
    for (size_t i = 0; i < steps; i++)
        if (step[i] > low && step[i] <= high) {
            first = fmin(first, step[i]);
            last = fmax(last, step[i]);
        }
    if (isinf(first)) { /* both sides' points in order of time */
        double all_x[2 * KINK_POINTS], all_y[2 * KINK_POINTS];
        for (size_t i = 0; i < n[0]; i++) {
            all_x[i] = x[0][n[0] - 1 - i];
            all_y[i] = y[0][n[0] - 1 - i];
        }
        for (size_t i = 0; i < n[1]; i++) {
            all_x[n[0] + i] = x[1][i];
            all_y[n[0] + i] = y[1][i];
        }
        const struct kink k = kink_find(all_x, all_y, n[0] + n[1], n[0]);
        *error = clip(k.error, k.place, low, high);
        return k.place;
    }
    struct kink k;
    if (kink_side(x[0], y[0], n[0], low, first, &k)) {
        *error = clip(k.error, k.place, low, first);
        return k.place;
    }
    if (kink_side(x[1], y[1], n[1], last, high, &k)) {
        *error = clip(k.error, k.place, last, high);
        return k.place;
    }
    *error = 0.5 * (last - first);
    return 0.5 * (first + last);
}

double crossover_reach(const double *time, const struct crossover *c) {
    return fmax(c->time - time[c->before], time[c->after] - c->time);
}
