/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/validation_report.h"

#include "analysis/validation_bars.h"
#include "analysis/validation_memory.h"
#include "sim/engine/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A group is told not to be trusted when the median of a quantity is off by more than this, over as
 * many points at least. */
#define DOUBT_MEDIAN 0.15
enum { DOUBT_POINTS = 3 };

/* -- Why points are left out ------------------------------------------------------------------ */

struct reason {
    const char *text;
    size_t count;
};

static int by_text(const void *a, const void *b) {
    const struct reason *x = a, *y = b;
    return strcmp(x->text, y->text);
}

/* The reasons, in order, *count of them; owned by the caller. */
static struct reason *find_reasons(const struct comparisons *c, size_t *count) {
    struct reason *reason = memory_new(c->count, sizeof *reason);
    *count = 0;
    for (size_t i = 0; i < c->count; i++) {
        const char *text = c->one[i].excluded;
        size_t k = 0;
        while (text != NULL && k < *count && strcmp(reason[k].text, text) != 0)
            k++;
        if (text == NULL)
            continue;
        if (k == *count)
            reason[(*count)++] = (struct reason){text, 0};
        reason[k].count++;
    }
    qsort(reason, *count, sizeof *reason, by_text);
    return reason;
}

static size_t count_compared(const struct comparisons *c) {
    size_t n = 0;
    for (size_t i = 0; i < c->count; i++)
        n += c->one[i].excluded == NULL;
    return n;
}

/* -- The summary ------------------------------------------------------------------------------ */

static void summary_line(const struct error_group *g, FILE *to) {
    fprintf(to, "%-14.14s %-11.11s %-19.19s %4zu", g->data, g->hardware, g->engine, g->points);
    for (int q = 0; q < QUANTITY_COUNT; q++) {
        const struct error_stat *s = &g->stat[q];
        if (s->count == 0)
            fprintf(to, " %12s", "-");
        else
            fprintf(to, " %5.1f%s/%5.1f", 100 * s->median,
                    validation_median_missed(g, (enum quantity)q) ? "!" : " ", 100 * s->p90);
    }
    fputc('\n', to);
}

static void summary_head(FILE *to) {
    fprintf(to, "%-14s %-11s %-19s %4s", "data", "hardware", "engine", "n");
    for (int q = 0; q < QUANTITY_COUNT; q++)
        fprintf(to, " %12s", quantity_info[q].title);
    fputc('\n', to);
}

void validation_summary(const struct comparisons *c, FILE *to) {
    struct error_table table;
    size_t reasons;
    struct reason *reason = find_reasons(c, &reasons);
    fprintf(to,
            "%zu measured points, of which %zu are compared. Absolute error in %%: median / "
            "90th percentile.\n\n",
            c->count, count_compared(c));
    summary_head(to);
    for (int level = ERROR_LEVEL_ENGINE; level >= ERROR_LEVEL_ALL; level--) {
        error_table_make(c, (enum error_level)level, &table);
        for (size_t i = 0; i < table.count; i++) {
            if (level == ERROR_LEVEL_ALL)
                table.group[i].data = "all";
            summary_line(&table.group[i], to);
        }
        error_table_clear(&table);
    }
    fprintf(to, "\n!: above what is asked for in groups of %d points or more (docs/validate.md).\n",
            VALIDATION_BAR_POINTS);
    fputs(reasons > 0 ? "\nLeft out:\n" : "", to);
    for (size_t i = 0; i < reasons; i++)
        fprintf(to, "%6zu  %s\n", reason[i].count, reason[i].text);
    free(reason);
}

/* -- JSON ------------------------------------------------------------------------------------- */

/* Names of tables, formats and quantities need no escapes, nor do our reasons. */
static void json_number(const char *name, double value, const char *end, FILE *to) {
    if (isfinite(value))
        fprintf(to, "\"%s\": %.6g%s", name, value, end);
    else
        fprintf(to, "\"%s\": null%s", name, end);
}

static void json_group(const struct error_group *g, FILE *to) {
    fprintf(to,
            "    {\"data\": \"%s\", \"hardware\": \"%s\", \"engine\": \"%s\", \"points\": %zu, "
            "\"errors\": {",
            g->data, g->hardware, g->engine, g->points);
    const char *comma = "\n";
    for (int q = 0; q < QUANTITY_COUNT; q++) {
        const struct error_stat *s = &g->stat[q];
        if (s->count == 0)
            continue;
        fprintf(to, "%s      \"%s\": {\"count\": %zu, ", comma, quantity_info[q].name, s->count);
        json_number("median", s->median, ", ", to);
        json_number("mean", s->mean, ", ", to);
        json_number("p90", s->p90, ", ", to);
        json_number("bias", s->bias, ", ", to);
        json_number("bar", error_table_bar(g->data, (enum quantity)q), "}", to);
        comma = ",\n";
    }
    fputs("}}", to);
}

void validation_json(const struct comparisons *c, FILE *to) {
    struct error_table table;
    size_t reasons;
    struct reason *reason = find_reasons(c, &reasons);
    error_table_make(c, ERROR_LEVEL_ENGINE, &table);
    fprintf(to, "{\n  \"points\": %zu,\n  \"compared\": %zu,\n  \"excluded\": {", c->count,
            count_compared(c));
    for (size_t i = 0; i < reasons; i++)
        fprintf(to, "%s\n    \"%s\": %zu", i > 0 ? "," : "", reason[i].text, reason[i].count);
    fputs("},\n  \"groups\": [\n", to);
    for (size_t i = 0; i < table.count; i++) {
        json_group(&table.group[i], to);
        fputs(i + 1 < table.count ? ",\n" : "\n", to);
    }
    fputs("  ]\n}\n", to);
    error_table_clear(&table);
    free(reason);
}

/* -- Markdown --------------------------------------------------------------------------------- */

static const char *or_dash(const char *text) {
    return *text != '\0' ? text : "-";
}

/* "0.12" as "12.0", bold where a bar is missed. */
static void percent(double share, bool missed, FILE *to) {
    const char *mark = missed ? "**" : "";
    if (isnan(share))
        fputs(" - |", to);
    else
        fprintf(to, " %s%.1f%s |", mark, 100 * share, mark);
}

static void report_group(const struct error_group *g, enum quantity q, bool model, FILE *to) {
    const struct error_stat *s = &g->stat[q];
    fprintf(to, "| %s | %s | %s |", g->data, g->hardware, g->engine);
    if (model)
        fprintf(to, " %s | %s |", or_dash(g->version), g->llm);
    fprintf(to, " %zu |", s->count);
    percent(s->median, !model && validation_median_missed(g, q), to);
    percent(s->mean, false, to);
    percent(s->p90, !model && validation_p90_missed(g, q), to);
    fprintf(to, " %+.1f |", 100 * s->bias);
    if (!model) {
        percent(error_table_bar(g->data, q), false, to);
        percent(quantity_info[q].bar_p90, false, to);
    }
    fputc('\n', to);
}

/* All groups of a level, one table for each quantity. */
static void report_errors(const struct comparisons *c, enum error_level level, enum quantity q,
                          FILE *to) {
    const struct quantity_info *info = &quantity_info[q];
    struct error_table table;
    const bool model = level == ERROR_LEVEL_MODEL;
    error_table_make(c, level, &table);
    fprintf(to, "\n### %s (%s)\n\n", info->title, info->long_name);
    if (info->remark != NULL)
        fprintf(to, "%s\n\n", info->remark);
    fprintf(to, "| data | hardware | engine |%s n | median | mean | 90 %% | bias |%s\n",
            model ? " version | model |" : "", model ? "" : " asked median | asked 90 % |");
    fprintf(to, "| --- | --- | --- |%s --- | --- | --- | --- | --- |%s\n",
            model ? " --- | --- |" : "", model ? "" : " --- | --- |");
    for (size_t i = 0; i < table.count; i++)
        if (table.group[i].stat[q].count > 0)
            report_group(&table.group[i], q, model, to);
    error_table_clear(&table);
}

static bool any_compared(const struct comparisons *c, int q) {
    for (size_t i = 0; i < c->count; i++)
        if (!isnan(c->one[i].measured[q]))
            return true;
    return false;
}

static void report_level(const struct comparisons *c, enum error_level level, FILE *to) {
    for (int q = 0; q < QUANTITY_COUNT; q++)
        if (any_compared(c, q))
            report_errors(c, level, (enum quantity)q, to);
}

/* The figures that analysis/plots/validation.py draws. */
static void report_figures(const struct comparisons *c, FILE *to) {
    fputs("\n## Figures\n\nPredicted against measured on logarithmic axes; dashed: 25 % more, and "
          "the "
          "same the other way.\n\n",
          to);
    for (int q = 0; q < QUANTITY_COUNT; q++)
        if (any_compared(c, q))
            fprintf(to, "![%s](figures/validation_%s.png)\n", quantity_info[q].title,
                    quantity_info[q].name);
}

/* What the tables took from which data. The tables' own sources say it figure by figure. */
static void report_fitted(FILE *to) {
    fputs(
        "\n## What was fitted, and what was held out\n\n"
        "*Fitted.* Times, GPU power and the prompts that are not stated were fitted to the closed "
        "loops of `serving_points` and `mlenergy`, but for those on GB200 and some on one B200 "
        "(docs/tables.md, fits). Their errors below are of points that the fit saw.\n\n"
        "*Taken from MLPerf.* From `mlperf` and `power_cap_curves` come, in the tables of "
        "hardware: the host's 1560 W and its slope of 0.148, fitted to the wall power of eight "
        "H200 at caps and at idle, and used for other nodes of eight too; the idle power of H200 "
        "and B200, "
        "and by it that of others; the frequency exponents, from pairs with and without a cap; and "
        "the efficiencies of products on MI300X, MI325X and MI355X, from tokens/s of Llama-2-70B "
        "offline over peak against H200's. So wall power, the ratio of tokens/s with a cap to "
        "those without, and tokens/s of AMD accelerators are not predictions of unseen data.\n\n"
        "*Not seen.* Tokens/s of `mlperf` on NVIDIA hardware; `splitwise`, all of it. Rows of "
        "`power_cap_curves` repeat results of `mlperf` with their caps, and are no further "
        "evidence.\n",
        to);
}

static void report_held_out(const struct validation_held_out *held, FILE *to) {
    report_fitted(to);
    if (held->count == 0)
        return;
    fputs("\nThe headline: the fit repeated without all points of `left out`, one after the other, "
          "and the errors of its steady state on just these, in %. A median in bold is above what "
          "is asked for.\n\n"
          "| group | left out | quantity | n | median | 90 % | asked median |\n"
          "| --- | --- | --- | --- | --- | --- | --- |\n",
          to);
    for (size_t i = 0; i < held->count; i++) {
        const struct validation_held *row = &held->row[i];
        fprintf(to, "| %s | %s | %s | %.0f |", row->group, row->left_out, row->quantity,
                row->count);
        percent(row->median, validation_held_missed(row), to);
        percent(row->p90, false, to);
        percent(validation_held_bar(row), false, to);
        fputc('\n', to);
    }
}

static void report_doubts(const struct comparisons *c, const struct validation_notes *notes,
                          FILE *to) {
    struct error_table table;
    error_table_make(c, ERROR_LEVEL_MODEL, &table);
    fprintf(
        to,
        "\n## Where not to trust it\n\nGroups of %d points or more whose median error is above "
        "%.0f %%.\n\n"
        "| data | hardware | engine | version | model | quantity | n | median | bias | reason |\n"
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n",
        DOUBT_POINTS, 100 * DOUBT_MEDIAN);
    for (size_t i = 0; i < table.count; i++)
        for (int q = 0; q < QUANTITY_COUNT; q++) {
            const struct error_group *g = &table.group[i];
            const struct error_stat *s = &g->stat[q];
            if (s->count < DOUBT_POINTS || s->median <= DOUBT_MEDIAN)
                continue;
            const char *reason = validation_notes_find(notes, g, (enum quantity)q);
            fprintf(to, "| %s | %s | %s | %s | %s | %s | %zu | %.1f | %+.1f | %s |\n", g->data,
                    g->hardware, g->engine, or_dash(g->version), g->llm, quantity_info[q].title,
                    s->count, 100 * s->median, 100 * s->bias,
                    reason != NULL ? reason : "not known");
        }
    error_table_clear(&table);
}

static void report_data(const struct comparisons *c, FILE *to) {
    size_t reasons;
    struct reason *reason = find_reasons(c, &reasons);
    fprintf(to,
            "\n## Data\n\nOf %zu measured points %zu are compared: tests/measured/README.md says "
            "whose they are, docs/measured.md how they are read. Left out are:\n\n"
            "| points | reason |\n| --- | --- |\n",
            c->count, count_compared(c));
    for (size_t i = 0; i < reasons; i++)
        fprintf(to, "| %zu | %s |\n", reason[i].count, reason[i].text);
    free(reason);
}

void validation_report(const struct comparisons *c, const struct validation_notes *notes,
                       const struct validation_held_out *held, FILE *to) {
    fputs("<!-- Generated by `make validate` (dcsim validate --markdown): do not edit. -->\n"
          "# dcsim against measurements\n\n"
          "The simulator itself, not its formulas, run on each measured configuration: the same "
          "hardware, engine, model, layout, lengths and load (docs/validate.md). Errors are "
          "`predicted / measured - 1`, in %; median, mean and 90th percentile are of its absolute "
          "value, the bias is the median of the signed one.\n",
          to);
    report_data(c, to);
    report_held_out(held, to);
    validation_bars(c, held, to);
    fprintf(to,
            "\n## Errors by hardware and engine\n\nIn bold: above what is asked for, in groups of "
            "%d points or more.\n",
            VALIDATION_BAR_POINTS);
    report_level(c, ERROR_LEVEL_ENGINE, to);
    report_figures(c, to);
    report_doubts(c, notes, to);
    validation_memory(c, to);
    fputs("\n## Errors by version and model\n", to);
    report_level(c, ERROR_LEVEL_MODEL, to);
}
