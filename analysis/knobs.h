/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ANALYSIS_KNOBS_H
#define ANALYSIS_KNOBS_H

/* Knobs: the axes that an optimization turns, and the points of them that it has seen. A point is
 * what the attributes are set to, as text: two that round to the same are one. */

#include "analysis/axis.h"
#include "analysis/options.h"
#include "sim/io/override.h"

enum { KNOBS_MAX = 8 };

struct knobs {
    struct axis axis[KNOBS_MAX];
    size_t axes;
    struct override *set; /* points * axes; the values are owned, the XPaths those of the axes */
    double *value;        /* points * axes: the numbers; of a list without numbers the index */
    size_t points;
};

/* Reads --vary. False with messages in *e; then, too, knobs_clear is to be called. */
bool knobs_read(struct knobs *k, const struct options_list *vary, struct error *e);
void knobs_clear(struct knobs *k);

/* The point at share[a] (0 to 1) of the way along each axis, by number; a new one is added. A range
 * is gone along as it is stated (:log, :int); of a list, or a range with a number of values, the
 * nearest value is taken. */
size_t knobs_point(struct knobs *k, const double *share);

/* Overrides and numbers of a point: `axes` of each. */
static inline const struct override *knobs_set(const struct knobs *k, size_t point) {
    return k->set + point * k->axes;
}
static inline const double *knobs_value(const struct knobs *k, size_t point) {
    return k->value + point * k->axes;
}

/* Whether the value of an axis at a point is the first or the last that it can have. */
bool knobs_at_end(const struct knobs *k, size_t point, size_t a);

#endif
