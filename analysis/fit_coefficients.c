/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/fit.h"

#include <math.h>
#include <string.h>

/* Bounds are physical (shares at most 1, times positive) with room to spare; starts are round
 * figures of the right size, to which a coefficient that the data say nothing of stays close. */
#define ENGINE_LEVELS (FIT_ALL | FIT_ENGINE | FIT_PAIR)
const struct fit_row fit_row[FIT_COEFFICIENTS] = {
    [FIT_ETA_COMPUTE] = {"eta_c", "1", 0.05, 0.9, 0.65, 6.0, FIT_FORMAT | FIT_HARDWARE, -1.0},
    [FIT_ETA_MEMORY] = {"eta_m", "1", 0.2, 0.97, 0.85, 8.0, FIT_ALL | FIT_HARDWARE, -1.0},
    [FIT_ETA_KV] = {"eta_kv", "1", 0.1, 0.97, 0.88, 3.0, FIT_ALL, NAN},
    [FIT_ETA_STATE] = {"eta_s", "1", 0.05, 0.97, 0.5, 0.3, FIT_ALL, NAN},
    [FIT_ETA_ATTENTION] = {"eta_a", "1", 0.05, 1.0, 0.6, 3.0, FIT_ALL, NAN},
    [FIT_ITERATION] = {"t_0", "s", 1e-6, 3e-2, 1e-3, 0.3, ENGINE_LEVELS, 0.0},
    [FIT_LAYER] = {"t_layer", "s", 1e-7, 1e-3, 2e-5, 0.3, ENGINE_LEVELS, 0.0},
    [FIT_LAYER_MOE] = {"t_moe", "s", 1e-7, 1e-3, 2e-5, 0.3, ENGINE_LEVELS, 0.0},
    [FIT_LAYER_PARALLEL] = {"t_parallel", "s", 1e-7, 1e-3, 2e-5, 0.3, ENGINE_LEVELS, 0.0},
    [FIT_LAYER_MLA] = {"t_mla", "s", 1e-7, 1e-3, 2e-5, 0.3, ENGINE_LEVELS, 0.0},
    [FIT_SEQUENCE] = {"t_seq", "s", 1e-8, 1e-3, 1e-5, 0.3, ENGINE_LEVELS, 0.0},
    [FIT_REQUEST] = {"t_request", "s", 1e-4, 1.0, 3e-2, 0.3, ENGINE_LEVELS, 0.0},
    [FIT_PROMPT_TOKEN] = {"t_prompt", "s", 1e-8, 1e-3, 3e-6, 0.3, ENGINE_LEVELS, 0.0},
    [FIT_ALLREDUCE_LATENCY] = {"f_latency", "1", 1e-3, 5.0, 0.35, 3.0, ENGINE_LEVELS, 1.0},
    [FIT_ALLREDUCE_VOLUME] = {"f_volume", "1", 1e-2, 10.0, 1.0, 3.0, ENGINE_LEVELS, 1.0},
    [FIT_EXPERTS] = {"eta_x", "1", 0.05, 0.97, 0.6, 0.3, FIT_FORMAT | FIT_ENGINE | FIT_PAIR, NAN},
    [FIT_EXPERTS_COMPUTE] = {"x", "1", 0.05, 2.0, 0.6, 0.3, ENGINE_LEVELS, 1.0},
    [FIT_POWER_ACTIVE] = {"P_a / TDP", "1", 0.02, 0.6, 0.2, 0.3, FIT_ALL | FIT_HARDWARE, 0.0},
    [FIT_POWER_COMPUTE] = {"P_c / TDP", "1", 0.1, 1.2, 0.5, 0.3, FIT_ALL | FIT_HARDWARE, -1.0},
    [FIT_POWER_SCALE] = {"s_c", "1", 0.02, 1.0, 0.15, 0.3, FIT_ALL | FIT_HARDWARE, -1.0},
    [FIT_POWER_MEMORY] = {"e_m", "J/B", 5e-12, 4e-10, 9e-11, 0.3, FIT_ALL | FIT_HARDWARE, -1.0},
    [FIT_POWER_EXPERTS] = {"w", "1", 0.2, 5.0, 1.5, 0.5, FIT_FORMAT | FIT_HARDWARE, 1.0},
    [FIT_PROMPT] = {"prompt", "tokens", 10.0, 30000.0, 250.0, 0.5, FIT_TASK, -1.0},
};

/* A logistic between the bounds' logarithms, of slope 1 where it is steepest. */
double fit_link(enum fit_coefficient c, double sum) {
    const double low = log(fit_row[c].low), high = log(fit_row[c].high), range = high - low;
    const double start = (log(fit_row[c].start) - low) / range;
    const double u = log(start / (1.0 - start)) + 4.0 * sum / range;
    return exp(low + range / (1.0 + exp(-u)));
}

double fit_link_inverse(enum fit_coefficient c, double value) {
    const double low = log(fit_row[c].low), high = log(fit_row[c].high), range = high - low;
    const double start = (log(fit_row[c].start) - low) / range, at = (log(value) - low) / range;
    return 0.25 * range * (log(at / (1.0 - at)) - log(start / (1.0 - start)));
}

double fit_kernel_share(const char *format) {
    /* Means of BF16 0.71 to 0.76 (H100), 0.62 to 0.73 (B200); FP8 0.58 to 0.61 (H200), 0.44 to 0.49
     * (B200); FP4 0.43 to 0.47 (B200). */
    static const struct {
        const char *format;
        double share;
    } kernel[] = {{"FP16", 0.70}, {"FP8", 0.53}, {"FP4", 0.45}};
    for (size_t i = 0; i < sizeof kernel / sizeof kernel[0]; i++)
        if (strcmp(format, kernel[i].format) == 0)
            return kernel[i].share;
    return fit_row[FIT_ETA_COMPUTE].start;
}

static bool is_left_out(const struct fit *f, int c) {
    return (fit_row[c].levels & ~f->without[c]) == 0;
}

void fit_values(const struct fit *f, const double sum[FIT_COEFFICIENTS],
                double value[FIT_COEFFICIENTS]) {
    for (int c = 0; c < FIT_COEFFICIENTS; c++) {
        const bool out = is_left_out(f, c);
        if (!out)
            value[c] = fit_link((enum fit_coefficient)c, sum[c]);
        else if (isnan(fit_row[c].neutral)) /* eta_c and eta_m stand before all that follow them */
            value[c] = value[c == FIT_ETA_ATTENTION ? FIT_ETA_COMPUTE : FIT_ETA_MEMORY];
        else
            value[c] = fit_row[c].neutral;
    }
}

bool fit_leave_out(struct fit *f, const char *what, struct error *e) {
    static const char *const level[] = {"all", "format", "hardware", "engine", "pair", "task"};
    const char *colon = strchr(what, ':');
    const size_t length = colon == NULL ? strlen(what) : (size_t)(colon - what);
    for (int c = 0; c < FIT_COEFFICIENTS; c++) {
        const struct fit_row *row = &fit_row[c];
        unsigned mask = colon == NULL ? row->levels : 0;
        if (strlen(row->name) != length || strncmp(row->name, what, length) != 0)
            continue;
        for (unsigned i = 0; colon != NULL && i < sizeof level / sizeof level[0]; i++)
            if (strcmp(colon + 1, level[i]) == 0)
                mask = row->levels & 1U << i;
        if (mask == 0) {
            error_add(e, NULL, 0,
                      "--without %s: %s has no such level; its name in the list that "
                      "calibrate prints, alone or with :engine or :pair, would be right",
                      what, row->name);
            return false;
        }
        if (row->neutral < 0.0 && (row->levels & ~(f->without[c] | mask)) == 0) {
            error_add(e, NULL, 0, "--without %s: no time or power can be told without %s", what,
                      row->name);
            return false;
        }
        f->without[c] |= mask;
        return true;
    }
    error_add(e, NULL, 0,
              "--without: found '%s'; a coefficient as calibrate lists them (eta_kv, "
              "t_moe, f_latency ...), alone or with a level (t_layer:pair), would be right",
              what);
    return false;
}
