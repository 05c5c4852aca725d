/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/plan.h"

#include "analysis/design.h"
#include "sim/engine/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* More would not be waited for, and a result of so many is no longer a table. */
enum { POINTS_MAX = 10000000 };

bool plan_design(const char *text, enum plan_kind *kind, size_t *points, struct error *e) {
    const bool sobol = strncmp(text, "sobol:", 6) == 0, lhs = strncmp(text, "lhs:", 4) == 0;
    const char *number = strchr(text, ':');
    char *end = NULL;
    const long n = sobol || lhs ? strtol(number + 1, &end, 10) : 0;
    if (n < 2 || n > POINTS_MAX || *end != '\0') {
        error_add(
            e, NULL, 0,
            "--design: found '%s'; sobol:N or lhs:N with N from 2 points to %d would be right",
            text, POINTS_MAX);
        return false;
    }
    *kind = sobol ? PLAN_SOBOL : PLAN_LHS;
    *points = (size_t)n;
    return true;
}

static bool is_design(enum plan_kind kind) {
    return kind == PLAN_SOBOL || kind == PLAN_LHS;
}

/* Points of a grid or of pairs; 0 with messages in *e. */
static size_t count_points(enum plan_kind kind, const struct axis *axis, size_t axes,
                           struct error *e) {
    double points = 1.0;
    const size_t before = e->count;
    for (size_t a = 0; a < axes; a++) {
        if (axis[a].count == 0)
            error_add(
                e, NULL, 0,
                "--vary: '%s' has a range without a number of values; LO:HI:N would be right, "
                "or --design with it",
                axis[a].name);
        if (kind == PLAN_ZIP && axis[a].count != axis[0].count)
            error_add(e, NULL, 0,
                      "--zip: '%s' has %zu values and '%s' %zu; equally many would be right",
                      axis[0].name, axis[0].count, axis[a].name, axis[a].count);
        points = kind == PLAN_ZIP ? (double)axis[0].count : points * (double)axis[a].count;
    }
    if (points > POINTS_MAX)
        error_add(e, NULL, 0, "--vary: found %.0f points; at most %d would be right", points,
                  POINTS_MAX);
    return e->count == before ? (size_t)points : 0;
}

size_t plan_index(const struct plan *p, size_t i, size_t a) {
    for (size_t k = p->axes; k-- > a + 1;)
        i /= p->axis[k].count;
    return i % p->axis[a].count;
}

/* A point of a design on one axis: within a range, or one of the values of a list. */
static void set_share(struct override *set, double *value, const struct axis *a, double share) {
    set->xpath = a->xpath;
    set->axis = a->name;
    if (a->count == 0 || isfinite(a->low)) {
        set->value = axis_at(a, share, value);
        return;
    }
    const size_t i = (size_t)fmin(share * (double)a->count, (double)(a->count - 1));
    set->value = memory_text(a->text[i]);
    *value = a->value != NULL ? a->value[i] : NAN;
}

static bool fill_design(struct plan *p, uint64_t seed, struct error *e) {
    double *share = memory_new(p->points * p->axes, sizeof *share);
    const enum design_kind kind = p->kind == PLAN_SOBOL ? DESIGN_SOBOL : DESIGN_LHS;
    const bool filled = design_fill(kind, p->points, p->axes, seed, share);
    if (!filled)
        error_add(e, NULL, 0, "--design: found %zu axes; at most %d would be right", p->axes,
                  DESIGN_DIMENSIONS);
    for (size_t i = 0; filled && i < p->points * p->axes; i++)
        set_share(&p->set[i], &p->value[i], &p->axis[i % p->axes], share[i]);
    free(share);
    return filled;
}

static void fill_values(struct plan *p) {
    for (size_t i = 0; i < p->points; i++)
        for (size_t a = 0; a < p->axes; a++) {
            const struct axis *axis = &p->axis[a];
            const size_t at = p->kind == PLAN_ZIP ? i : plan_index(p, i, a);
            p->set[i * p->axes + a] = (struct override){axis->xpath, axis->text[at], axis->name};
            p->value[i * p->axes + a] = axis->value != NULL ? axis->value[at] : NAN;
        }
}

bool plan_make(struct plan *p, enum plan_kind kind, const struct axis *axis, size_t axes,
               size_t points, uint64_t seed, struct error *e) {
    *p = (struct plan){.kind = kind, .axis = axis, .axes = axes, .points = points};
    if (!is_design(kind))
        p->points = count_points(kind, axis, axes, e);
    if (p->points == 0)
        return false;
    p->set = memory_new(p->points * axes, sizeof *p->set);
    p->value = memory_new(p->points * axes, sizeof *p->value);
    bool made = true;
    if (is_design(kind))
        made = fill_design(p, seed, e);
    else
        fill_values(p);
    if (!made)
        plan_clear(p);
    return made;
}

void plan_clear(struct plan *p) {
    for (size_t i = 0; p->set != NULL && is_design(p->kind) && i < p->points * p->axes; i++)
        free(p->set[i].value);
    free(p->set);
    free(p->value);
    *p = (struct plan){.axis = NULL};
}
