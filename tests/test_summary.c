/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fails when the summary drops a figure that the issue asks for, names the wrong scarce side of rho
 * and rho*, mixes up the directions of crossovers, hides overshoot or that a run was sampled, does
 * not list constraints from the largest share down, outgrows 100 columns or 32 lines, or when a
 * quantity is written with a wrong prefix; when the progress bar overruns its buffer or draws where
 * there is no terminal. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "analysis/progress.h"
#include "analysis/summary.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { PAGE = 8192 };

#define FIGURE(name_, value_)                                                                      \
    { .name = name_, .unit = "1", .value = value_ }

static const struct figure figures[] = {{.name = "Q_token",
                                         .unit = "token",
                                         .value = 2e12,
                                         .has_interval = true,
                                         .low = 1.98e12,
                                         .high = 2.02e12},
                                        FIGURE("good_tokens", 1.5e12),
                                        FIGURE("done_tokens", 1.875e12),
                                        FIGURE("requests_done", 7.5e9),
                                        FIGURE("requests_in_flight", 1234),
                                        FIGURE("requests_rejected", 56),
                                        FIGURE("preemptions", 78),
                                        FIGURE("e_tok", 3.25),
                                        FIGURE("e_tok_site", 4.5),
                                        FIGURE("PUE", 1.375),
                                        FIGURE("U", 0.875),
                                        FIGURE("rho", 3e-12),
                                        FIGURE("rho_peak", 1e-12),
                                        FIGURE("rho_star", 2e-12),
                                        FIGURE("overshoot_energy", 0.0),
                                        FIGURE("overshoot_time", 0.0),
                                        FIGURE("site_energy", 9e12),
                                        FIGURE("cost", 2.5e5),
                                        FIGURE("carbon", 7e5),
                                        FIGURE("site_power_mean", 9e7),
                                        FIGURE("site_power_peak", 9.9e7),
                                        FIGURE("feed_limit_mean", 1e8),
                                        FIGURE("token_rate_mean", 2.3e7),
                                        FIGURE("cost_per_million_tokens", 0.125),
                                        FIGURE("carbon_per_million_tokens", 0.35),
                                        FIGURE("nodes", 4096),
                                        FIGURE("sample_weight", 64),
                                        FIGURE("U_over_one_time", 0.0),
                                        FIGURE("water", 400.0),
                                        FIGURE("water_per_million_tokens", 2e-4)};
enum { FIGURES = sizeof figures / sizeof figures[0] };

struct made {
    struct figure figure[FIGURES];
    struct result result;
    struct site_spec site;
};

static void make(struct made *m) {
    static struct result_crossing crossing[] = {{20000.0, -1, RESULT_REALIZED},
                                                {72000.0, 1, RESULT_REALIZED}};
    memset(m, 0, sizeof *m);
    memcpy(m->figure, figures, sizeof figures);
    m->result.summary = m->figure;
    m->result.summaries = FIGURES;
    m->result.binding_share[BINDING_DEMAND] = 0.25;
    m->result.binding_share[BINDING_FEED] = 0.7499;
    m->result.binding_share[BINDING_KV] = 0.0001;
    m->result.crossing = crossing;
    m->result.crossings = 2;
    sketch_add_times(&m->result.latency[CELL_TTFT], 0.25, 99);
    m->site = (struct site_spec){.title = "By hand", .horizon = 86400.0, .sample_every = 64};
}

static struct figure *figure(struct made *m, const char *name) {
    for (size_t i = 0; i < FIGURES; i++)
        if (strcmp(m->figure[i].name, name) == 0)
            return &m->figure[i];
    fail_msg("no figure %s", name);
    return NULL;
}

/* The summary as text. */
static void print(const struct made *m, char page[PAGE]) {
    FILE *f = tmpfile();
    assert_non_null(f);
    summary_print(&m->site, &m->result, f);
    rewind(f);
    const size_t length = fread(page, 1, PAGE - 1, f);
    page[length] = '\0';
    fclose(f);
}

static void assert_says(const char *page, const char *text) {
    if (strstr(page, text) == NULL)
        fail_msg("'%s' is not in:\n%s", text, page);
}

static void assert_silent(const char *page, const char *text) {
    if (strstr(page, text) != NULL)
        fail_msg("'%s' is in:\n%s", text, page);
}

static void tells_every_figure(void **state) {
    (void)state;
    static const char *const said[] = {"By hand\n24 h of 4096 nodes; 1 in 64 simulated",
                                       "2 T tokens +- 1 %",
                                       "23 M tokens/s",
                                       "1.5 T tokens, 80.0 % of the tokens of ended requests",
                                       "7.5 G done",
                                       "1.234 k in flight",
                                       "56 rejected",
                                       "78 preemptions",
                                       "3.25 J/token IT",
                                       "4.5 J/token facility",
                                       "PUE 1.375",
                                       "0.125 USD energy, 350 g CO2, 200 mL water per M tokens",
                                       "250 k USD, 700 t",
                                       "90 MW mean, 99 MW peak; feed 100 MW, 90.0 % of it used",
                                       "never exceeded",
                                       "U = 0.875",
                                       "TTFT",
                                       "TPOT",
                                       "none"};
    struct made m;
    char page[PAGE];
    make(&m);
    print(&m, page);
    for (size_t i = 0; i < sizeof said / sizeof said[0]; i++)
        assert_says(page, said[i]);
}

static void names_the_scarce_side(void **state) {
    (void)state;
    struct made m;
    char page[PAGE];
    make(&m);
    print(&m, page);
    assert_says(page, "realized   rho 3 > rho* 2 pJ/FLOP: compute is scarce, by 50 %\n"
                      "             crosses over: power from 5.556 h, compute from 20 h\n");
    assert_says(page, "peak       rho 1 < rho* 2 pJ/FLOP: power is scarce, by 50 %\n"
                      "             never crosses over\n");
    figure(&m, "rho_star")->value = NAN;
    print(&m, page);
    assert_silent(page, "is scarce");
}

static void lists_constraints_by_share(void **state) {
    (void)state;
    struct made m;
    char page[PAGE];
    make(&m);
    print(&m, page);
    const char *feed = strstr(page, "feed      75.0 %  ##################......");
    const char *demand = strstr(page, "demand    25.0 %  ######..................");
    assert_true(feed != NULL && demand != NULL && feed < demand);
    assert_silent(page, "  kv ");
}

static void hides_no_overshoot(void **state) {
    (void)state;
    struct made m;
    char page[PAGE];
    make(&m);
    figure(&m, "overshoot_energy")->value = 4.5e9;
    figure(&m, "overshoot_time")->value = 240.0;
    figure(&m, "U_over_one_time")->value = 600.0;
    print(&m, page);
    assert_silent(page, "never exceeded");
    assert_says(page, "4.5 GJ above the feed's limit within 4 min, 0.05 % of the energy");
    assert_says(page, "above 1 for 10 min");
}

static void tells_full_from_sampled(void **state) {
    (void)state;
    struct made m;
    char page[PAGE];
    make(&m);
    m.site.sample_every = 1;
    figure(&m, "Q_token")->has_interval = false;
    print(&m, page);
    assert_says(page, "every request simulated");
    assert_silent(page, "+-");
}

static void tells_no_water_unless_stated(void **state) {
    (void)state;
    struct made m;
    char page[PAGE];
    make(&m);
    figure(&m, "water")->value = figure(&m, "water_per_million_tokens")->value = NAN;
    print(&m, page);
    assert_says(page, "0.125 USD energy, 350 g CO2 per M tokens (250 k USD, 700 t)\n");
    assert_silent(page, "water");
}

static void fits_the_screen(void **state) {
    (void)state;
    struct made m;
    char page[PAGE];
    make(&m);
    for (int b = 0; b < BINDING_COUNT; b++)
        m.result.binding_share[b] = 0.125;
    for (size_t i = 0; i < FIGURES; i++) /* the widest that numbers get */
        m.figure[i].value *= 1.23456;
    figure(&m, "overshoot_energy")->value = 1.2345e-5;
    figure(&m, "U_over_one_time")->value = 1234.5;
    print(&m, page);
    int lines = 0;
    for (char *line = page; *line != '\0'; lines++) {
        char *end = strchr(line, '\n');
        assert_non_null(end);
        *end = '\0';
        if (strlen(line) > 100)
            fail_msg("%zu columns: %s", strlen(line), line);
        line = end + 1;
    }
    assert_true(lines <= 32);
}

static void prefixes_are_right(void **state) {
    (void)state;
    static const struct {
        double value;
        const char *unit, *text;
    } cases[] = {{0.0, "J", "0 J"},
                 {1.0, "J", "1 J"},
                 {999.94, "W", "999.9 W"},
                 {999.96, "W", "1 kW"},
                 {1000.0, "W", "1 kW"},
                 {-2500.0, "W", "-2.5 kW"},
                 {98.7e6, "W", "98.7 MW"},
                 {1.234e9, " tokens", "1.234 G tokens"},
                 {12.0, " tokens", "12 tokens"},
                 {12.0, "", "12"},
                 {1.5e4, "", "15 k"},
                 {2.5e-5, "s", "25 us"},
                 {3e-15, "J", "0.003 pJ"},
                 {4e26, "FLOP", "4e+05 ZFLOP"},
                 {NAN, "J", "none"},
                 {INFINITY, "W", "unlimited"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[SUMMARY_TEXT];
        assert_string_equal(summary_si(text, cases[i].value, cases[i].unit), cases[i].text);
    }
    char rate[SUMMARY_TEXT]; /* no metres a second */
    assert_string_equal(summary_rate(rate, 0.002222), "0.002222 /s");
    assert_string_equal(summary_rate(rate, 8512.0), "8.512 k/s");
    static const struct {
        double seconds;
        const char *text;
    } times[] = {{0.5, "500 ms"}, {90, "90 s"}, {300, "5 min"}, {86400, "24 h"}, {604800, "7 d"}};
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        char text[SUMMARY_TEXT];
        assert_string_equal(summary_duration(text, times[i].seconds), times[i].text);
    }
}

static void bar_keeps_its_bounds(void **state) {
    (void)state;
    char line[PROGRESS_LINE];
    progress_line(line, sizeof line, 0.5, 61.5, 43200.0, 1.5e6, 2e6);
    assert_string_equal(line, "[##########..........] 12 h, 1.5 M requests, 2 M/s, 62 s left");
    assert_true(strlen(line) < 80);
    progress_line(line, sizeof line, 0.0, INFINITY, 0.0, 0.0, 0.0);
    assert_says(line, "[....................]");
    assert_says(line, "? left");
    progress_line(line, sizeof line, 7.0, -1.0, 1e9, 1e30, 1e30);
    assert_says(line, "[####################]");
    char tight[8];
    assert_int_equal(progress_line(tight, sizeof tight, 0.5, 1.0, 1.0, 1.0, 1.0), 7);
    assert_string_equal(tight, "[######");
}

static void no_bar_off_a_terminal(void **state) {
    (void)state;
    struct progress p;
    FILE *f = tmpfile();
    assert_non_null(f);
    progress_start(&p, f, 100.0, true);
    p.drawn = -1e9; /* long ago */
    assert_true(progress_step(&p, 50.0, 1e6));
    assert_true(progress_end(&p) >= 0.0);
    assert_int_equal(ftell(f), 0);
    fclose(f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_every_figure),           cmocka_unit_test(names_the_scarce_side),
        cmocka_unit_test(lists_constraints_by_share),   cmocka_unit_test(hides_no_overshoot),
        cmocka_unit_test(tells_full_from_sampled),      cmocka_unit_test(fits_the_screen),
        cmocka_unit_test(tells_no_water_unless_stated), cmocka_unit_test(prefixes_are_right),
        cmocka_unit_test(bar_keeps_its_bounds),         cmocka_unit_test(no_bar_off_a_terminal)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
