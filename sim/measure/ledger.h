/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_MEASURE_LEDGER_H
#define SIM_MEASURE_LEDGER_H

/* An account of one quantity by parts: compensated sums (Neumaier 1974), so that 10^7 periods of
 * any size still add to the whole within 1e-12 relative. */

#include <stddef.h>

struct ledger_sum {
    double sum, lost;
};

static inline void ledger_add(struct ledger_sum *a, double x) {
    const double t = a->sum + x;
    const double big = a->sum < 0 ? -a->sum : a->sum, small = x < 0 ? -x : x;
    a->lost += big >= small ? (a->sum - t) + x : (x - t) + a->sum;
    a->sum = t;
}
static inline double ledger_total(const struct ledger_sum *a) {
    return a->sum + a->lost;
}

#endif
