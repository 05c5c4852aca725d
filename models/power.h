/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODELS_POWER_H
#define MODELS_POWER_H

/* Power of a replica's GPUs during an iteration, and the operating state (frequency, duty) that a
 * cap leaves (DESIGN 4.3). */

#include "models/iteration.h"

struct power_state {
    double phi;     /* relative frequency in [phi_min, 1] */
    double stretch; /* >= 1: the iteration takes this many times as long (duty-cycling) */
    double gpu_static, gpu_compute, gpu_memory; /* W, all GPUs of the replica; their sum is P_gpu.
                                                   What is drawn whatever an iteration does (P_a)
                                                   is a part of compute's */
};

/* State at full frequency, no cap. */
void power_free(const struct platform *p, const struct iteration *it, struct power_state *out);

/* State at a given frequency, no cap. */
void power_at(const struct platform *p, const struct iteration *it, double phi,
              struct power_state *out);

/* State under a cap of `cap` W on the replica's GPUs together: the largest phi in [phi_min, 1]
 * whose power stays at or under it, else phi_min with the least stretch that does. `cap` >
 * power_static. Power never rises when cap falls. */
void power_capped(const struct platform *p, const struct iteration *it, double cap,
                  struct power_state *out);

/* Sum of the parts, W. */
static inline double power_gpus(const struct power_state *s) {
    return s->gpu_static + s->gpu_compute + s->gpu_memory;
}

#endif
