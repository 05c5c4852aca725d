/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fails when a scenario means another site than it states, when a mistake in tests/bad/ gives other
 * messages than that file expects or gives them at another place, when an override does not reach
 * what it selects, or when a resolved scenario does not load to itself. */

#define _XOPEN_SOURCE 700 /* realpath */
#include "sim/engine/memory.h"
#include "sim/io/scenario.h"
#include "sim/serving/router.h"
#include "sim/serving/scheduler.h"
#include "sim/site/capping.h"
#include "sim/workload/arrival.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Path below tests/, without "..", as messages tell it; owned by the caller. */
static char *in_tests(const char *name) {
    const char *top = getenv("top_srcdir");
    char *real = realpath(top ? top : ".", NULL);
    assert_non_null(real);
    char *path = memory_print("%s/tests/%s", real, name);
    free(real);
    return path;
}

static void print_errors(const struct error *e) {
    for (size_t i = 0; i < e->count; i++)
        print_message("# %s:%ld: %s\n", e->entry[i].file ? e->entry[i].file : "-", e->entry[i].line,
                      e->entry[i].text);
}

/* Loads tests/NAME with overrides, that end with NULL; fails the test when it does not load. */
static void load(struct scenario *s, const char *name, const char *const *set) {
    struct error e;
    struct override o[8] = {{0}};
    size_t sets = 0;
    error_init(&e);
    for (; set && set[sets]; sets++)
        assert_true(override_read(&o[sets], set[sets], &e));
    char *path = *name == '/' ? memory_text(name) : in_tests(name);
    bool ok = scenario_load(s, path, o, sets, &e);
    print_errors(&e);
    assert_true(ok);
    assert_int_equal(e.count, 0);
    for (size_t i = 0; i < sets; i++)
        override_clear(&o[i]);
    error_clear(&e);
    free(path);
}

static void near(double is, double should) {
    if (!(fabs(is - should) <= 1e-12 * fabs(should)))
        fail_msg("%.17g is not %.17g", is, should);
}

static void test_full_site(void **state) {
    (void)state;
    struct scenario s;
    load(&s, "scenario/full.xml", NULL);
    const struct site_spec *site = &s.site;
    assert_string_equal(s.name, "full");
    assert_string_equal(site->title, "Every part");
    near(site->horizon, 7200);
    near(site->tick, 0.5);
    assert_int_equal(site->seed, 18);
    assert_int_equal(site->sample_every, 2);
    near(schedule_at(&site->feed_limit, 0), 1e6);
    near(schedule_at(&site->feed_limit, 15 * 3600.0), 0.8e6);
    near(schedule_at(&site->feed_limit, 39 * 3600.0), 0.8e6); /* the next day */
    /* The file starts at 1.5 h: 25 degC, 30 at 2 h, back to 10 at 3 h, 20 at 4 h. */
    near(schedule_at(&site->temperature, 0), 298.15);
    near(schedule_at(&site->temperature, 1800), 303.15);
    near(schedule_at(&site->temperature, 3600), 293.15);
    near(schedule_at(&site->temperature, 5400), 283.15);
    near(schedule_at(&site->temperature, 3 * 3600.0), 298.15);
    near(schedule_at(&site->price, 0), 0.09 / 3.6e6);
    near(schedule_at(&site->price, 1800), 0.135 / 3.6e6);
    near(schedule_at(&site->carbon, 0), 1e-7);
    assert_ptr_equal(site->capping, capping_find("proportional"));
    near(site->capping_floor, 0.3);
    /* Cooling: knots sorted into a grid, loads times 200 kW. */
    near(cooling_pue(&site->cooling, 100e3, 283.15, 0), 1.4);
    near(cooling_pue(&site->cooling, 200e3, 283.15, 0), 1.2);
    near(cooling_pue(&site->cooling, 100e3, 303.15, 0), 1.5);
    near(cooling_pue(&site->cooling, 200e3, 303.15, 0), 1.3);
    near(cooling_pue(&site->cooling, 150e3, 293.15, 0), 1.35);
    near(site->cooling.loss_share, 0.05);
    near(site->cooling.fixed, 2000);
    near(schedule_at(&site->cooling.heat_limit, 0), 180e3);
    near(schedule_at(&site->cooling.water, 0), 5e-10);
    near(schedule_at(&site->cooling.water, 3600), 1e-9);
    near(s.design_load, 200e3);
    assert_int_equal(site->groups, 4);
    scenario_clear(&s);
}

static void test_full_cells(void **state) {
    (void)state;
    struct scenario s;
    load(&s, "scenario/full.xml", NULL);
    const struct cell_spec *c = &s.site.group[0];
    assert_string_equal(c->name, "open");
    assert_int_equal(c->cells, 3);
    assert_int_equal(c->nodes, 4);
    assert_int_equal(c->replicas, 2);
    assert_int_equal(c->platform.gpus, 3);
    assert_int_equal(c->max_seqs, 64);
    assert_int_equal(c->token_budget, 2048);
    assert_int_equal(c->block_tokens, 32);
    assert_ptr_equal(c->scheduler, scheduler_find("static"));
    assert_ptr_equal(c->router, router_find("least_outstanding"));
    near(c->target_ttft, 2);
    near(c->target_tpot, 0.1);
    assert_false(c->quality_met); /* 0.7 of 0.8 */
    /* FP8 weights, doubled attention aside: 61 GB and 20 GB of attention on the two other GPUs;
     * DATA keeps KV once: 2 * 50 * 100 * 100 = 1 MB a position in FP8. */
    near(c->platform.bytes_kv, 1e6);
    near(c->platform.compute_peak, 3 * 2000e12);
    near(c->platform.kv_pool_bytes, 3 * 100e9 * 0.8 - c->platform.weight_bytes);
    assert_int_equal(c->kv_blocks, (long)(c->platform.kv_pool_bytes / 32e6));
    /* Idle: 1000 + 1.25 * 8 * 100. Full: two spare GPUs idle, six at 700 W. */
    near(c->spare_power, 200);
    near(c->node_idle, 2000);
    near(c->node_full, 1000 + 1.25 * (200 + 6 * 700));
    near(c->node_cap, 6000);
    near(c->rack_cap, 5500);
    near(c->host_power, 1000);
    near(c->host_slope, 0.25);
    assert_string_equal(c->hardware->name, "gpu");
    assert_string_equal(c->llm->name, "llm");
    assert_string_equal(c->engine->name, "engine");
    assert_ptr_equal(c->hardware, s.site.group[1].hardware);

    const struct cell_spec *d = &s.site.group[1];
    assert_int_equal(d->cells, 1);
    assert_int_equal(d->replicas, 4); /* as many as fit */
    assert_int_equal(d->token_budget, 8192);
    assert_ptr_equal(d->scheduler, scheduler_find("chunked"));
    assert_ptr_equal(d->router, router_find("power_of_two"));
    assert_true(isinf(d->node_cap) && isinf(d->rack_cap));
    assert_true(isinf(d->target_ttft) && isinf(d->target_tpot) && d->quality_met);
    near(d->platform.compute_peak, 2 * 1000e12); /* native FP16 */
    scenario_clear(&s);
}

/* Every figure of hardware and engines that a table may state, on hardware that the engine names.
 */
static void test_full_optional(void **state) {
    (void)state;
    struct scenario s;
    load(&s, "scenario/full.xml", NULL);
    const struct cell_spec *c = &s.site.group[2];
    const struct hardware *h = c->hardware;
    near(h->eta_kv, 0.6);
    near(h->eta_state, 0.4);
    near(h->eta_attention, 0.25);
    near(h->power_active, 50);
    near(h->power_experts[0], 1.125);
    near(h->power_experts[1], 1.25);
    near(h->power_experts[2], 1.5);
    assert_int_equal(c->engine->ons, 2);
    assert_ptr_equal(c->engine, s.site.group[1].engine);
    const struct engine_overhead *e = serving_engine_overhead(c->engine, "all");
    assert_ptr_equal(e, &c->engine->on[1].overhead);
    near(e->iteration, 2e-3);
    near(e->layer, 20e-6);
    near(e->layer_moe, 4e-6);
    near(e->layer_mla, 8e-6);
    near(e->sequence, 16e-6);
    near(e->request, 12e-3);
    near(e->prompt_token, 3e-6);
    near(e->allreduce_latency, 1.5);
    near(e->allreduce_volume, 0.75);
    near(e->experts[ENGINE_EXPERTS_16], 0.7);
    near(e->experts[ENGINE_EXPERTS_8], 0.6);
    near(e->experts[ENGINE_EXPERTS_4], 0.5);
    near(e->experts_compute, 0.8);
    /* FP8 weights are multiplied in FP16, which is all that this hardware has; on "gpu", in FP8. */
    near(c->platform.compute_rate, 2 * 1000e12 * 0.5);
    /* Whole experts on each GPU: z of two, 0.5894557978497785, squared times 2 / 16. */
    near(c->platform.expert_spread, 0.5894557978497785 * 0.5894557978497785 / 8);
    near(c->platform.load_experts, 16 * 8 * 12.5e6 * 0.8 / 0.6);
    near(c->platform.time_iteration, 2e-3 + 10 * 20e-6 + 8 * 4e-6 + 20 * 1.5 * 10e-6 / 3);
    near(c->platform.power_experts, 1.25);
    /* Between a client's sending and the scheduler, for 1000 tokens of prompt. */
    near(c->platform.time_request, 12e-3);
    near(c->platform.time_prompt, 3e-6);
    near(c->workload.frontend, 15e-3);
    scenario_clear(&s);
}

/* "gpu", which that engine does not name, and what its table leaves out. */
static void test_full_absent(void **state) {
    (void)state;
    struct scenario s;
    load(&s, "scenario/full.xml", NULL);
    const struct cell_spec *d = &s.site.group[1];
    const struct hardware *h = d->hardware;
    near(h->eta_kv, 0.8);
    near(h->eta_state, 0.8);
    near(h->eta_attention, 0.5);
    near(h->power_active, 0);
    for (int i = 0; i < 3; i++)
        near(h->power_experts[i], 1);
    const struct engine_overhead *e = serving_engine_overhead(d->engine, "gpu");
    assert_ptr_equal(e, &d->engine->overhead);
    near(e->iteration, 1e-3);
    near(e->request, 5e-3);
    near(e->layer_moe, 0);
    near(e->layer_mla, 0);
    near(e->prompt_token, 0);
    near(e->allreduce_latency, 1);
    near(e->allreduce_volume, 1);
    near(e->experts_compute, 1);
    for (int i = 0; i < ENGINE_EXPERTS_COUNT; i++)
        near(e->experts[i], 0);
    near(d->workload.frontend, 5e-3);
    near(d->platform.expert_spread, 0);
    scenario_clear(&s);
}

static void test_full_workload(void **state) {
    (void)state;
    struct scenario s;
    load(&s, "scenario/full.xml", NULL);
    const struct workload_spec *w = &s.site.group[0].workload;
    assert_ptr_equal(w->arrival, arrival_find("gamma"));
    near(w->cv, 2);
    near(schedule_at(&w->rate, 0), 0.5); /* 60 /min times the profile's 0.5 */
    near(schedule_at(&w->rate, 13 * 3600.0), 1.5);
    near(schedule_at(&w->rate, 24 * 3600.0), 0.5);
    assert_int_equal(w->prompt.kind, LENGTH_LOGNORMAL);
    near(w->prompt.mean, 1000);
    near(w->prompt.cv, 1.5);
    near(w->prompt.low, 10);
    near(w->prompt.high, 4000);
    assert_int_equal(w->output.kind, LENGTH_FIXED);
    near(w->output.high, 32768); /* the model's context */
    assert_false(w->empirical);
    assert_null(w->trace);

    const struct workload_spec *x = &s.site.group[1].workload;
    assert_ptr_equal(x->arrival, arrival_find("closed"));
    near(x->clients, 64);
    near(x->think, 3);
    assert_true(x->empirical);
    assert_int_equal(x->trace->count, 3);

    const struct workload_spec *y = &s.site.group[3].workload;
    assert_ptr_equal(y->arrival, arrival_find("trace"));
    assert_int_equal(y->scaling, TRACE_SUPERPOSE);
    assert_false(y->trace_offset);
    near(schedule_at(&y->rate, 0), 5);
    assert_ptr_equal(y->trace, x->trace); /* read once */
    scenario_clear(&s);
}

static void test_minimal(void **state) {
    (void)state;
    struct scenario s;
    load(&s, "scenario/minimal.xml", NULL);
    assert_string_equal(s.site.title, "minimal");
    near(s.site.tick, 1);
    assert_int_equal(s.site.seed, 1);
    assert_int_equal(s.site.sample_every, 1);
    assert_int_equal(s.site.groups, 1);
    assert_int_equal(s.site.group[0].replicas, 4);
    assert_string_equal(s.site.group[0].hardware->name, "H100-SXM");
    near(schedule_at(&s.site.price, 0), 0);
    assert_ptr_equal(s.site.capping, capping_find("uniform"));
    near(s.site.capping_floor, 0.25);
    near(cooling_pue(&s.site.cooling, 1e4, 293.15, 0), 1.2);
    assert_int_equal(s.site.cooling.heat_limit.count, 0);
    assert_int_equal(s.site.cooling.water.count, 0);
    assert_int_equal(strlen(s.sha256), 64);
    scenario_clear(&s);
}

static void test_override(void **state) {
    (void)state;
    static const char *const set[] = {"//cooling/@pue=1.5",        "//cells[@name='chat']/@nodes=6",
                                      "//node/@cap=5 kW",          "//hardware/power/@limit=600 W",
                                      "//node/@hardware=H200-SXM", "/scenario/@seed=7",
                                      "//feed/@limit=1 MW",        NULL};
    struct scenario s, plain;
    load(&plain, "scenario/minimal.xml", NULL);
    load(&s, "scenario/minimal.xml", set);
    const struct cell_spec *c = s.site.group;
    near(schedule_at(&s.site.cooling.pue, 0), 1.5);
    assert_int_equal(c->nodes, 6);
    near(c->node_cap, 5000); /* an attribute that the file does not have */
    assert_string_equal(c->hardware->name, "H200-SXM"); /* a table found for the new name */
    near(c->hardware->power_limit, 600);                /* and overridden itself */
    assert_int_equal(s.site.seed, 7);
    near(schedule_at(&s.site.feed_limit, 0), 1e6);
    assert_string_not_equal(s.sha256, plain.sha256);
    scenario_clear(&s);
    scenario_clear(&plain);
}

/* Overrides that are mistakes: message, and that all are told. */
static void test_override_mistakes(void **state) {
    (void)state;
    static const struct {
        const char *set, *text;
    } cases[] = {
        {"//foo/@bar=1", "--set '//foo/@bar': selects nothing in this scenario; an XPath of "
                         "attributes, like '//cooling/@pue', would be right"},
        {"//node=1", "--set '//node': selects <node>; an XPath of attributes, that ends with "
                     "/@NAME, would be right"},
        {"//node/@@cap=1", "--set '//node/@@cap': is no XPath; something like '//cooling/@pue' "
                           "would be right"},
        {"count(//node)=1", "--set 'count(//node)': selects no attributes; something like "
                            "'//cooling/@pue' would be right"},
        {"//cooling/@fixed=5 kg", "cooling/@fixed (from --set): found '5 kg', a mass (kg); a power "
                                  "like '200 kW' would be right"},
        {"//cooling/@pua=5",
         "cooling/@pua (from --set): <cooling> has no such attribute; one of "
         "pue, plant, design_load, losses, fixed, heat_limit, water would be right"},
    };
    char *path = in_tests("scenario/minimal.xml");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct error e;
        struct override o;
        struct scenario s;
        error_init(&e);
        assert_true(override_read(&o, cases[i].set, &e));
        assert_false(scenario_load(&s, path, &o, 1, &e));
        assert_int_equal(e.count, 1);
        assert_string_equal(e.entry[0].text, cases[i].text);
        override_clear(&o);
        error_clear(&e);
    }
    free(path);
    struct error e;
    struct override o;
    error_init(&e);
    assert_false(override_read(&o, "//cooling/@pue", &e));
    assert_false(override_read(&o, "=3", &e));
    assert_int_equal(e.count, 2);
    assert_true(override_read(&o, "//a[@b='x=y']/@c=1=2", &e));
    assert_string_equal(o.xpath, "//a[@b='x=y']/@c");
    assert_string_equal(o.value, "1=2");
    override_clear(&o);
    error_clear(&e);
}

/* The resolved scenario stands alone: it loads from anywhere to the same text. */
static void test_resolved(void **state) {
    (void)state;
    static const char *const set[] = {"//cooling/@pue=1.3", NULL};
    struct scenario s, again;
    load(&s, "scenario/minimal.xml", set);
    char path[] = "/tmp/dcsim-resolved-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    FILE *f = fdopen(fd, "w");
    assert_non_null(f);
    assert_true(fputs(s.resolved_xml, f) >= 0);
    assert_int_equal(fclose(f), 0);
    load(&again, path, NULL);
    remove(path);
    assert_string_equal(again.resolved_xml, s.resolved_xml);
    assert_string_equal(again.sha256, s.sha256);
    assert_null(strstr(s.resolved_xml, "dcsim-file"));
    scenario_clear(&s);
    scenario_clear(&again);
}

/* Reads the "expect" lines of a file of tests/bad/, "@/" replaced by the folder; owned. */
static size_t read_expected(const char *path, const char *folder, char **out, size_t size) {
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    char line[4096];
    size_t count = 0;
    while (fgets(line, sizeof line, f)) {
        if (strncmp(line, "expect ", 7) != 0)
            continue;
        assert_true(count < size);
        line[strcspn(line, "\n")] = 0;
        char *text = memory_print("@/%s", line + 7);
        for (char *at; (at = strstr(text, "@/"));) {
            char *longer = memory_print("%.*s%s/%s", (int)(at - text), text, folder, at + 2);
            free(text);
            text = longer;
        }
        out[count++] = text;
    }
    fclose(f);
    return count;
}

/* Whether a message is the expected one; "..." at the end stands for anything. */
static bool is_expected(const char *expected, const char *is) {
    size_t length = strlen(expected);
    if (length > 3 && strcmp(expected + length - 3, "...") == 0)
        return strncmp(expected, is, length - 3) == 0;
    return strcmp(expected, is) == 0;
}

static void check_bad(const char *path, const char *folder) {
    char *expected[32];
    size_t count = read_expected(path, folder, expected, 32);
    struct error e;
    struct scenario s;
    error_init(&e);
    assert_false(scenario_load(&s, path, NULL, 0, &e));
    assert_null(s.resolved_xml);
    bool ok = count > 0 && e.count == count;
    for (size_t i = 0; i < e.count; i++) {
        char *is = memory_print("%s:%ld: %s", e.entry[i].file, e.entry[i].line, e.entry[i].text);
        ok = ok && is_expected(expected[i], is);
        free(is);
    }
    if (!ok) {
        for (size_t i = 0; i < count; i++)
            print_message("# expected %s\n", expected[i]);
        print_errors(&e);
        fail_msg("%s gives other messages than it expects", path);
    }
    for (size_t i = 0; i < count; i++)
        free(expected[i]);
    error_clear(&e);
}

static int is_xml(const struct dirent *d) {
    size_t length = strlen(d->d_name);
    return length > 4 && strcmp(d->d_name + length - 4, ".xml") == 0;
}

/* Every file of tests/bad/ gives exactly the messages that it expects, in that order. */
static void test_bad(void **state) {
    (void)state;
    char *folder = in_tests("bad");
    struct dirent **entry;
    int count = scandir(folder, &entry, is_xml, alphasort);
    assert_true(count >= 45);
    for (int i = 0; i < count; i++) {
        char *path = memory_print("%s/%s", folder, entry[i]->d_name);
        check_bad(path, folder);
        free(path);
        free(entry[i]);
    }
    free(entry);
    free(folder);
}

static void test_no_file(void **state) {
    (void)state;
    struct error e;
    struct scenario s;
    error_init(&e);
    assert_false(scenario_load(&s, "/nowhere/at/all.xml", NULL, 0, &e));
    assert_false(scenario_load(&s, "/tmp", NULL, 0, &e));
    assert_int_equal(e.count, 2);
    assert_string_equal(e.entry[0].file, "/nowhere/at/all.xml");
    assert_string_equal(e.entry[0].text, "cannot be opened: No such file or directory");
    assert_string_equal(e.entry[1].text, "cannot be opened: not a regular file");
    error_clear(&e);
    scenario_clear(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_full_site),     cmocka_unit_test(test_full_cells),
        cmocka_unit_test(test_full_optional), cmocka_unit_test(test_full_absent),
        cmocka_unit_test(test_full_workload), cmocka_unit_test(test_minimal),
        cmocka_unit_test(test_override),      cmocka_unit_test(test_override_mistakes),
        cmocka_unit_test(test_resolved),      cmocka_unit_test(test_bad),
        cmocka_unit_test(test_no_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
