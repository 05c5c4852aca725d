/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/compare.h"

#include "sim/engine/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A difference below this share of the values is that of the order in which sums were taken. */
#define ROUNDING 1e-12

/* A row of what both runs have, without any interval. */
static struct compare_row make_row(char *name, const char *unit, double a, double b) {
    const bool same = a == b || (isnan(a) && isnan(b)) ||
                      (isfinite(b - a) && fabs(b - a) <= ROUNDING * fmax(fabs(a), fabs(b)));
    return (struct compare_row){.name = name,
                                .unit = unit,
                                .a = a,
                                .b = b,
                                .half_a = INFINITY,
                                .half_b = INFINITY,
                                .difference = same ? 0.0 : b - a,
                                .half = INFINITY,
                                .relative = same ? 0.0 : b / a - 1.0,
                                .relative_half = INFINITY,
                                .verdict = same ? COMPARE_SAME : COMPARE_UNKNOWN};
}

static void add_row(struct compare_rows *rows, struct compare_row row) {
    rows->row = memory_resize(rows->row, rows->count + 1, sizeof *rows->row);
    rows->row[rows->count++] = row;
}

/* -- Figures ----------------------------------------------------------------------------------- */

static double own_half(const struct saved_figure *f) {
    return f != NULL && f->has_interval ? f->high - f->value : INFINITY;
}

static void add_figure(struct compare *c, const struct saved_figure *a,
                       const struct saved_figure *b) {
    const struct saved_figure *any = a != NULL ? a : b;
    struct compare_row row = make_row(memory_text(any->name), any->unit, a == NULL ? NAN : a->value,
                                      b == NULL ? NAN : b->value);
    const struct pairing_half half = pairing_half(&c->pairing, any->name);
    row.whole = any->whole;
    row.half_a = own_half(a);
    row.half_b = own_half(b);
    row.half = half.difference;
    row.relative_half = half.relative;
    row.paired = half.paired;
    if (row.verdict != COMPARE_SAME && isfinite(row.half))
        row.verdict = fabs(row.difference) > row.half ? COMPARE_BEYOND : COMPARE_WITHIN;
    add_row(&c->figures, row);
}

/* All of A's; then those that only B has, as when another version wrote it. */
static void add_figures(struct compare *c) {
    for (size_t i = 0; i < c->a->figures; i++)
        add_figure(c, &c->a->figure[i], saved_figure(c->b, c->a->figure[i].name));
    for (size_t i = 0; i < c->b->figures; i++)
        if (saved_figure(c->a, c->b->figure[i].name) == NULL)
            add_figure(c, NULL, &c->b->figure[i]);
}

/* -- The rest ---------------------------------------------------------------------------------- */

/* A quantile comes from a sketch, which is off by its relative error at most; a mean is exact. */
static void add_latency(struct compare *c, int which) {
    const struct saved_latency *a = &c->a->latency[which], *b = &c->b->latency[which];
    const char *name = results_latency_name[which];
    for (int i = 0; i < RESULTS_QUANTILES; i++) {
        struct compare_row row =
            make_row(memory_print("%s p%.0f", name, 100.0 * results_quantile[i]), "s", a->value[i],
                     b->value[i]);
        const double error = c->a->latency_error * row.a + c->b->latency_error * row.b;
        if (row.verdict != COMPARE_SAME && fabs(row.difference) <= error)
            row.verdict = COMPARE_WITHIN;
        add_row(&c->latency, row);
    }
    add_row(&c->latency, make_row(memory_print("%s mean", name), "s", a->mean, b->mean));
}

static double part_value(const struct saved_part *part, size_t count, const char *name) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(part[i].name, name) == 0)
            return part[i].value;
    return NAN;
}

/* Parts of both runs: all of A's, then those that only B has. */
static void add_parts(struct compare_rows *rows, const char *unit, const struct saved_part *a,
                      size_t count_a, const struct saved_part *b, size_t count_b) {
    for (size_t i = 0; i < count_a; i++)
        add_row(rows, make_row(memory_text(a[i].name), unit, a[i].value,
                               part_value(b, count_b, a[i].name)));
    for (size_t i = 0; i < count_b; i++)
        if (isnan(part_value(a, count_a, b[i].name)))
            add_row(rows, make_row(memory_text(b[i].name), unit, NAN, b[i].value));
}

bool compare_make(const struct saved *a, const struct saved *b, struct compare *c,
                  struct error *e) {
    memset(c, 0, sizeof *c);
    c->a = a;
    c->b = b;
    if (!differences_find(a->scenario, a->path, b->scenario, b->path, &c->scenario, e))
        return false;
    pairing_make(a, b, &c->pairing);
    add_figures(c);
    for (int which = 0; which < CELL_LATENCY_COUNT; which++)
        add_latency(c, which);
    add_parts(&c->binding, "1", a->binding, a->bindings, b->binding, b->bindings);
    add_parts(&c->ledger, "J", a->ledger, a->ledgers, b->ledger, b->ledgers);
    return true;
}

static void clear_rows(struct compare_rows *rows) {
    for (size_t i = 0; i < rows->count; i++)
        free(rows->row[i].name);
    free(rows->row);
}

void compare_clear(struct compare *c) {
    clear_rows(&c->figures);
    clear_rows(&c->latency);
    clear_rows(&c->binding);
    clear_rows(&c->ledger);
    differences_clear(&c->scenario);
}

/* -- The command ------------------------------------------------------------------------------- */

enum run_status compare_run(const struct options *o, FILE *to, struct error *e) {
    struct saved a, b;
    struct compare c;
    enum run_status status = RUN_MISTAKE;
    const bool read_a = saved_read(&a, o->word[0], e), read_b = saved_read(&b, o->word[1], e);
    if (read_a && read_b && compare_make(&a, &b, &c, e)) {
        status = RUN_DONE;
        if (!o->json)
            compare_print(&c, to);
        else if (!compare_json(&c, to)) {
            error_add(e, NULL, 0,
                      "no JSON could be written: standard output does not take it, or a text in "
                      "the files is not UTF-8");
            status = RUN_FAILED;
        }
        compare_clear(&c);
    }
    if (read_b)
        saved_clear(&b);
    if (read_a)
        saved_clear(&a);
    return status;
}
