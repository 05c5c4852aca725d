/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ANALYSIS_FIT_H
#define ANALYSIS_FIT_H

/* The calibration as a least squares problem: coefficients of the physics, each the product of
 * levels that points share (all, the hardware, the engine, the engine on the hardware), against
 * measured points (docs/calibrate.md). Deviations of a level from the one above are drawn to zero,
 * so that a group with few points borrows from the others. */

#include "analysis/measured.h"
#include "sim/io/library.h"

#include <stdio.h>

/* The coefficients. Order: as they are printed. */
enum fit_coefficient {
    FIT_ETA_COMPUTE,
    FIT_ETA_MEMORY,
    FIT_ETA_KV,
    FIT_ETA_STATE,
    FIT_ETA_ATTENTION,
    FIT_ITERATION,
    FIT_LAYER,
    FIT_LAYER_MOE,
    FIT_LAYER_PARALLEL,
    FIT_LAYER_MLA,
    FIT_SEQUENCE,
    FIT_REQUEST,
    FIT_PROMPT_TOKEN,
    FIT_ALLREDUCE_LATENCY,
    FIT_ALLREDUCE_VOLUME,
    FIT_EXPERTS,
    FIT_EXPERTS_COMPUTE,
    FIT_POWER_ACTIVE,
    FIT_POWER_COMPUTE,
    FIT_POWER_SCALE,
    FIT_POWER_MEMORY,
    FIT_POWER_EXPERTS,
    FIT_PROMPT,
    FIT_COEFFICIENTS
};

/* What a coefficient is, one row each (fit_coefficients.c). */
struct fit_row {
    const char *name, *unit;
    double low, high; /* its bounds; on the way between them it moves as a logistic of its logs */
    double start;
    double pull;     /* how strongly (1 / standard deviation, in units of the link) the first level
                        is drawn to `start`; 0: not at all */
    unsigned levels; /* enum fit_level, or-ed */
    double neutral;  /* its value in a fit without it; NAN: that of eta_m, or (eta_a) of eta_c;
                        below 0: no fit goes without it */
};

/* Levels: what a parameter is shared by. Each coefficient has the first it names in full, and the
 * others as deviations. */
enum fit_level {
    FIT_ALL = 1,
    FIT_FORMAT = 2,   /* format of the arithmetic, or width of the experts' weights */
    FIT_HARDWARE = 4, /* of products and power: the die, which H100 and H200 share */
    FIT_ENGINE = 8,
    FIT_PAIR = 16, /* engine on hardware */
    FIT_TASK = 32  /* a benchmark's task, and for pictures the model's family */
};

extern const struct fit_row fit_row[FIT_COEFFICIENTS];

/* One parameter of the problem. */
struct fit_parameter {
    enum fit_coefficient coefficient;
    enum fit_level level;
    char label[160];
    bool deviation; /* drawn to 0 */
    double prior;   /* what it is drawn to; 0 but for efficiencies of formats */
    size_t points;  /* fitted points that it acts on */
    double value;   /* in units of the coefficient's link */
    double error;   /* its standard error; NAN before the fit */
};

enum { FIT_LEVELS_MAX = 4 };

/* A measured point in the problem. */
struct fit_point {
    const struct measured_point *measured;
    const struct hardware *hardware;
    const struct llm *llm;
    const struct serving_engine *engine;
    const char *architecture; /* name of the first table with this one's shape: V3, R1 are one */
    int parameter[FIT_COEFFICIENTS][FIT_LEVELS_MAX]; /* -1 after the last; -1 first: not used */
    double weight;                                   /* 0: left out of the fit, only predicted */
};

/* What is predicted of a point; NAN where it does not apply. */
struct fit_prediction {
    double tpot;  /* s */
    double ttft;  /* s, at low load */
    double power; /* W, all GPUs of all copies */
};

struct fit {
    struct fit_point *point; /* owned */
    size_t points;
    struct fit_parameter *parameter; /* owned */
    size_t parameters;
    unsigned without[FIT_COEFFICIENTS]; /* levels that are left out */
    int threads;
};

/* Leaves "NAME" (a coefficient) or "NAME:LEVEL" (all, format, hardware, engine, pair) out of a fit
 * that is still to be opened. False when there is no such thing, or nothing would be left of what
 * cannot be done without, with a message in *e. */
bool fit_leave_out(struct fit *f, const char *what, struct error *e);

/* Takes the points that count, and what of *f fit_leave_out has set; *f begins zeroed. False with
 * messages in *e when a table cannot be read. */
bool fit_open(struct fit *f, const struct measured *m, struct library *l, struct error *e);
void fit_close(struct fit *f);

/* Points that are fitted: with a weight. */
size_t fit_fitted(const struct fit *f);

/* The label of a kind of hardware at FIT_HARDWARE; of FIT_ETA_COMPUTE in `format`. */
void fit_hardware_label(enum fit_coefficient c, const struct hardware *h, const char *format,
                        char *out, size_t size);

/* Value of a coefficient for a point at the parameters' present values, and of all of them. */
double fit_value(const struct fit *f, const struct fit_point *p, enum fit_coefficient c);
void fit_values_of(const struct fit *f, const struct fit_point *p, double value[FIT_COEFFICIENTS]);

/* Value of a coefficient from the sum of its levels in link units. */
double fit_link(enum fit_coefficient c, double sum);

/* The sum at which fit_link is `value`, inside the bounds. */
double fit_link_inverse(enum fit_coefficient c, double value);

/* What products alone reach in a format, as a share of the peak: where the efficiency of serving is
 * looked for (docs/tables.md, calibration: kernel measurements). */
double fit_kernel_share(const char *format);

/* Values of all coefficients from those sums, what is left out at its neutral value. */
void fit_values(const struct fit *f, const double sum[FIT_COEFFICIENTS],
                double value[FIT_COEFFICIENTS]);

/* Predictions at coefficients `value` (FIT_COEFFICIENTS of them). Pure; may be called by several
 * threads. */
void fit_predict(const struct fit_point *p, const double value[FIT_COEFFICIENTS],
                 struct fit_prediction *out);

/* Whether the measured time to the first token counts: few clients, so that it is the engine's and
 * not a queue's. */
bool fit_low_load(const struct measured_point *m, double prompt);

/* Robust nonlinear least squares (GSL's trust region, reweighted until the weights settle), with
 * standard errors. `rounds` of reweighting. False with a message in *e when GSL gives up. */
bool fit_solve(struct fit *f, int rounds, struct error *e);

#endif
