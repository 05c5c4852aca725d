/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_SITE_COOLING_H
#define SIM_SITE_COOLING_H

/* From IT power to site power: PUE as a constant (or schedule), as a curve over IT load, or as a
 * surface over load and outdoor temperature (GSL interpolation), divided into losses of the
 * electrical chain, cooling, and a fixed part. Beside it the water that the plant uses. */

#include "sim/engine/schedule.h"

#include <gsl/gsl_interp.h>
#include <gsl/gsl_interp2d.h>
#include <stdbool.h>

enum cooling_kind { COOLING_CONSTANT, COOLING_CURVE, COOLING_SURFACE };

struct cooling {
    enum cooling_kind kind;
    struct schedule pue; /* COOLING_CONSTANT; owned */
    double *load;        /* W of IT power at each knot, increasing; owned */
    double *temperature; /* K at each knot (surface), increasing; owned */
    double *value;       /* PUE at [load i][temperature j]: value[j * loads + i]; owned */
    size_t loads, temperatures;
    gsl_interp *curve; /* owned; used without accelerator, so threads may share it; NULL when there
                          is one knot */
    gsl_interp2d *surface;      /* owned, likewise */
    double loss_share;          /* electrical losses as a share of IT power */
    double fixed;               /* W: lights, offices; part of the overhead */
    struct schedule heat_limit; /* W of IT power that can be removed; empty: no limit; owned */
    struct schedule water;      /* m3 of site water per J of IT energy; empty: not stated; owned */
};

/* Constant PUE (or a schedule of it), which *c then owns. Losses, fixed part, heat limit and
 * water are none until the caller sets them, here and below. */
void cooling_constant(struct cooling *c, const struct schedule *pue);

/* Curve (temperatures = 1, temperature NULL) or surface from knots, copied; monotone (Steffen)
 * interpolation along a curve, bilinear on a surface; held constant outside the knots. All PUE
 * >= 1, and load times PUE rises with load. Returns NULL, or a static text that says what is wrong
 * and an empty *c. */
const char *cooling_knots(struct cooling *c, const double *load, size_t loads,
                          const double *temperature, size_t temperatures, const double *value);

void cooling_clear(struct cooling *c);

/* PUE at IT power `it` (W), outdoor temperature (K) and time (s). */
double cooling_pue(const struct cooling *c, double it, double temperature, double time);

/* Site power (W) of IT power `it`. */
double cooling_site_power(const struct cooling *c, double it, double temperature, double time);

/* The largest IT power whose site power is at most `limit`: the root by GSL (Brent; on its safe
 * side, so that site power never exceeds the limit but for rounding), at most the plant's
 * heat limit. `*by_heat` (may be NULL) tells that the heat limit was the lower. */
double cooling_it_available(const struct cooling *c, double limit, double temperature, double time,
                            bool *by_heat);

/* The same for a limit (W) that must be kept throughout [from, to) s, whatever PUE, heat limit and
 * outdoor temperature (K; may be empty but for a surface) do in it. */
double cooling_it_throughout(const struct cooling *c, double limit,
                             const struct schedule *temperature, double from, double to,
                             bool *by_heat);

/* The overhead of IT energy `it` and site energy `site` over `seconds`, divided: losses first, then
 * the fixed part, the rest is cooling; each at most what is left, so the parts sum to site - it. */
struct cooling_parts {
    double losses, cooling, fixed; /* J */
};
struct cooling_parts cooling_split(const struct cooling *c, double it, double site, double seconds);

#endif
