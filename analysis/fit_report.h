/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ANALYSIS_FIT_REPORT_H
#define ANALYSIS_FIT_REPORT_H

/* What a fit came to: estimates with their standard errors, and errors of prediction by group. */

#include "analysis/fit.h"

enum fit_quantity { FIT_TPOT, FIT_TTFT, FIT_POWER, FIT_E_TOK, FIT_QUANTITIES };
extern const char *const fit_quantity_name[FIT_QUANTITIES];

enum fit_grouping {
    FIT_BY_NOTHING,
    FIT_BY_SOURCE,
    FIT_BY_PAIR, /* hardware and engine, ML.ENERGY apart */
    FIT_BY_LLM,
    FIT_BY_ARCHITECTURE, /* models of one shape together: what a fit without a model must not see */
    FIT_BY_HARDWARE,
    FIT_BY_ENGINE
};

/* Relative errors, predicted / measured - 1, of a point; NAN where nothing was measured. */
void fit_errors_of(const struct fit *f, const struct fit_point *p, double out[FIT_QUANTITIES]);

/* Of absolute errors: median, mean, 90th percentile; of signed ones: median (bias). */
struct fit_summary {
    size_t points;
    double median, mean, high, bias;
};

/* Sorts and overwrites the errors; NAN are left out. */
struct fit_summary fit_summarise(double *error, size_t count);

/* Name of the point's group. */
void fit_group_name(const struct fit_point *p, enum fit_grouping by, char *out, size_t size);

void fit_print_parameters(const struct fit *f, FILE *to);

/* A table's head, and its lines: errors (f->points rows) of the points that `use` picks. */
void fit_print_head(FILE *to);
void fit_print_errors(const struct fit *f, double (*error)[FIT_QUANTITIES], const bool *use,
                      enum fit_grouping by, FILE *to);

#endif
