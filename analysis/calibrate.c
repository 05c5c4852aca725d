/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _XOPEN_SOURCE 700 /* access */
#include "analysis/calibrate.h"

#include "analysis/fit_report.h"
#include "analysis/fit_tables.h"
#include "sim/engine/memory.h"
#include "sim/engine/window.h"
#include "sim/io/datadir.h"
#include "sim/io/outfile.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS      8 /* of reweighting, for a fit from its starts */
#define ROUNDS_NEAR 2 /* from a fit with all points */

/* -- Data ------------------------------------------------------------------------------------- */

/* The files named, or those that come with dcsim and can be fitted. */
static bool read_data(const struct options *o, struct measured *m, struct error *e) {
    static const char *const own[] = {"serving_points.csv.gz", "mlenergy_v3.csv.gz"};
    for (size_t i = 0; i < o->words; i++)
        if (!measured_read(m, o->word[i], e))
            return false;
    if (o->words > 0)
        return true;
    char *folder = datadir_measured();
    bool good = true;
    for (size_t i = 0; i < sizeof own / sizeof own[0] && good; i++) {
        char *path = memory_print("%s/%s", folder, own[i]);
        good = measured_read(m, path, e);
        free(path);
    }
    free(folder);
    return good;
}

/* Names of the files, without folders; owned by the caller. */
static char *data_names(const struct options *o) {
    if (o->words == 0)
        return memory_text("serving_points and mlenergy (tests/measured)");
    char *names = memory_text("");
    for (size_t i = 0; i < o->words; i++) {
        const char *slash = strrchr(o->word[i], '/');
        char *longer = memory_print("%s%s%s", names, i == 0 ? "" : ", ",
                                    slash == NULL ? o->word[i] : slash + 1);
        free(names);
        names = longer;
    }
    return names;
}

/* Today, or the day of SOURCE_DATE_EPOCH. */
static void today(char day[16]) {
    const char *fixed = getenv("SOURCE_DATE_EPOCH");
    const time_t now = fixed == NULL ? time(NULL) : (time_t)strtoll(fixed, NULL, 10);
    const struct tm *t = gmtime(&now);
    if (t == NULL || strftime(day, 16, "%Y-%m-%d", t) == 0)
        snprintf(day, 16, "%s", "unknown day");
}

/* -- Fits ------------------------------------------------------------------------------------- */

static void all_errors(const struct fit *f, double (*error)[FIT_QUANTITIES]) {
    for (size_t i = 0; i < f->points; i++)
        fit_errors_of(f, &f->point[i], error[i]);
}

/* Fits with one group after the other at weight 0, and takes the errors of its points. */
static bool leave_out(struct fit *f, enum fit_grouping by, double (*error)[FIT_QUANTITIES],
                      struct error *e) {
    bool *done = memory_new(f->points, sizeof *done), good = true;
    double *start = memory_new(f->parameters, sizeof *start);
    for (size_t j = 0; j < f->parameters; j++)
        start[j] = f->parameter[j].value;
    for (size_t i = 0; i < f->points && good; i++) {
        char name[160], other[160];
        double *weight = memory_new(f->points, sizeof *weight);
        fit_group_name(&f->point[i], by, name, sizeof name);
        for (size_t j = 0; j < f->points && !done[i]; j++) {
            fit_group_name(&f->point[j], by, other, sizeof other);
            weight[j] = f->point[j].weight;
            if (strcmp(name, other) == 0)
                f->point[j].weight = 0.0;
        }
        if (!done[i]) {
            good = fit_solve(f, ROUNDS_NEAR, e);
            for (size_t j = 0; j < f->points; j++) {
                fit_group_name(&f->point[j], by, other, sizeof other);
                if (strcmp(name, other) == 0) {
                    done[j] = true;
                    fit_errors_of(f, &f->point[j], error[j]);
                }
                f->point[j].weight = weight[j];
            }
            for (size_t j = 0; j < f->parameters; j++)
                f->parameter[j].value = start[j];
        }
        free(weight);
    }
    free(start);
    free(done);
    return good;
}

/* -- Printing --------------------------------------------------------------------------------- */

static void print_errors(const struct fit *f, double (*error)[FIT_QUANTITIES],
                         enum fit_grouping first, enum fit_grouping second, FILE *to) {
    bool *all = memory_new(f->points, sizeof *all);
    bool *fitted = memory_new(f->points, sizeof *fitted);
    for (size_t i = 0; i < f->points; i++) {
        all[i] = true;
        fitted[i] = f->point[i].weight > 0.0;
    }
    fit_print_head(to);
    fit_print_errors(f, error, fitted, FIT_BY_SOURCE, to);
    fputs("  -- with those that are predicted only (docs/calibrate.md):\n", to);
    fit_print_errors(f, error, all, FIT_BY_SOURCE, to);
    fit_print_errors(f, error, all, first, to);
    fit_print_errors(f, error, all, second, to);
    free(fitted);
    free(all);
}

/* Every point with what was measured and its errors, for plots of residuals. */
static bool write_residuals(const struct fit *f, double (*error)[FIT_QUANTITIES],
                            const char *folder, const char *name, struct error *e) {
    char *path = memory_print("%s/%s", folder, name);
    FILE *to = fopen(path, "w");
    bool good =
        to != NULL && fputs("source,line,hardware,engine,llm,task,gpus,clients,prompt_tokens,"
                            "output_tokens,tpot_s,fitted,tpot_error,ttft_error,gpu_power_error,"
                            "e_tok_error\n",
                            to) >= 0;
    for (size_t i = 0; i < f->points && good; i++) {
        const struct measured_point *m = f->point[i].measured;
        good =
            fprintf(to, "%s,%ld,%s,%s,%s,%s,%d,%g,%g,%g,%.6g,%d,%.5g,%.5g,%.5g,%.5g\n", m->source,
                    m->line, m->hardware, m->engine, m->llm, m->task, m->gpus, m->clients,
                    m->prompt, m->output, m->tpot, f->point[i].weight > 0.0, error[i][FIT_TPOT],
                    error[i][FIT_TTFT], error[i][FIT_POWER], error[i][FIT_E_TOK]) > 0;
    }
    if (to != NULL && fclose(to) != 0)
        good = false;
    if (!good)
        error_add(e, path, 0, "cannot be written: %s", strerror(errno));
    free(path);
    return good;
}

static bool same_data(const struct fit_point *p, const struct fit_point *q) {
    return strcmp(p->measured->source, q->measured->source) == 0;
}

static bool first_of_data(const struct fit *f, size_t index) {
    for (size_t i = 0; i < index; i++)
        if (same_data(&f->point[i], &f->point[index]))
            return false;
    return true;
}

/* Errors on what a fit had not seen, by data, as the report of dcsim validate takes them in. */
static bool write_held_out(const struct fit *f, double (*error)[FIT_QUANTITIES],
                           enum options_leave_out what, const char *folder, struct error *e) {
    static const char *const left[] = {[OPTIONS_LEAVE_LLM] = "each model",
                                       [OPTIONS_LEAVE_HARDWARE] = "each kind of hardware",
                                       [OPTIONS_LEAVE_ENGINE] = "each engine"};
    static const char *const quantity[] = {"tpot", "ttft", "gpu_power", "e_tok"};
    char *path = memory_print("%s/held_out.csv", folder);
    double *column = memory_new(f->points, sizeof *column);
    FILE *to = fopen(path, "w");
    bool good = to != NULL && fputs("group,left_out,quantity,n,median,p90\n", to) >= 0;
    for (size_t d = 0; d < f->points && good; d++)
        for (int k = 0; k < FIT_QUANTITIES && first_of_data(f, d) && good; k++) {
            size_t n = 0;
            for (size_t i = 0; i < f->points; i++)
                if (f->point[i].weight > 0.0 && same_data(&f->point[i], &f->point[d]))
                    column[n++] = error[i][k];
            const struct fit_summary s = fit_summarise(column, n);
            if (s.points > 0)
                good = fprintf(to, "%s,%s,%s,%zu,%.4f,%.4f\n", f->point[d].measured->source,
                               left[what], quantity[k], s.points, s.median, s.high) > 0;
        }
    if (to != NULL && fclose(to) != 0)
        good = false;
    if (!good)
        error_add(e, path, 0, "cannot be written: %s", strerror(errno));
    free(column);
    free(path);
    return good;
}

static enum fit_grouping grouping_of(enum options_leave_out what) {
    switch (what) {
    case OPTIONS_LEAVE_HARDWARE:
        return FIT_BY_HARDWARE;
    case OPTIONS_LEAVE_ENGINE:
        return FIT_BY_ENGINE;
    default:
        return FIT_BY_ARCHITECTURE;
    }
}

/* -- The command ------------------------------------------------------------------------------ */

static bool report(const struct options *o, struct fit *f, struct error *e) {
    const char *folder = o->output == NULL ? "calibrated" : o->output;
    double(*error)[FIT_QUANTITIES] = memory_new(f->points, sizeof *error);
    char day[16];
    today(day);
    all_errors(f, error);
    if (!o->quiet) {
        fit_print_parameters(f, stdout);
        printf("\nErrors of the fit, %zu points fitted\n", fit_fitted(f));
        print_errors(f, error, FIT_BY_PAIR, FIT_BY_LLM, stdout);
    }
    char *data = data_names(o);
    bool good = fit_write_tables(f, folder, data, day, e) &&
                write_residuals(f, error, folder, "residuals.csv", e);
    if (good && !o->quiet)
        printf("\ntables, prompts and residuals in %s\n", folder);
    if (good && o->leave_out != OPTIONS_LEAVE_NOTHING) {
        const enum fit_grouping by = grouping_of(o->leave_out);
        good = leave_out(f, by, error, e) && write_held_out(f, error, o->leave_out, folder, e) &&
               write_residuals(f, error, folder, "held_out_residuals.csv", e);
        if (good && !o->quiet) {
            fputs("\nErrors of each group by a fit on all others\n", stdout);
            print_errors(f, error, by, FIT_BY_PAIR, stdout);
        }
    }
    free(data);
    free(error);
    return good;
}

/* Whether the tables can be written, before the work of a fit. */
static bool probe_output(const struct options *o, struct error *e) {
    static const char *const parts[] = {"hardware", "serving_engine"};
    const char *folder = o->output == NULL ? "calibrated" : o->output;
    bool good = outfile_probe_folder(folder, e);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0] && good; i++) {
        char *path = memory_print("%s/%s", folder, parts[i]);
        good = access(path, F_OK) != 0 || outfile_probe_folder(path, e);
        free(path);
    }
    return good;
}

enum run_status calibrate_run(const struct options *o, struct error *e) {
    if (!probe_output(o, e))
        return RUN_MISTAKE;
    struct measured m = {.point = NULL};
    struct fit f = {.point = NULL};
    enum run_status status = RUN_MISTAKE;
    struct library *l = library_new(e);
    bool good = l != NULL;
    for (size_t i = 0; i < o->without.count && good; i++)
        good = fit_leave_out(&f, o->without.text[i], e);
    if (good && read_data(o, &m, e) && measured_screen(&m, l, e) && fit_open(&f, &m, l, e)) {
        f.threads = o->threads > 0 ? o->threads : window_threads();
        if (fit_fitted(&f) == 0)
            error_add(e, NULL, 0,
                      "none of the points can be fitted; closed-loop points with TPOT, "
                      "clients and output length would be right (docs/measured.md)");
        else
            status = fit_solve(&f, ROUNDS, e) && report(o, &f, e) ? RUN_DONE : RUN_FAILED;
        fit_close(&f);
    }
    measured_clear(&m);
    library_free(l);
    return status;
}
