/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/sensitivity_plan.h"

#include "analysis/morris.h"
#include "analysis/sobol_index.h"

#include "sim/engine/memory.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* More would not be waited for. */
enum { SIZE_LIMIT = 1 << 20, POINTS_LIMIT = 10000000 };

/* The power of two that is nearest to n by ratio, 2 to SIZE_LIMIT. */
static long power_near(long n) {
    long power = 2;
    while (power < SIZE_LIMIT && power * 2 - n <= n - power)
        power *= 2;
    return power;
}

bool sensitivity_method_read(const char *text, enum sensitivity_method *method, size_t *size,
                             struct error *e) {
    static const char *const name[] = {
        [SENSITIVITY_MORRIS] = "morris:", [SENSITIVITY_SOBOL] = "sobol:"};
    for (int m = SENSITIVITY_MORRIS; m <= SENSITIVITY_SOBOL; m++) {
        if (strncmp(text, name[m], strlen(name[m])) != 0)
            continue;
        const char *number = text + strlen(name[m]);
        char *end;
        errno = 0;
        const long n = strtol(number, &end, 10);
        if (*number < '0' || *number > '9' || *end != '\0' || errno != 0 || n < 2 || n > SIZE_LIMIT)
            break;
        if (m == SENSITIVITY_SOBOL && (n & (n - 1)) != 0) {
            error_add(e, NULL, 0,
                      "--method: found '%s'; a power of two, as sobol:%ld, would be right: Sobol's "
                      "points are even only then",
                      text, power_near(n));
            return false;
        }
        *method = (enum sensitivity_method)m;
        *size = (size_t)n;
        return true;
    }
    error_add(e, NULL, 0,
              "--method: found '%s'; morris:R with R trajectories, or sobol:N with N rows, 2 to %d "
              "of them, would be right",
              text, SIZE_LIMIT);
    return false;
}

/* Points of the design; 0 with messages in *e. */
static size_t count_points(enum sensitivity_method method, size_t size, const struct axis *axis,
                           size_t factors, struct error *e) {
    const size_t before = e->count;
    const bool morris = method == SENSITIVITY_MORRIS;
    for (size_t a = 0; a < factors; a++)
        if (axis[a].count > 0)
            error_add(e, NULL, 0,
                      "--vary: '%s' has values of its own; a range LO:HI, of which the method "
                      "chooses, would be right",
                      axis[a].name);
    if (!morris && factors > SOBOL_INDEX_FACTORS)
        error_add(e, NULL, 0,
                  "--vary: found %zu factors; for sobol at most %d would be right: those that "
                  "matter by a screening (morris)",
                  factors, SOBOL_INDEX_FACTORS);
    const size_t points = morris ? morris_points(size, factors) : sobol_index_points(size, factors);
    if (points > POINTS_LIMIT)
        error_add(e, NULL, 0, "--method: found %zu points; at most %d would be right", points,
                  POINTS_LIMIT);
    return e->count == before ? points : 0;
}

/* Where a value lies in its range: an elementary effect is per whole range, and where values are
 * rounded a step is not the one that was asked for. */
static double share_of(const struct axis *a, double value) {
    return a->log ? log(value / a->low) / log(a->high / a->low)
                  : (value - a->low) / (a->high - a->low);
}

bool sensitivity_plan_make(struct sensitivity_plan *p, enum sensitivity_method method, size_t size,
                           const struct axis *axis, size_t factors, uint64_t seed,
                           struct error *e) {
    *p =
        (struct sensitivity_plan){.method = method, .size = size, .axis = axis, .factors = factors};
    const size_t points = count_points(method, size, axis, factors, e);
    if (points == 0)
        return false;
    p->points = points;
    p->share = memory_new(points * factors, sizeof *p->share);
    p->value = memory_new(points * factors, sizeof *p->value);
    p->set = memory_new(points * factors, sizeof *p->set);
    const bool made = method == SENSITIVITY_MORRIS
                          ? morris_design(size, factors, MORRIS_LEVELS, seed, p->share)
                          : sobol_index_design(size, factors, seed, p->share);
    for (size_t i = 0; made && i < points * factors; i++) {
        const struct axis *a = &axis[i % factors];
        p->set[i] = (struct override){a->xpath, axis_at(a, p->share[i], &p->value[i]), a->name};
        if (method == SENSITIVITY_MORRIS && a->whole)
            p->share[i] = share_of(a, p->value[i]);
    }
    if (!made) {
        error_add(e, NULL, 0, "--method: a design of %zu points cannot be made", points);
        sensitivity_plan_clear(p);
    }
    return made;
}

void sensitivity_plan_clear(struct sensitivity_plan *p) {
    for (size_t i = 0; p->set != NULL && i < p->points * p->factors; i++)
        free(p->set[i].value);
    free(p->set);
    free(p->value);
    free(p->share);
    *p = (struct sensitivity_plan){.axis = NULL};
}
