/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fails when a table of the data folder is read by name with another figure than its file states,
 * is read twice, or when one that is absent or wrong is taken without a message. */
#define _XOPEN_SOURCE 700 /* mkstemp, mkdtemp, setenv */
#include "sim/engine/memory.h"
#include "sim/io/library.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static void test_tables(void **state) {
    (void)state;
    struct error e;
    error_init(&e);
    struct library *l = library_new(&e);
    assert_non_null(l);
    const struct hardware *h = library_hardware(l, "H100-SXM", &e);
    const struct llm *m = library_llm(l, "Llama-3.1-70B", &e);
    const struct serving_engine *s = library_engine(l, "vLLM", &e);
    assert_true(h != NULL && m != NULL && s != NULL);
    assert_string_equal(h->name, "H100-SXM");
    assert_true(h->bandwidth == 3.35e12 && h->power_limit == 700 && h->gpus == 8);
    assert_true(m->layers == 80 && m->kv_heads == 8);
    assert_string_equal(s->name, "vLLM");
    assert_int_equal(s->block_tokens, 16);

    /* Kept: the same table, in the same place, however many come after it. */
    assert_non_null(library_llm(l, "Qwen3-8B", &e));
    assert_non_null(library_hardware(l, "B200", &e));
    assert_ptr_equal(library_hardware(l, "H100-SXM", &e), h);
    assert_ptr_equal(library_llm(l, "Llama-3.1-70B", &e), m);
    assert_false(error_any(&e));

    assert_true(library_has(l, LIBRARY_HARDWARE, "B200"));
    assert_false(library_has(l, LIBRARY_LLM, "B200"));
    assert_false(library_has(l, LIBRARY_LLM, ""));
    assert_false(library_has(l, LIBRARY_LLM, "../hardware/B200"));
    assert_null(library_llm(l, "B200", &e));
    assert_int_equal(e.count, 1);
    assert_non_null(strstr(e.entry[0].text, "'B200', which is no known <llm>"));
    assert_non_null(strstr(e.entry[0].text, "Llama-3.1-70B"));
    error_clear(&e);
    library_free(l);
    library_free(NULL);
}

static void write_file(const char *folder, const char *name, const char *text) {
    char *path = memory_print("%s/%s", folder, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    assert_int_equal(fclose(f), 0);
    free(path);
}

/* A data folder of our own, with tables that are wrong in each way. */
static void test_wrong(void **state) {
    (void)state;
    struct error e;
    error_init(&e);
    const char *top = getenv("top_srcdir");
    char folder[] = "/tmp/test_libraryXXXXXX";
    assert_non_null(mkdtemp(folder));
    char *make = memory_print("mkdir -p '%s/scenarios' '%s/models/serving_engine' && "
                              "cp '%s/models/tables.xsd' '%s/models/'",
                              folder, folder, top != NULL ? top : ".", folder);
    assert_int_equal(system(make), 0);
    free(make);
    static const struct {
        const char *name, *text, *says;
        long line;
    } wrong[] = {
        {"Torn", "<serving_engine name='Torn'>\n<overhead", "", 2},
        {"Other", "\n<hardware name='Other'/>", "found <hardware>; <serving_engine> would be", 2},
        {"Bare", "<serving_engine name='Bare' version='1'/>", "serving_engine", 1},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char *name = memory_print("models/serving_engine/%s.xml", wrong[i].name);
        write_file(folder, name, wrong[i].text);
        free(name);
    }
    char *before = memory_text(getenv("DCSIM_DATADIR"));
    setenv("DCSIM_DATADIR", folder, 1);
    struct library *l = library_new(&e);
    assert_non_null(l);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_null(library_engine(l, wrong[i].name, &e));
        assert_true(error_any(&e));
        assert_non_null(strstr(e.entry[0].file, wrong[i].name));
        assert_int_equal(e.entry[0].line, wrong[i].line);
        assert_non_null(strstr(e.entry[0].text, wrong[i].says));
        error_clear(&e);
        assert_null(library_engine(l, wrong[i].name, &e)); /* told before */
        assert_int_equal(e.count, 1);
        error_clear(&e);
    }
    library_free(l);
    setenv("DCSIM_DATADIR", "/nonexistent", 1);
    assert_null(library_new(&e));
    assert_true(error_any(&e));
    error_clear(&e);
    if (before != NULL)
        setenv("DCSIM_DATADIR", before, 1);
    else
        unsetenv("DCSIM_DATADIR");
    free(before);
    char *clear = memory_print("rm -r '%s'", folder);
    assert_int_equal(system(clear), 0);
    free(clear);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tables),
        cmocka_unit_test(test_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
