/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/results.h"

#include <jansson.h>
#include <math.h>

/* Number as JSON has it: null when there is none. */
static json_t *number(double value) {
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *figure(const struct figure *f) {
    json_t *o = json_object();
    int bad = json_object_set_new(o, "value",
                                  f->whole ? json_integer(llrint(f->value)) : number(f->value));
    bad |= json_object_set_new(o, "unit", json_string(f->unit));
    if (f->has_interval) {
        json_t *ends = json_array();
        bad |= json_array_append_new(ends, number(f->low));
        bad |= json_array_append_new(ends, number(f->high));
        bad |= json_object_set_new(o, "interval_95", ends);
    }
    if (bad == 0)
        return o;
    json_decref(o);
    return NULL;
}

static json_t *latency(const struct sketch *s) {
    json_t *o = json_object(), *quantiles = json_array(), *values = json_array();
    int bad = 0;
    for (int i = 0; i < RESULTS_QUANTILES; i++) {
        bad |= json_array_append_new(quantiles, json_real(results_quantile[i]));
        bad |= json_array_append_new(values, number(sketch_quantile(s, results_quantile[i])));
    }
    bad |= json_object_set_new(o, "quantile", quantiles);
    bad |= json_object_set_new(o, "value", values);
    bad |= json_object_set_new(o, "count", json_integer((json_int_t)s->count));
    bad |= json_object_set_new(o, "mean", number(sketch_mean(s)));
    bad |= json_object_set_new(o, "unit", json_string("s"));
    if (bad == 0)
        return o;
    json_decref(o);
    return NULL;
}

/* A marginal value and its interval. */
static json_t *elasticity(double value, double half) {
    const struct figure f = {.unit = "1",
                             .value = value,
                             .has_interval = isfinite(value) && isfinite(half),
                             .low = value - half,
                             .high = value + half};
    return figure(&f);
}

static json_t *marginal(const struct result *r) {
    json_t *all = json_object();
    int bad = 0;
    for (size_t i = 0; i < r->marginals; i++) {
        const struct result_marginal *m = &r->marginal[i];
        json_t *o = json_object();
        bad |= json_object_set_new(o, "factor", number(m->factor));
        bad |= json_object_set_new(o, "tokens", elasticity(m->tokens, m->tokens_half));
        bad |= json_object_set_new(o, "good_tokens", elasticity(m->good, m->good_half));
        if (m->more.name != NULL)
            bad |= json_object_set_new(o, m->more.name, figure(&m->more));
        bad |= json_object_set_new(all, m->resource, o);
    }
    if (bad == 0)
        return all;
    json_decref(all);
    return NULL;
}

bool results_json(const struct result *r, FILE *to) {
    json_t *root = json_object(), *shares = json_object();
    char state[17];
    snprintf(state, sizeof state, "%016llx", (unsigned long long)r->state_hash);
    int bad = json_object_set_new(root, "state_hash", json_string(state));
    for (size_t i = 0; i < r->summaries; i++)
        bad |= json_object_set_new(root, r->summary[i].name, figure(&r->summary[i]));
    for (int i = 0; i < BINDING_COUNT; i++)
        bad |= json_object_set_new(shares, binding_name[i], number(r->binding_share[i]));
    bad |= json_object_set_new(root, "binding_share", shares);
    for (int i = 0; i < CELL_LATENCY_COUNT; i++)
        bad |= json_object_set_new(root, results_latency_name[i], latency(&r->latency[i]));
    if (r->marginals > 0)
        bad |= json_object_set_new(root, "marginal", marginal(r));
    bad |= json_dumpf(root, to, JSON_INDENT(1) | JSON_REAL_PRECISION(17));
    json_decref(root);
    return bad == 0 && fputc('\n', to) != EOF;
}
