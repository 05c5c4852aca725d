/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/outcome.h"

#include "sim/engine/memory.h"
#include "sim/measure/interval.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What is told of each latency: three quantiles and the mean. */
enum { QUANTILES = 3, PARTS };
static const double quantile[QUANTILES] = {0.5, 0.9, 0.99};

#define LATENCY(name_, text_)                                                                      \
    {.name = name_ "_p50", .unit = "s", .long_name = "median " text_},                             \
        {.name = name_ "_p90", .unit = "s", .long_name = "90th percentile of " text_},             \
        {.name = name_ "_p99", .unit = "s", .long_name = "99th percentile of " text_}, {           \
        .name = name_ "_mean", .unit = "s", .long_name = "mean " text_                             \
    }

static const struct figure latency[CELL_LATENCY_COUNT * PARTS] = {
    LATENCY("ttft", "time from arrival to the first token"),
    LATENCY("tpot", "time per output token after the first"),
    LATENCY("itl", "gap between two tokens of a request"),
    LATENCY("e2e", "time from arrival to the last token"),
};

#define SHARE(name_)                                                                               \
    {                                                                                              \
        .name = "binding_share_" name_, .unit = "1",                                               \
        .long_name = "share of node-time that " name_ " bound"                                     \
    }

static const struct figure share[] = {
    [BINDING_DEMAND] = SHARE("demand"), [BINDING_COMPUTE] = SHARE("compute"),
    [BINDING_MEMORY] = SHARE("memory"), [BINDING_KV] = SHARE("kv"),
    [BINDING_FEED] = SHARE("feed"),     [BINDING_COOLING] = SHARE("cooling"),
    [BINDING_RACK] = SHARE("rack"),     [BINDING_NODE] = SHARE("node"),
};
static_assert(sizeof share / sizeof share[0] == BINDING_COUNT, "a share for each constraint");

size_t outcome_binding(enum binding which) {
    size_t summaries;
    result_summary_table(&summaries);
    return summaries + CELL_LATENCY_COUNT * PARTS + (size_t)which;
}

size_t outcome_count(void) {
    return outcome_binding(0) + BINDING_COUNT;
}

const struct figure *outcome_figure(size_t i) {
    size_t summaries;
    const struct figure *table = result_summary_table(&summaries);
    if (i < summaries)
        return &table[i];
    i -= summaries;
    return i < CELL_LATENCY_COUNT * PARTS ? &latency[i] : &share[i - CELL_LATENCY_COUNT * PARTS];
}

long outcome_find(const char *name) {
    for (size_t i = 0; i < outcome_count(); i++)
        if (strcmp(outcome_figure(i)->name, name) == 0)
            return (long)i;
    return -1;
}

bool outcome_same(const struct outcome *run, size_t count) {
    const size_t figures = outcome_count();
    for (size_t i = figures; i < count * figures; i++) {
        const double value = run[i].value, first = run[i % figures].value;
        if (value != first && !(isnan(value) && isnan(first)))
            return false;
    }
    return true;
}

struct outcome outcome_interval(const double *value, size_t count) {
    const struct interval mean = interval_mean(value, count, 0.95);
    const bool rounding = mean.half <= OUTCOME_ROUNDING * fabs(mean.mean);
    return (struct outcome){mean.mean, rounding ? 0.0 : isfinite(mean.mean) ? mean.half : INFINITY};
}

struct outcome outcome_mean(const struct outcome *run, size_t figure, size_t count) {
    if (count == 1)
        return run[figure];
    double *value = memory_new(count, sizeof *value);
    for (size_t i = 0; i < count; i++)
        value[i] = run[i * outcome_count() + figure].value;
    struct outcome mean = outcome_interval(value, count);
    free(value);
    if (outcome_same(run, count))
        mean.half = INFINITY;
    return mean;
}

void outcome_fill(const struct result *r, struct outcome *out) {
    size_t at = 0;
    for (; at < r->summaries; at++) {
        const struct figure *f = &r->summary[at];
        out[at] = (struct outcome){f->value, f->has_interval ? f->high - f->value : INFINITY};
    }
    for (int l = 0; l < CELL_LATENCY_COUNT; l++) {
        const struct sketch *s = &r->latency[l];
        for (int q = 0; q < QUANTILES; q++)
            out[at++] =
                (struct outcome){s->count > 0 ? sketch_quantile(s, quantile[q]) : NAN, INFINITY};
        out[at++] = (struct outcome){s->count > 0 ? sketch_mean(s) : NAN, INFINITY};
    }
    for (int b = 0; b < BINDING_COUNT; b++)
        out[at++] = (struct outcome){r->binding_share[b], INFINITY};
    assert(at == outcome_count());
}
