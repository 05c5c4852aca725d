/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/sweep_print.h"

#include "analysis/summary.h"

#include <math.h>
#include <string.h>

/* Columns of a matrix, and rows of a list, that a screen holds. */
enum { MATRIX_COLUMNS = 12, LIST_ROWS = 60, CELL = 48 };

/* One letter for each constraint. */
static const char letter[BINDING_COUNT] = {
    [BINDING_DEMAND] = 'D', [BINDING_COMPUTE] = 'C', [BINDING_MEMORY] = 'M', [BINDING_KV] = 'K',
    [BINDING_FEED] = 'F',   [BINDING_COOLING] = 'L', [BINDING_RACK] = 'R',   [BINDING_NODE] = 'N',
};

/* The unit as a word beside a number: none for "1". */
static const char *unit_of(size_t figure) {
    const char *unit = outcome_figure(figure)->unit;
    return strcmp(unit, "1") == 0 ? "" : unit;
}

/* The values of a figure share a prefix, that of the largest: what it is, and by what it
 * multiplies. */
static const char *prefix_of(const struct sweep_table *t, size_t figure, double *scale) {
    static const char *const prefix[] = {"p", "n", "u", "m", "", "k", "M", "G", "T", "P", "E", "Z"};
    enum { LOWEST = -4, HIGHEST = 7 };
    double most = 0.0;
    for (size_t p = 0; p < t->plan->points; p++) {
        const double value = fabs(sweep_table_cell(t, p, figure)->value);
        most = isfinite(value) ? fmax(most, value) : most;
    }
    int step = most > 0.0 ? (int)floor(log10(most * (1.0 + 1e-12)) / 3.0) : 0;
    step = step < LOWEST ? LOWEST : step > HIGHEST ? HIGHEST : step;
    /* A share or a ratio keeps its plain number. */
    if (*unit_of(figure) == '\0' && step < 0)
        step = 0;
    *scale = pow(10.0, 3.0 * step);
    return prefix[step - LOWEST];
}

static void print_legend(const struct sweep_table *t, FILE *to) {
    bool seen[BINDING_COUNT] = {false};
    const char *comma = "";
    for (size_t p = 0; p < t->plan->points; p++)
        seen[sweep_table_binding(t, p)] = true;
    fputs("Binding constraint: ", to);
    for (int b = 0; b < BINDING_COUNT; b++) {
        if (!seen[b])
            continue;
        fprintf(to, "%s%c %s", comma, letter[b], binding_name[b]);
        comma = ", ";
    }
    fputs("\n", to);
}

/* What a figure is, above its numbers: "token_rate_mean (M token/s): ...". */
static void print_figure(const struct sweep_table *t, size_t figure, FILE *to) {
    double scale;
    const char *prefix = prefix_of(t, figure, &scale);
    const char *unit = unit_of(figure), *gap = *prefix != '\0' && *unit != '\0' ? " " : "";
    fprintf(to, "\n%s", outcome_figure(figure)->name);
    if (*prefix != '\0' || *unit != '\0')
        fprintf(to, " (%s%s%s)", prefix, gap, unit);
    fprintf(to, ": %s\n", outcome_figure(figure)->long_name);
}

static void format_value(char text[CELL], const struct sweep_table *t, size_t point, size_t figure,
                         double scale) {
    const double value = sweep_table_cell(t, point, figure)->value;
    if (isfinite(value))
        snprintf(text, CELL, "%.4g %c", value / scale, letter[sweep_table_binding(t, point)]);
    else
        snprintf(text, CELL, "none %c", letter[sweep_table_binding(t, point)]);
}

/* A value of an axis as it is printed: numbers with five digits. */
static const char *axis_text(char text[CELL], const struct axis *a, double value,
                             const char *written) {
    if (isfinite(value))
        snprintf(text, CELL, "%.5g%s%.16s", value, *a->unit != '\0' ? " " : "", a->unit);
    else
        snprintf(text, CELL, "%.40s", written);
    return text;
}

static const char *value_text(char text[CELL], const struct axis *a, size_t i) {
    return axis_text(text, a, a->value != NULL ? a->value[i] : NAN, a->text[i]);
}

/* Width of the column of the first axis. */
static int first_width(const struct axis *a) {
    char text[CELL];
    size_t width = strlen(a->name);
    for (size_t i = 0; i < a->count; i++) {
        const size_t length = strlen(value_text(text, a, i));
        width = length > width ? length : width;
    }
    return (int)width;
}

static int matrix_width(const struct axis *a) {
    const int width = first_width(a);
    return width > 9 ? width : 9;
}

static void print_matrix(const struct sweep_table *t, size_t figure, FILE *to) {
    const struct axis *row = &t->plan->axis[0], *column = &t->plan->axis[1];
    const int first = first_width(row), width = matrix_width(column);
    double scale;
    char text[CELL];
    print_figure(t, figure, to);
    prefix_of(t, figure, &scale);
    fprintf(to, "  %*s  %s\n  %-*s", first, "", column->name, first, row->name);
    for (size_t c = 0; c < column->count; c++)
        fprintf(to, "  %*s", width, value_text(text, column, c));
    fputc('\n', to);
    for (size_t r = 0; r < row->count; r++) {
        fprintf(to, "  %-*s", first, value_text(text, row, r));
        for (size_t c = 0; c < column->count; c++) {
            format_value(text, t, r * column->count + c, figure, scale);
            fprintf(to, "  %*s", width, text);
        }
        fputc('\n', to);
    }
}

/* "1.234 +- 0.005". */
static void print_interval(const struct outcome *cell, double scale, FILE *to) {
    char text[CELL];
    if (!isfinite(cell->value))
        snprintf(text, sizeof text, "none");
    else if (isfinite(cell->half))
        snprintf(text, sizeof text, "%.4g +- %.2g", cell->value / scale, cell->half / scale);
    else
        snprintf(text, sizeof text, "%.4g", cell->value / scale);
    fprintf(to, "  %18s", text);
}

static void print_list(const struct sweep_table *t, const size_t *figure, size_t figures,
                       FILE *to) {
    const struct plan *p = t->plan;
    char text[CELL];
    double scale;
    for (size_t f = 0; f < figures; f++)
        print_figure(t, figure[f], to);
    fputc('\n', to);
    for (size_t a = 0; a < p->axes; a++)
        fprintf(to, "  %12s", p->axis[a].name);
    for (size_t f = 0; f < figures; f++)
        fprintf(to, "  %18s", outcome_figure(figure[f])->name);
    fputs("  binding\n", to);
    for (size_t i = 0; i < p->points && i < LIST_ROWS; i++) {
        for (size_t a = 0; a < p->axes; a++)
            fprintf(to, "  %12s",
                    axis_text(text, &p->axis[a], p->value[i * p->axes + a],
                              p->set[i * p->axes + a].value));
        for (size_t f = 0; f < figures; f++) {
            prefix_of(t, figure[f], &scale);
            print_interval(sweep_table_cell(t, i, figure[f]), scale, to);
        }
        fprintf(to, "  %s\n", binding_name[sweep_table_binding(t, i)]);
    }
    if (p->points > LIST_ROWS)
        fprintf(to, "  and %zu more points in the file\n", p->points - LIST_ROWS);
}

/* "context 8192, batch 64": a column's values on the other axes. */
static void print_column(const struct plan *p, size_t column, FILE *to) {
    char text[CELL];
    for (size_t a = 1; a < p->axes; a++) {
        const size_t i = column * p->axes + a;
        fprintf(to, "%s%s %s", a > 1 ? ", " : "", p->axis[a].name,
                axis_text(text, &p->axis[a], p->value[i], p->set[i].value));
    }
}

static void print_crossing(const struct boundary *b, const struct axis *a, FILE *to) {
    const char *gap = *a->unit != '\0' ? " " : "";
    char text[CELL];
    if (b->direction == 0)
        snprintf(text, sizeof text, "%s",
                 b->side < 0   ? "power everywhere"
                 : b->side > 0 ? "compute everywhere"
                               : "unclear");
    else if (isfinite(b->half))
        snprintf(text, sizeof text, "%s %.4g%s%s +- %.2g", b->direction > 0 ? "below" : "above",
                 b->value, gap, a->unit, b->half);
    else
        snprintf(text, sizeof text, "%s %.4g%s%s", b->direction > 0 ? "below" : "above", b->value,
                 gap, a->unit);
    fprintf(to, "  %-28s", text);
}

static void print_boundary(const struct sweep_table *t, FILE *to) {
    const struct plan *p = t->plan;
    if (t->columns == 0)
        return;
    fprintf(to, "\nPower is scarce, rather than compute, where %s is\n  %-28s  %-28s\n",
            p->axis[0].name, "by rho < rho*", "by shares of node-time");
    for (size_t c = 0; c < t->columns && c < LIST_ROWS; c++) {
        for (int kind = 0; kind < BOUNDARY_COUNT; kind++)
            print_crossing(&t->boundary[(size_t)kind * t->columns + c], &p->axis[0], to);
        fputs("  ", to);
        print_column(p, c, to);
        fputc('\n', to);
    }
}

void sweep_print(const struct sweep_table *t, const char *title, const size_t *figure,
                 size_t figures, FILE *to) {
    const struct plan *p = t->plan;
    fprintf(to, "%s\n%zu points", title, p->points);
    for (size_t a = 0; a < p->axes; a++)
        fprintf(to, "%s%s", a == 0 ? ": " : p->kind == PLAN_GRID ? " by " : ", ", p->axis[a].name);
    fprintf(to, "; %zu %s each\n", t->replications, t->replications == 1 ? "run" : "replications");
    const bool matrix = p->kind == PLAN_GRID && p->axes == 2 && p->axis[1].count <= MATRIX_COLUMNS;
    for (size_t f = 0; matrix && f < figures; f++)
        print_matrix(t, figure[f], to);
    if (!matrix)
        print_list(t, figure, figures, to);
    fputc('\n', to);
    print_legend(t, to);
    print_boundary(t, to);
}
