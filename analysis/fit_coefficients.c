/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/fit.h"

#include <math.h>

/* Bounds are physical (shares at most 1, times positive) with room to spare; starts are round
 * figures of the right size, to which a coefficient that the data say nothing of stays close. */
#define ENGINE_LEVELS (FIT_ALL | FIT_ENGINE | FIT_PAIR)
const struct fit_row fit_row[FIT_COEFFICIENTS] = {
    [FIT_ETA_COMPUTE] = {"eta_c", "1", 0.05, 1.0, 0.65, 3.0, FIT_FORMAT | FIT_HARDWARE},
    [FIT_ETA_MEMORY] = {"eta_m", "1", 0.2, 0.97, 0.85, 8.0, FIT_ALL | FIT_HARDWARE},
    [FIT_ETA_KV] = {"eta_kv", "1", 0.1, 0.97, 0.88, 3.0, FIT_ALL},
    [FIT_ETA_STATE] = {"eta_s", "1", 0.05, 0.97, 0.5, 0.3, FIT_ALL},
    [FIT_ETA_ATTENTION] = {"eta_a", "1", 0.05, 1.0, 0.6, 3.0, FIT_ALL},
    [FIT_ITERATION] = {"t_0", "s", 1e-6, 3e-2, 1e-3, 0.3, ENGINE_LEVELS},
    [FIT_LAYER] = {"t_layer", "s", 1e-7, 1e-3, 2e-5, 0.3, ENGINE_LEVELS},
    [FIT_LAYER_MOE] = {"t_moe", "s", 1e-7, 1e-3, 2e-5, 0.3, ENGINE_LEVELS},
    [FIT_LAYER_PARALLEL] = {"t_parallel", "s", 1e-7, 1e-3, 2e-5, 0.3, ENGINE_LEVELS},
    [FIT_LAYER_MLA] = {"t_mla", "s", 1e-7, 1e-3, 2e-5, 0.3, ENGINE_LEVELS},
    [FIT_SEQUENCE] = {"t_seq", "s", 1e-8, 1e-3, 1e-5, 0.3, ENGINE_LEVELS},
    [FIT_REQUEST] = {"t_request", "s", 1e-4, 1.0, 3e-2, 0.3, ENGINE_LEVELS},
    [FIT_PROMPT_TOKEN] = {"t_prompt", "s", 1e-8, 1e-3, 3e-6, 0.3, ENGINE_LEVELS},
    [FIT_ALLREDUCE_LATENCY] = {"f_latency", "1", 1e-3, 5.0, 0.35, 3.0, ENGINE_LEVELS},
    [FIT_ALLREDUCE_VOLUME] = {"f_volume", "1", 1e-2, 10.0, 1.0, 3.0, ENGINE_LEVELS},
    [FIT_EXPERTS] = {"eta_x", "1", 0.05, 0.97, 0.6, 0.3, FIT_FORMAT | FIT_ENGINE | FIT_PAIR},
    [FIT_EXPERTS_COMPUTE] = {"x", "1", 0.05, 2.0, 0.6, 0.3, ENGINE_LEVELS},
    [FIT_POWER_ACTIVE] = {"P_a / TDP", "1", 0.02, 0.6, 0.2, 0.3, FIT_ALL | FIT_HARDWARE},
    [FIT_POWER_COMPUTE] = {"P_c / TDP", "1", 0.1, 1.2, 0.5, 0.3, FIT_ALL | FIT_HARDWARE},
    [FIT_POWER_SCALE] = {"s_c", "1", 0.02, 1.0, 0.15, 0.3, FIT_ALL | FIT_HARDWARE},
    [FIT_POWER_MEMORY] = {"P_m / TDP", "1", 0.02, 1.5, 0.5, 0.3, FIT_ALL | FIT_HARDWARE},
    [FIT_POWER_EXPERTS] = {"w", "1", 0.2, 5.0, 1.5, 0.5, FIT_FORMAT | FIT_HARDWARE},
    [FIT_PROMPT] = {"prompt", "tokens", 10.0, 30000.0, 250.0, 0.5, FIT_TASK},
};

/* A logistic between the bounds' logarithms, of slope 1 where it is steepest. */
double fit_link(enum fit_coefficient c, double sum) {
    const double low = log(fit_row[c].low), high = log(fit_row[c].high), range = high - low;
    const double start = (log(fit_row[c].start) - low) / range;
    const double u = log(start / (1.0 - start)) + 4.0 * sum / range;
    return exp(low + range / (1.0 + exp(-u)));
}
