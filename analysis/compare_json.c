/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/compare.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <string.h>

/* Number as JSON has it: null when there is none. */
static json_t *number(double value) {
    return isfinite(value) ? json_real(value) : json_null();
}

/* Adds `value` to an object; nonzero when that failed. */
static int set(json_t *object, const char *name, json_t *value) {
    return json_object_set_new(object, name, value);
}

/* A value and, where it has one, its 95 % interval. */
static json_t *quantity(double value, double half) {
    json_t *o = json_object();
    int bad = set(o, "value", number(value));
    if (isfinite(half) && isfinite(value)) {
        json_t *ends = json_array();
        bad |= json_array_append_new(ends, json_real(value - half));
        bad |= json_array_append_new(ends, json_real(value + half));
        bad |= set(o, "interval_95", ends);
    }
    if (bad == 0)
        return o;
    json_decref(o);
    return NULL;
}

/* Whether a difference is more than chance; null where nothing says so. */
static json_t *significant(enum compare_verdict verdict) {
    return verdict == COMPARE_UNKNOWN ? json_null() : json_boolean(verdict == COMPARE_BEYOND);
}

static json_t *row(const struct compare_row *r) {
    json_t *o = json_object();
    int bad = set(o, "unit", json_string(r->unit));
    bad |= set(o, "a", quantity(r->a, r->half_a));
    bad |= set(o, "b", quantity(r->b, r->half_b));
    bad |= set(o, "difference", quantity(r->difference, r->half));
    bad |= set(o, "relative", quantity(r->relative, r->relative_half));
    bad |= set(o, "paired", json_boolean(r->paired));
    bad |= set(o, "significant", significant(r->verdict));
    if (bad == 0)
        return o;
    json_decref(o);
    return NULL;
}

static json_t *rows(const struct compare_rows *all) {
    json_t *o = json_object();
    int bad = 0;
    for (size_t i = 0; i < all->count; i++)
        bad |= set(o, all->row[i].name, row(&all->row[i]));
    if (bad == 0)
        return o;
    json_decref(o);
    return NULL;
}

static json_t *crossings(const struct saved *s) {
    json_t *list = json_array();
    int bad = 0;
    for (size_t i = 0; i < s->crossings; i++) {
        json_t *o = json_object();
        bad |= set(o, "time", number(s->crossing[i].time));
        bad |= set(o, "direction", json_integer(s->crossing[i].direction > 0.0 ? 1 : -1));
        bad |= set(o, "convention", json_string(s->crossing[i].convention));
        bad |= json_array_append_new(list, o);
    }
    if (bad == 0)
        return list;
    json_decref(list);
    return NULL;
}

static json_t *run(const struct saved *s) {
    json_t *o = json_object();
    int bad = set(o, "file", json_string(s->path));
    bad |= set(o, "title", json_string(s->title));
    bad |= set(o, "dcsim_version", json_string(s->version));
    bad |= set(o, "scenario_sha256", json_string(s->sha256));
    bad |= set(o, "seed", json_integer(s->seed));
    bad |= set(o, "command", json_string(s->command));
    bad |= set(o, "state_hash", json_string(s->state_hash));
    bad |= set(o, "crossings", crossings(s));
    if (bad == 0)
        return o;
    json_decref(o);
    return NULL;
}

static json_t *pairing(const struct pairing *p) {
    return json_pack("{s:s, s:I, s:s}", "method", pairing_name[p->method], "batches",
                     (json_int_t)p->batches, "reason", p->reason);
}

static json_t *text(const char *value) {
    return value == NULL ? json_null() : json_string(value);
}

static json_t *scenario(const struct differences *d) {
    json_t *list = json_array();
    int bad = 0;
    for (size_t i = 0; i < d->count; i++) {
        json_t *o = json_object();
        bad |= set(o, "xpath", json_string(d->one[i].xpath));
        bad |= set(o, "a", text(d->one[i].a));
        bad |= set(o, "b", text(d->one[i].b));
        bad |= json_array_append_new(list, o);
    }
    if (bad == 0)
        return list;
    json_decref(list);
    return NULL;
}

bool compare_json(const struct compare *c, FILE *to) {
    json_t *root = json_object();
    int bad = set(root, "a", run(c->a));
    bad |= set(root, "b", run(c->b));
    bad |= set(root, "pairing", pairing(&c->pairing));
    bad |= set(root, "scenario", scenario(&c->scenario));
    bad |= set(root, "summary", rows(&c->figures));
    bad |= set(root, "latency", rows(&c->latency));
    bad |= set(root, "binding_share", rows(&c->binding));
    bad |= set(root, "ledger", rows(&c->ledger));
    if (bad == 0)
        bad = json_dumpf(root, to, JSON_INDENT(1) | JSON_REAL_PRECISION(17));
    json_decref(root);
    return bad == 0 && fputc('\n', to) != EOF;
}
