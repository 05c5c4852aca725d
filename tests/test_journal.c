/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _XOPEN_SOURCE 700
/* Fails when a record that was put is not there afterwards, when half a record or a changed one is,
 * when what follows a torn record is lost, when the file of another experiment or of another
 * program is taken or changed, when a writer does not see the others' records, when a disk that
 * takes no more goes unnoticed, or when files are left after removal. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "analysis/journal.h"
#include "sim/engine/memory.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SIZE = 24, COUNT = 10, HEADER = 16 + 64 + 16, ENTRY = 16 + SIZE };

static const char key[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
static const char other_key[] = "1123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

static int enter_folder(void **state) {
    char *folder = memory_text("/tmp/test_journal.XXXXXX");
    if (mkdtemp(folder) == NULL || chdir(folder) != 0)
        return -1;
    *state = folder;
    return 0;
}

static int leave_folder(void **state) {
    journal_remove("j");
    const int status = chdir("/") == 0 ? rmdir(*state) : -1; /* fails when anything is left */
    free(*state);
    return status;
}

static void opened(struct journal *j, int writer, int writers) {
    struct error e;
    error_init(&e);
    if (!journal_open(j, "j", writer, writers, key, SIZE, COUNT, &e))
        fail_msg("%s", e.count > 0 ? e.entry[0].text : "false without a message");
    assert_false(error_any(&e));
}

static void record_of(size_t i, unsigned char record[SIZE]) {
    for (size_t b = 0; b < SIZE; b++)
        record[b] = (unsigned char)(7 * i + b);
}

static void put(struct journal *j, size_t i) {
    unsigned char record[SIZE];
    record_of(i, record);
    journal_put(j, i, record);
    assert_null(j->failure);
}

/* Exactly those records are there whose bit is set. */
static void holds(const struct journal *j, unsigned bits) {
    for (size_t i = 0; i < COUNT; i++) {
        unsigned char record[SIZE];
        const void *found = journal_get(j, i);
        record_of(i, record);
        assert_int_equal(found != NULL, bits >> i & 1u);
        if (found != NULL)
            assert_memory_equal(found, record, SIZE);
    }
}

static long size_of(const char *name) {
    struct stat s;
    return stat(name, &s) == 0 ? (long)s.st_size : -1;
}

static void write_file(const char *name, const void *bytes, size_t size) {
    FILE *f = fopen(name, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, size, f), size);
    assert_int_equal(fclose(f), 0);
}

static size_t read_file(const char *name, unsigned char *bytes, size_t size) {
    FILE *f = fopen(name, "rb");
    assert_non_null(f);
    const size_t there = fread(bytes, 1, size, f);
    assert_int_equal(fclose(f), 0);
    return there;
}

static void test_resume(void **state) {
    (void)state;
    struct journal j;
    opened(&j, 0, 1);
    holds(&j, 0);
    put(&j, 3);
    put(&j, 9);
    holds(&j, 1u << 3 | 1u << 9);
    assert_int_equal(size_of("j.0"), HEADER + 2 * ENTRY); /* on the disk before it is closed */
    journal_close(&j);
    opened(&j, 0, 1);
    holds(&j, 1u << 3 | 1u << 9);
    put(&j, 0);
    journal_close(&j);
    opened(&j, 0, 1);
    holds(&j, 1u << 0 | 1u << 3 | 1u << 9);
    journal_close(&j);
    journal_close(&j); /* an empty one */
    journal_remove("j");
    assert_int_equal(size_of("j.0"), -1);
}

/* Cut at any byte: whole records stay, and what is put after that is kept. */
static void test_torn(void **state) {
    (void)state;
    struct journal j;
    unsigned char whole[HEADER + 3 * ENTRY];
    opened(&j, 0, 1);
    for (size_t i = 0; i < 3; i++)
        put(&j, i);
    journal_close(&j);
    assert_int_equal(read_file("j.0", whole, sizeof whole), sizeof whole);
    for (size_t length = 0; length <= sizeof whole; length++) {
        const size_t records = length < HEADER ? 0 : (length - HEADER) / ENTRY;
        write_file("j.0", whole, length);
        opened(&j, 0, 1);
        holds(&j, (1u << records) - 1);
        put(&j, 7);
        journal_close(&j);
        opened(&j, 0, 1);
        holds(&j, ((1u << records) - 1) | 1u << 7);
        journal_close(&j);
        assert_int_equal(size_of("j.0"), HEADER + (records + 1) * ENTRY);
    }
    journal_remove("j");
}

/* A byte changed within the second record: it and what follows are not there. */
static void test_changed(void **state) {
    (void)state;
    struct journal j;
    unsigned char whole[HEADER + 3 * ENTRY];
    opened(&j, 0, 1);
    for (size_t i = 0; i < 3; i++)
        put(&j, i);
    journal_close(&j);
    assert_int_equal(read_file("j.0", whole, sizeof whole), sizeof whole);
    for (size_t at = HEADER + ENTRY; at < HEADER + 2 * ENTRY; at++) {
        whole[at] ^= 0x10;
        write_file("j.0", whole, sizeof whole);
        whole[at] ^= 0x10;
        opened(&j, 0, 1);
        holds(&j, 1u);
        journal_close(&j);
    }
    journal_remove("j");
}

static void is_refused(const char *its_key, size_t size, size_t count) {
    struct journal j;
    struct error e;
    error_init(&e);
    assert_false(journal_open(&j, "j", 0, 1, its_key, size, count, &e));
    assert_int_equal(e.count, 1);
    assert_string_equal(e.entry[0].file, "j.0");
    assert_non_null(strstr(e.entry[0].text, "no journal of this experiment"));
    assert_null(j.record);
    error_clear(&e);
}

static void test_foreign(void **state) {
    (void)state;
    struct journal j;
    static const char *const texts[] = {"x", "somebody's notes", "dcsim journal 2",
                                        ("a text that is longer than the header of a journal is: "
                                         "a text that is longer than the header of a journal is")};
    opened(&j, 0, 1);
    put(&j, 1);
    journal_close(&j);
    is_refused(other_key, SIZE, COUNT);
    is_refused(key, SIZE + 1, COUNT);
    is_refused(key, SIZE, COUNT + 1);
    opened(&j, 0, 1); /* none of them has changed it */
    holds(&j, 2u);
    journal_close(&j);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        unsigned char after[200];
        write_file("j.0", texts[i], strlen(texts[i]));
        is_refused(key, SIZE, COUNT);
        assert_int_equal(read_file("j.0", after, sizeof after), strlen(texts[i]));
        assert_memory_equal(after, texts[i], strlen(texts[i]));
    }
    journal_remove("j");
    struct error e;
    error_init(&e);
    assert_false(journal_open(&j, "no/such/j", 0, 1, key, SIZE, COUNT, &e));
    assert_non_null(strstr(e.entry[0].text, "cannot be made"));
    error_clear(&e);
}

/* Three writers at once; then one alone, which sees what all of them wrote. */
static void test_writers(void **state) {
    (void)state;
    struct journal j[3];
    for (int w = 0; w < 3; w++)
        opened(&j[w], w, 3);
    for (size_t i = 0; i < 9; i++)
        put(&j[i % 3], i);
    for (int w = 0; w < 3; w++)
        journal_close(&j[w]);
    /* The second was killed within a record: the others' eyes are not caught by it. */
    assert_int_equal(truncate("j.1", HEADER + 2 * ENTRY + 5), 0);
    opened(&j[0], 0, 1);
    holds(&j[0], 0x1ff & ~(1u << 7));
    assert_int_equal(size_of("j.1"), HEADER + 2 * ENTRY + 5); /* not its own to mend */
    put(&j[0], 7);
    journal_close(&j[0]);
    opened(&j[1], 1, 2);
    holds(&j[1], 0x1ff);
    assert_int_equal(size_of("j.1"), HEADER + 2 * ENTRY);
    journal_close(&j[1]);
    journal_remove("j");
    for (int w = 0; w < 3; w++) {
        char name[] = {'j', '.', (char)('0' + w), '\0'};
        assert_int_equal(size_of(name), -1);
    }
}

/* A file that may not grow: the failure is kept, the record is still there to be read. */
static void test_full(void **state) {
    (void)state;
    struct journal j;
    struct rlimit old;
    opened(&j, 0, 1);
    put(&j, 0);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    const struct rlimit small = {HEADER + ENTRY + 10, old.rlim_max};
    void (*const handler)(int) = signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    unsigned char record[SIZE];
    record_of(1, record);
    journal_put(&j, 1, record);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    assert_true(signal(SIGXFSZ, handler) == SIG_IGN);
    assert_non_null(j.failure);
    assert_non_null(strstr(j.failure, "j.0: "));
    holds(&j, 3u);
    record_of(2, record);
    journal_put(&j, 2, record); /* room again, but no gap in the file */
    journal_close(&j);
    opened(&j, 0, 1);
    holds(&j, 1u);
    journal_close(&j);
    journal_remove("j");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_resume),  cmocka_unit_test(test_torn),
        cmocka_unit_test(test_changed), cmocka_unit_test(test_foreign),
        cmocka_unit_test(test_writers), cmocka_unit_test(test_full),
    };
    return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
