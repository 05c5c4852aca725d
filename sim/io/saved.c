/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/saved.h"

#include "sim/engine/memory.h"
#include "sim/io/guard.h"
#include "sim/io/h5in.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* -- Root -------------------------------------------------------------------------------------- */

static void read_root(struct saved *s, struct h5in *f) {
    static const char mark[] = "dcsim_version";
    if (f->failed)
        return;
    if (!h5in_has_attribute(f, "/", mark)) {
        h5in_fail(f,
                  "found an HDF5 file that is not of dcsim (it has no attribute %s); a result of "
                  "dcsim run would be right",
                  mark);
        return;
    }
    if (!h5in_has_group(f, "/summary") || !h5in_has_group(f, "/cells")) {
        h5in_fail(f, "found a file of dcsim that is no result of a run (/summary or /cells is "
                     "missing); what dcsim run or marginal wrote would be right");
        return;
    }
    s->version = h5in_text(f, "/", mark);
    s->title = h5in_text(f, "/", "title");
    s->sha256 = h5in_text(f, "/", "scenario_sha256");
    s->command = h5in_text(f, "/", "command");
    s->state_hash = h5in_text(f, "/", "state_hash");
    s->seed = h5in_whole(f, "/", "seed");
    size_t count;
    char **scenario = h5in_names(f, "/scenario", &count);
    if (count == 1) {
        s->scenario = scenario[0];
        scenario[0] = NULL;
    } else
        h5in_fail(f, "found %zu texts in /scenario; one would be right", count);
    h5in_names_free(scenario, count);
}

/* -- Summary ----------------------------------------------------------------------------------- */

static bool ends_with(const char *text, const char *end) {
    const size_t length = strlen(text), tail = strlen(end);
    return length > tail && strcmp(text + length - tail, end) == 0;
}

/* The end of an interval: the scalar of the figure's name and `end`. */
static double read_end(struct h5in *f, const char *path, const char *end) {
    char *name = memory_print("%s%s", path, end);
    const double value = h5in_scalar(f, name);
    free(name);
    return value;
}

static void read_figure(struct saved *s, struct h5in *f, const char *name) {
    char *path = memory_print("/summary/%s", name);
    bool whole;
    if (h5in_has_array(f, path) && h5in_is_scalar(f, path, &whole) && !ends_with(name, "_low") &&
        !ends_with(name, "_high")) {
        struct saved_figure *figure = &s->figure[s->figures++];
        *figure = (struct saved_figure){.name = memory_text(name), .whole = whole};
        figure->unit = h5in_text(f, path, "units");
        figure->value = h5in_scalar(f, path);
        figure->has_interval = h5in_has_attribute(f, path, "ancillary_variables");
        if (figure->has_interval) {
            figure->low = read_end(f, path, "_low");
            figure->high = read_end(f, path, "_high");
        }
    }
    free(path);
}

static void read_figures(struct saved *s, struct h5in *f) {
    size_t count;
    char **name = h5in_list(f, "/summary", &count);
    s->figure = memory_new(count + 1, sizeof *s->figure);
    for (size_t i = 0; i < count; i++)
        read_figure(s, f, name[i]);
    h5in_names_free(name, count);
}

static void read_bindings(struct saved *s, struct h5in *f) {
    size_t names, values;
    char **name = h5in_names(f, "/summary/binding_name", &names);
    double *value = h5in_reals(f, "/summary/binding_share", &values);
    if (!f->failed && names != values)
        h5in_fail(f, "found %zu binding shares and %zu names of them", values, names);
    if (!f->failed) {
        s->binding = memory_new(names + 1, sizeof *s->binding);
        for (s->bindings = 0; s->bindings < names; s->bindings++)
            s->binding[s->bindings] = (struct saved_part){name[s->bindings], value[s->bindings]};
        names = 0; /* the texts are s->binding's now */
    }
    h5in_names_free(name, names);
    free(value);
}

static void read_latency(struct saved *s, struct h5in *f, int which) {
    struct saved_latency *l = &s->latency[which];
    char *group = memory_print("/summary/%s", results_latency_name[which]);
    char *quantile = memory_print("%s/quantile", group), *value = memory_print("%s/value", group);
    char *mean = memory_print("%s/mean", group), *count = memory_print("%s/count", group);
    size_t quantiles, values;
    double *at = h5in_reals(f, quantile, &quantiles), *read = h5in_reals(f, value, &values);
    bool same = quantiles == RESULTS_QUANTILES && values == RESULTS_QUANTILES;
    for (int i = 0; same && i < RESULTS_QUANTILES; i++)
        same = at[i] == results_quantile[i];
    if (!same)
        h5in_fail(f, "found other quantiles in %s than this dcsim writes", group);
    for (int i = 0; same && i < RESULTS_QUANTILES; i++)
        l->value[i] = read[i];
    l->mean = h5in_scalar(f, mean);
    l->count = h5in_scalar(f, count);
    free(read);
    free(at);
    free(count);
    free(mean);
    free(value);
    free(quantile);
    free(group);
}

/* -- Ledger and crossings ---------------------------------------------------------------------- */

static void read_ledger(struct saved *s, struct h5in *f) {
    size_t count;
    char **name = h5in_list(f, "/ledger", &count);
    s->ledger = memory_new(count + 1, sizeof *s->ledger);
    for (; s->ledgers < count; s->ledgers++) {
        char *path = memory_print("/ledger/%s", name[s->ledgers]);
        s->ledger[s->ledgers] = (struct saved_part){name[s->ledgers], h5in_scalar(f, path)};
        free(path);
    }
    h5in_names_free(name, 0); /* the texts are s->ledger's now */
}

static void read_crossings(struct saved *s, struct h5in *f) {
    size_t times, directions, names;
    double *time = h5in_reals(f, "/crossings/time", &times);
    double *direction = h5in_reals(f, "/crossings/direction", &directions);
    char **name = h5in_names(f, "/crossings/convention", &names);
    if (!f->failed && (times != directions || times != names))
        h5in_fail(f, "found arrays of different length in /crossings");
    if (!f->failed) {
        s->crossing = memory_new(times + 1, sizeof *s->crossing);
        for (s->crossings = 0; s->crossings < times; s->crossings++) {
            const size_t i = s->crossings;
            s->crossing[i] = (struct saved_crossing){time[i], direction[i], name[i]};
        }
        names = 0;
    }
    h5in_names_free(name, names);
    free(direction);
    free(time);
}

/* -- Cells and series -------------------------------------------------------------------------- */

/* An array that must have as many elements as its neighbours. */
static double *read_column(struct h5in *f, const char *path, size_t expected) {
    size_t count;
    double *value = h5in_reals(f, path, &count);
    if (!f->failed && count != expected)
        h5in_fail(f, "found %zu values in %s; its neighbours have %zu", count, path, expected);
    return value;
}

static void read_cells(struct saved *s, struct h5in *f) {
    static const char *const path[SAVED_COLUMNS] = {[SAVED_TOKENS] = "/cells/tokens",
                                                    [SAVED_GOOD] = "/cells/good_tokens",
                                                    [SAVED_REQUESTS] = "/cells/requests_done",
                                                    [SAVED_ENERGY] = "/cells/it_energy"};
    s->cell_group = h5in_names(f, "/cells/group", &s->cells);
    s->cell_index = read_column(f, "/cells/index", s->cells);
    double *weight = read_column(f, "/cells/weight", s->cells);
    for (int c = 0; c < SAVED_COLUMNS; c++) {
        s->cell[c] = read_column(f, path[c], s->cells);
        for (size_t i = 0; !f->failed && i < s->cells; i++)
            s->cell[c][i] *= weight[i];
    }
    free(weight);
}

static void read_series(struct saved *s, struct h5in *f) {
    static const char *const path[SAVED_COLUMNS] = {[SAVED_TOKENS] = "/token_rate",
                                                    [SAVED_GOOD] = "/good_token_rate",
                                                    [SAVED_ENERGY] = "/it_power"};
    s->time = h5in_reals(f, "/time", &s->rows);
    for (int c = 0; c < SAVED_COLUMNS; c++)
        if (path[c] != NULL)
            s->series[c] = read_column(f, path[c], s->rows);
}

/* -- The whole --------------------------------------------------------------------------------- */

/* Reads all there is, and keeps the first failure in *f. */
static void read_all(struct saved *s, const char *path, struct h5in *f) {
    memset(s, 0, sizeof *s);
    s->path = memory_text(path);
    h5in_open(f, path);
    read_root(s, f);
    if (!f->failed) {
        read_figures(s, f);
        read_bindings(s, f);
        for (int which = 0; which < CELL_LATENCY_COUNT; which++)
            read_latency(s, f, which);
        s->latency_error = h5in_scalar(f, "/latency/relative_error");
        read_ledger(s, f);
        read_crossings(s, f);
        read_cells(s, f);
        read_series(s, f);
    }
    h5in_close(f);
}

/* Work of guard_try: reads the file whose path is `user`. */
static void try_reading(void *user) {
    struct saved s;
    struct h5in f;
    read_all(&s, user, &f);
    saved_clear(&s);
}

bool saved_read(struct saved *s, const char *path, struct error *e) {
    struct h5in f;
    char *copy = memory_text(path);
    const bool safe = guard_try(try_reading, copy);
    free(copy);
    if (!safe) {
        error_add(e, path, 0,
                  "found a broken file, at which the HDF5 library fails; a result that dcsim run "
                  "or marginal wrote would be right");
        return false;
    }
    read_all(s, path, &f);
    if (!f.failed)
        return true;
    error_add(e, path, 0, "%s", f.message);
    saved_clear(s);
    return false;
}

static void clear_parts(struct saved_part *part, size_t count) {
    for (size_t i = 0; i < count; i++)
        free(part[i].name);
    free(part);
}

void saved_clear(struct saved *s) {
    char *const text[] = {s->path,    s->title,      s->version, s->sha256,
                          s->command, s->state_hash, s->scenario};
    for (size_t i = 0; i < sizeof text / sizeof text[0]; i++)
        free(text[i]);
    for (size_t i = 0; i < s->figures; i++) {
        free(s->figure[i].name);
        free(s->figure[i].unit);
    }
    free(s->figure);
    clear_parts(s->binding, s->bindings);
    clear_parts(s->ledger, s->ledgers);
    for (size_t i = 0; i < s->crossings; i++)
        free(s->crossing[i].convention);
    free(s->crossing);
    h5in_names_free(s->cell_group, s->cells);
    free(s->cell_index);
    free(s->time);
    for (int c = 0; c < SAVED_COLUMNS; c++) {
        free(s->cell[c]);
        free(s->series[c]);
    }
    memset(s, 0, sizeof *s);
}

const struct saved_figure *saved_figure(const struct saved *s, const char *name) {
    for (size_t i = 0; i < s->figures; i++)
        if (strcmp(s->figure[i].name, name) == 0)
            return &s->figure[i];
    return NULL;
}
