/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _POSIX_C_SOURCE 200809L /* gmtime_r */
#include "sim/io/results.h"

#include "sim/engine/memory.h"
#include "sim/io/h5out.h"
#include "sim/io/outfile.h"
#include "sim/site/resource.h"

#include <gsl/gsl_version.h>
#include <libxml/xmlversion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

const char *const results_latency_name[CELL_LATENCY_COUNT] = {
    [CELL_TTFT] = "ttft", [CELL_TPOT] = "tpot", [CELL_ITL] = "itl", [CELL_E2E] = "e2e"};

static const char *const latency_text[CELL_LATENCY_COUNT] = {
    [CELL_TTFT] = "time from arrival to first token",
    [CELL_TPOT] = "mean time per output token after the first, of a request",
    [CELL_ITL] = "gap between two successive tokens of a request",
    [CELL_E2E] = "time from arrival to last token"};

const double results_quantile[RESULTS_QUANTILES] = {0.5, 0.9, 0.99};

/* -- What stands in it ------------------------------------------------------------------------ */

static void write_created(struct h5out *o, hid_t root) {
    const char *epoch = getenv("SOURCE_DATE_EPOCH");
    const time_t now = epoch != NULL && *epoch ? (time_t)strtoll(epoch, NULL, 10) : time(NULL);
    struct tm utc;
    char text[32] = "";
    if (gmtime_r(&now, &utc) != NULL)
        strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
    h5out_text(o, root, "created", text);
}

void results_root(struct h5out *o, hid_t root, const struct results_meta *m) {
    unsigned major = 0, minor = 0, release = 0;
    H5get_libversion(&major, &minor, &release);
    char *libraries = memory_print("HDF5 %u.%u.%u, GSL %s, libxml2 %s", major, minor, release,
                                   GSL_VERSION, LIBXML_DOTTED_VERSION);
    h5out_text(o, root, "Conventions", "CF-1.10");
    h5out_text(o, root, "title", m->title);
    h5out_text(o, root, "dcsim_version", m->version);
    h5out_text(o, root, "scenario_sha256", m->scenario_sha256);
    h5out_whole(o, root, "seed", (int64_t)m->seed);
    h5out_text(o, root, "command", m->command);
    h5out_text(o, root, "libraries", libraries);
    write_created(o, root);
    free(libraries);
}

static void write_hash(struct h5out *o, hid_t root, const struct result *r) {
    char *hash = memory_print("%016llx", (unsigned long long)r->state_hash);
    h5out_text(o, root, "state_hash", hash);
    free(hash);
}

/* A column of whole numbers with a meaning each. */
static void write_flags(struct h5out *o, hid_t group, const struct series_column *c,
                        const double *value, size_t rows) {
    int8_t *flag = memory_new(rows, 1);
    for (size_t i = 0; i < rows; i++)
        flag[i] = (int8_t)value[i];
    const struct h5out_array a = {
        .name = c->name, .long_name = c->long_name, .data = flag, .size = rows, .scale = "time"};
    h5out_flags(o, group, a, c->flags, c->flag_count);
    free(flag);
}

static void write_series(struct h5out *o, hid_t root, const struct series *s) {
    double *column = memory_new(s->rows, sizeof *column);
    h5out_reals(o, root, "time", "s", "end of the control period, since the horizon began", s->time,
                s->rows, "time");
    for (size_t c = 0; c < s->columns; c++) {
        const struct series_column *what = &s->column[c];
        for (size_t i = 0; i < s->rows; i++)
            column[i] = series_value(s, i, c);
        if (what->flags != NULL)
            write_flags(o, root, what, column, s->rows);
        else
            h5out_reals(o, root, what->name, what->unit, what->long_name, column, s->rows, "time");
    }
    free(column);
}

/* One figure; its interval's ends beside it, linked as CF's ancillary variables. */
static void write_figure(struct h5out *o, hid_t group, const struct figure *f) {
    const int64_t whole = f->whole ? llrint(f->value) : 0;
    const struct h5out_array a = {f->name,
                                  f->unit,
                                  f->long_name,
                                  f->whole ? H5T_NATIVE_INT64 : H5T_NATIVE_DOUBLE,
                                  f->whole ? H5T_STD_I64LE : H5T_IEEE_F64LE,
                                  f->whole ? (const void *)&whole : (const void *)&f->value,
                                  0,
                                  NULL,
                                  NULL,
                                  0};
    const hid_t dataset = h5out_array(o, group, &a);
    if (f->has_interval) {
        char *low = memory_print("%s_low", f->name), *high = memory_print("%s_high", f->name);
        char *both = memory_print("%s %s", low, high);
        h5out_text(o, dataset, "ancillary_variables", both);
        h5out_scalar(o, group, low, f->unit, "lower end of the 95 % confidence interval", f->low);
        h5out_scalar(o, group, high, f->unit, "upper end of the 95 % confidence interval", f->high);
        free(both);
        free(high);
        free(low);
    }
    h5out_done(o, dataset);
}

static void write_latency(struct h5out *o, const struct result *r, int which) {
    char *path = memory_print("/summary/%s", results_latency_name[which]);
    const struct sketch *s = &r->latency[which];
    const hid_t group = h5out_group(o, path);
    double value[RESULTS_QUANTILES];
    for (int i = 0; i < RESULTS_QUANTILES; i++)
        value[i] = sketch_quantile(s, results_quantile[i]);
    h5out_reals(o, group, "quantile", "1", "share of values at or below", results_quantile,
                RESULTS_QUANTILES, "quantile");
    h5out_reals(o, group, "value", "s", latency_text[which], value, RESULTS_QUANTILES, "quantile");
    h5out_count(o, group, "count", "1", "values counted, of simulated nodes", (int64_t)s->count);
    h5out_scalar(o, group, "mean", "s", latency_text[which], sketch_mean(s));
    h5out_leave(o, group);
    free(path);
}

static void write_summary(struct h5out *o, const struct result *r) {
    const hid_t group = h5out_group(o, "/summary");
    for (size_t i = 0; i < r->summaries; i++)
        write_figure(o, group, &r->summary[i]);
    h5out_names(o, group, "binding_name", "constraint", binding_name, BINDING_COUNT,
                "binding_name");
    h5out_reals(o, group, "binding_share", "1", "share of node-time that each constraint bound",
                r->binding_share, BINDING_COUNT, "binding_name");
    h5out_leave(o, group);
    for (int which = 0; which < CELL_LATENCY_COUNT; which++)
        write_latency(o, r, which);
}

static void write_ledger(struct h5out *o, const struct result *r) {
    const hid_t group = h5out_group(o, "/ledger");
    for (int i = 0; i < RESULT_LEDGER_COUNT; i++)
        h5out_scalar(o, group, result_ledger_name[i], "J", "part of the site's energy",
                     r->ledger[i]);
    h5out_leave(o, group);
}

static void write_crossings(struct h5out *o, const struct result *r) {
    const hid_t group = h5out_group(o, "/crossings");
    const size_t count = r->crossings;
    double *time = memory_new(count + 1, sizeof *time);
    int64_t *direction = memory_new(count + 1, sizeof *direction);
    const char **convention = memory_new(count + 1, sizeof *convention);
    for (size_t i = 0; i < count; i++) {
        time[i] = r->crossing[i].time;
        direction[i] = r->crossing[i].direction;
        convention[i] = result_convention_name[r->crossing[i].convention];
    }
    h5out_reals(o, group, "time", "s", "when rho - rho_star changed sign", time, count, "time");
    h5out_counts(o, group, "direction", "1", "1: compute became scarce; -1: power became scarce",
                 direction, count, "time");
    h5out_names(o, group, "convention", "of K_eff: realized or peak", convention, count, "time");
    free(convention);
    free(direction);
    free(time);
    h5out_leave(o, group);
}

/* Columns of /cells, /nodes and /marginal: name, unit, text, and where the value lies in a record.
 */
struct field {
    const char *name, *unit, *long_name;
    size_t offset;
};

static void write_fields(struct h5out *o, hid_t group, const char *scale, const struct field *field,
                         size_t fields, const void *record, size_t size, size_t count) {
    double *column = memory_new(count + 1, sizeof *column);
    for (size_t f = 0; f < fields; f++) {
        for (size_t i = 0; i < count; i++)
            memcpy(&column[i], (const char *)record + i * size + field[f].offset, sizeof *column);
        h5out_reals(o, group, field[f].name, field[f].unit, field[f].long_name, column, count,
                    scale);
    }
    free(column);
}

static void write_cells(struct h5out *o, const struct result *r) {
    static const struct field fields[] = {
        {"weight", "1", "cells of the site it stands for", offsetof(struct result_cell, weight)},
        {"tokens", "token", "output tokens", offsetof(struct result_cell, tokens)},
        {"good_tokens", "token", "good tokens", offsetof(struct result_cell, good_tokens)},
        {"requests_done", "request", "requests done", offsetof(struct result_cell, requests_done)},
        {"it_energy", "J", "IT energy", offsetof(struct result_cell, it_energy)}};
    const hid_t group = h5out_group(o, "/cells");
    int64_t *number = memory_new(r->cells + 1, sizeof *number);
    int64_t *index = memory_new(r->cells + 1, sizeof *index);
    const char **name = memory_new(r->cells + 1, sizeof *name);
    for (size_t i = 0; i < r->cells; i++) {
        number[i] = (int64_t)i;
        index[i] = r->cell[i].index;
        name[i] = r->cell[i].group;
    }
    h5out_counts(o, group, "cell", "1", "simulated cell", number, r->cells, "cell");
    h5out_names(o, group, "group", "group of cells", name, r->cells, "cell");
    h5out_counts(o, group, "index", "1", "number of the cell in its group", index, r->cells,
                 "cell");
    write_fields(o, group, "cell", fields, sizeof fields / sizeof fields[0], r->cell,
                 sizeof *r->cell, r->cells);
    free(name);
    free(index);
    free(number);
    h5out_leave(o, group);
}

static void write_nodes(struct h5out *o, const struct result *r) {
    enum { TOTAL = offsetof(struct result_node, total) };
    static const struct field fields[] = {
        {"tokens", "token", "output tokens", TOTAL + offsetof(struct cell_node_total, tokens)},
        {"requests", "request", "requests done",
         TOTAL + offsetof(struct cell_node_total, requests)},
        {"iterations", "1", "iterations", TOTAL + offsetof(struct cell_node_total, iterations)},
        {"preemptions", "1", "preemptions", TOTAL + offsetof(struct cell_node_total, preemptions)},
        {"energy", "J", "energy at the node's terminals",
         TOTAL + offsetof(struct cell_node_total, energy)},
        {"busy_time", "s", "time with work, mean of its replicas",
         TOTAL + offsetof(struct cell_node_total, busy_time)}};
    const hid_t group = h5out_group(o, "/nodes");
    int64_t *number = memory_new(r->nodes + 1, sizeof *number);
    int64_t *cell = memory_new(r->nodes + 1, sizeof *cell);
    for (size_t i = 0; i < r->nodes; i++) {
        number[i] = (int64_t)i;
        cell[i] = r->node[i].cell;
    }
    h5out_counts(o, group, "node", "1", "simulated node", number, r->nodes, "node");
    h5out_counts(o, group, "cell", "1", "its cell in /cells", cell, r->nodes, "node");
    write_fields(o, group, "node", fields, sizeof fields / sizeof fields[0], r->node,
                 sizeof *r->node, r->nodes);
    free(cell);
    free(number);
    h5out_leave(o, group);
}

static void write_marginal(struct h5out *o, const struct result *r) {
    static const struct field fields[] = {
        {"factor", "1", "by which the resource was multiplied",
         offsetof(struct result_marginal, factor)},
        {"tokens", "1", "d ln Q_token / d ln resource", offsetof(struct result_marginal, tokens)},
        {"tokens_half", "1", "half width of its 95 % confidence interval",
         offsetof(struct result_marginal, tokens_half)},
        {"good_tokens", "1", "d ln good_tokens / d ln resource",
         offsetof(struct result_marginal, good)},
        {"good_tokens_half", "1", "half width of its 95 % confidence interval",
         offsetof(struct result_marginal, good_half)}};
    if (r->marginals == 0)
        return;
    const hid_t group = h5out_group(o, "/marginal");
    const char *name[RESOURCE_COUNT];
    for (size_t i = 0; i < r->marginals; i++)
        name[i] = r->marginal[i].resource;
    h5out_names(o, group, "resource", "what is multiplied by `factor`", name, r->marginals,
                "resource");
    write_fields(o, group, "resource", fields, sizeof fields / sizeof fields[0], r->marginal,
                 sizeof *r->marginal, r->marginals);
    for (size_t i = 0; i < r->marginals; i++)
        if (r->marginal[i].more.name != NULL)
            write_figure(o, group, &r->marginal[i].more);
    h5out_leave(o, group);
}

static void write_sketches(struct h5out *o, const struct result *r) {
    const hid_t group = h5out_group(o, "/latency");
    double *edge = memory_new(SKETCH_BINS, sizeof *edge);
    int64_t *count = memory_new(SKETCH_BINS, sizeof *count);
    for (int i = 0; i < SKETCH_BINS; i++)
        edge[i] = sketch_edge(i);
    h5out_reals(o, group, "lower_edge", "s",
                "lower edge of the bin; its upper edge is the next one's lower", edge, SKETCH_BINS,
                "lower_edge");
    for (int which = 0; which < CELL_LATENCY_COUNT; which++) {
        for (int i = 0; i < SKETCH_BINS; i++)
            count[i] = (int64_t)r->latency[which].bin[i];
        h5out_counts(o, group, results_latency_name[which], "1", latency_text[which], count,
                     SKETCH_BINS, "lower_edge");
    }
    h5out_scalar(o, group, "upper_edge", "s", "upper edge of the last bin",
                 sketch_edge(SKETCH_BINS));
    h5out_scalar(o, group, "relative_error", "1", "largest error of a quantile", SKETCH_ERROR);
    free(count);
    free(edge);
    h5out_leave(o, group);
}

static void make_file(const struct result *r, const struct results_meta *m, struct h5out *o) {
    h5out_open(o);
    const hid_t root = h5out_group(o, "/");
    results_root(o, root, m);
    write_hash(o, root, r);
    write_series(o, root, &r->series);
    const char *xml = m->scenario_xml;
    h5out_names(o, root, "scenario", "the resolved scenario", &xml, 0, NULL);
    h5out_leave(o, root);
    write_summary(o, r);
    write_ledger(o, r);
    write_crossings(o, r);
    write_cells(o, r);
    write_nodes(o, r);
    write_marginal(o, r);
    write_sketches(o, r);
}

/* -- Where it goes ---------------------------------------------------------------------------- */

/* Whether a file with something in it stands there that is no HDF5 file: a scenario, a trace. */
static bool foreign_file(const char *path) {
    struct stat s;
    return stat(path, &s) == 0 && S_ISREG(s.st_mode) && s.st_size > 0 && H5Fis_hdf5(path) <= 0;
}

static bool may_stand_at(const char *path, struct error *e) {
    if (!foreign_file(path))
        return true;
    error_add(
        e, path, 0,
        "found a file that is no result (not HDF5) and would be lost; the name of a new file, "
        "or of an earlier result, would be right");
    return false;
}

bool results_probe(const char *path, struct error *e) {
    return outfile_probe(path, e) && may_stand_at(path, e);
}

bool results_end(const char *path, struct h5out *o, struct error *e) {
    size_t size;
    void *bytes = h5out_close(o, &size);
    if (bytes == NULL)
        error_add(e, path, 0, "%s", o->message);
    const bool done = bytes != NULL && may_stand_at(path, e) && outfile_write(path, bytes, size, e);
    free(bytes);
    return done;
}

bool results_write(const char *path, const struct result *r, const struct results_meta *m,
                   struct error *e) {
    struct h5out o;
    make_file(r, m, &o);
    return results_end(path, &o, e);
}
