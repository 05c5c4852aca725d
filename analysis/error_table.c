/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/error_table.h"

#include "sim/engine/memory.h"

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ML.ENERGY's prompts are assumed, and its bar for times is wider (docs/validate.md). */
#define BAR_TIME_MLENERGY 0.10

double error_table_bar(const char *data, enum quantity q) {
    if ((q == QUANTITY_TPOT || q == QUANTITY_ITL) && strcmp(data, "mlenergy") == 0)
        return BAR_TIME_MLENERGY;
    return quantity_info[q].bar;
}

void error_stat_make(double *error, size_t count, struct error_stat *out) {
    *out = (struct error_stat){count, NAN, NAN, NAN, NAN};
    if (count == 0)
        return;
    gsl_sort(error, 1, count);
    out->bias = gsl_stats_median_from_sorted_data(error, 1, count);
    for (size_t i = 0; i < count; i++)
        error[i] = fabs(error[i]);
    gsl_sort(error, 1, count);
    out->median = gsl_stats_median_from_sorted_data(error, 1, count);
    out->mean = gsl_stats_mean(error, 1, count);
    out->p90 = gsl_stats_quantile_from_sorted_data(error, 1, count, 0.9);
}

/* The version up to its second number: "1.2.0rc6.post3" is of "1.2". */
static void version_group(const char *version, char *out, size_t size) {
    size_t length = 0;
    for (int dots = 0; version[length] != '\0' && length + 1 < size; length++)
        if (version[length] == '.' && ++dots == 2)
            break;
    memcpy(out, version, length);
    out[length] = '\0';
}

/* The group that a point belongs to. */
static struct error_group key_of(const struct measured_point *p, enum error_level level) {
    struct error_group g = {.data = "", .hardware = "", .engine = "", .llm = ""};
    if (level >= ERROR_LEVEL_DATA)
        g.data = p->source;
    if (level >= ERROR_LEVEL_ENGINE) {
        g.hardware = p->hardware;
        g.engine = p->engine;
    }
    if (level >= ERROR_LEVEL_MODEL) {
        g.llm = p->llm;
        version_group(p->version, g.version, sizeof g.version);
    }
    return g;
}

static int compare_keys(const struct error_group *a, const struct error_group *b) {
    int order = strcmp(a->data, b->data);
    order = order != 0 ? order : strcmp(a->hardware, b->hardware);
    order = order != 0 ? order : strcmp(a->engine, b->engine);
    order = order != 0 ? order : strcmp(a->version, b->version);
    return order != 0 ? order : strcmp(a->llm, b->llm);
}

/* A comparison with its group's key, to be put in the groups' order. */
struct keyed {
    struct error_group key;
    const struct comparison *comparison;
};

static int by_key(const void *a, const void *b) {
    const struct keyed *x = a, *y = b;
    const int order = compare_keys(&x->key, &y->key);
    return order != 0 ? order : (x->comparison > y->comparison) - (x->comparison < y->comparison);
}

/* The group of `count` comparisons of one key. `error` has room for as many. */
static struct error_group make_group(const struct keyed *k, size_t count, double *error) {
    struct error_group g = k[0].key;
    g.points = count;
    for (int q = 0; q < QUANTITY_COUNT; q++) {
        size_t n = 0;
        for (size_t i = 0; i < count; i++) {
            const double one = comparison_error(k[i].comparison, (enum quantity)q);
            if (!isnan(one))
                error[n++] = one;
        }
        error_stat_make(error, n, &g.stat[q]);
    }
    return g;
}

void error_table_make(const struct comparisons *c, enum error_level level, struct error_table *t) {
    struct keyed *k = memory_new(c->count, sizeof *k);
    double *error = memory_new(c->count, sizeof *error);
    size_t count = 0;
    for (size_t i = 0; i < c->count; i++)
        if (c->one[i].excluded == NULL)
            k[count++] = (struct keyed){key_of(c->one[i].point, level), &c->one[i]};
    qsort(k, count, sizeof *k, by_key);
    *t = (struct error_table){level, memory_new(count, sizeof *t->group), 0};
    for (size_t first = 0, end; first < count; first = end) {
        for (end = first + 1; end < count && compare_keys(&k[first].key, &k[end].key) == 0;)
            end++;
        t->group[t->count++] = make_group(k + first, end - first, error);
    }
    free(error);
    free(k);
}

void error_table_clear(struct error_table *t) {
    free(t->group);
    *t = (struct error_table){0};
}
