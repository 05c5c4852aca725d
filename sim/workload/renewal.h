/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_WORKLOAD_RENEWAL_H
#define SIM_WORKLOAD_RENEWAL_H

/* A renewal process whose rate follows a schedule: gaps of mean 1 on the axis of the rate's
 * integral, mapped back to time through its inverse (docs/workloads.md, W.1 to W.3). */

#include "sim/workload/arrival.h"
#include "sim/workload/cursor.h"

struct renewal {
    struct cursor rate; /* on the group's rate */
    double scale;       /* the group's requests per request of this source: 1 / share */
    double shape;       /* of the gamma gaps; 0: exponential */
};

size_t renewal_size(const struct workload_spec *w);

/* Opens with gamma gaps of `shape`, or exponential ones when it is 0. */
void renewal_open(struct source *s, double share, uint64_t seed, uint64_t entity, double shape);
void renewal_advance(struct source *s);

#endif
