/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_MEASURE_FIGURE_H
#define SIM_MEASURE_FIGURE_H

/* A reported figure: a value with its name, unit and definition, and where the run was sampled a
 * 95 % confidence interval. */

#include <stdbool.h>

struct figure {
    const char *name, *unit, *long_name; /* static strings; unit in UDUNITS syntax, "1" if none */
    double value;
    bool whole;        /* a count: written as a 64-bit integer */
    bool has_interval; /* low and high are set */
    double low, high;
};

#endif
