/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/measured_format.h"

#include <stdio.h>
#include <string.h>

/* Engines whose table is of a range of versions. The ranges are those between which measured times
 * of one configuration differ by more than they scatter (docs/calibrate.md). First match counts.
 */
static const struct {
    const char *engine;
    const char *version; /* its beginning; "" matches none stated, NULL any */
    const char *before;  /* measured before this day; NULL: any day */
    const char *table;
} ranges[] = {
    {"vLLM", "0.11.", NULL, "vLLM-0.11"},
    {"SGLang", "", "2026-01-01", "SGLang-2025"},
    {"TensorRT-LLM", "1.0.", NULL, "TensorRT-LLM-1.0"},
    {"TensorRT-LLM", NULL, "2026-01-01", "TensorRT-LLM-2025"},
};

static bool version_fits(const char *version, const char *stated) {
    if (version == NULL)
        return true;
    return version[0] == '\0' ? stated[0] == '\0' : strncmp(stated, version, strlen(version)) == 0;
}

static bool day_fits(const char *before, const char *stated) {
    return before == NULL || (stated[0] != '\0' && strcmp(stated, before) < 0);
}

void measured_version_set(struct measured_point *p) {
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
        if (strcmp(p->engine, ranges[i].engine) == 0 &&
            version_fits(ranges[i].version, p->version) && day_fits(ranges[i].before, p->date)) {
            snprintf(p->engine, sizeof p->engine, "%s", ranges[i].table);
            break;
        }
    /* DeepSeek-R1 in FP4 is NVIDIA's checkpoint, whose attention is held in 16 bits. */
    if (p->weights == PRECISION_FP4 &&
        (strcmp(p->llm, "DeepSeek-V3") == 0 || strcmp(p->llm, "DeepSeek-R1") == 0))
        snprintf(p->llm, sizeof p->llm, "%s", "DeepSeek-R1-NVFP4");
}
