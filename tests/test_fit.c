/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fails when a fit does not find again what points were made from, lets a few wild ones lead it, or
 * lets points of weight 0 in; when a coefficient leaves its bounds; when groups, quantiles or
 * labels are wrong; when points without weight count among the errors, what is left out stays in,
 * caps are not kept, or models of one shape are taken for two; or when the tables that it writes
 * are no tables, or do not hold what was fitted. */
#define _XOPEN_SOURCE 700 /* mkdtemp, popen */
#include "analysis/fit_report.h"
#include "analysis/fit_tables.h"
#include "sim/engine/memory.h"
#include "sim/io/datadir.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { EVERY = 12 };

static struct measured points;
static struct library *library;

/* Every twelfth point of both sources. */
static int read_points(void **state) {
    (void)state;
    static const char *const name[] = {"serving_points.csv.gz", "mlenergy_v3.csv.gz"};
    struct error e;
    error_init(&e);
    char *folder = datadir_measured();
    for (int i = 0; i < 2; i++) {
        char *path = memory_print("%s/%s", folder, name[i]);
        assert_true(measured_read(&points, path, &e));
        free(path);
    }
    free(folder);
    library = library_new(&e);
    assert_non_null(library);
    size_t used = 0;
    for (size_t i = 0; i < points.count; i++)
        if (points.point[i].excluded == NULL && used++ % EVERY != 0)
            points.point[i].excluded = "not in this test";
    assert_true(measured_screen(&points, library, &e));
    error_clear(&e);
    return 0;
}

static int clear_points(void **state) {
    (void)state;
    measured_clear(&points);
    library_free(library);
    return 0;
}

static void predict(const struct fit *f, size_t i, struct fit_prediction *out) {
    double value[FIT_COEFFICIENTS];
    for (int c = 0; c < FIT_COEFFICIENTS; c++)
        value[c] = fit_value(f, &f->point[i], (enum fit_coefficient)c);
    fit_predict(&f->point[i], value, out);
}

/* The points as if the fit's present coefficients had made them. */
static void make_points(const struct fit *f) {
    for (size_t i = 0; i < f->points; i++) {
        struct measured_point *m =
            &points.point[f->point[i].measured - points.point]; /* the same one, to be written */
        struct fit_prediction q;
        predict(f, i, &q);
        m->tpot = q.tpot;
        if (!isnan(m->ttft))
            m->ttft = q.ttft;
        if (!isnan(m->gpu_power))
            m->gpu_power = q.power;
    }
}

static double median_error(const struct fit *f, enum fit_quantity k, double *high) {
    double *error = memory_new(f->points, sizeof *error), all[FIT_QUANTITIES];
    size_t n = 0;
    for (size_t i = 0; i < f->points; i++)
        if (f->point[i].weight > 0) {
            fit_errors_of(f, &f->point[i], all);
            error[n++] = all[k];
        }
    const struct fit_summary s = fit_summarise(error, n);
    free(error);
    *high = s.high;
    return s.median;
}

static void solve(struct fit *f) {
    struct error e;
    error_init(&e);
    for (size_t j = 0; j < f->parameters; j++)
        f->parameter[j].value = 0;
    if (!fit_solve(f, 6, &e))
        fail_msg("%s", e.entry[0].text);
    error_clear(&e);
}

static void test_found_again(void **state) {
    (void)state;
    struct fit f = {.point = NULL};
    struct error e;
    error_init(&e);
    assert_true(fit_open(&f, &points, library, &e));
    assert_true(f.points > 100);
    f.threads = 2;
    for (size_t j = 0; j < f.parameters; j++) /* up and down by up to 0.4 in the link's units */
        f.parameter[j].value = f.parameter[j].deviation ? 0 : 0.4 * sin(1.0 + 2.0 * (double)j);
    make_points(&f);
    solve(&f);
    double high;
    for (int k = FIT_TPOT; k <= FIT_POWER; k++) {
        const double median = median_error(&f, (enum fit_quantity)k, &high);
        print_message("# %s: median error %.2e, 90 %% %.2e\n", fit_quantity_name[k], median, high);
        assert_true(median < 0.02 && high < 0.06);
    }
    for (size_t j = 0; j < f.parameters; j++)
        assert_true(f.parameter[j].error > 0);

    /* Each twentieth three times as long: the others are met nearly as before. */
    for (size_t i = 0; i < f.points; i += 20)
        points.point[f.point[i].measured - points.point].tpot *= 3;
    solve(&f);
    const double median = median_error(&f, FIT_TPOT, &high);
    print_message("# with 5 %% wild: median error %.2e\n", median);
    assert_true(median < 0.04);

    /* The same wild, but at weight 0: no trace of them. */
    for (size_t i = 0; i < f.points; i += 20)
        f.point[i].weight = 0;
    solve(&f);
    assert_true(median_error(&f, FIT_TPOT, &high) < 0.02);
    fit_close(&f);
    error_clear(&e);
}

/* Points of weight 0 count nowhere: standard errors are those of a fit that has not got them. */
static void test_errors(void **state) {
    (void)state;
    struct fit f = {.point = NULL}, g = {.point = NULL};
    struct error e;
    error_init(&e);
    assert_true(fit_open(&f, &points, library, &e) && fit_open(&g, &points, library, &e));
    f.threads = g.threads = 2;
    const size_t half = f.points / 2, all = g.points;
    for (size_t i = half; i < f.points; i++)
        f.point[i].weight = 0;
    g.points = half;
    assert_true(fit_solve(&f, 1, &e) && fit_solve(&g, 1, &e));
    for (size_t j = 0; j < f.parameters; j++)
        assert_true(f.parameter[j].error == g.parameter[j].error);
    g.points = all;
    fit_close(&g);
    fit_close(&f);
    error_clear(&e);
}

/* A fit can do without a coefficient or a level, but not without what time is made of. */
static void test_without(void **state) {
    (void)state;
    struct fit f = {.point = NULL};
    struct error e;
    error_init(&e);
    assert_true(fit_leave_out(&f, "t_moe", &e) && fit_leave_out(&f, "eta_kv", &e));
    assert_true(fit_leave_out(&f, "t_layer:pair", &e));
    assert_false(fit_leave_out(&f, "eta_m", &e));
    assert_false(fit_leave_out(&f, "t_layer:format", &e));
    assert_false(fit_leave_out(&f, "t_nothing", &e));
    assert_int_equal(e.count, 3);
    assert_true(fit_open(&f, &points, library, &e));
    for (size_t j = 0; j < f.parameters; j++) {
        const struct fit_parameter *q = &f.parameter[j];
        assert_true(q->coefficient != FIT_LAYER_MOE && q->coefficient != FIT_ETA_KV);
        assert_true(q->coefficient != FIT_LAYER || q->level != FIT_PAIR);
    }
    double value[FIT_COEFFICIENTS];
    fit_values_of(&f, &f.point[0], value);
    assert_true(value[FIT_LAYER_MOE] == 0.0 && value[FIT_ETA_KV] == value[FIT_ETA_MEMORY]);
    fit_close(&f);
    error_clear(&e);
}

/* Under a cap a point draws no more than that, and takes longer. */
static void test_cap(void **state) {
    (void)state;
    struct fit f = {.point = NULL};
    struct error e;
    error_init(&e);
    assert_true(fit_open(&f, &points, library, &e));
    int looked_at = 0;
    for (size_t i = 0; i < f.points; i++) {
        struct measured_point *m = &points.point[f.point[i].measured - points.point];
        struct fit_prediction whole, capped;
        predict(&f, i, &whole);
        const double each = whole.power / (m->gpus * fmax(1, m->copies)), cap = 0.85 * each;
        if (each < 0.6 * f.point[i].hardware->power_limit)
            continue;
        m->cap = cap;
        predict(&f, i, &capped);
        m->cap = NAN;
        assert_true(capped.power <= 0.85 * whole.power && capped.power > 0.84 * whole.power);
        assert_true(capped.tpot > whole.tpot);
        looked_at++;
    }
    assert_true(looked_at > 10);
    fit_close(&f);
    error_clear(&e);
}

/* Models of one shape are left out together. */
static void test_architecture(void **state) {
    (void)state;
    struct fit f = {.point = NULL};
    struct error e;
    error_init(&e);
    assert_true(fit_open(&f, &points, library, &e));
    char name[160];
    bool v3 = false, r1 = false;
    for (size_t i = 0; i < f.points; i++) {
        const char *llm = f.point[i].measured->llm;
        fit_group_name(&f.point[i], FIT_BY_ARCHITECTURE, name, sizeof name);
        if (strncmp(llm, "DeepSeek", 8) != 0) {
            assert_string_equal(name, llm);
            continue;
        }
        v3 = v3 || strcmp(llm, "DeepSeek-V3") == 0;
        r1 = r1 || strcmp(llm, "DeepSeek-R1-NVFP4") == 0;
        assert_int_equal(strncmp(name, "DeepSeek", 8), 0);
        char first[160];
        snprintf(first, sizeof first, "%s", f.point[i].architecture);
        assert_string_equal(name, first);
        for (size_t j = 0; j < i; j++)
            if (strncmp(f.point[j].measured->llm, "DeepSeek", 8) == 0)
                assert_string_equal(f.point[j].architecture, name);
    }
    assert_true(v3 && r1);
    fit_close(&f);
    error_clear(&e);
}

static void test_bounds(void **state) {
    (void)state;
    for (int c = 0; c < FIT_COEFFICIENTS; c++) {
        const enum fit_coefficient k = (enum fit_coefficient)c;
        const double start = fit_link(k, 0), up = fit_link(k, 0.01);
        assert_true(fabs(start / fit_row[c].start - 1) < 1e-12);
        assert_true(fit_link(k, -1e3) >= fit_row[c].low * (1 - 1e-12));
        assert_true(fit_link(k, 1e3) <= fit_row[c].high * (1 + 1e-12));
        assert_true(up > start && up < start * 1.0101); /* never faster than its logarithm */
    }
}

static void test_summary(void **state) {
    (void)state;
    double error[] = {-0.3, NAN, 0.1, 0.2, -0.4, 0.5};
    const struct fit_summary s = fit_summarise(error, 6);
    assert_int_equal(s.points, 5);
    assert_true(s.median == 0.3 && s.bias == 0.1 && fabs(s.mean - 0.3) < 1e-15);
    assert_true(fabs(s.high - 0.46) < 1e-15); /* between 0.4 and 0.5 */
    const struct fit_summary none = fit_summarise(error, 0);
    assert_true(none.points == 0 && isnan(none.median));
}

/* What is written can be read as tables, and says what was fitted. */
static void test_tables(void **state) {
    (void)state;
    char folder[] = "/tmp/dcsim_fit_XXXXXX", data[DATADIR_SIZE];
    struct fit f = {.point = NULL};
    struct error e;
    error_init(&e);
    assert_non_null(mkdtemp(folder));
    assert_true(datadir_find(data, sizeof data));
    assert_true(fit_open(&f, &points, library, &e));
    for (size_t j = 0; j < f.parameters; j++)
        f.parameter[j].value = 0.2 * cos((double)j);
    assert_true(fit_write_tables(&f, folder, "DATA", "2026-01-02", &e));
    const struct fit_point *p = &f.point[0];
    char *command = memory_print("xmllint --noout --schema '%s/models/tables.xsd' %s/*/*.xml 2>&1 "
                                 "| grep -v validates",
                                 data, folder);
    FILE *lint = popen(command, "r");
    assert_non_null(lint);
    assert_int_equal(fgetc(lint), EOF);
    assert_int_not_equal(pclose(lint), -1);
    free(command);

    char *path = memory_print("%s/serving_engine/%s.xml", folder, p->measured->engine);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    char text[20000], want[64], on[160];
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    assert_int_equal(fclose(file), 0);
    snprintf(on, sizeof on, "<overhead hardware=\"%s\"", p->measured->hardware);
    const char *own = strstr(text, on);
    assert_non_null(own);
    snprintf(want, sizeof want, "iteration=\"%.4g ms\"", 1e3 * fit_value(&f, p, FIT_ITERATION));
    assert_ptr_equal(strstr(own, want), strstr(own, "iteration="));
    snprintf(want, sizeof want, "sequence=\"%.4g us\"", 1e6 * fit_value(&f, p, FIT_SEQUENCE));
    assert_ptr_equal(strstr(own, want), strstr(own, "sequence="));
    assert_non_null(strstr(own, "on 2026-01-02"));
    free(path);
    command = memory_print("rm -r %s", folder);
    assert_int_equal(system(command), 0);
    free(command);

    assert_false(fit_write_tables(&f, "/proc/none", "DATA", "2026-01-02", &e));
    assert_int_equal(e.count, 1);
    fit_close(&f);
    error_clear(&e);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_errors), cmocka_unit_test(test_without),
        cmocka_unit_test(test_cap),    cmocka_unit_test(test_architecture),
        cmocka_unit_test(test_bounds), cmocka_unit_test(test_summary),
        cmocka_unit_test(test_tables), cmocka_unit_test(test_found_again),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, read_points, clear_points);
}
