/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/engine/memory.h"
#include "sim/io/scenario_impl.h"
#include "sim/io/weather.h"
#include "sim/site/capping.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void scenario_feed(struct reader *r, const xmlNode *element, struct site_spec *out) {
    static const char *const names[] = {"limit", NULL};
    scenario_schedules_check(r, element, names);
    scenario_schedule(r, element, "limit", UNIT_POWER, RANGE_POSITIVE, NAN, &out->feed_limit);
}

void scenario_weather(struct reader *r, const xmlNode *element, struct site_spec *out) {
    static const char *const names[] = {"temperature", NULL};
    scenario_schedules_check(r, element, names);
    if (!attribute_text(element, "file")) {
        attribute_refuse(r, element, "start", "has no meaning without file");
        scenario_schedule(r, element, "temperature", UNIT_TEMPERATURE, RANGE_POSITIVE, NAN,
                          &out->temperature);
        return;
    }
    attribute_refuse(r, element, "temperature", "stands beside file");
    if (document_element(element->children, "schedule"))
        attribute_error(r, element, "file",
                        "found a file beside a <schedule>; one of the two "
                        "would be right");
    double start = attribute_quantity(r, element, "start", UNIT_TIME, RANGE_NONNEGATIVE, 0);
    char *path = attribute_path(r, element, "file");
    if (path && !weather_load(&out->temperature, path, isnan(start) ? 0 : start, r->e))
        r->failed = true;
    free(path);
}

void scenario_tariff(struct reader *r, const xmlNode *element, struct site_spec *out) {
    static const char *const names[] = {"price", "carbon", NULL};
    if (!element) {
        schedule_constant(&out->price, 0);
        schedule_constant(&out->carbon, 0);
        return;
    }
    scenario_schedules_check(r, element, names);
    /* A price may be negative; an intensity may not. */
    scenario_schedule(r, element, "price", UNIT_ENERGY_PRICE, RANGE_ANY, 0, &out->price);
    scenario_schedule(r, element, "carbon", UNIT_ENERGY_CARBON, RANGE_NONNEGATIVE, 0, &out->carbon);
}

void scenario_capping(struct reader *r, const xmlNode *element, struct site_spec *out) {
    const char *policy = element ? attribute_text(element, "policy") : NULL;
    policy = policy ? policy : "uniform";
    out->capping = capping_find(policy);
    out->capping_floor = 0.25;
    if (!element)
        return;
    if (!out->capping)
        attribute_error(r, element, "policy", "found '%s'; one of %s would be right", policy,
                        capping_names());
    out->capping_floor =
        attribute_quantity(r, element, "floor", UNIT_NUMBER, RANGE_SHARE, out->capping_floor);
}

/* The knots of a cooling plant, sorted into a grid. */
struct scenario_grid {
    double *load, *temperature, *value; /* axes in order; value[j * loads + i], NAN where missing */
    size_t loads, temperatures;
};

static int scenario_grid_order(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Sorts, and drops repetitions. */
static size_t scenario_grid_axis(double *axis, size_t count) {
    size_t kept = 0;
    if (count > 0)
        qsort(axis, count, sizeof *axis, scenario_grid_order);
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || axis[i] != axis[kept - 1])
            axis[kept++] = axis[i];
    return kept;
}

static size_t scenario_grid_place(const double *axis, size_t count, double x) {
    size_t i = 0;
    while (i < count && axis[i] != x)
        i++;
    return i;
}

/* Puts each knot in its place; tells of doubles and of gaps. */
static void scenario_grid_fill(struct reader *r, const xmlNode *points, struct scenario_grid *g,
                               const double *knot, size_t count) {
    for (size_t i = 0; i < g->loads * g->temperatures; i++)
        g->value[i] = NAN;
    xmlNode *c = document_element(points->children, "pue");
    for (size_t i = 0; i < count; i++, c = document_element(c->next, "pue")) {
        size_t at =
            scenario_grid_place(g->temperature, g->temperatures, knot[3 * i + 1]) * g->loads +
            scenario_grid_place(g->load, g->loads, knot[3 * i]);
        if (!isnan(g->value[at]))
            attribute_error(r, c, "load",
                            "found '%s' a second time%s; each knot once would be "
                            "right",
                            attribute_text(c, "load"),
                            g->temperatures > 1 ? " at this temperature" : "");
        g->value[at] = knot[3 * i + 2];
    }
    for (size_t j = 0; j < g->temperatures; j++)
        for (size_t i = 0; i < g->loads; i++)
            if (isnan(g->value[j * g->loads + i]))
                attribute_error(r, points, NULL,
                                "no <pue> at load %g and %g degC; a knot for every "
                                "load at every temperature would be right",
                                g->load[i], g->temperature[j] - 273.15);
}

/* Reads load, temperature and value of each knot (3 doubles); false after a mistake. */
static bool scenario_knots(struct reader *r, const xmlNode *points, double *knot, bool *surface) {
    bool ok = true;
    size_t n = 0;
    for (xmlNode *c = points->children; (c = document_element(c, "pue")); c = c->next, n++) {
        bool stated = attribute_text(c, "temperature") != NULL;
        double *k = knot + 3 * n;
        k[0] = attribute_quantity(r, c, "load", UNIT_NUMBER, RANGE_POSITIVE, NAN);
        k[1] = attribute_quantity(r, c, "temperature", UNIT_TEMPERATURE, RANGE_POSITIVE, 0);
        k[2] = attribute_quantity(r, c, "value", UNIT_NUMBER, RANGE_ANY, NAN);
        if (k[2] < 1) {
            attribute_error(r, c, "value", "found '%s'; a PUE of at least 1 would be right",
                            attribute_text(c, "value"));
            ok = false;
        }
        if (n == 0)
            *surface = stated;
        if (stated != *surface) {
            attribute_error(r, c, "temperature",
                            "%s here but not in the first <pue>; in all of "
                            "them or in none would be right",
                            stated ? "stated" : "missing");
            ok = false;
        }
        ok = ok && !isnan(k[0]) && !isnan(k[1]) && !isnan(k[2]);
    }
    return ok;
}

/* A curve or a surface from the knots in `points`, times `design` W. */
static void scenario_cooling_knots(struct reader *r, const xmlNode *points, size_t count,
                                   double design, struct cooling *out) {
    double *knot = memory_new(3 * count, sizeof *knot);
    bool surface = false;
    if (scenario_knots(r, points, knot, &surface)) {
        struct scenario_grid g = {memory_new(count, sizeof(double)),
                                  memory_new(count, sizeof(double)), NULL, 0, 0};
        for (size_t i = 0; i < count; i++) {
            g.load[i] = knot[3 * i];
            g.temperature[i] = knot[3 * i + 1];
        }
        g.loads = scenario_grid_axis(g.load, count);
        g.temperatures = scenario_grid_axis(g.temperature, count);
        g.value = memory_new(g.loads * g.temperatures, sizeof(double));
        bool failed = r->failed;
        r->failed = false;
        scenario_grid_fill(r, points, &g, knot, count);
        bool complete = !r->failed;
        r->failed = r->failed || failed;
        for (size_t i = 0; i < g.loads; i++)
            g.load[i] *= design;
        if (complete && !isnan(design)) {
            const char *wrong =
                cooling_knots(out, g.load, g.loads, g.temperatures > 1 ? g.temperature : NULL,
                              g.temperatures, g.value);
            if (wrong)
                attribute_error(r, points, NULL, "%s", wrong);
        }
        free(g.load);
        free(g.temperature);
        free(g.value);
    }
    free(knot);
}

static void scenario_cooling_constant(struct reader *r, const xmlNode *element,
                                      struct cooling *out) {
    struct schedule pue;
    scenario_schedule(r, element, "pue", UNIT_NUMBER, RANGE_POSITIVE, NAN, &pue);
    if (pue.count > 0 && schedule_min(&pue) < 1) {
        const char *text = attribute_text(element, "pue");
        attribute_error(r, element, "pue", "found '%s'; a PUE of at least 1 would be right",
                        text ? text : "a schedule that goes below 1");
        schedule_clear(&pue);
    } else if (pue.count > 0) {
        cooling_constant(out, &pue);
    }
}

/* The element that holds knots: the named plant, or this one. */
static const xmlNode *scenario_plant(struct reader *r, const xmlNode *element) {
    const char *name = attribute_text(element, "plant");
    if (!name)
        return element;
    const xmlNode *plant = document_find(r->document, "plant", name);
    if (!plant)
        attribute_error(r, element, "plant",
                        "found '%s'; the name of a <plant> in <tables> or in "
                        "models/plant would be right",
                        name);
    if (document_element(element->children, "pue"))
        attribute_error(r, element, "plant",
                        "found '%s' beside <pue> knots; one of the two would "
                        "be right",
                        name);
    return plant;
}

void scenario_cooling(struct reader *r, const xmlNode *element, double nameplate,
                      struct scenario *s) {
    static const char *const names[] = {"pue", "heat_limit", "water", NULL};
    struct cooling *out = &s->site.cooling;
    scenario_schedules_check(r, element, names);
    s->design_load =
        attribute_quantity(r, element, "design_load", UNIT_POWER, RANGE_POSITIVE, nameplate);
    const xmlNode *plant = scenario_plant(r, element);
    size_t count = 0;
    for (xmlNode *c = plant ? plant->children : NULL; (c = document_element(c, "pue")); c = c->next)
        count++;
    if (count > 0) {
        attribute_refuse(r, element, "pue", "stands beside PUE over load");
        if (scenario_has_schedule(element, "pue"))
            attribute_error(r, element, NULL,
                            "holds a schedule of pue beside PUE over load; one "
                            "of the two would be right");
        scenario_cooling_knots(r, plant, count, s->design_load, out);
    } else if (plant) {
        attribute_refuse(r, element, "design_load",
                         "has no meaning for a PUE that does not depend "
                         "on load");
        scenario_cooling_constant(r, element, out);
    }
    out->loss_share = attribute_quantity(r, element, "losses", UNIT_NUMBER, RANGE_SHARE_BELOW, 0);
    out->fixed = attribute_quantity(r, element, "fixed", UNIT_POWER, RANGE_NONNEGATIVE, 0);
    /* An empty schedule means no limit. */
    if (attribute_text(element, "heat_limit") || scenario_has_schedule(element, "heat_limit"))
        scenario_schedule(r, element, "heat_limit", UNIT_POWER, RANGE_POSITIVE, NAN,
                          &out->heat_limit);
    /* An empty schedule means not stated, which is not 0. */
    if (attribute_text(element, "water") || scenario_has_schedule(element, "water"))
        scenario_schedule(r, element, "water", UNIT_ENERGY_WATER, RANGE_NONNEGATIVE, NAN,
                          &out->water);
}
