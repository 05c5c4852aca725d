/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _POSIX_C_SOURCE 200809L /* open_memstream */
#include "analysis/trajectory_file.h"

#include "sim/engine/memory.h"
#include "sim/io/date.h"
#include "sim/io/outfile.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* -- HDF5 ---------------------------------------------------------------------------------------
 */

/* An end of the interval; of a share, within 0 and 1. */
static double end_of(const struct figure *f, const struct outcome *c, bool high) {
    const double half = isfinite(c->half) ? c->half : NAN;
    const double end = c->value + (high ? half : -half);
    if (isnan(end) || strstr(f->name, "share") == NULL)
        return end;
    return high ? fmin(end, fmax(1.0, c->value)) : fmax(end, fmin(0.0, c->value));
}

/* An array over the periods, and where any has an interval its ends. */
static void write_series(struct h5out *o, hid_t group, const struct figure *f, size_t periods,
                         const struct outcome *cell, size_t stride) {
    static const char *const end[] = {"", "_low", "_high"};
    static const char *const text[] = {"", "lower end of the 95 % confidence interval",
                                       "upper end of the 95 % confidence interval"};
    double *value = memory_new(periods, sizeof *value);
    for (int k = 0; k < 3; k++) {
        bool any = k == 0;
        for (size_t p = 0; p < periods; p++) {
            const struct outcome *c = &cell[p * stride];
            any = any || isfinite(c->half);
            value[p] = k == 0 ? c->value : end_of(f, c, k == 2);
        }
        if (!any)
            continue;
        char *name = memory_print("%s%s", f->name, end[k]);
        h5out_reals(o, group, name, f->unit, k == 0 ? f->long_name : text[k], value, periods,
                    "time");
        free(name);
    }
    free(value);
}

/* The calendar: coordinates as CF has them. */
static void write_calendar(struct h5out *o, hid_t root, const struct trajectory_table *t) {
    char date[DATE_TEXT], *unit = memory_print("days since %s", date_text(date, t->course->from));
    double *begin = memory_new(t->periods, sizeof *begin),
           *end = memory_new(t->periods, sizeof *end);
    char(*name)[COURSE_NAME] = memory_new(t->periods, sizeof *name);
    const char **names = memory_new(t->periods, sizeof *names);
    for (size_t p = 0; p < t->periods; p++) {
        long from, to;
        course_period(t->course, p, &from, &to);
        begin[p] = (double)(from - t->course->from);
        end[p] = (double)(to - t->course->from);
        names[p] = course_name(t->course, p, name[p]);
    }
    const struct h5out_array time = {.name = "time",
                                     .unit = unit,
                                     .long_name = "middle of the period",
                                     .memory = H5T_NATIVE_DOUBLE,
                                     .type = H5T_IEEE_F64LE,
                                     .data = t->time,
                                     .size = t->periods,
                                     .scale = "time"};
    const hid_t set = h5out_array(o, root, &time);
    h5out_text(o, set, "calendar", "proleptic_gregorian");
    h5out_done(o, set);
    h5out_reals(o, root, "begin", unit, "begin of the period", begin, t->periods, "time");
    h5out_reals(o, root, "end", unit, "end of the period", end, t->periods, "time");
    h5out_names(o, root, "period", "name of the period", names, t->periods, "time");
    free(names);
    free(name);
    free(end);
    free(begin);
    free(unit);
}

static void write_binding(struct h5out *o, hid_t root, const struct trajectory_table *t) {
    int8_t *flag = memory_new(t->periods, 1);
    for (size_t p = 0; p < t->periods; p++)
        flag[p] = (int8_t)trajectory_binding(t, p);
    const struct h5out_array a = {.name = "binding",
                                  .long_name = "constraint with the largest share of node-time",
                                  .data = flag,
                                  .size = t->periods,
                                  .scale = "time"};
    h5out_flags(o, root, a, binding_name, BINDING_COUNT);
    free(flag);
}

static void write_total(struct h5out *o, const struct trajectory_table *t) {
    const hid_t group = h5out_group(o, "/total");
    for (size_t f = 0; f < trajectory_figures(); f++) {
        const struct figure *what = trajectory_figure(f);
        const struct outcome *c = &t->figure[t->periods * trajectory_figures() + f];
        h5out_scalar(o, group, what->name, what->unit, what->long_name, c->value);
        if (!isfinite(c->half))
            continue;
        char *low = memory_print("%s_low", what->name), *high = memory_print("%s_high", what->name);
        h5out_scalar(o, group, low, what->unit, "lower end of the 95 % confidence interval",
                     end_of(what, c, false));
        h5out_scalar(o, group, high, what->unit, "upper end of the 95 % confidence interval",
                     end_of(what, c, true));
        free(high);
        free(low);
    }
    h5out_leave(o, group);
}

static void write_crossings(struct h5out *o, const struct trajectory_table *t) {
    const hid_t group = h5out_group(o, "/crossings");
    char date[DATE_TEXT], *unit = memory_print("days since %s", date_text(date, t->course->from));
    size_t count = 0, at = 0;
    for (int m = 0; m < TRAJECTORY_METHODS; m++)
        count += t->crossings[m];
    double *time = memory_new(count + 1, sizeof *time), *half = memory_new(count + 1, sizeof *half);
    int64_t *direction = memory_new(count + 1, sizeof *direction);
    const char **method = memory_new(count + 1, sizeof *method);
    for (int m = 0; m < TRAJECTORY_METHODS; m++)
        for (size_t i = 0; i < t->crossings[m]; i++, at++) {
            time[at] = t->crossing[m][i].time;
            half[at] = isfinite(t->crossing[m][i].half) ? t->crossing[m][i].half : NAN;
            direction[at] = t->crossing[m][i].direction;
            method[at] = trajectory_method_name[m];
        }
    h5out_reals(o, group, "time", unit, "date of the crossover", time, count, "time");
    h5out_reals(o, group, "half", "d",
                "it lies as many days from it at most (95 %); NaN: not known", half, count, "time");
    h5out_counts(o, group, "direction", "1", "1: compute became scarce; -1: power did", direction,
                 count, "time");
    h5out_names(
        o, group, "method",
        "what changed its sign: rho or rho_peak less rho_star; in a full site the marginal value "
        "of "
        "K_eff less that of IT power (marginal); that of nodes less that of the feed (invest)",
        method, count, "time");
    free(method);
    free(direction);
    free(half);
    free(time);
    free(unit);
    h5out_leave(o, group);
}

/* The coordinates of /windows, and when each of them begins. */
static void write_days(struct h5out *o, hid_t group, const struct trajectory_table *t) {
    const struct h5out_axis axis[] = {{"window", t->windows}, {"replication", t->replications}};
    double *at = memory_new(t->windows, sizeof *at), *share = memory_new(t->windows, sizeof *share);
    double *begin = memory_new(t->windows * t->replications, sizeof *begin);
    int64_t *number = memory_new(t->days + t->replications, sizeof *number);
    for (size_t w = 0; w < t->windows; w++) {
        at[w] = t->course->window[w].at / 3600.0;
        share[w] = t->course->window[w].share;
        for (size_t r = 0; r < t->replications; r++)
            begin[w * t->replications + r] = course_at(t->course, w, r, t->replications) / 3600.0;
    }
    for (size_t i = 0; i < t->days + t->replications; i++)
        number[i] = (int64_t)i;
    h5out_counts(o, group, "day", "1", "day that stands for the period", number, t->days, "day");
    h5out_counts(o, group, "replication", "1", "replication, with seeds of its own", number,
                 t->replications, "replication");
    h5out_reals(o, group, "window", "h", "time of day of the window", at, t->windows, "window");
    h5out_reals(o, group, "share", "1", "share of the day that the window stands for", share,
                t->windows, "window");
    h5out_grid(o, group, "begin", "h",
               "time of day at which its horizon begins; below 0: on the day before", begin, axis,
               2);
    free(number);
    free(begin);
    free(share);
    free(at);
}

/* Every figure of every run without a trial. */
static void write_windows(struct h5out *o, const struct trajectory_table *t) {
    const hid_t group = h5out_group(o, "/windows");
    const struct h5out_axis axis[] = {{"time", t->periods},
                                      {"day", t->days},
                                      {"window", t->windows},
                                      {"replication", t->replications}};
    const size_t runs = t->periods * t->days * t->windows * t->replications;
    double *value = memory_new(runs, sizeof *value);
    const struct outcome **run = memory_new(runs, sizeof *run);
    size_t next = 0;
    for (size_t p = 0; p < t->periods; p++)
        for (size_t d = 0; d < t->days; d++)
            for (size_t w = 0; w < t->windows; w++)
                for (size_t r = 0; r < t->replications; r++)
                    run[next++] =
                        t->run + trajectory_run(t, p, d, w, r, TRAJECTORY_BASE) * outcome_count();
    write_days(o, group, t);
    for (size_t f = 0; f < outcome_count(); f++) {
        const struct figure *what = outcome_figure(f);
        for (size_t i = 0; i < runs; i++)
            value[i] = run[i][f].value;
        h5out_grid(o, group, what->name, what->unit, what->long_name, value, axis, 4);
    }
    for (size_t i = 0; i < runs; i++)
        value[i] = trajectory_overloaded(run[i]) ? 1.0 : 0.0;
    h5out_grid(
        o, group, "overloaded", "1",
        "1: the queue grows, so that latencies and good tokens are of how long was simulated",
        value, axis, 4);
    free(run);
    free(value);
    h5out_leave(o, group);
}

bool trajectory_file_write(const char *path, const struct trajectory_table *t,
                           const struct results_meta *meta, struct error *e) {
    const char *xml = meta->scenario_xml;
    struct h5out o;
    h5out_open(&o);
    const hid_t root = h5out_group(&o, "/");
    results_root(&o, root, meta);
    h5out_whole(&o, root, "replications", (int64_t)t->replications);
    write_calendar(&o, root, t);
    for (size_t f = 0; f < trajectory_figures(); f++)
        write_series(&o, root, trajectory_figure(f), t->periods, t->figure + f,
                     trajectory_figures());
    for (int v = 0; v < TRAJECTORY_VALUES; v++)
        write_series(&o, root, &trajectory_value[v], t->periods, t->marginal + v,
                     TRAJECTORY_VALUES);
    write_binding(&o, root, t);
    h5out_names(&o, root, "scenario", "the resolved scenario, before any date", &xml, 0, NULL);
    h5out_leave(&o, root);
    write_total(&o, t);
    write_crossings(&o, t);
    write_windows(&o, t);
    return results_end(path, &o, e);
}

/* -- CSV ----------------------------------------------------------------------------------------
 */

/* Whether any period has an interval of it: then it has two more columns. */
static bool has_interval(const struct outcome *cell, size_t stride, size_t periods) {
    for (size_t p = 0; p < periods; p++)
        if (isfinite(cell[p * stride].half))
            return true;
    return false;
}

/* A column's value; nothing where there is none. */
static void put(FILE *to, double value) {
    if (isfinite(value))
        fprintf(to, ",%.17g", value);
    else
        fputc(',', to);
}

/* The columns of one figure: in the head (period: the number of periods) or in a row. */
static void put_figure(FILE *to, const struct figure *f, const struct outcome *cell, size_t stride,
                       size_t periods, size_t period) {
    const bool interval = has_interval(cell, stride, periods);
    if (period == periods) {
        fprintf(to, ",%s", f->name);
        if (interval)
            fprintf(to, ",%s_low,%s_high", f->name, f->name);
        return;
    }
    const struct outcome *c = &cell[period * stride];
    put(to, c->value);
    if (interval) {
        put(to, end_of(f, c, false));
        put(to, end_of(f, c, true));
    }
}

static void put_row(FILE *to, const struct trajectory_table *t, size_t period) {
    for (size_t f = 0; f < trajectory_figures(); f++)
        put_figure(to, trajectory_figure(f), t->figure + f, trajectory_figures(), t->periods,
                   period);
    for (int v = 0; v < TRAJECTORY_VALUES; v++)
        put_figure(to, &trajectory_value[v], t->marginal + v, TRAJECTORY_VALUES, t->periods,
                   period);
}

static void put_table(FILE *to, const struct trajectory_table *t) {
    for (size_t f = 0; f < trajectory_figures(); f++) {
        const struct figure *what = trajectory_figure(f);
        fprintf(to, "# %s (%s): %s\n", what->name, what->unit, what->long_name);
    }
    fputs("period,begin,end,binding", to);
    put_row(to, t, t->periods);
    fputc('\n', to);
    for (size_t p = 0; p < t->periods; p++) {
        char name[COURSE_NAME], begin[DATE_TEXT], end[DATE_TEXT];
        long from, until;
        course_period(t->course, p, &from, &until);
        fprintf(to, "%s,%s,%s,%s", course_name(t->course, p, name), date_text(begin, from),
                date_text(end, until), binding_name[trajectory_binding(t, p)]);
        put_row(to, t, p);
        fputc('\n', to);
    }
}

bool trajectory_csv_write(const char *path, const struct trajectory_table *t, struct error *e) {
    char *text = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&text, &size);
    bool ok = to != NULL;
    if (ok) {
        put_table(to, t);
        ok = ferror(to) == 0;
        ok = fclose(to) == 0 && ok;
    }
    if (!ok)
        error_add(e, path, 0, "%s", strerror(errno));
    ok = ok && outfile_write(path, text, size, e);
    free(text);
    return ok;
}
