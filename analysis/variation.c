/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/variation.h"

#include <math.h>

enum variation variation_of(const double *output, size_t count) {
    double low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < count; i++) {
        if (!isfinite(output[i]))
            return VARIATION_MISSING;
        low = fmin(low, output[i]);
        high = fmax(high, output[i]);
    }
    /* Half of each, so that the range of the largest numbers does not overflow. */
    const double range = 0.5 * high - 0.5 * low, size = 0.5 * fmax(fabs(low), fabs(high));
    return count > 0 && range > VARIATION_ROUNDING * size ? VARIATION_SOME : VARIATION_NONE;
}

const char *variation_text(enum variation v) {
    static const char *const text[VARIATION_COUNT] = {
        [VARIATION_SOME] = "",
        [VARIATION_NONE] = "the same in all runs",
        [VARIATION_MISSING] = "missing in some of the runs",
    };
    return text[v];
}
