/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/precision.h"

#include <stddef.h>
#include <string.h>

static const struct {
    const char *name;
    double bytes;
} format[PRECISION_COUNT] = {
    [PRECISION_FP16] = {"FP16", 2.0},
    [PRECISION_FP8] = {"FP8", 1.0},
    [PRECISION_INT8] = {"INT8", 1.0},
    /* NVFP4: 4 bits and an 8-bit scale for each 16 elements (NVIDIA, Introducing NVFP4, 2025). */
    [PRECISION_FP4] = {"FP4", 0.5625},
    /* GPTQ and AWQ: 4 bits, a 16-bit scale and a 4-bit zero for each 128 (AWQ, arXiv 2306.00978).
     */
    [PRECISION_INT4] = {"INT4", 0.51953125},
};

double precision_bytes(enum precision p) {
    return format[p].bytes;
}

const char *precision_name(enum precision p) {
    return format[p].name;
}

bool precision_of(const char *name, enum precision *out) {
    if (strcmp(name, "BF16") == 0)
        name = "FP16";
    for (size_t i = 0; i < PRECISION_COUNT; i++)
        if (strcmp(name, format[i].name) == 0) {
            *out = (enum precision)i;
            return true;
        }
    return false;
}
