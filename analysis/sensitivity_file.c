/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/sensitivity_file.h"

#include "sim/engine/memory.h"

#include <stdlib.h>

/* -- Dimensions ---------------------------------------------------------------------------------
 */

static void write_factors(struct h5out *o, hid_t root, const struct sensitivity_plan *p) {
    static const char *const along[] = {"linear", "log"};
    const char **text = memory_new(4 * p->factors, sizeof *text);
    double *end = memory_new(2 * p->factors, sizeof *end);
    const char **xpath = text + p->factors, **unit = xpath + p->factors,
               **scale = unit + p->factors;
    for (size_t i = 0; i < p->factors; i++) {
        const struct axis *a = &p->axis[i];
        text[i] = a->name;
        xpath[i] = a->xpath;
        unit[i] = *a->unit == '\0' ? "1" : a->unit;
        scale[i] = along[a->log];
        end[i] = a->low;
        end[p->factors + i] = a->high;
    }
    h5out_names(o, root, "factor", "factor", text, p->factors, "factor");
    h5out_names(o, root, "factor_xpath", "attributes that the factor sets", xpath, p->factors,
                "factor");
    h5out_names(o, root, "factor_units", "unit of the factor", unit, p->factors, "factor");
    h5out_names(o, root, "factor_scale", "even over the range, or over its logarithm", scale,
                p->factors, "factor");
    h5out_reals(o, root, "factor_low", NULL, "lower end of the range, in factor_units", end,
                p->factors, "factor");
    h5out_reals(o, root, "factor_high", NULL, "upper end of the range, in factor_units",
                end + p->factors, p->factors, "factor");
    free(end);
    free(text);
}

static void write_figures(struct h5out *o, hid_t root, const struct sensitivity_table *t) {
    static const char *const meaning[VARIATION_COUNT] = {
        [VARIATION_SOME] = "varies", [VARIATION_NONE] = "same", [VARIATION_MISSING] = "missing"};
    const size_t figures = outcome_count();
    const struct h5out_axis over = {"figure", figures};
    const char **text = memory_new(3 * figures, sizeof *text);
    int8_t *flag = memory_new(figures, sizeof *flag);
    for (size_t f = 0; f < figures; f++) {
        text[f] = outcome_figure(f)->name;
        text[figures + f] = outcome_figure(f)->unit;
        text[2 * figures + f] = outcome_figure(f)->long_name;
        flag[f] = (int8_t)t->variation[f];
    }
    h5out_names(o, root, "figure", "figure of the summary", text, figures, "figure");
    h5out_names(o, root, "figure_units", "unit of the figure", text + figures, figures, "figure");
    h5out_names(o, root, "figure_long_name", "definition of the figure", text + 2 * figures,
                figures, "figure");
    const struct h5out_array a = {.name = "variation",
                                  .long_name = "whether the figure varies over the runs, is the "
                                               "same in all, or is missing in some",
                                  .data = flag,
                                  .axis = &over,
                                  .axes = 1};
    h5out_flags(o, root, a, meaning, VARIATION_COUNT);
    free(flag);
    free(text);
}

static void write_numbers(struct h5out *o, hid_t root, const char *name, const char *long_name,
                          size_t count) {
    int64_t *number = memory_new(count, sizeof *number);
    for (size_t i = 0; i < count; i++)
        number[i] = (int64_t)i;
    h5out_counts(o, root, name, "1", long_name, number, count, name);
    free(number);
}

/* -- Indices ------------------------------------------------------------------------------------
 */

/* An index over figures and factors: the member at `offset` of records of `size` bytes. */
static void write_index(struct h5out *o, hid_t root, const struct sensitivity_table *t,
                        const char *name, const char *unit, const char *long_name, const void *from,
                        size_t size, size_t offset) {
    const struct h5out_axis over[] = {{"figure", outcome_count()}, {"factor", t->plan->factors}};
    const size_t count = over[0].size * over[1].size;
    double *value = memory_new(count, sizeof *value);
    for (size_t i = 0; i < count; i++)
        value[i] = *(const double *)((const char *)from + i * size + offset);
    h5out_grid(o, root, name, unit, long_name, value, over, 2);
    free(value);
}

struct member {
    const char *name, *long_name;
    size_t offset;
};

static void write_effects(struct h5out *o, hid_t root, const struct sensitivity_table *t) {
    static const struct member member[] = {
        {"mu", "mean elementary effect, in figure_units per whole range of the factor",
         offsetof(struct morris_effect, mu)},
        {"mu_star", "mean size of the elementary effects, in figure_units",
         offsetof(struct morris_effect, mu_star)},
        {"mu_star_low", "lower end of the 95 % bootstrap interval of mu_star",
         offsetof(struct morris_effect, mu_star_low)},
        {"mu_star_high", "upper end of the 95 % bootstrap interval of mu_star",
         offsetof(struct morris_effect, mu_star_high)},
        {"sigma", "standard deviation of the elementary effects, in figure_units",
         offsetof(struct morris_effect, sigma)},
    };
    for (size_t i = 0; i < sizeof member / sizeof *member; i++)
        write_index(o, root, t, member[i].name, NULL, member[i].long_name, t->effect,
                    sizeof *t->effect, member[i].offset);
}

static void write_sobol(struct h5out *o, hid_t root, const struct sensitivity_table *t) {
    static const struct member member[] = {
        {"first", "share of the variance by the factor alone", offsetof(struct sobol_index, first)},
        {"first_low", "lower end of the 95 % bootstrap interval of first",
         offsetof(struct sobol_index, first_low)},
        {"first_high", "upper end of the 95 % bootstrap interval of first",
         offsetof(struct sobol_index, first_high)},
        {"total", "share of the variance by the factor alone and with others",
         offsetof(struct sobol_index, total)},
        {"total_low", "lower end of the 95 % bootstrap interval of total",
         offsetof(struct sobol_index, total_low)},
        {"total_high", "upper end of the 95 % bootstrap interval of total",
         offsetof(struct sobol_index, total_high)},
    };
    for (size_t i = 0; i < sizeof member / sizeof *member; i++)
        write_index(o, root, t, member[i].name, "1", member[i].long_name, t->index,
                    sizeof *t->index, member[i].offset);
}

/* -- Runs ---------------------------------------------------------------------------------------
 */

static void write_runs(struct h5out *o, hid_t root, const struct sensitivity_table *t) {
    const struct sensitivity_plan *p = t->plan;
    const size_t figures = outcome_count(), replications = t->replications;
    const struct h5out_axis design[] = {{"point", p->points}, {"factor", p->factors}};
    const struct h5out_axis output[] = {
        {"figure", figures}, {"point", p->points}, {"replication", replications}};
    h5out_grid(o, root, "share", "1", "place in the range of the factor, 0 to 1", p->share, design,
               2);
    h5out_grid(o, root, "design", NULL, "value of the factor, in factor_units", p->value, design,
               2);
    h5out_grid(o, root, "output", NULL, "mean over replications, in figure_units", t->output,
               output, 2);
    if (replications == 1)
        return;
    double *value = memory_new(figures * p->points * replications, sizeof *value);
    for (size_t f = 0; f < figures; f++)
        for (size_t i = 0; i < p->points * replications; i++)
            value[f * p->points * replications + i] = t->run[i * figures + f].value;
    h5out_grid(o, root, "replication_output", NULL, "of each replication, in figure_units", value,
               output, 3);
    free(value);
}

bool sensitivity_file_write(const char *path, const struct sensitivity_table *t,
                            const struct results_meta *meta, struct error *e) {
    const struct sensitivity_plan *p = t->plan;
    const bool morris = p->method == SENSITIVITY_MORRIS;
    const char *xml = meta->scenario_xml;
    struct h5out o;
    h5out_open(&o);
    const hid_t root = h5out_group(&o, "/");
    results_root(&o, root, meta);
    h5out_text(&o, root, "method", morris ? "morris" : "sobol");
    h5out_whole(&o, root, morris ? "trajectories" : "rows", (int64_t)p->size);
    h5out_whole(&o, root, "replications", (int64_t)t->replications);
    write_factors(&o, root, p);
    write_figures(&o, root, t);
    write_numbers(&o, root, "point", "point of the design", p->points);
    if (t->replications > 1)
        write_numbers(&o, root, "replication", "its seed is that of the analysis plus this",
                      t->replications);
    if (morris)
        write_effects(&o, root, t);
    else
        write_sobol(&o, root, t);
    write_runs(&o, root, t);
    h5out_names(&o, root, "scenario", "the resolved scenario, before any factor is set", &xml, 0,
                NULL);
    h5out_leave(&o, root);
    return results_end(path, &o, e);
}
