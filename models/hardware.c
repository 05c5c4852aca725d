/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/hardware.h"

/* The next wider format that can hold a format's values without loss of kind: floating point stays
 * floating point, an integer format ends in FP16, as kernels that dequantise do. */
static const enum precision wider[PRECISION_COUNT] = {
    [PRECISION_FP16] = PRECISION_FP16, [PRECISION_FP8] = PRECISION_FP16,
    [PRECISION_INT8] = PRECISION_FP16, [PRECISION_FP4] = PRECISION_FP8,
    [PRECISION_INT4] = PRECISION_INT8,
};

double hardware_peak(const struct hardware *h, enum precision p, enum precision *used) {
    while (!(h->peak[p] > 0.0) && p != PRECISION_FP16)
        p = wider[p];
    *used = p;
    return h->peak[p];
}
