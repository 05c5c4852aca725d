/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ANALYSIS_OBJECTIVE_H
#define ANALYSIS_OBJECTIVE_H

/* An objective: one number of a run that is to be as large, or as small, as can be. A figure of the
 * outcome, or tokens over energy or money. */

#include "analysis/axis.h"
#include "analysis/options.h"
#include "analysis/outcome.h"

/* Money that a knob costs and the scenario does not know: from --charge NAME=PRICE[@FROM], USD for
 * each hour and each unit that NAME is away from FROM (0 unless given). */
struct objective_charge {
    size_t axis;
    double price, from; /* USD/h; in the unit of the axis */
};

enum objective_kind {
    OBJECTIVE_FIGURE,
    OBJECTIVE_PER_JOULE,  /* good tokens over site energy */
    OBJECTIVE_PER_DOLLAR, /* good tokens over dollars */
    OBJECTIVE_DOLLARS     /* price of the energy, by the scenario's tariff, and charges */
};

struct objective {
    enum objective_kind kind;
    size_t figure; /* OBJECTIVE_FIGURE */
    bool least;    /* it is to be as small as can be */
    struct objective_charge *charge;
    size_t charges; /* owned */
};

/* Reads --maximise, --minimise (good_tokens_per_joule is maximised unless either is given) and
 * --charge, for knobs that are these axes. False with messages in *e, and *j empty. */
bool objective_read(struct objective *j, const struct options *o, const struct axis *axis,
                    size_t axes, struct error *e);
void objective_clear(struct objective *j);

/* Its name, unit and meaning; static. */
struct figure objective_figure(const struct objective *j);

/* Its value in a run with the knobs at these values; NAN when the run has none. `knob` NULL: they
 * are not known, as in the scenario as it is; then there is none where knobs have a charge. */
double objective_value(const struct objective *j, const struct outcome *run, const double *knob);

/* Whether `a` is better than `b`; NAN is worse than any number. */
bool objective_better(const struct objective *j, double a, double b);

#endif
