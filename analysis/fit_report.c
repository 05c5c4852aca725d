/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/fit_report.h"

#include "sim/engine/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const fit_quantity_name[FIT_QUANTITIES] = {
    [FIT_TPOT] = "TPOT", [FIT_TTFT] = "TTFT", [FIT_POWER] = "GPU W", [FIT_E_TOK] = "J/token"};

void fit_errors_of(const struct fit *f, const struct fit_point *p, double out[FIT_QUANTITIES]) {
    const struct measured_point *m = p->measured;
    double value[FIT_COEFFICIENTS];
    struct fit_prediction q;
    fit_values_of(f, p, value);
    fit_predict(p, value, &q);
    out[FIT_TPOT] = q.tpot / m->tpot - 1.0;
    out[FIT_TTFT] = fit_low_load(m, m->prompt) ? q.ttft / m->ttft - 1.0 : NAN;
    out[FIT_POWER] = q.power / m->gpu_power - 1.0;
    out[FIT_E_TOK] = q.power * q.tpot / (m->gpu_power * m->tpot) - 1.0;
}

static int ascending(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double quantile(const double *sorted, size_t n, double q) {
    if (n == 0)
        return NAN;
    const double place = q * (double)(n - 1);
    const size_t i = (size_t)place;
    const double next = sorted[i + 1 < n ? i + 1 : i];
    return sorted[i] + (place - (double)i) * (next - sorted[i]);
}

struct fit_summary fit_summarise(double *error, size_t count) {
    struct fit_summary s = {.points = 0};
    for (size_t i = 0; i < count; i++)
        if (!isnan(error[i]))
            error[s.points++] = error[i];
    qsort(error, s.points, sizeof *error, ascending);
    s.bias = quantile(error, s.points, 0.5);
    for (size_t i = 0; i < s.points; i++) {
        error[i] = fabs(error[i]);
        s.mean += error[i] / (double)s.points;
    }
    qsort(error, s.points, sizeof *error, ascending);
    s.median = quantile(error, s.points, 0.5);
    s.high = quantile(error, s.points, 0.9);
    return s;
}

/* -- Printing --------------------------------------------------------------------------------- */

void fit_print_parameters(const struct fit *f, FILE *to) {
    fputs(
        "Coefficients (docs/equations.md, 2 and 3): value, and the factor of one standard error\n",
        to);
    for (int c = 0; c < FIT_COEFFICIENTS; c++)
        for (size_t j = 0; j < f->parameters; j++) {
            const struct fit_parameter *q = &f->parameter[j];
            if ((int)q->coefficient != c || q->deviation)
                continue;
            const double value = fit_link((enum fit_coefficient)c, q->value);
            const double high = fit_link((enum fit_coefficient)c, q->value + q->error);
            fprintf(to, "  %-10s %-28s %10.4g %-7s x %-6.3f %5zu points\n", fit_row[c].name,
                    q->label, value, fit_row[c].unit, high / value, q->points);
        }
}

static void print_line(const char *name, double *const error[FIT_QUANTITIES], size_t count,
                       FILE *to) {
    fprintf(to, "  %-40.40s", name);
    for (int k = 0; k < FIT_QUANTITIES; k++) {
        const struct fit_summary s = fit_summarise(error[k], count);
        if (s.points == 0)
            fprintf(to, " |        -           ");
        else
            fprintf(to, " | %4zu %4.1f %5.1f %+5.1f", s.points, 100.0 * s.median, 100.0 * s.high,
                    100.0 * s.bias);
    }
    fputc('\n', to);
}

void fit_group_name(const struct fit_point *p, enum fit_grouping by, char *out, size_t size) {
    const struct measured_point *m = p->measured;
    const char *const source = strcmp(m->source, "mlenergy") == 0 ? "ML.ENERGY, " : "";
    switch (by) {
    case FIT_BY_NOTHING:
        snprintf(out, size, "all");
        break;
    case FIT_BY_SOURCE:
        snprintf(out, size, "%s", m->source);
        break;
    case FIT_BY_PAIR:
        snprintf(out, size, "%s%s, %.24s", source, m->hardware, m->engine);
        break;
    case FIT_BY_LLM:
        snprintf(out, size, "%s", m->llm);
        break;
    case FIT_BY_ARCHITECTURE:
        snprintf(out, size, "%s", p->architecture);
        break;
    case FIT_BY_HARDWARE:
        snprintf(out, size, "%s", m->hardware);
        break;
    case FIT_BY_ENGINE:
        snprintf(out, size, "%s", m->engine);
        break;
    }
}

/* Lines of one grouping, in the order in which its groups come up; `use` picks the points. */
void fit_print_errors(const struct fit *f, double (*error)[FIT_QUANTITIES], const bool *use,
                      enum fit_grouping by, FILE *to) {
    bool *done = memory_new(f->points, sizeof *done);
    double *column[FIT_QUANTITIES];
    for (int k = 0; k < FIT_QUANTITIES; k++)
        column[k] = memory_new(f->points, sizeof *column[k]);
    for (size_t i = 0; i < f->points; i++) {
        char name[160], other[160];
        size_t n = 0;
        if (done[i] || !use[i])
            continue;
        fit_group_name(&f->point[i], by, name, sizeof name);
        for (size_t j = i; j < f->points; j++) {
            if (done[j] || !use[j])
                continue;
            fit_group_name(&f->point[j], by, other, sizeof other);
            if (strcmp(name, other) != 0)
                continue;
            done[j] = true;
            for (int k = 0; k < FIT_QUANTITIES; k++)
                column[k][n] = error[j][k];
            n++;
        }
        print_line(name, column, n, to);
    }
    for (int k = 0; k < FIT_QUANTITIES; k++)
        free(column[k]);
    free(done);
}

void fit_print_head(FILE *to) {
    fprintf(to, "  %-40s", "group: points, median, 90 %, bias (%)");
    for (int k = 0; k < FIT_QUANTITIES; k++)
        fprintf(to, " | %-20s", fit_quantity_name[k]);
    fputc('\n', to);
}
