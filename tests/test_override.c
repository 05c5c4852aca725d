/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fails when two axes that set one attribute are taken, so that a sweep's coordinate is not what
 * was simulated; when the message does not name both, or not the attribute and its line; or when
 * axes that share none, or what --set gives an axis's attribute, are refused. */
#include "sim/engine/memory.h"
#include "sim/io/scenario.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

/* What a scenario is loaded with: overrides by name of axis ("" ends them, NULL: --set). */
struct given {
    const char *axis;
    char *xpath, *value;
};

enum { GIVEN_MAX = 4 };

/* Loads tests/scenario/minimal.xml; whether it does, with what was wrong in *e. */
static bool loads(const struct given *given, struct error *e) {
    const char *top = getenv("top_srcdir");
    char *path = memory_print("%s/tests/scenario/minimal.xml", top != NULL ? top : ".");
    struct override set[GIVEN_MAX];
    size_t sets = 0;
    struct scenario s;
    for (; sets < GIVEN_MAX && given[sets].xpath != NULL; sets++)
        set[sets] = (struct override){given[sets].xpath, given[sets].value, given[sets].axis};
    error_init(e);
    const bool loaded = scenario_load(&s, path, set, sets, e);
    if (loaded)
        scenario_clear(&s);
    free(path);
    return loaded;
}

static void test_shared(void **state) {
    (void)state;
    static const struct {
        struct given given[GIVEN_MAX];
        long line;
        const char *file, *text; /* the file's end */
    } cases[] = {
        {{{"pue", "//cooling/@pue", "1.3"}, {"b", "//site/cooling/@pue", "1.4"}},
         8,
         "minimal.xml",
         "cooling/@pue: --vary 'pue' (//cooling/@pue) and 'b' (//site/cooling/@pue) both set it, "
         "and the later would win; one axis for it would be right"},
        /* The second XPath no longer selects by the file's own value, but by what it has become. */
        {{{"pue", "//cooling/@pue", "1.3"}, {"b", "//cooling[@pue > 1.25]/@pue", "1.4"}},
         8,
         "minimal.xml",
         "--vary 'pue' (//cooling/@pue) and 'b'"},
        /* One of two. */
        {{{"mean", "//workload/*/@mean", "300"}, {"out", "//output/@mean", "200"}},
         16,
         "minimal.xml",
         "output/@mean: --vary 'mean'"},
        /* An attribute that the file does not have. */
        {{{"cap", "//node/@cap", "6 kW"}, {"b", "//cells/node/@cap", "5 kW"}},
         11,
         "minimal.xml",
         "node/@cap: --vary 'cap'"},
        /* A table that is only there by what a third axis sets. */
        {{{"hw", "//node/@hardware", "H200-SXM"},
          {"all", "//hardware/power/@limit", "600 W"},
          {"one", "//hardware[@name='H200-SXM']/power/@limit", "650 W"}},
         0,
         "H200-SXM.xml",
         "power/@limit: --vary 'all'"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct error e;
        if (loads(cases[i].given, &e))
            fail_msg("taken: case %zu", i);
        if (e.count != 1 || strstr(e.entry[0].text, cases[i].text) == NULL)
            fail_msg("case %zu: %zu messages, first: %s", i, e.count, e.entry[0].text);
        assert_non_null(e.entry[0].file);
        assert_non_null(strstr(e.entry[0].file, cases[i].file));
        assert_true(cases[i].line == 0 || e.entry[0].line == cases[i].line);
        error_clear(&e);
    }
}

static void test_apart(void **state) {
    (void)state;
    static const struct given cases[][GIVEN_MAX] = {
        {{"in", "//prompt/@mean", "300"}, {"out", "//output/@mean", "200"}},
        {{NULL, "//cooling/@pue", "1.3"}, {"pue", "//site/cooling/@pue", "1.4"}},
        {{NULL, "//cooling/@pue", "1.3"}, {NULL, "//site/cooling/@pue", "1.4"}},
        /* Set once more when the table of the first axis has come: by the same axis. */
        {{"hw", "//node/@hardware", "H200-SXM"}, {"all", "//hardware/power/@limit", "600 W"}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct error e;
        if (!loads(cases[i], &e))
            fail_msg("case %zu: %s", i, e.entry[0].text);
        assert_int_equal(e.count, 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shared),
        cmocka_unit_test(test_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
