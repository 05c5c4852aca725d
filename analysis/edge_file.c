/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/edge_file.h"

#include "sim/engine/memory.h"

#include <math.h>
#include <stdlib.h>

/* Values over the points, and where any has an interval its ends. */
static void write_values(struct h5out *out, hid_t group, const struct figure *f,
                         const struct outcome *value, size_t count) {
    static const char *const suffix[] = {"", "_low", "_high"};
    double *column = memory_new(count, sizeof *column);
    bool interval = false;
    for (size_t i = 0; i < count; i++)
        interval = interval || isfinite(value[i].half);
    for (int end = 0; end < (interval ? 3 : 1); end++) {
        char *name = memory_print("%s%s", f->name, suffix[end]);
        for (size_t i = 0; i < count; i++)
            column[i] = value[i].value + (end == 0                   ? 0.0
                                          : !isfinite(value[i].half) ? NAN
                                          : end == 1                 ? -value[i].half
                                                                     : value[i].half);
        h5out_reals(out, group, name, f->unit,
                    end == 0   ? f->long_name
                    : end == 1 ? "lower end of the 95 % confidence interval"
                               : "upper end of the 95 % confidence interval",
                    column, count, "point");
        free(name);
    }
    free(column);
}

static void write_flags(const struct search *s, size_t first, size_t count, struct h5out *out,
                        hid_t group) {
    static const char *const meaning[] = {"missed", "met", "refused"};
    int8_t *flag = memory_new(count, 1);
    for (size_t i = 0; i < count; i++)
        flag[i] = s->refused[first + i] ? 2 : (int8_t)search_verdict(s, first + i).met;
    struct h5out_array a = {.name = "goal",
                            .long_name = "whether the goal was met by the means; refused: the "
                                         "scenario cannot be so, and was not run",
                            .data = flag,
                            .size = count,
                            .scale = "point"};
    h5out_flags(out, group, a, meaning, 3);
    for (size_t i = 0; i < count; i++)
        flag[i] = (int8_t)search_verdict(s, first + i).sure;
    static const char *const sure[] = {"no", "yes"};
    a.name = "sure";
    a.long_name = "whether that is beyond the 95 % intervals";
    h5out_flags(out, group, a, sure, 2);
    for (size_t i = 0; i < count; i++)
        flag[i] = (int8_t)search_binding(s, first + i);
    a.name = "binding";
    a.long_name = "constraint with the largest share of node-time";
    h5out_flags(out, group, a, binding_name, BINDING_COUNT);
    free(flag);
}

void edge_file_points(const struct search *s, size_t first, size_t count, struct h5out *out,
                      hid_t group) {
    struct outcome *value = memory_new(count, sizeof *value);
    for (size_t p = 0; p < s->goal.parts; p++) {
        const struct figure f = goal_figure(&s->goal.part[p]);
        if (s->goal.part[p].kind == GOAL_FIGURE)
            continue; /* written below */
        for (size_t i = 0; i < count; i++) {
            struct goal_verdict v;
            goal_judge(&s->goal.part[p], search_runs(s, first + i), s->replications, &v);
            value[i] = v.mean;
        }
        write_values(out, group, &f, value, count);
    }
    for (size_t f = 0; f < outcome_count(); f++) {
        for (size_t i = 0; i < count; i++)
            value[i] = outcome_mean(search_runs(s, first + i), f, s->replications);
        write_values(out, group, outcome_figure(f), value, count);
    }
    write_flags(s, first, count, out, group);
    free(value);
}

void edge_file(const struct edge *g, const struct search *s, struct h5out *out) {
    const struct {
        const char *name, *text;
        double value;
    } found[] = {
        {"found", "the last value that met the goal; NaN: none did",
         edge_met(g) < 0 ? NAN : g->value[(size_t)edge_met(g) - g->first]},
        {"found_missed", "the next value that missed it; NaN: none did",
         edge_missed(g) < 0 ? NAN : g->value[(size_t)edge_missed(g) - g->first]},
        {"surely_met", "the last value up to which all met it beyond the intervals",
         edge_sure(g, s, true)},
        {"surely_missed", "the first value from which on all missed it beyond the intervals",
         edge_sure(g, s, false)},
    };
    int64_t *number = memory_new(g->points, sizeof *number);
    char *path = memory_print("/%s", edge_name(g));
    const hid_t group = h5out_group(out, path);
    for (size_t i = 0; i < g->points; i++)
        number[i] = (int64_t)i;
    h5out_counts(out, group, "point", "1", "point, in the order in which they were run", number,
                 g->points, "point");
    h5out_reals(out, group, "value", edge_unit(g), edge_text(g), g->value, g->points, "point");
    h5out_names(out, group, "set", "what the point overrides, one a line",
                (const char *const *)g->set, g->points, "point");
    for (size_t i = 0; i < sizeof found / sizeof found[0]; i++)
        h5out_scalar(out, group, found[i].name, edge_unit(g), found[i].text, found[i].value);
    h5out_scalar(out, group, "tolerance", "1", "width of the bracket that was asked for, relative",
                 g->tolerance);
    edge_file_points(s, g->first, g->points, out, group);
    h5out_leave(out, group);
    free(path);
    free(number);
}
