/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/engine/memory.h"
#include "sim/io/scenario_impl.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The knots of a schedule as they are read. */
struct scenario_knots {
    double *time, *value;
    const xmlNode **point;
    size_t count;
    bool failed;
};

/* The <schedule> of that name in an element; NULL when there is none. */
static const xmlNode *scenario_schedule_find(const xmlNode *element, const char *name) {
    for (xmlNode *c = element->children; (c = document_element(c, "schedule")); c = c->next) {
        const char *of = attribute_text(c, "of");
        if (of && strcmp(of, name) == 0)
            return c;
    }
    return NULL;
}

bool scenario_has_schedule(const xmlNode *element, const char *name) {
    return scenario_schedule_find(element, name) != NULL;
}

void scenario_schedules_check(struct reader *r, const xmlNode *element, const char *const *names) {
    for (xmlNode *c = element->children; (c = document_element(c, "schedule")); c = c->next) {
        if (!attribute_text(c, "of"))
            continue;
        int i = attribute_choice(r, c, "of", names, -1);
        if (i >= 0 && scenario_schedule_find(element, names[i]) != c)
            attribute_error(r, c, "of",
                            "found '%s' a second time; one schedule of each would be "
                            "right",
                            names[i]);
    }
}

/* A knot's value in SI: `value`, or `factor` times the level. In a profile, `value` is a factor. */
static double scenario_point(struct reader *r, const xmlNode *point, bool factors, bool profile,
                             enum unit_kind kind, enum attribute_range range, double level) {
    if (!factors)
        return attribute_quantity(r, point, "value", kind, range, NAN);
    double factor = attribute_quantity(r, point, profile ? "value" : "factor", UNIT_NUMBER,
                                       RANGE_NONNEGATIVE, NAN);
    return factor * level;
}

/* Tells whether the schedule's points are factors; false after a mistake too. */
static bool scenario_is_factors(struct reader *r, const xmlNode *points, bool profile,
                                struct scenario_knots *k) {
    bool factors = profile;
    bool first = true;
    for (xmlNode *c = points->children; !profile && (c = document_element(c, "point"));
         c = c->next) {
        bool value = attribute_text(c, "value") != NULL, factor = attribute_text(c, "factor");
        if (value == factor) {
            attribute_error(r, c, NULL,
                            "found %s; a value, or a factor on the attribute, would be "
                            "right",
                            value ? "both value and factor" : "neither value nor factor");
            k->failed = true;
        } else if (!first && factor != factors) {
            attribute_error(r, c, factor ? "factor" : "value",
                            "found a %s after a %s; one kind "
                            "throughout a schedule would be right",
                            factor ? "factor" : "value", factor ? "value" : "factor");
            k->failed = true;
        }
        if (first)
            factors = factor;
        first = false;
    }
    return factors;
}

static void scenario_knots_read(struct reader *r, const xmlNode *points, struct scenario_knots *k,
                                bool factors, bool profile, enum unit_kind kind,
                                enum attribute_range range, double level) {
    size_t capacity = 0;
    for (xmlNode *c = points->children; (c = document_element(c, "point")); c = c->next)
        capacity++;
    k->time = memory_new(capacity, sizeof *k->time);
    k->value = memory_new(capacity, sizeof *k->value);
    k->point = memory_new(capacity, sizeof *k->point);
    for (xmlNode *c = points->children; (c = document_element(c, "point")); c = c->next) {
        k->point[k->count] = c;
        k->time[k->count] = attribute_quantity(r, c, "at", UNIT_TIME, RANGE_NONNEGATIVE, NAN);
        double v = scenario_point(r, c, factors, profile, kind, range, level);
        k->value[k->count] = v;
        k->failed = k->failed || isnan(k->time[k->count]) || isnan(v);
        k->count++;
    }
}

/* Order of the knots, each mistake at its point. */
static void scenario_knots_check(struct reader *r, const xmlNode *schedule,
                                 struct scenario_knots *k, double period) {
    if (k->count == 0) {
        attribute_error(r, schedule, NULL, "has no <point>; at least one, at 0 h, would be right");
        k->failed = true;
        return;
    }
    if (k->time[0] > 0) {
        attribute_error(r, k->point[0], "at",
                        "found '%s' for the first point; '0 h' would be right",
                        attribute_text(k->point[0], "at"));
        k->failed = true;
    }
    for (size_t i = 0; i < k->count; i++) {
        const char *at = attribute_text(k->point[i], "at");
        if (i > 0 && k->time[i] <= k->time[i - 1]) {
            attribute_error(r, k->point[i], "at",
                            "found '%s' after '%s'; times that increase from "
                            "point to point would be right",
                            at, attribute_text(k->point[i - 1], "at"));
            k->failed = true;
        } else if (period > 0 && k->time[i] >= period) {
            attribute_error(r, k->point[i], "at",
                            "found '%s'; a time before the period's end, "
                            "'%s', would be right",
                            at, attribute_text(schedule, "period"));
            k->failed = true;
        }
    }
}

/* The element whose children are the points: the schedule, or the profile that it names. */
static const xmlNode *scenario_profile(struct reader *r, const xmlNode *schedule) {
    const char *name = attribute_text(schedule, "profile");
    if (!name)
        return schedule;
    const xmlNode *profile = document_find(r->document, "profile", name);
    if (!profile)
        attribute_error(r, schedule, "profile",
                        "found '%s'; the name of a <profile> in <tables> "
                        "or in scenarios/traces would be right",
                        name);
    else if (document_element(schedule->children, "point"))
        attribute_error(r, schedule, "profile",
                        "found '%s' beside <point>s; one or the other would "
                        "be right",
                        name);
    return profile;
}

static void scenario_schedule_read(struct reader *r, const xmlNode *element,
                                   const xmlNode *schedule, const char *name, enum unit_kind kind,
                                   enum attribute_range range, struct schedule *out) {
    static const char *const interpolation[] = {"step", "linear", NULL};
    int shape = attribute_choice(r, schedule, "interpolation", interpolation, 0);
    double period = attribute_quantity(r, schedule, "period", UNIT_TIME, RANGE_POSITIVE, 0);
    const xmlNode *points = scenario_profile(r, schedule);
    if (!points)
        return;
    bool profile = points != schedule;
    struct scenario_knots k = {0};
    bool factors = scenario_is_factors(r, points, profile, &k);
    double level = NAN;
    if (factors && kind == UNIT_TEMPERATURE) {
        attribute_error(r, schedule, NULL,
                        "holds factors of a temperature, which mean nothing; "
                        "values like '20 degC' would be right");
        k.failed = true;
    } else if (factors) {
        if (attribute_demand(r, element, name, "the level that the schedule's factors multiply"))
            level = attribute_quantity(r, element, name, kind, range, NAN);
    } else {
        attribute_refuse(r, element, name,
                         "stands beside a schedule of values (factors would "
                         "multiply it)");
    }
    if (k.failed)
        return;
    scenario_knots_read(r, points, &k, factors, profile, kind, range, level);
    scenario_knots_check(r, schedule, &k, period);
    if (!k.failed && shape >= 0 && !isnan(period)) {
        long wrong = schedule_make(out, k.time, k.value, k.count, period, shape == 1);
        if (wrong >= 0)
            attribute_error(r, k.point[wrong], NULL,
                            "makes no schedule; points from 0 h on, in "
                            "order of time, would be right");
    }
    free(k.time);
    free(k.value);
    free(k.point);
}

void scenario_schedule(struct reader *r, const xmlNode *element, const char *name,
                       enum unit_kind kind, enum attribute_range range, double fallback,
                       struct schedule *out) {
    *out = (struct schedule){0};
    const xmlNode *schedule = scenario_schedule_find(element, name);
    if (schedule) {
        scenario_schedule_read(r, element, schedule, name, kind, range, out);
    } else if (!attribute_text(element, name) && isnan(fallback)) {
        attribute_error(r, element, name,
                        "missing; %s like '%s', or a <schedule of=\"%s\">, would "
                        "be right",
                        unit_kind_phrase(kind), unit_kind_example(kind), name);
    } else {
        double value = attribute_quantity(r, element, name, kind, range, fallback);
        if (!isnan(value))
            schedule_constant(out, value);
    }
}
