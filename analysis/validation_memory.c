/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/validation_memory.h"

#include "analysis/error_table.h"
#include "sim/engine/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SHORT_SHARE 0.9

bool validation_memory_short(const struct comparison *c) {
    const double clients = c->point->clients; /* comparisons with NAN are false */
    return c->excluded == NULL && c->trial.places < clients &&
           c->trial.running < SHORT_SHARE * clients;
}

static int by_group(const void *a, const void *b) {
    const struct comparison *const *x = a, *const *y = b;
    const struct measured_point *p = (*x)->point, *q = (*y)->point;
    int order = strcmp(p->source, q->source);
    order = order != 0 ? order : strcmp(p->hardware, q->hardware);
    order = order != 0 ? order : strcmp(p->engine, q->engine);
    order = order != 0 ? order : strcmp(p->llm, q->llm);
    order = order != 0 ? order : (p->gpus > q->gpus) - (p->gpus < q->gpus);
    return order;
}

/* Median absolute error, over those whose memory is short or over the others; `error` has room for
 * all. */
static double median(const struct comparison *const *one, size_t count, bool lacking,
                     enum quantity q, double *error) {
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        const double e = comparison_error(one[i], q);
        if (validation_memory_short(one[i]) == lacking && !isnan(e))
            error[n++] = e;
    }
    struct error_stat stat;
    error_stat_make(error, n, &stat);
    return stat.median;
}

static void cell(double share, FILE *to) {
    if (isnan(share))
        fputs(" - |", to);
    else
        fprintf(to, " %.1f |", 100 * share);
}

/* A line of the table, where any point's memory is short; how many are. */
static size_t report_group(const struct comparison *const *one, size_t count, double *error,
                           FILE *to) {
    const struct measured_point *p = one[0]->point;
    double least = INFINITY;
    size_t lacking = 0;
    for (size_t i = 0; i < count; i++)
        if (validation_memory_short(one[i])) {
            least = fmin(least, one[i]->trial.running / one[i]->point->clients);
            lacking++;
        }
    if (lacking == 0)
        return 0;
    fprintf(to, "| %s | %s | %s | %s | %d | %zu | %zu | %.0f |", p->source, p->hardware, p->engine,
            p->llm, p->gpus, lacking, count, 100 * least);
    cell(median(one, count, true, QUANTITY_TPOT, error), to);
    cell(median(one, count, true, QUANTITY_TTFT, error), to);
    cell(median(one, count, false, QUANTITY_TPOT, error), to);
    cell(median(one, count, false, QUANTITY_TTFT, error), to);
    fputc('\n', to);
    return lacking;
}

void validation_memory(const struct comparisons *c, FILE *to) {
    const struct comparison **one = memory_new(c->count, sizeof *one);
    double *error = memory_new(c->count, sizeof *error);
    size_t count = 0, lacking = 0;
    for (size_t i = 0; i < c->count; i++)
        if (c->one[i].excluded == NULL)
            one[count++] = &c->one[i];
    qsort(one, count, sizeof *one, by_group);
    fprintf(
        to,
        "\n## Where the memory is too small by the tables\n\nPoints at which fewer than "
        "%.0f %% of the clients are simulated to run, because by the tables the memory holds "
        "no more of them: the rest waits in a queue that was not measured, and TTFT may be off "
        "by any factor. `runs` is the least share of the clients that runs; errors are "
        "medians, of these points and of the others of the group.\n\n"
        "| data | hardware | engine | model | GPUs | n | of | runs | TPOT | TTFT | others' TPOT "
        "| others' TTFT |\n"
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n",
        100 * SHORT_SHARE);
    for (size_t first = 0, end; first < count; first = end) {
        for (end = first + 1; end < count && by_group(&one[first], &one[end]) == 0;)
            end++;
        lacking += report_group(one + first, end - first, error, to);
    }
    fprintf(to, "\nTogether %zu of %zu points.\n", lacking, count);
    free(error);
    free(one);
}
