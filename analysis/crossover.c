/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/crossover.h"

#include <math.h>
#include <stdbool.h>

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
