/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_SITE_CROSSING_H
#define SIM_SITE_CROSSING_H

/* Crossovers: the times at which rho - rho* changes sign, between two periods by a straight line
 * (docs/equations.md, 5.15). */

#include "sim/site/result.h"

struct crossing {
    struct result_crossing *list; /* owned until it is handed on */
    size_t count, capacity;
    double time[2],
        value[2]; /* by convention: the last difference that was not zero; 0: none yet */
};

/* Sees the difference rho - rho* of the period that ends at `time`. A difference of exactly zero,
 * or one that is not finite, is passed over. */
void crossing_see(struct crossing *c, enum result_convention convention, double time,
                  double difference);

#endif
