/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/fit.h"
#include "sim/engine/memory.h"
#include "sim/engine/window.h"

#include <gsl/gsl_blas.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_multifit_nlinear.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What a residual stands for: ln(predicted / measured). */
enum kind { KIND_TPOT, KIND_TTFT, KIND_POWER, KINDS };

/* TTFT is less exact in what is measured (bursts, warm-up), so it counts half. */
static const double kind_weight[KINDS] = {1.0, 0.5, 1.0};

#define SCALE     0.1  /* of a residual: beyond it weights fall (the soft L1 loss's corner) */
#define DEVIATION 0.4  /* standard deviation of a level about the one above, in link units */
#define STEP      1e-3 /* of a numerical derivative, in link units */
#define ROUND_MAX 12   /* trust region steps between two reweightings */

/* A fit under way. The rows of the problem: what was measured of the points that are fitted; then
 * of parameters, how far each lies from what it is drawn to. */
struct solve {
    struct fit *fit;
    double *residual; /* of points, KINDS each */
    double *slope;    /* d residual / d link, KINDS * FIT_COEFFICIENTS for each point */
    size_t *row;      /* index into residual of each row, `rows` of them */
    size_t rows;
    const double *x; /* parameters to look at */
    bool slopes;
};

static bool is_measured(const struct fit_point *p, enum kind k) {
    const struct measured_point *m = p->measured;
    switch (k) {
    case KIND_TTFT:
        return !isnan(m->ttft) && fit_low_load(m, m->prompt);
    case KIND_POWER:
        return !isnan(m->gpu_power);
    default:
        return true;
    }
}

static void choose_rows(struct solve *s) {
    const struct fit *f = s->fit;
    for (size_t i = 0; i < f->points; i++)
        for (int k = 0; k < KINDS && f->point[i].weight > 0.0; k++)
            if (is_measured(&f->point[i], (enum kind)k))
                s->row[s->rows++] = i * KINDS + (size_t)k;
}

static double sum_of(const struct solve *s, const struct fit_point *p, int c) {
    double sum = 0.0;
    for (int i = 0; i < FIT_LEVELS_MAX && p->parameter[c][i] >= 0; i++)
        sum += s->x[p->parameter[c][i]];
    return sum;
}

static void residuals_of(const struct fit_point *p, const double *value, double *out) {
    const struct measured_point *m = p->measured;
    struct fit_prediction q;
    fit_predict(p, value, &q);
    out[KIND_TPOT] = log(q.tpot / m->tpot);
    out[KIND_TTFT] = log(q.ttft / m->ttft);
    out[KIND_POWER] = log(q.power / m->gpu_power);
    for (int k = 0; k < KINDS; k++)
        out[k] = isfinite(out[k]) ? kind_weight[k] * out[k] : 0.0;
}

/* One point: its residuals, and if asked their slopes over each coefficient. */
static void look(void *user, size_t index) {
    struct solve *s = user;
    const struct fit_point *p = &s->fit->point[index];
    double value[FIT_COEFFICIENTS], sum[FIT_COEFFICIENTS], more[KINDS];
    double *r = &s->residual[index * KINDS];
    for (int c = 0; c < FIT_COEFFICIENTS; c++)
        sum[c] = sum_of(s, p, c);
    fit_values(s->fit, sum, value);
    residuals_of(p, value, r);
    if (!s->slopes)
        return;
    double *slope = &s->slope[index * KINDS * FIT_COEFFICIENTS];
    for (int c = 0; c < FIT_COEFFICIENTS; c++) {
        if (p->parameter[c][0] < 0)
            continue;
        const double kept = sum[c];
        sum[c] += STEP;
        fit_values(s->fit, sum, value);
        sum[c] = kept;
        residuals_of(p, value, more);
        for (int k = 0; k < KINDS; k++)
            slope[c * KINDS + k] = (more[k] - r[k]) / STEP;
    }
}

/* Only points that are fitted. */
static void look_if_fitted(void *user, size_t index) {
    const struct solve *s = user;
    if (s->fit->point[index].weight > 0.0)
        look(user, index);
}

static void look_at_all(struct solve *s, const gsl_vector *x, bool slopes) {
    s->x = gsl_vector_const_ptr(x, 0);
    s->slopes = slopes;
    window_run(s->fit->threads, s->fit->points, look_if_fitted, s);
}

/* Strength with which a parameter is drawn to 0, as a factor of it in its residual. */
static double pull(const struct fit_parameter *q) {
    return SCALE * (q->deviation ? 1.0 / DEVIATION : fit_row[q->coefficient].pull);
}

static int residuals(const gsl_vector *x, void *user, gsl_vector *out) {
    struct solve *s = user;
    const struct fit *f = s->fit;
    look_at_all(s, x, false);
    for (size_t r = 0; r < s->rows; r++)
        gsl_vector_set(out, r, s->residual[s->row[r]]);
    for (size_t j = 0; j < f->parameters; j++)
        gsl_vector_set(out, s->rows + j,
                       pull(&f->parameter[j]) * (gsl_vector_get(x, j) - f->parameter[j].prior));
    return GSL_SUCCESS;
}

static int jacobian(const gsl_vector *x, void *user, gsl_matrix *out) {
    struct solve *s = user;
    const struct fit *f = s->fit;
    look_at_all(s, x, true);
    gsl_matrix_set_zero(out);
    for (size_t r = 0; r < s->rows; r++) {
        const size_t i = s->row[r] / KINDS, k = s->row[r] % KINDS;
        const struct fit_point *p = &f->point[i];
        for (int c = 0; c < FIT_COEFFICIENTS; c++)
            for (int l = 0; l < FIT_LEVELS_MAX && p->parameter[c][l] >= 0; l++)
                gsl_matrix_set(out, r, (size_t)p->parameter[c][l],
                               s->slope[(i * FIT_COEFFICIENTS + (size_t)c) * KINDS + k]);
    }
    for (size_t j = 0; j < f->parameters; j++)
        gsl_matrix_set(out, s->rows + j, j, pull(&f->parameter[j]));
    return GSL_SUCCESS;
}

/* Weights of the soft L1 loss at the present residuals; those of parameters stay 1. */
static void reweight(const struct solve *s, gsl_vector *weights) {
    gsl_vector_set_all(weights, 1.0);
    for (size_t r = 0; r < s->rows; r++) {
        const double z = s->residual[s->row[r]] / SCALE;
        gsl_vector_set(weights, r, 1.0 / sqrt(1.0 + z * z));
    }
}

/* Standard errors: the covariance of the last linear problem, by the variance of the residuals,
 * whose count is that of what was measured (parameters add as many rows as they take). */
static void errors(const struct solve *s, gsl_multifit_nlinear_workspace *w) {
    struct fit *f = s->fit;
    const size_t n = f->parameters;
    gsl_matrix *covariance = gsl_matrix_alloc(n, n);
    if (covariance == NULL)
        return;
    double chi2 = 0.0;
    gsl_blas_ddot(gsl_multifit_nlinear_residual(w), gsl_multifit_nlinear_residual(w), &chi2);
    if (gsl_multifit_nlinear_covar(gsl_multifit_nlinear_jac(w), 0.0, covariance) == GSL_SUCCESS)
        for (size_t j = 0; j < n; j++)
            f->parameter[j].error = sqrt(gsl_matrix_get(covariance, j, j) * chi2 / (double)s->rows);
    gsl_matrix_free(covariance);
}

/* Rounds of weighted least squares from the parameters' present values. */
static int rounds(struct solve *s, int count, gsl_multifit_nlinear_workspace *w, gsl_vector *x,
                  gsl_vector *weights) {
    const struct fit *f = s->fit;
    gsl_multifit_nlinear_fdf problem = {.f = residuals,
                                        .df = jacobian,
                                        .n = s->rows + f->parameters,
                                        .p = f->parameters,
                                        .params = s};
    int status = GSL_SUCCESS;
    for (int i = 0; i < count && status == GSL_SUCCESS; i++) {
        int info;
        look_at_all(s, x, false);
        reweight(s, weights);
        status = gsl_multifit_nlinear_winit(x, weights, &problem, w);
        if (status != GSL_SUCCESS)
            break;
        status = gsl_multifit_nlinear_driver(ROUND_MAX, 1e-5, 1e-8, 1e-8, NULL, NULL, &info, w);
        if (status == GSL_EMAXITER || status == GSL_ENOPROG) /* the next round goes on from here */
            status = GSL_SUCCESS;
        gsl_vector_memcpy(x, gsl_multifit_nlinear_position(w));
    }
    return status;
}

bool fit_solve(struct fit *f, int count, struct error *e) {
    const size_t n = f->parameters;
    struct solve s = {.fit = f};
    s.row = memory_new(f->points * KINDS, sizeof *s.row);
    choose_rows(&s);
    const size_t rows = s.rows + n;
    s.residual = memory_new(f->points * KINDS, sizeof *s.residual);
    s.slope = memory_new(f->points * KINDS * FIT_COEFFICIENTS, sizeof *s.slope);
    gsl_multifit_nlinear_parameters how = gsl_multifit_nlinear_default_parameters();
    how.solver = gsl_multifit_nlinear_solver_cholesky;
    gsl_multifit_nlinear_workspace *w =
        gsl_multifit_nlinear_alloc(gsl_multifit_nlinear_trust, &how, rows, n);
    gsl_vector *x = gsl_vector_alloc(n), *weights = gsl_vector_alloc(rows);
    int status = GSL_ENOMEM;
    if (w != NULL && x != NULL && weights != NULL) {
        for (size_t j = 0; j < n; j++)
            gsl_vector_set(x, j, f->parameter[j].value);
        status = rounds(&s, count, w, x, weights);
    }
    if (status == GSL_SUCCESS) {
        for (size_t j = 0; j < n; j++)
            f->parameter[j].value = gsl_vector_get(x, j);
        errors(&s, w);
    } else {
        error_add(e, NULL, 0, "the fit failed: %s", gsl_strerror(status));
    }
    gsl_vector_free(weights);
    gsl_vector_free(x);
    gsl_multifit_nlinear_free(w);
    free(s.slope);
    free(s.row);
    free(s.residual);
    return status == GSL_SUCCESS;
}
