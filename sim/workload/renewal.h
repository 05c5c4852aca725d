/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_WORKLOAD_RENEWAL_H
#define SIM_WORKLOAD_RENEWAL_H

/* A renewal process whose rate follows a schedule: gaps of mean 1 on the axis of the rate's
 * integral, mapped back to time through its inverse (time rescaling; Cinlar, Introduction to
 * Stochastic Processes, 4.7, for Poisson). */

#include "sim/workload/arrival.h"

struct renewal {
    double share; /* of the group's rate */
    double area;  /* integral of the group's rate up to the next request */
    double last;  /* s, its time */
    /* The piece of the schedule that holds: time = from + (area - area_from) / rate while area is
     * below area_to; not used (area_to = area_from) on slopes. */
    double from, area_from, area_to, rate;
    double shape; /* of the gamma gaps; 0: exponential */
};

size_t renewal_size(const struct workload_spec *w);

/* Opens with gamma gaps of `shape`, or exponential ones when it is 0. The first gap is a uniform
 * share of one gap, so that sources of many cells do not start in step. */
void renewal_open(struct source *s, double share, uint64_t seed, uint64_t entity, double shape);
void renewal_close(struct source *s);
void renewal_advance(struct source *s);

#endif
