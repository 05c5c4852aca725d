/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/scenario.h"

#include "sim/engine/memory.h"
#include "sim/engine/simtime.h"
#include "sim/io/scenario_impl.h"
#include "sim/io/sha256.h"
#include "sim/workload/trace.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SCENARIO_TICKS_MAX 1e8 /* each tick is a row of results */

/* Two elements of one kind with one name. */
static void scenario_doubles(struct reader *r, xmlNode *first, const char *kind) {
    for (xmlNode *a = first; (a = document_element(a, kind)); a = a->next)
        for (xmlNode *b = first; (b = document_element(b, kind)) && b != a; b = b->next) {
            const char *x = document_name(a), *y = document_name(b);
            if (x && y && strcmp(x, y) == 0) {
                attribute_error(r, a, "name",
                                "found '%s', the name of the <%s> at %s:%ld; another "
                                "name would be right",
                                x, kind, document_file(b), document_line(b));
                break;
            }
        }
}

static void scenario_names_check(struct reader *r, xmlNode *root) {
    scenario_doubles(r, root->children, "cells");
    xmlNode *tables = document_element(root->children, "tables");
    for (int i = 0; tables && i < DOCUMENT_TABLES; i++)
        scenario_doubles(r, tables->children, document_table[i].element);
}

/* A time of the run must be whole ticks. */
static void scenario_whole_ticks(struct reader *r, const xmlNode *root, const struct site_spec *s) {
    const double ticks = s->warmup / s->tick;
    const char *tick = attribute_text(root, "tick");
    if (fabs(ticks - nearbyint(ticks)) > 1e-9 * ticks)
        attribute_error(r, root, "warmup",
                        "found '%s'; a whole number of ticks of %s would be right",
                        attribute_text(root, "warmup"), tick ? tick : "1 s");
}

/* Horizon, warm-up, tick, seed, sample. */
static void scenario_run(struct reader *r, const xmlNode *root, struct scenario *s) {
    struct site_spec *site = &s->site;
    const char *name = attribute_text(root, "name"), *title = attribute_text(root, "title");
    s->name = memory_text(name ? name : "");
    s->title = memory_text(title ? title : s->name);
    site->title = s->title;
    site->seed = (uint64_t)attribute_count(r, root, "seed", 0, LONG_MAX, 1);
    site->sample_every = attribute_count(r, root, "sample", 1, 1000000000, 1);
    site->horizon = attribute_quantity(r, root, "horizon", UNIT_TIME, RANGE_POSITIVE, NAN);
    site->tick = attribute_quantity(r, root, "tick", UNIT_TIME, RANGE_POSITIVE, 1);
    site->warmup = attribute_quantity(r, root, "warmup", UNIT_TIME, RANGE_NONNEGATIVE, 0);
    const double most = SIMTIME_HORIZON_MAX;
    if (site->horizon > most)
        attribute_error(r, root, "horizon", "found '%s'; at most %g d would be right",
                        attribute_text(root, "horizon"), most / 86400);
    else if (site_end(site) > most)
        attribute_error(r, root, "warmup",
                        "found '%s' before a horizon of %s; together at most %g d would be right",
                        attribute_text(root, "warmup"), attribute_text(root, "horizon"),
                        most / 86400);
    scenario_whole_ticks(r, root, site);
    double ticks = site->horizon / site->tick, all = site_end(site) / site->tick;
    const char *tick = attribute_text(root, "tick");
    if (fabs(ticks - nearbyint(ticks)) > 1e-9 * ticks || ticks < 0.5)
        attribute_error(r, root, "tick",
                        "found '%s'; a time that divides the horizon of %s into "
                        "whole ticks would be right",
                        tick ? tick : "1 s", attribute_text(root, "horizon"));
    else if (all > SCENARIO_TICKS_MAX)
        attribute_error(r, root, "tick",
                        "found '%s', which makes %.3g ticks; a tick that makes at "
                        "most %g would be right",
                        tick ? tick : "1 s", all, SCENARIO_TICKS_MAX);
}

/* The groups of cells. */
static void scenario_groups(struct reader *r, xmlNode *root, struct scenario *s) {
    size_t count = 0, here = 0;
    for (xmlNode *c = root->children; (c = document_element(c, "cells")); c = c->next)
        count++;
    s->group = memory_new(count, sizeof *s->group);
    s->text = memory_new(count, sizeof *s->text);
    s->site.group = s->group;
    for (xmlNode *c = root->children; (c = document_element(c, "cells")); c = c->next) {
        struct cell_spec *g = &s->group[s->site.groups++];
        const char *name = document_name(c);
        g->name = s->text[s->texts++] = memory_text(name ? name : "");
        scenario_cells(r, c, s, g);
        here += g->cells > 0;
        if (g->cells > 0 && s->site.sample_every > g->cells * g->nodes)
            attribute_error(r, root, "sample",
                            "found '%ld', but the cells '%s' have %ld nodes; at "
                            "most that many would be right",
                            s->site.sample_every, g->name, g->cells * g->nodes);
    }
    if (count > 0 && here == 0 && !r->failed)
        attribute_error(r, document_element(root->children, "cells"), "count",
                        "found '0', and in every other group; a site with a cell would be right");
}

/* A feed that never carries even the idle site makes no sense. */
static void scenario_feed_check(struct reader *r, const xmlNode *feed, const struct scenario *s) {
    double least;
    if (site_feed_carries(&s->site, &least))
        return;
    const char *text = attribute_text(feed, "limit");
    attribute_error(r, feed, "limit",
                    "found %s%s%s, but the site draws at least %.4g kW with every node idle; a "
                    "limit above that at some time would be right",
                    text ? "'" : "", text ? text : "a schedule", text ? "'" : "", least / 1e3);
}

static void scenario_shift(struct schedule *s, double by) {
    if (s->count == 0)
        return;
    struct schedule old = *s;
    schedule_shift(s, &old, by);
    schedule_clear(&old);
}

/* Lets every schedule begin at the scenario's `start`. Replayed traces keep their own time. */
static void scenario_start(struct reader *r, const xmlNode *root, struct scenario *s) {
    const double start = attribute_quantity(r, root, "start", UNIT_TIME, RANGE_NONNEGATIVE, 0);
    struct site_spec *site = &s->site;
    if (!(start > 0))
        return;
    scenario_shift(&site->feed_limit, start);
    scenario_shift(&site->temperature, start);
    scenario_shift(&site->price, start);
    scenario_shift(&site->carbon, start);
    scenario_shift(&site->cooling.pue, start);
    scenario_shift(&site->cooling.heat_limit, start);
    scenario_shift(&site->cooling.water, start);
    for (size_t i = 0; i < site->groups; i++)
        scenario_shift(&s->group[i].workload.rate, start);
}

static void scenario_site(struct reader *r, xmlNode *root, struct scenario *s) {
    xmlNode *site = document_element(root->children, "site");
    bool whole = !r->failed; /* so far: then the nodes' power is known */
    if (!site) {
        r->failed = true;
        return;
    }
    xmlNode *feed = document_element(site->children, "feed");
    xmlNode *weather = document_element(site->children, "weather");
    xmlNode *cooling = document_element(site->children, "cooling");
    if (feed)
        scenario_feed(r, feed, &s->site);
    if (weather)
        scenario_weather(r, weather, &s->site);
    if (cooling)
        scenario_cooling(r, cooling, whole ? site_power_full(&s->site) : 1, s);
    scenario_tariff(r, document_element(site->children, "tariff"), &s->site);
    scenario_capping(r, document_element(site->children, "capping"), &s->site);
    scenario_start(r, root, s);
    if (!feed || !weather || !cooling)
        r->failed = true;
    else if (!r->failed)
        scenario_feed_check(r, feed, s);
}

bool scenario_load(struct scenario *s, const char *path, const struct override *set, size_t sets,
                   struct error *e) {
    *s = (struct scenario){0};
    size_t before = e->count;
    struct units *units = units_new(e);
    struct document d;
    if (!units)
        return false;
    if (!document_open(&d, path, set, sets, e)) {
        units_free(units);
        return false;
    }
    struct reader r = {&d, units, e, false};
    xmlNode *root = xmlDocGetRootElement(d.xml);
    scenario_names_check(&r, root);
    scenario_run(&r, root, s);
    scenario_groups(&r, root, s);
    scenario_site(&r, root, s);
    const xmlNode *trajectory = document_element(root->children, "trajectory");
    if (trajectory)
        course_read(&r, trajectory, &s->course);
    document_settle(&d, e);
    bool ok = e->count == before;
    if (ok && r.failed) { /* never silently */
        error_add(e, path, 0, "is not complete (docs/scenarios.md)");
        ok = false;
    }
    if (ok) {
        s->resolved_xml = document_text(&d);
        sha256_hex(s->resolved_xml, strlen(s->resolved_xml), s->sha256);
    }
    document_close(&d);
    units_free(units);
    if (!ok)
        scenario_clear(s);
    return ok;
}

void scenario_clear(struct scenario *s) {
    for (size_t i = 0; i < s->hardwares; i++)
        free(s->hardware[i]);
    for (size_t i = 0; i < s->llms; i++)
        free(s->llm[i]);
    for (size_t i = 0; i < s->engines; i++)
        free(s->engine[i]);
    for (size_t i = 0; i < s->texts; i++)
        free(s->text[i]);
    for (size_t i = 0; i < s->traces; i++) {
        if (s->trace[i].trace)
            trace_clear(s->trace[i].trace);
        free(s->trace[i].trace);
        free(s->trace[i].path);
    }
    for (size_t i = 0; i < s->site.groups; i++)
        schedule_clear(&s->group[i].workload.rate);
    course_clear(&s->course);
    schedule_clear(&s->site.feed_limit);
    schedule_clear(&s->site.temperature);
    schedule_clear(&s->site.price);
    schedule_clear(&s->site.carbon);
    cooling_clear(&s->site.cooling);
    free(s->hardware);
    free(s->llm);
    free(s->engine);
    free(s->text);
    free(s->trace);
    free(s->group);
    free(s->resolved_xml);
    free(s->title);
    free(s->name);
    *s = (struct scenario){0};
}
