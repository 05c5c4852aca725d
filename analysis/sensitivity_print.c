/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/sensitivity_print.h"

#include "sim/engine/memory.h"

#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CELL = 64 };

/* Factors, the one with the largest weight first; NAN last. */
static size_t *order_of(const struct sensitivity_table *t, size_t figure) {
    const size_t factors = t->plan->factors;
    size_t *order = memory_new(factors, sizeof *order);
    for (size_t i = 0; i < factors; i++) {
        const double weight = sensitivity_table_weight(t, figure, i);
        size_t k = i;
        for (; k > 0 && !(sensitivity_table_weight(t, figure, order[k - 1]) >= weight); k--)
            order[k] = order[k - 1];
        order[k] = i;
    }
    return order;
}

static int name_width(const struct sensitivity_plan *p) {
    size_t width = strlen("factor");
    for (size_t i = 0; i < p->factors; i++) {
        const size_t length = strlen(p->axis[i].name);
        width = length > width ? length : width;
    }
    return (int)width;
}

/* " J/token"; nothing for a plain number. */
static void print_unit(size_t figure, FILE *to) {
    const char *unit = outcome_figure(figure)->unit;
    if (strcmp(unit, "1") != 0)
        fprintf(to, " %s", unit);
}

/* What the figure is, and how far it goes over the design. */
static void print_figure(const struct sensitivity_table *t, size_t figure, FILE *to) {
    const double *output = t->output + figure * t->plan->points;
    const size_t points = t->plan->points;
    fprintf(to, "\n%s: %s\n", outcome_figure(figure)->name, outcome_figure(figure)->long_name);
    if (t->variation[figure] == VARIATION_MISSING) {
        size_t missing = 0;
        for (size_t i = 0; i < points; i++)
            missing += isfinite(output[i]) ? 0 : 1;
        fprintf(to, "  no index: missing at %zu of %zu points\n", missing, points);
        return;
    }
    if (t->variation[figure] == VARIATION_NONE) {
        fprintf(to, "  no index: %.6g", output[0]);
        print_unit(figure, to);
        fprintf(to, ", %s\n", variation_text(VARIATION_NONE));
        return;
    }
    fprintf(to, "  %.4g to %.4g", gsl_stats_min(output, 1, points),
            gsl_stats_max(output, 1, points));
    print_unit(figure, to);
    fprintf(to, ", mean %.4g, standard deviation %.3g\n", gsl_stats_mean(output, 1, points),
            gsl_stats_sd(output, 1, points));
}

/* A small number that rounds to zero has no sign. */
static double plain(double value) {
    return fabs(value) < 0.0005 ? 0.0 : value;
}

/* "0.314 (0.287 to 0.340)". */
static const char *share_text(char text[CELL], double value, double low, double high) {
    if (isfinite(low) && isfinite(high))
        snprintf(text, CELL, "%6.3f (%.3f to %.3f)", plain(value), plain(low), plain(high));
    else
        snprintf(text, CELL, "%6.3f", plain(value));
    return text;
}

static void print_indices(const struct sensitivity_table *t, size_t figure, FILE *to) {
    const struct sensitivity_plan *p = t->plan;
    const int width = name_width(p);
    size_t *order = order_of(t, figure);
    double alone = 0.0;
    fprintf(to, "  %-*s  %-25s  %s\n", width, "factor", " first index", " total index");
    for (size_t k = 0; k < p->factors; k++) {
        const struct sobol_index *s = &t->index[figure * p->factors + order[k]];
        char first[CELL], total[CELL];
        fprintf(to, "  %-*s  %-25s  %s\n", width, p->axis[order[k]].name,
                share_text(first, s->first, s->first_low, s->first_high),
                share_text(total, s->total, s->total_low, s->total_high));
        alone += s->first;
    }
    fprintf(to, "  %-*s  %6.3f%s\n", width, "sum", plain(alone),
            alone < 1.0 ? "; what is missing to 1 is of factors acting together" : "");
    free(order);
}

static void print_effects(const struct sensitivity_table *t, size_t figure, FILE *to) {
    const struct sensitivity_plan *p = t->plan;
    const int width = name_width(p);
    size_t *order = order_of(t, figure);
    fprintf(to, "  %-*s  %-31s  %10s  %10s\n", width, "factor", " mu*", "mu", "sigma");
    for (size_t k = 0; k < p->factors; k++) {
        const struct morris_effect *m = &t->effect[figure * p->factors + order[k]];
        char text[CELL];
        snprintf(text, sizeof text, "%9.4g (%.4g to %.4g)", m->mu_star, m->mu_star_low,
                 m->mu_star_high);
        fprintf(to, "  %-*s  %-31s  %10.4g  %10.3g\n", width, p->axis[order[k]].name, text, m->mu,
                m->sigma);
    }
    free(order);
}

static void print_factors(const struct sensitivity_plan *p, FILE *to) {
    const int width = name_width(p);
    for (size_t i = 0; i < p->factors; i++) {
        const struct axis *a = &p->axis[i];
        fprintf(to, "  %-*s  %.5g to %.5g%s%s%s%s  %s\n", width, a->name, a->low, a->high,
                *a->unit != '\0' ? " " : "", a->unit, a->log ? ", log" : "",
                a->whole ? ", whole" : "", a->xpath);
    }
}

void sensitivity_print(const struct sensitivity_table *t, const char *title,
                       const struct outcome_list *of, FILE *to) {
    const struct sensitivity_plan *p = t->plan;
    const bool morris = p->method == SENSITIVITY_MORRIS;
    fprintf(to, "%s\n%s: %zu %s, %zu points; %zu %s each\n", title,
            morris ? "Morris screening" : "Sobol indices", p->size,
            morris ? "trajectories" : "rows", p->points, t->replications,
            t->replications == 1 ? "run" : "replications");
    print_factors(p, to);
    fprintf(
        to, "%s\n",
        morris ? "\nChange of a figure over a factor's whole range: mean size mu* (95 % interval), "
                 "mean mu; sigma: spread,\nby curvature or by acting with other factors"
               : "\nShares of a figure's variance by a factor alone (first) and also with others "
                 "(total), with 95 % intervals");
    for (size_t f = 0; f < of->count; f++) {
        const size_t figure = of->figure[f];
        print_figure(t, figure, to);
        if (t->variation[figure] != VARIATION_SOME)
            continue;
        if (morris)
            print_effects(t, figure, to);
        else
            print_indices(t, figure, to);
    }
}
