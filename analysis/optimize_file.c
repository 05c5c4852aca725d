/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/optimize_file.h"

#include "analysis/edge_file.h"
#include "analysis/optimize.h"
#include "sim/engine/memory.h"

#include <math.h>
#include <stdlib.h>

static void write_count(struct h5out *out, hid_t group, size_t count, const char *text) {
    int64_t *number = memory_new(count, sizeof *number);
    for (size_t i = 0; i < count; i++)
        number[i] = (int64_t)i;
    h5out_counts(out, group, "point", "1", text, number, count, "point");
    free(number);
}

/* What a knob is set to at each point: a number in its unit, or text. */
static void write_knob(const struct optimize *z, size_t a, struct h5out *out, hid_t group) {
    const struct knobs *k = &z->knobs;
    const struct axis *axis = &k->axis[a];
    char *what = memory_print("value of %s", axis->xpath);
    double *value = memory_new(k->points, sizeof *value);
    const char **text = memory_new(k->points, sizeof *text);
    for (size_t i = 0; i < k->points; i++) {
        value[i] = knobs_value(k, i)[a];
        text[i] = knobs_set(k, i)[a].value;
    }
    if (axis->count > 0 && axis->value == NULL)
        h5out_names(out, group, axis->name, what, text, k->points, "point");
    else
        h5out_reals(out, group, axis->name, *axis->unit == '\0' ? "1" : axis->unit, what, value,
                    k->points, "point");
    free(text);
    free(value);
    free(what);
}

static void write_objective(const struct optimize *z, const struct search *s, struct h5out *out,
                            hid_t group) {
    const struct figure aim = objective_figure(&z->aim);
    const size_t points = z->knobs.points;
    double *value = memory_new(points, sizeof *value), *half = memory_new(points, sizeof *half);
    for (size_t i = 0; i < points; i++) {
        const struct outcome o = optimize_value(z, s, i);
        value[i] = o.value;
        half[i] = o.half;
    }
    h5out_reals(out, group, "objective", aim.unit, aim.long_name, value, points, "point");
    h5out_reals(out, group, "objective_half", aim.unit,
                "half width of the 95 % interval of objective; infinite: none", half, points,
                "point");
    free(half);
    free(value);
}

/* The three points of the comparison. */
static void write_check(const struct optimize *z, const struct search *s, struct h5out *out) {
    static const char *const name[OPTIMIZE_FRESH] = {
        [OPTIMIZE_AS_IS] = "as_is", [OPTIMIZE_START] = "start", [OPTIMIZE_BEST] = "best"};
    const struct figure aim = objective_figure(&z->aim);
    double value[OPTIMIZE_FRESH], half[OPTIMIZE_FRESH], gain[OPTIMIZE_FRESH],
        gain_half[OPTIMIZE_FRESH];
    const hid_t group = h5out_group(out, "/check");
    for (int i = 0; i < OPTIMIZE_FRESH; i++) {
        const struct outcome own = optimize_fresh(z, s, (enum optimize_fresh)i),
                             more = optimize_gain(z, s, (enum optimize_fresh)i);
        value[i] = own.value;
        half[i] = own.half;
        gain[i] = more.value;
        gain_half[i] = more.half;
    }
    write_count(out, group, OPTIMIZE_FRESH, "point of the comparison");
    h5out_names(out, group, "name", "the scenario as it is, the search's start, its best", name,
                OPTIMIZE_FRESH, "point");
    h5out_reals(out, group, "objective", aim.unit, aim.long_name, value, OPTIMIZE_FRESH, "point");
    h5out_reals(out, group, "objective_half", aim.unit,
                "half width of the 95 % interval of objective; infinite: none", half,
                OPTIMIZE_FRESH, "point");
    h5out_reals(out, group, "gain", aim.unit, "what the best is above the point, run by run", gain,
                OPTIMIZE_FRESH, "point");
    h5out_reals(out, group, "gain_half", aim.unit,
                "half width of the 95 % interval of gain; infinite: none", gain_half,
                OPTIMIZE_FRESH, "point");
    edge_file_points(s, z->fresh, OPTIMIZE_FRESH, out, group);
    h5out_leave(out, group);
}

void optimize_file(const struct search *s, const void *optimize, struct h5out *out) {
    const struct optimize *z = optimize;
    const hid_t group = h5out_group(out, "/optimize");
    write_count(out, group, z->knobs.points, "point, in the order in which they were run");
    for (size_t a = 0; a < z->knobs.axes; a++)
        write_knob(z, a, out, group);
    write_objective(z, s, out, group);
    h5out_count(out, group, "best", "1", "point that was the best", (int64_t)z->found.best);
    h5out_scalar(out, group, "mesh", "1", "the last mesh, a share of the knobs' ranges",
                 z->found.mesh);
    edge_file_points(s, z->first, z->knobs.points, out, group);
    h5out_leave(out, group);
    write_check(z, s, out);
}
