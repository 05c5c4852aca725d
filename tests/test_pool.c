/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fails when a scenario keeps more memory for windowed layers than its longest request can fill, or
 * less than it can, and when check, explain or a trial of more memory divide it otherwise. */
#define _XOPEN_SOURCE 700 /* open_memstream */
#include "analysis/check.h"
#include "analysis/explain.h"
#include "sim/engine/memory.h"
#include "sim/io/scenario.h"
#include "sim/site/resource.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Llama-4-Scout: 36 windowed layers of 2 * 8 * 128 * 2 B a position and 8192 positions at most, 12
 * layers without a window in blocks of 16. */
#define WINDOWED (36 * 4096.0)
#define BLOCK    (16 * 12 * 4096.0)

/* The scenario of tests/scenario/minimal.xml, prompts of 1000 tokens and outputs without a bound,
 * with Llama-4-Scout on four GPUs and two overrides. */
static void load(struct scenario *s, const char *first, const char *second) {
    const char *const set[] = {"//replica/@llm=Llama-4-Scout",
                               "//replica/@gpus=4",
                               "//replica/@max_seqs=32",
                               "//replica/@block_tokens=16",
                               first,
                               second};
    enum { SETS = sizeof set / sizeof *set };
    struct override o[SETS];
    struct error e;
    error_init(&e);
    for (size_t i = 0; i < SETS; i++)
        assert_true(override_read(&o[i], set[i], &e));
    const char *top = getenv("top_srcdir");
    char *path = memory_print("%s/tests/scenario/minimal.xml", top ? top : ".");
    const bool right = scenario_load(s, path, o, SETS, &e);
    for (size_t i = 0; i < e.count; i++)
        print_message("# %s\n", e.entry[i].text);
    assert_true(right);
    for (size_t i = 0; i < SETS; i++)
        override_clear(&o[i]);
    error_clear(&e);
    free(path);
}

static long blocks_left(double memory, double sequences, double positions) {
    return (long)floor((memory - sequences * positions * WINDOWED) / BLOCK);
}

/* What is printed of the site from `begin` on, to the end of the line; owned by the caller. */
static char *said(void print(const struct site_spec *, FILE *), const struct site_spec *site,
                  const char *begin) {
    char *text = NULL;
    size_t length;
    FILE *to = open_memstream(&text, &length);
    assert_non_null(to);
    print(site, to);
    fclose(to);
    const char *line = strstr(text, begin);
    if (line == NULL)
        fail_msg("'%s' is not in: %s", begin, text);
    char *out = memory_print("%.*s", (int)strcspn(line, "\n"), line);
    free(text);
    return out;
}

/* The longest request by each bound there can be: both lengths fixed, a stated highest length, the
 * model's context, and none before the window's. In whole blocks. */
static void test_longest_request(void **state) {
    (void)state;
    static const struct {
        const char *first, *second;
        double positions;
    } cases[] = {{"//output/@distribution=fixed", "//output/@mean=201", 1216},
                 {"//output/@high=2000", "//output/@low=1", 3008},
                 {"//llm/@context=4096", "//output/@low=1", 4096},
                 {"//output/@high=7200", "//output/@low=1", 8192},
                 {"//output/@mean=200", "//output/@low=1", 8192}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct scenario s;
        load(&s, cases[i].first, cases[i].second);
        const struct cell_spec *c = s.site.group;
        const double memory = c->platform.kv_pool_bytes, weights = c->platform.weight_bytes;
        assert_int_equal(c->kv_blocks, blocks_left(memory, 32, cases[i].positions));
        char *text = memory_print("%ld tokens per replica", 16 * c->kv_blocks);
        free(said(check_site, &s.site, text));
        free(text);
        struct resource_trial more;
        assert_true(resource_scale(&s.site, RESOURCE_MEMORY, 1.25, &more));
        assert_int_equal(more.group->kv_blocks,
                         blocks_left((memory + weights) * 1.25 - weights, 32, cases[i].positions));
        resource_clear(&more);
        scenario_clear(&s);
    }
}

/* With whole windows kept, 256 sequences of 1.2 GB do not fit; of 1200 positions they do. */
static void test_fits(void **state) {
    (void)state;
    struct scenario s;
    load(&s, "//output/@distribution=fixed", "//replica/@max_seqs=256");
    assert_true(s.site.group->platform.kv_pool_bytes < 256 * 8192 * WINDOWED);
    assert_int_equal(s.site.group->max_seqs, 256);
    assert_true(s.site.group->kv_blocks > 0);
    scenario_clear(&s);
}

/* The table of explain fills windows where its contexts do: 8 of 131,072 positions would fit beside
 * windows of 1,200, not beside whole ones. */
static void test_table(void **state) {
    (void)state;
    struct scenario s;
    load(&s, "//output/@distribution=fixed", "//replica/@max_seqs=48");
    const double memory = s.site.group->platform.kv_pool_bytes;
    assert_true(blocks_left(memory, 48, 1200) > 8 * 8192 &&
                blocks_left(memory, 48, 8192) < 8 * 8192);
    char *line = said(explain_site, &s.site, "        8  ");
    assert_string_equal(line + strlen(line) - 3, "  -");
    free(line);
    scenario_clear(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_longest_request),
        cmocka_unit_test(test_fits),
        cmocka_unit_test(test_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
