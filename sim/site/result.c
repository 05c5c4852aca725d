/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/site/result.h"

#include <stdlib.h>
#include <string.h>

const char *const result_ledger_name[RESULT_LEDGER_COUNT] = {[RESULT_GPU_STATIC] = "gpu_static",
                                                             [RESULT_GPU_COMPUTE] = "gpu_compute",
                                                             [RESULT_GPU_MEMORY] = "gpu_memory",
                                                             [RESULT_HOST] = "host",
                                                             [RESULT_LOSSES] = "losses",
                                                             [RESULT_COOLING] = "cooling",
                                                             [RESULT_FIXED] = "fixed"};

const char *const result_convention_name[2] = {
    [RESULT_REALIZED] = "realized", [RESULT_PEAK] = "peak"};

void result_clear(struct result *r) {
    series_clear(&r->series);
    free(r->summary);
    free(r->crossing);
    free(r->cell);
    free(r->node);
    free(r->marginal);
    *r = (struct result){.summaries = 0};
}

const struct figure *result_figure(const struct result *r, const char *name) {
    for (size_t i = 0; i < r->summaries; i++)
        if (strcmp(r->summary[i].name, name) == 0)
            return &r->summary[i];
    return NULL;
}
