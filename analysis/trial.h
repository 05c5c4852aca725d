/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ANALYSIS_TRIAL_H
#define ANALYSIS_TRIAL_H

/* A trial: the simulator run on one measured point, one replica on one node of one cell, under the
 * load that was measured (docs/validate.md). What it predicts stands beside what was measured. */

#include "analysis/measured.h"
#include "models/platform.h"

#include <stdbool.h>

/* The tables that a point names. */
struct trial_tables {
    const struct llm *llm;
    const struct hardware *hardware;
    const struct serving_engine *engine;
};

/* What was simulated, in the units and for the extent (all copies) of struct measured_point. NAN
 * where it cannot be told. */
struct trial {
    double ttft, tpot, itl_p50;   /* s */
    double token_rate;            /* 1/s */
    double gpu_power, wall_power; /* W */
    double e_tok;                 /* J */
    double running;               /* mean running sequences of all copies, at the ends of periods */
    double clients;               /* simulated, all copies */
    double requests;              /* of one copy, completed in the window */
    double places;      /* sequences that the memory holds, all copies: of mean length, half
                           way through their outputs */
    const char *failed; /* why it could not be run; NULL: it was. Static text */
};

/* One replica of the point on these tables: its platform. */
void trial_platform(const struct measured_point *p, const struct trial_tables *t,
                    struct platform *out);

/* Runs the point on a platform (trial_platform's, or one with other coefficients). Needs gpus,
 * copies >= 1, prompt, output and, but offline, clients. False when it cannot be run, with
 * out->failed. The result depends on the arguments alone; may be called by several threads at once.
 */
bool trial_run(const struct measured_point *p, const struct trial_tables *t,
               const struct platform *platform, struct trial *out);

#endif
