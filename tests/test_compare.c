/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _XOPEN_SOURCE 700
/* Fails when a result does not come back from its file as it was written, or a missing, empty, cut,
 * foreign or broken file is taken, crashes the program or is not told; when intervals of paired
 * runs are not those of their cells' differences, pairs are made of other seeds or cells, or
 * pairing does not narrow what chance did to both; when differences of scenarios are lost, doubled,
 * told of what changes no run, or have XPaths that select nothing; when a difference within its
 * interval passes as significant; or when a quantity is printed in a wrong unit. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "analysis/compare.h"
#include "analysis/quantity.h"
#include "analysis/run.h"
#include "sim/engine/memory.h"

#include <gsl/gsl_cdf.h>
#include <hdf5.h>
#include <libxml/parser.h>
#include <libxml/xpath.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* -- A result by hand --------------------------------------------------------------------------
 */

enum { CELLS = 10, ROWS = 40, FIGURES = 4 };

static const struct series_column columns[] = {
    {.name = "token_rate", .unit = "token/s", .long_name = "tokens"},
    {.name = "good_token_rate", .unit = "token/s", .long_name = "good tokens"},
    {.name = "it_power", .unit = "W", .long_name = "power"}};

/* What chance did to each cell, and what the lever does to each: far less. */
static const double chance[CELLS] = {3.0, -7.0, 5.0, 1.0, -4.0, 6.0, -2.0, 0.5, -3.5, 1.0};
static const double lever[CELLS] = {0.1, 0.2, 0.3, 0.2, 0.1, 0.3, 0.25, 0.15, 0.2, 0.2};

struct hand {
    struct result result;
    struct figure figure[FIGURES];
    struct result_cell cell[CELLS];
};

/* A run of some cells in one group, with `gain` times the lever. */
static void hand_make(struct hand *h, size_t cells, double gain, bool interval) {
    memset(h, 0, sizeof *h);
    double tokens = 0.0, energy = 0.0;
    for (size_t i = 0; i < cells; i++) {
        struct result_cell *c = &h->cell[i];
        *c = (struct result_cell){.group = "chat", .index = (long)(3 * i), .weight = 4.0};
        c->tokens = 1000.0 + 10.0 * chance[i] + gain * lever[i];
        c->good_tokens = 900.0 + 10.0 * chance[i];
        c->requests_done = 10.0;
        c->it_energy = 3.0 * c->tokens + chance[i];
        tokens += c->weight * c->tokens;
        energy += c->weight * c->it_energy;
    }
    h->figure[0] = (struct figure){.name = "Q_token", .unit = "token", .long_name = "tokens"};
    h->figure[0].value = tokens;
    h->figure[0].whole = true;
    h->figure[0].has_interval = interval;
    h->figure[0].low = tokens - 300.0;
    h->figure[0].high = tokens + 300.0;
    h->figure[1] = (struct figure){.name = "it_energy", .unit = "J", .long_name = "energy"};
    h->figure[1].value = energy;
    h->figure[2] = (struct figure){.name = "e_tok", .unit = "J/token", .long_name = "each"};
    h->figure[2].value = energy / tokens;
    h->figure[3] = (struct figure){.name = "water", .unit = "m3", .long_name = "water"};
    h->figure[3].value = NAN;
    series_init(&h->result.series, columns, 3, ROWS);
    for (int i = 0; i < ROWS; i++) {
        const double row[] = {tokens / ROWS, tokens / ROWS, energy / ROWS + i % 3};
        series_append(&h->result.series, i + 1.0, row);
    }
    h->result.summary = h->figure;
    h->result.summaries = FIGURES;
    h->result.cell = h->cell;
    h->result.cells = cells;
    h->result.binding_share[BINDING_FEED] = 1.0;
    h->result.ledger[RESULT_COOLING] = 42.0;
    sketch_add_times(&h->result.latency[CELL_TTFT], 0.5, 90);
}

static void hand_write(struct hand *h, const char *path, uint64_t seed, const char *xml) {
    struct error e;
    const struct results_meta meta = {.title = "by hand",
                                      .version = "9.9",
                                      .scenario_sha256 = "00ff",
                                      .command = "dcsim hand.xml",
                                      .scenario_xml = xml,
                                      .seed = seed};
    error_init(&e);
    assert_true(results_write(path, &h->result, &meta, &e));
    error_clear(&e);
    series_clear(&h->result.series);
}

static void write_one(const char *path, size_t cells, double gain, uint64_t seed, bool interval) {
    struct hand h;
    hand_make(&h, cells, gain, interval);
    hand_write(&h, path, seed, "<scenario name='hand'/>");
}

static void read_one(struct saved *s, const char *path) {
    struct error e;
    error_init(&e);
    const bool read = saved_read(s, path, &e);
    if (!read)
        print_error("%s: %s\n", path, e.entry[0].text);
    assert_true(read);
    error_clear(&e);
}

static int enter_folder(void **state) {
    char *folder = memory_text("/tmp/test_compare.XXXXXX");
    if (mkdtemp(folder) == NULL || chdir(folder) != 0)
        return -1;
    *state = folder;
    return 0;
}

static int leave_folder(void **state) {
    static const char *const name[] = {"a.h5", "b.h5"};
    for (size_t i = 0; i < sizeof name / sizeof name[0]; i++)
        unlink(name[i]);
    const int gone = chdir("/") == 0 ? rmdir(*state) : -1;
    free(*state);
    return gone;
}

/* -- Reading back ------------------------------------------------------------------------------
 */

static void comes_back(void **state) {
    (void)state;
    struct saved s;
    struct hand h;
    write_one("a.h5", CELLS, 1.0, 7, true);
    hand_make(&h, CELLS, 1.0, true);
    series_clear(&h.result.series);
    read_one(&s, "a.h5");
    assert_int_equal(s.seed, 7);
    assert_string_equal(s.title, "by hand");
    assert_string_equal(s.scenario, "<scenario name='hand'/>");
    assert_int_equal(s.figures, FIGURES);
    const struct saved_figure *q = saved_figure(&s, "Q_token");
    assert_non_null(q);
    assert_true(q->whole && q->has_interval && q->value == rint(h.figure[0].value));
    assert_true(q->low == h.figure[0].low && q->high == h.figure[0].high);
    assert_string_equal(q->unit, "token");
    assert_true(isnan(saved_figure(&s, "water")->value));
    assert_null(saved_figure(&s, "Q_token_low"));
    assert_int_equal(s.cells, CELLS);
    assert_string_equal(s.cell_group[9], "chat");
    assert_true(s.cell_index[9] == 27.0);
    assert_true(s.cell[SAVED_ENERGY][2] == 4.0 * h.cell[2].it_energy);
    assert_int_equal(s.rows, ROWS);
    assert_true(s.time[5] == 6.0);
    assert_int_equal(s.bindings, BINDING_COUNT);
    assert_true(s.binding[BINDING_FEED].value == 1.0);
    assert_int_equal(s.ledgers, RESULT_LEDGER_COUNT);
    assert_true(s.ledger[RESULT_COOLING].value == 42.0);
    assert_true(fabs(s.latency[CELL_TTFT].value[0] / 0.5 - 1.0) < 1.01 * s.latency_error);
    assert_true(s.latency[CELL_TTFT].count == 90.0);
    saved_clear(&s);
}

/* Whether a file is refused with one message that has `text` in it. */
static bool is_refused(const char *path, const char *text) {
    struct saved s;
    struct error e;
    error_init(&e);
    const bool read = saved_read(&s, path, &e);
    const bool told = !read && e.count == 1 && strcmp(e.entry[0].file, path) == 0 &&
                      strstr(e.entry[0].text, text) != NULL;
    if (!told)
        print_error("%s: %s\n", path, read ? "taken" : e.entry[0].text);
    if (read)
        saved_clear(&s);
    error_clear(&e);
    return told;
}

static void write_bytes(const char *path, const char *bytes, size_t size) {
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, size, f), size);
    assert_int_equal(fclose(f), 0);
}

static char *read_bytes(const char *path, size_t *size) {
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    assert_int_equal(fseek(f, 0, SEEK_END), 0);
    *size = (size_t)ftell(f);
    rewind(f);
    char *bytes = memory_new(*size, 1);
    assert_int_equal(fread(bytes, 1, *size, f), *size);
    fclose(f);
    return bytes;
}

static void refuses_what_is_no_result(void **state) {
    (void)state;
    assert_true(is_refused("absent.h5", "No such file"));
    write_bytes("b.h5", "", 0);
    assert_true(is_refused("b.h5", "empty"));
    write_bytes("b.h5", "<scenario/>\n", 12);
    assert_true(is_refused("b.h5", "not HDF5"));
    assert_true(is_refused(".", "cannot be read"));
    /* Somebody else's; then one of ours that is no run. */
    hid_t f = H5Fcreate("b.h5", H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    assert_true(f >= 0 && H5Fclose(f) >= 0);
    assert_true(is_refused("b.h5", "not of dcsim"));
    write_one("b.h5", CELLS, 1.0, 7, true);
    f = H5Fopen("b.h5", H5F_ACC_RDWR, H5P_DEFAULT);
    assert_true(f >= 0 && H5Ldelete(f, "/summary", H5P_DEFAULT) >= 0 && H5Fclose(f) >= 0);
    assert_true(is_refused("b.h5", "no result of a run"));
    write_one("b.h5", CELLS, 1.0, 7, true);
    f = H5Fopen("b.h5", H5F_ACC_RDWR, H5P_DEFAULT);
    assert_true(f >= 0 && H5Ldelete(f, "/cells/tokens", H5P_DEFAULT) >= 0 && H5Fclose(f) >= 0);
    assert_true(is_refused("b.h5", "/cells/tokens"));
}

/* HDF5 1.10.8 copies as many bytes of a text as the file says, beyond its own memory. */
static void survives_broken_bytes(void **state) {
    (void)state;
    size_t size;
    write_one("a.h5", CELLS, 1.0, 7, true);
    char *bytes = read_bytes("a.h5", &size);
    for (size_t cut = 1; cut < 8; cut++) {
        write_bytes("b.h5", bytes, size * cut / 8);
        assert_true(is_refused("b.h5", ""));
    }
    static const char text[] = "dcsim hand.xml";
    int found = 0;
    for (size_t i = 8; i + sizeof text < size; i++)
        if (memcmp(bytes + i, text, sizeof text - 1) == 0) {
            memset(bytes + i - 8, 0x7f, 3); /* its length, 64 bits before it */
            found++;
        }
    assert_int_equal(found, 1);
    write_bytes("b.h5", bytes, size);
    assert_true(is_refused("b.h5", "broken"));
    free(bytes);
}

/* -- Pairing -----------------------------------------------------------------------------------
 */

/* Half width of the sum of CELLS values by Student's t, worked out here. */
static double half_of_sum(const double *value) {
    double mean = 0.0, square = 0.0;
    for (int i = 0; i < CELLS; i++)
        mean += value[i] / CELLS;
    for (int i = 0; i < CELLS; i++)
        square += (value[i] - mean) * (value[i] - mean) / (CELLS - 1);
    return gsl_cdf_tdist_Pinv(0.975, CELLS - 1) * sqrt(square * CELLS);
}

static void pairs_cells(void **state) {
    (void)state;
    struct saved a, b;
    struct pairing p;
    double pair[CELLS], alone[CELLS];
    write_one("a.h5", CELLS, 0.0, 7, false);
    write_one("b.h5", CELLS, 5.0, 7, false);
    read_one(&a, "a.h5");
    read_one(&b, "b.h5");
    for (int i = 0; i < CELLS; i++) {
        pair[i] = 4.0 * 5.0 * lever[i];
        alone[i] = 4.0 * 10.0 * chance[i];
    }
    pairing_make(&a, &b, &p);
    assert_int_equal(p.method, PAIRING_CELLS);
    assert_int_equal(p.batches, CELLS);
    const struct pairing_half half = pairing_half(&p, "Q_token");
    assert_true(half.paired);
    assert_true(fabs(half.difference / half_of_sum(pair) - 1.0) < 1e-6); /* Q_token is rounded */
    assert_true(half.relative > 0.0 && half.relative < half.difference / 39000.0);
    /* The same runs as if of another seed: as wide as what chance did to each. */
    b.seed = 8;
    pairing_make(&a, &b, &p);
    assert_int_equal(p.method, PAIRING_NONE);
    assert_non_null(strstr(p.reason, "7 and 8"));
    const struct pairing_half wide = pairing_half(&p, "Q_token");
    assert_false(wide.paired);
    assert_true(fabs(wide.difference / (sqrt(2.0) * half_of_sum(alone)) - 1.0) < 0.01);
    assert_true(wide.difference > 20.0 * half.difference);
    saved_clear(&b);
    saved_clear(&a);
}

/* A ratio pairs by what is left of energy after its tokens. */
static void pairs_ratios(void **state) {
    (void)state;
    struct saved a, b;
    struct pairing p;
    double pair[CELLS];
    write_one("a.h5", CELLS, 0.0, 7, false);
    write_one("b.h5", CELLS, 5.0, 7, false);
    read_one(&a, "a.h5");
    read_one(&b, "b.h5");
    const struct saved *run[] = {&a, &b};
    memset(pair, 0, sizeof pair);
    for (int k = 0; k < 2; k++) {
        double tokens = 0.0, energy = 0.0;
        for (int i = 0; i < CELLS; i++) {
            tokens += run[k]->cell[SAVED_TOKENS][i];
            energy += run[k]->cell[SAVED_ENERGY][i];
        }
        for (int i = 0; i < CELLS; i++)
            pair[i] +=
                (k == 0 ? -1.0 : 1.0) *
                (run[k]->cell[SAVED_ENERGY][i] - energy / tokens * run[k]->cell[SAVED_TOKENS][i]) /
                tokens;
    }
    pairing_make(&a, &b, &p);
    const struct pairing_half half = pairing_half(&p, "e_tok");
    assert_true(half.paired && fabs(half.difference / half_of_sum(pair) - 1.0) < 1e-6);
    saved_clear(&b);
    saved_clear(&a);
}

static void pairs_what_can_be(void **state) {
    (void)state;
    struct saved a, b;
    struct pairing p;
    /* Too few cells: control periods, and own intervals where they do not hold the figure. */
    write_one("a.h5", 2, 0.0, 7, true);
    write_one("b.h5", 2, 5.0, 7, true);
    read_one(&a, "a.h5");
    read_one(&b, "b.h5");
    pairing_make(&a, &b, &p);
    assert_int_equal(p.method, PAIRING_TIMES);
    assert_int_equal(p.batches, ROWS);
    const struct pairing_half steady = pairing_half(&p, "Q_token");
    assert_true(steady.paired && steady.difference < 1e-6); /* each period gains the same */
    /* What B brings two periods earlier or later is no chance of the sum: batches of two periods
     * each would make 90 of it. */
    for (size_t i = 0; i < ROWS; i++)
        b.series[SAVED_TOKENS][i] += i % 4 < 2 ? 5.0 : -5.0;
    assert_true(pairing_half(&p, "Q_token").difference < 1e-6);
    b.series[SAVED_TOKENS][0] += 5.0; /* and what stays is */
    assert_true(pairing_half(&p, "Q_token").difference > 5.0);
    /* Other times as well: nothing pairs, and the halves are the runs' own. */
    a.time[3] += 0.5;
    pairing_make(&a, &b, &p);
    assert_int_equal(p.method, PAIRING_NONE);
    const struct pairing_half own = pairing_half(&p, "Q_token");
    assert_true(!own.paired && fabs(own.difference - sqrt(2.0) * 300.0) < 1.0);
    /* Another cell. */
    b.cell_index[1] = 5.0;
    pairing_make(&a, &b, &p);
    assert_non_null(strstr(p.reason, "same cells"));
    assert_true(isinf(pairing_half(&p, "water").difference));
    assert_true(isinf(pairing_half(&p, "absent").difference));
    saved_clear(&b);
    saved_clear(&a);
}

/* -- Differences of scenarios ------------------------------------------------------------------
 */

static const char scenario_a[] =
    "<scenario name='s' horizon='1 h'>\n <tables>\n  <hardware name='H1'><power limit='700 W' "
    "source='x'/></hardware>\n </tables>\n <site><cooling pue='1.5'/></site>\n"
    " <cells name=\"it's\"><node hardware='H1'/><target ttft='1 s'/>\n"
    "  <arrivals><schedule of='rate'><point at='0 s' factor='1'/><point at='1 h' factor='2'/>"
    "</schedule></arrivals>\n  <x v='1'/><x v='2'/></cells>\n</scenario>\n";
static const char scenario_b[] =
    "<scenario name='s' horizon='1 h'><!-- a remark -->\n <tables>\n  <hardware name='H2'><power "
    "limit='900 W'/></hardware>\n </tables>\n <site xml:base='/elsewhere/b.xml'><cooling pue='1.2' "
    "fixed='1 W'/></site>\n <cells name=\"it's\"><node hardware='H2'/>\n"
    "  <arrivals><schedule of='rate'><point at='0 s' factor='1'/><point at='1 h' factor='3'/>"
    "</schedule></arrivals>\n  <x v='1'/><x v='3'/></cells>\n</scenario>\n";

/* Whether the XPath selects a node of a scenario. */
static bool selects(const char *xml, const char *xpath) {
    xmlDoc *d = xmlReadMemory(xml, (int)strlen(xml), NULL, NULL, 0);
    xmlXPathContext *c = xmlXPathNewContext(d);
    xmlXPathObject *o = xmlXPathEvalExpression((const xmlChar *)xpath, c);
    const bool found = o != NULL && o->nodesetval != NULL && o->nodesetval->nodeNr == 1;
    xmlXPathFreeObject(o);
    xmlXPathFreeContext(c);
    xmlFreeDoc(d);
    return found;
}

static void finds_differences(void **state) {
    (void)state;
    static const struct difference expected[] = {
        {"/scenario/site/cooling/@pue", "1.5", "1.2", false},
        {"/scenario/cells[@name=\"it's\"]/node/@hardware", "H1", "H2", false},
        {"/scenario/cells[@name=\"it's\"]/target", "", NULL, true},
        {"/scenario/cells[@name=\"it's\"]/arrivals/schedule[@of='rate']/point[@at='1 h']/@factor",
         "2", "3", false},
        {"/scenario/cells[@name=\"it's\"]/x[2]/@v", "2", "3", false},
        {"/scenario/site/cooling/@fixed", NULL, "1 W", false},
        {"/scenario/tables/hardware[@name='H1']", "", NULL, true},
        {"/scenario/tables/hardware[@name='H2']", NULL, "", true}};
    enum { EXPECTED = sizeof expected / sizeof expected[0] };
    struct differences d;
    struct error e;
    error_init(&e);
    assert_true(differences_find(scenario_a, "a", scenario_b, "b", &d, &e));
    for (size_t i = 0; i < d.count && i < EXPECTED; i++) {
        assert_string_equal(d.one[i].xpath, expected[i].xpath);
        assert_int_equal(d.one[i].element, expected[i].element);
        assert_int_equal(d.one[i].a == NULL, expected[i].a == NULL);
        assert_int_equal(d.one[i].b == NULL, expected[i].b == NULL);
        if (d.one[i].a != NULL)
            assert_string_equal(d.one[i].a, expected[i].a);
        if (d.one[i].b != NULL)
            assert_string_equal(d.one[i].b, expected[i].b);
        assert_int_equal(selects(scenario_a, d.one[i].xpath), d.one[i].a != NULL);
        assert_int_equal(selects(scenario_b, d.one[i].xpath), d.one[i].b != NULL);
    }
    assert_int_equal(d.count, EXPECTED);
    differences_clear(&d);
    assert_true(differences_find(scenario_a, "a", scenario_a, "a", &d, &e));
    assert_int_equal(d.count, 0);
    differences_clear(&d);
    assert_false(error_any(&e));
    assert_false(differences_find(scenario_a, "a", "no XML", "b", &d, &e));
    assert_int_equal(e.count, 1);
    assert_string_equal(e.entry[0].file, "b");
    error_clear(&e);
}

/* -- The comparison and its print --------------------------------------------------------------
 */

static const struct compare_row *row_of(const struct compare_rows *rows, const char *name) {
    for (size_t i = 0; i < rows->count; i++)
        if (strcmp(rows->row[i].name, name) == 0)
            return &rows->row[i];
    fail_msg("no row %s", name);
    return NULL;
}

static void judges(void **state) {
    (void)state;
    struct saved a, b;
    struct compare c;
    struct error e;
    error_init(&e);
    write_one("a.h5", CELLS, 0.0, 7, true);
    write_one("b.h5", CELLS, 5.0, 7, true);
    read_one(&a, "a.h5");
    read_one(&b, "b.h5");
    assert_true(compare_make(&a, &b, &c, &e));
    const struct compare_row *q = row_of(&c.figures, "Q_token");
    assert_int_equal(q->verdict, COMPARE_BEYOND);
    assert_true(q->difference == 40.0 && q->half_a == 300.0);
    assert_true(fabs(q->relative * q->a - 40.0) < 1e-9);
    assert_int_equal(row_of(&c.figures, "water")->verdict, COMPARE_SAME);
    assert_int_equal(row_of(&c.latency, "ttft p50")->verdict, COMPARE_SAME);
    assert_int_equal(row_of(&c.ledger, "cooling")->verdict, COMPARE_SAME);
    compare_clear(&c);
    b.seed = 8; /* the runs' own intervals, 300 each, hide 40 */
    b.latency[CELL_TTFT].value[0] *= 1.0 + 0.5 / 128.0;
    b.latency[CELL_TTFT].value[1] *= 1.0 + 4.0 / 128.0;
    b.latency[CELL_TPOT].mean = 1.0;
    a.latency[CELL_TPOT].mean = 1.0 + 1e-15; /* rounding */
    b.latency[CELL_ITL].mean = INFINITY;
    a.latency[CELL_ITL].mean = 1.0;
    assert_true(compare_make(&a, &b, &c, &e));
    assert_int_equal(row_of(&c.figures, "Q_token")->verdict, COMPARE_WITHIN);
    assert_int_equal(row_of(&c.latency, "ttft p50")->verdict, COMPARE_WITHIN);
    assert_int_equal(row_of(&c.latency, "ttft p90")->verdict, COMPARE_UNKNOWN);
    assert_int_equal(row_of(&c.latency, "tpot mean")->verdict, COMPARE_SAME);
    assert_int_equal(row_of(&c.latency, "itl mean")->verdict, COMPARE_UNKNOWN);
    compare_clear(&c);
    assert_false(error_any(&e));
    saved_clear(&b);
    saved_clear(&a);
}

static void picks_units(void **state) {
    (void)state;
    static const struct {
        const char *unit;
        bool whole;
        double largest, factor;
        const char *text;
    } rows[] = {{"token", true, 1.6e12, 1e-12, "T tokens"},
                {"token", true, 12.0, 1.0, "tokens"},
                {"J", false, 999960.0, 1e-6, "MJ"},
                {"J/FLOP", false, -2.9e-12, 1e12, "pJ/FLOP"},
                {"kg", false, 2.5e6, 1e-6, "kt"},
                {"kg", false, 0.5, 1e3, "g"},
                {"1e-6 USD/token", false, 0.125, 1.0, "USD/M tokens"},
                {"1e-6 m3/token", false, 0.003, 1e3, "L/M tokens"},
                {"s", false, 86400.0, 1.0 / 3600.0, "h"},
                {"s", false, 0.25, 1e3, "ms"},
                {"1", false, 0.716, 1.0, ""},
                {"1", true, 9472.0, 1.0, ""},
                {"1", true, 2e6, 1e-6, "M"},
                {"furlong", false, NAN, 1.0, "furlong"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct quantity_unit u = quantity_unit(rows[i].unit, rows[i].whole, rows[i].largest);
        assert_string_equal(u.text, rows[i].text);
        assert_true(fabs(u.factor / rows[i].factor - 1.0) < 1e-12);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(comes_back, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(refuses_what_is_no_result, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(survives_broken_bytes, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(pairs_cells, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(pairs_ratios, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(pairs_what_can_be, enter_folder, leave_folder),
        cmocka_unit_test(finds_differences),
        cmocka_unit_test_setup_teardown(judges, enter_folder, leave_folder),
        cmocka_unit_test(picks_units)};
    run_handlers();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
