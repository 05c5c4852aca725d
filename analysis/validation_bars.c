/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/validation_bars.h"

#include <math.h>
#include <string.h>

/* What is asked when whole models are left out of the fit (issue). */
static const struct {
    const char *quantity;
    double bar;
} held_bar[] = {
    {"tpot", 0.15}, {"itl_p50", 0.15}, {"ttft", 0.15}, {"gpu_power", 0.12}, {"e_tok", 0.17}};
static const char held_models[] = "each model";

/* False where either is NAN. */
static bool missed(size_t points, double error, double bar) {
    return points >= VALIDATION_BAR_POINTS && error > bar;
}

bool validation_median_missed(const struct error_group *g, enum quantity q) {
    return missed(g->stat[q].count, g->stat[q].median, error_table_bar(g->data, q));
}

bool validation_p90_missed(const struct error_group *g, enum quantity q) {
    return missed(g->stat[q].count, g->stat[q].p90, quantity_info[q].bar_p90);
}

double validation_held_bar(const struct validation_held *h) {
    if (strcmp(h->left_out, held_models) == 0)
        for (size_t i = 0; i < sizeof held_bar / sizeof held_bar[0]; i++)
            if (strcmp(h->quantity, held_bar[i].quantity) == 0)
                return held_bar[i].bar;
    return NAN;
}

bool validation_held_missed(const struct validation_held *h) {
    return h->count >= VALIDATION_BAR_POINTS && h->median > validation_held_bar(h);
}

/* A sentence; `title` is of the quantity, `what` says which figure of the error. */
static void sentence(const struct error_group *g, const char *title, const char *what,
                     const double error[2], size_t points, FILE *to) {
    fprintf(to,
            "- %s%s%s%s%s, %zu points: the %s of the error of %s is %.1f %%, at most %.0f %% are "
            "asked for.\n",
            g->data, *g->hardware != '\0' ? ", " : "", g->hardware, *g->engine != '\0' ? ", " : "",
            g->engine, points, what, title, 100 * error[0], 100 * error[1]);
}

/* The missed bars of all groups of a level; how many. */
static size_t level_bars(const struct comparisons *c, enum error_level level, FILE *to) {
    struct error_table table;
    size_t count = 0;
    error_table_make(c, level, &table);
    for (size_t i = 0; i < table.count; i++)
        for (int k = 0; k < QUANTITY_COUNT; k++) {
            const enum quantity q = (enum quantity)k;
            const struct error_group *g = &table.group[i];
            const struct error_stat *s = &g->stat[q];
            const double median[] = {s->median, error_table_bar(g->data, q)},
                         p90[] = {s->p90, quantity_info[q].bar_p90};
            if (validation_median_missed(g, q)) {
                sentence(g, quantity_info[q].title, "median", median, s->count, to);
                count++;
            }
            if (validation_p90_missed(g, q)) {
                sentence(g, quantity_info[q].title, "90th percentile", p90, s->count, to);
                count++;
            }
        }
    error_table_clear(&table);
    return count;
}

static size_t held_bars(const struct validation_held_out *held, FILE *to) {
    size_t count = 0;
    for (size_t i = 0; i < held->count; i++) {
        const struct validation_held *row = &held->row[i];
        if (!validation_held_missed(row))
            continue;
        fprintf(to,
                "- %s, %s left out of the fit, %.0f points: the median of the error of %s is "
                "%.1f %%, at most %.0f %% are asked for.\n",
                row->group, row->left_out, row->count, row->quantity, 100 * row->median,
                100 * validation_held_bar(row));
        count++;
    }
    return count;
}

void validation_bars(const struct comparisons *c, const struct validation_held_out *held,
                     FILE *to) {
    fprintf(to,
            "\n## Bars\n\nThese errors are above what is asked for (docs/validate.md), in groups "
            "of %d points or more; smaller groups are held to nothing.\n",
            VALIDATION_BAR_POINTS);
    fputs("\nOn what was left out of the fit:\n\n", to);
    if (held->count == 0)
        fputs("- not told.\n", to);
    else if (held_bars(held, to) == 0)
        fputs("- none.\n", to);
    fputs("\nOver all of a source's points:\n\n", to);
    if (level_bars(c, ERROR_LEVEL_DATA, to) == 0)
        fputs("- none.\n", to);
    fputs("\nBy hardware and engine:\n\n", to);
    if (level_bars(c, ERROR_LEVEL_ENGINE, to) == 0)
        fputs("- none.\n", to);
}
