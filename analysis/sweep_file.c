/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/sweep_file.h"

#include "sim/engine/memory.h"

#include <math.h>
#include <stdlib.h>

/* The dimensions of what is told of each point: the axes of a grid, or "point". */
struct shape {
    struct h5out_axis axis[H5OUT_AXES];
    size_t axes;
};

static struct shape shape_of(const struct plan *p) {
    struct shape s = {.axes = p->kind == PLAN_GRID ? p->axes : 1};
    for (size_t a = 0; a < s.axes; a++)
        s.axis[a] = p->kind == PLAN_GRID ? (struct h5out_axis){p->axis[a].name, p->axis[a].count}
                                         : (struct h5out_axis){"point", p->points};
    return s;
}

/* The coordinate of an axis: `count` values, over the scale of that name. */
static void write_axis(struct h5out *o, hid_t root, const struct plan *p, size_t a, size_t count,
                       const char *scale) {
    const struct axis *axis = &p->axis[a];
    const bool grid = p->kind == PLAN_GRID, number = axis->value != NULL;
    char *what = memory_print("value of %s", axis->xpath);
    double *value = memory_new(count, sizeof *value);
    const char **text = memory_new(count, sizeof *text);
    for (size_t i = 0; i < count; i++) {
        value[i] = !number ? NAN : grid ? axis->value[i] : p->value[i * p->axes + a];
        text[i] = grid ? axis->text[i] : p->set[i * p->axes + a].value;
    }
    if (number)
        h5out_reals(o, root, axis->name, *axis->unit == '\0' ? "1" : axis->unit, what, value, count,
                    scale);
    else
        h5out_names(o, root, axis->name, what, text, count, scale);
    free(text);
    free(value);
    free(what);
}

/* The coordinates from axis `first` on. Each group has its own: xarray looks into no other. */
static void write_axes(struct h5out *o, hid_t group, const struct plan *p, size_t first) {
    if (p->kind != PLAN_GRID) {
        int64_t *number = memory_new(p->points, sizeof *number);
        for (size_t i = 0; i < p->points; i++)
            number[i] = (int64_t)i;
        h5out_counts(o, group, "point", "1", "point of the plan", number, p->points, "point");
        free(number);
    }
    for (size_t a = first; a < p->axes; a++) {
        const bool grid = p->kind == PLAN_GRID;
        write_axis(o, group, p, a, grid ? p->axis[a].count : p->points,
                   grid ? p->axis[a].name : "point");
    }
}

/* A figure over the points, and where any point has an interval its ends. */
static void write_figure(struct h5out *o, hid_t root, const struct sweep_table *t,
                         const struct shape *s, size_t figure) {
    const struct figure *f = outcome_figure(figure);
    const size_t points = t->plan->points;
    double *value = memory_new(points, sizeof *value), *low = memory_new(points, sizeof *low),
           *high = memory_new(points, sizeof *high);
    bool interval = false;
    for (size_t i = 0; i < points; i++) {
        const struct outcome *cell = sweep_table_cell(t, i, figure);
        const bool finite = isfinite(cell->half);
        value[i] = cell->value;
        low[i] = finite ? cell->value - cell->half : NAN;
        high[i] = finite ? cell->value + cell->half : NAN;
        interval = interval || finite;
    }
    h5out_grid(o, root, f->name, f->unit, f->long_name, value, s->axis, s->axes);
    if (interval) {
        char *name = memory_print("%s_low", f->name);
        h5out_grid(o, root, name, f->unit, "lower end of the 95 % confidence interval", low,
                   s->axis, s->axes);
        free(name);
        name = memory_print("%s_high", f->name);
        h5out_grid(o, root, name, f->unit, "upper end of the 95 % confidence interval", high,
                   s->axis, s->axes);
        free(name);
    }
    free(high);
    free(low);
    free(value);
}

static void write_binding(struct h5out *o, hid_t root, const struct sweep_table *t,
                          const struct shape *s) {
    int8_t *flag = memory_new(t->plan->points, 1);
    for (size_t i = 0; i < t->plan->points; i++)
        flag[i] = (int8_t)sweep_table_binding(t, i);
    const struct h5out_array a = {.name = "binding",
                                  .long_name = "constraint with the largest share of node-time",
                                  .data = flag,
                                  .axis = s->axis,
                                  .axes = s->axes};
    h5out_flags(o, root, a, binding_name, BINDING_COUNT);
    free(flag);
}

/* What each replication gave. */
static void write_replications(struct h5out *o, const struct sweep_table *t,
                               const struct shape *points) {
    const size_t runs = t->plan->points * t->replications;
    const hid_t group = h5out_group(o, "/replications");
    struct shape s = *points;
    int64_t *number = memory_new(t->replications, sizeof *number);
    double *value = memory_new(runs, sizeof *value);
    write_axes(o, group, t->plan, 0);
    for (size_t r = 0; r < t->replications; r++)
        number[r] = (int64_t)r;
    h5out_counts(o, group, "replication", "1", "its seed is that of the sweep plus this", number,
                 t->replications, "replication");
    s.axis[s.axes++] = (struct h5out_axis){"replication", t->replications};
    for (size_t f = 0; f < outcome_count(); f++) {
        const struct figure *what = outcome_figure(f);
        for (size_t i = 0; i < runs; i++)
            value[i] = t->run[i * outcome_count() + f].value;
        h5out_grid(o, group, what->name, what->unit, what->long_name, value, s.axis, s.axes);
    }
    free(value);
    free(number);
    h5out_leave(o, group);
}

/* One kind of boundary over all axes but the first. */
static void write_kind(struct h5out *o, hid_t group, const struct sweep_table *t,
                       const struct shape *points, enum boundary_kind kind) {
    static const struct {
        const char *suffix, *text;
    } what[BOUNDARY_COUNT] = {
        [BOUNDARY_RHO] = {"",
                          "at which rho is rho_star (K_eff realized); NaN: not within the axis"},
        [BOUNDARY_BINDING] = {"_binding", "at which feed and cooling bind as much node-time as "
                                          "compute, memory and KV; NaN: not within the axis"},
    };
    const struct axis *a = &t->plan->axis[0];
    const char *unit = *a->unit == '\0' ? "1" : a->unit;
    double *column[3];
    for (int i = 0; i < 3; i++)
        column[i] = memory_new(t->columns, sizeof **column);
    for (size_t c = 0; c < t->columns; c++) {
        const struct boundary *b = &t->boundary[(size_t)kind * t->columns + c];
        column[0][c] = b->value;
        column[1][c] = isfinite(b->half) ? b->value - b->half : NAN;
        column[2][c] = isfinite(b->half) ? b->value + b->half : NAN;
    }
    for (int i = 0; i < 3; i++) {
        static const char *const end[] = {"", "_low", "_high"};
        char *name = memory_print("%s%s%s", a->name, what[kind].suffix, end[i]);
        char *text = memory_print("%s %s%s", a->name, what[kind].text,
                                  i == 0   ? ""
                                  : i == 1 ? "; lower end of the 95 % interval"
                                           : "; upper end of the 95 % interval");
        if (points->axes > 1)
            h5out_grid(o, group, name, unit, text, column[i], points->axis + 1, points->axes - 1);
        else
            h5out_scalar(o, group, name, unit, text, column[i][0]);
        free(text);
        free(name);
        free(column[i]);
    }
}

static void write_boundary(struct h5out *o, const struct sweep_table *t, const struct shape *s) {
    if (t->columns == 0)
        return;
    const hid_t group = h5out_group(o, "/boundary");
    write_axes(o, group, t->plan, 1);
    for (int kind = 0; kind < BOUNDARY_COUNT; kind++)
        write_kind(o, group, t, s, (enum boundary_kind)kind);
    h5out_leave(o, group);
}

bool sweep_file_write(const char *path, const struct sweep_table *t,
                      const struct results_meta *meta, struct error *e) {
    const struct shape shape = shape_of(t->plan);
    const char *xml = meta->scenario_xml;
    struct h5out o;
    h5out_open(&o);
    const hid_t root = h5out_group(&o, "/");
    results_root(&o, root, meta);
    h5out_whole(&o, root, "replications", (int64_t)t->replications);
    write_axes(&o, root, t->plan, 0);
    for (size_t f = 0; f < outcome_count(); f++)
        write_figure(&o, root, t, &shape, f);
    write_binding(&o, root, t, &shape);
    h5out_names(&o, root, "scenario", "the resolved scenario, before any axis", &xml, 0, NULL);
    h5out_leave(&o, root);
    write_boundary(&o, t, &shape);
    if (t->replications > 1)
        write_replications(&o, t, &shape);
    return results_end(path, &o, e);
}
