/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODELS_PRECISION_H
#define MODELS_PRECISION_H

/* Number formats of weights, KV elements and matrix arithmetic. */

#include <stdbool.h>

enum precision {
    PRECISION_FP16, /* and BF16: same width, same peak on every accelerator here */
    PRECISION_FP8,
    PRECISION_INT8,
    PRECISION_FP4,
    PRECISION_INT4,
    PRECISION_COUNT
};

/* Bytes per element, the scales of block formats included. */
double precision_bytes(enum precision p);

/* Name in tables and print ("FP16", "FP8", "INT8", "FP4", "INT4"); "BF16" is read as FP16. */
const char *precision_name(enum precision p);

/* Reads a name; false when it is none. */
bool precision_of(const char *name, enum precision *out);

#endif
