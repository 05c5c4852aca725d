/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fails when one rank is not alone, when processes that a launcher started as several would each do
 * the whole task without a word, when an item does not come from the rank it belongs to or bytes
 * beside it change, when ranks do not agree, or when a message of error appears on two ranks.
 * tests/ranks.sh runs it on several ranks, whose number RANKS_WANTED then says. */
#define _XOPEN_SOURCE 700 /* setenv */
#include "sim/engine/memory.h"
#include "sim/engine/ranks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* What byte `at` of item `i` is on rank `rank`. */
static unsigned char byte_of(size_t i, size_t at, int rank) {
    return (unsigned char)(31 * i + 7 * at + 101 * (size_t)rank + 1);
}

/* Gathers `size` bytes of each of `items`, `stride` apart; of what is between them, none moves. */
static void gather_once(struct ranks_share *s, const int *owner, size_t items, size_t stride,
                        size_t size) {
    const int self = ranks_index();
    unsigned char *item = memory_new(items * stride, 1);
    for (size_t i = 0; i < items; i++)
        for (size_t at = 0; at < stride; at++)
            item[i * stride + at] = byte_of(i, at, self);
    ranks_gather(s, item, stride, size);
    for (size_t i = 0; i < items; i++)
        for (size_t at = 0; at < stride; at++)
            assert_int_equal(item[i * stride + at], byte_of(i, at, at < size ? owner[i] : self));
    free(item);
}

static void gather(size_t items, int (*owner_of)(size_t i, int ranks)) {
    struct ranks_share s;
    int *owner = memory_new(items, sizeof *owner);
    for (size_t i = 0; i < items; i++)
        owner[i] = owner_of(i, ranks_count());
    ranks_share_init(&s, owner, items);
    gather_once(&s, owner, items, 24, 24);
    gather_once(&s, owner, items, 100, 8); /* one share, items of any size */
    gather_once(&s, owner, items, 3000, 2999);
    ranks_share_clear(&s);
    free(owner);
}

static int on_last(size_t i, int ranks) {
    (void)i;
    return ranks - 1;
}

static int by_threes(size_t i, int ranks) {
    return (int)(i / 3 % (size_t)ranks);
}

static void test_items_come_from_their_rank(void **state) {
    (void)state;
    const size_t items[] = {0, 1, 2, 5, 1000};
    for (size_t k = 0; k < sizeof items / sizeof items[0]; k++) {
        gather(items[k], ranks_of);
        gather(items[k], by_threes);
        gather(items[k], on_last);
    }
}

static void test_dealt_out_evenly(void **state) {
    (void)state;
    int of[3] = {0};
    for (size_t i = 0; i < 8; i++)
        of[ranks_of(i, 3)]++;
    assert_int_equal(of[0], 3);
    assert_int_equal(of[1], 3);
    assert_int_equal(of[2], 2);
    assert_int_equal(ranks_of(8, 1), 0);
}

static void test_first_of_those_that_hold(void **state) {
    (void)state;
    const int ranks = ranks_count(), self = ranks_index();
    assert_int_equal(ranks_first(false), ranks);
    assert_int_equal(ranks_first(true), 0);
    assert_int_equal(ranks_first(self > 0), ranks > 1 ? 1 : ranks);
    assert_int_equal(ranks_first(self == ranks - 1), ranks - 1);
    assert_true(ranks_any(self == ranks - 1));
    assert_false(ranks_any(false));
}

static void test_a_fault_is_told_once(void **state) {
    (void)state;
    const int ranks = ranks_count(), self = ranks_index();
    struct error e;
    error_init(&e);
    assert_true(ranks_agree(true, &e));
    error_add(&e, "file.xml", 3, "found on every rank");
    assert_false(ranks_agree(false, &e));
    assert_int_equal(e.count, self == 0 ? 1 : 0);
    error_clear(&e);

    if (self == ranks - 1) /* found on the last alone, whose rank is then told beside it */
        error_add(&e, "file.xml", 3, "found on the last");
    assert_false(ranks_agree(self != ranks - 1, &e));
    assert_int_equal(e.count, self != ranks - 1 ? 0 : ranks > 1 ? 2 : 1);
    error_clear(&e);
}

static void test_bytes_of_rank_0(void **state) {
    (void)state;
    const int self = ranks_index();
    assert_true(ranks_same("alike", 6));
    assert_true(ranks_same(self == 0 ? "first" : "other", 6) == (self == 0));
    assert_true(ranks_same("longer", self == 0 ? 7 : 3) == (self == 0));
    int number = 40 + self;
    ranks_broadcast(&number, sizeof number);
    assert_int_equal(number, 40);
}

static void test_sums_over_ranks(void **state) {
    (void)state;
    const uint64_t ranks = (uint64_t)ranks_count(), self = (uint64_t)ranks_index();
    uint64_t number[3] = {1, self, UINT64_C(1) << 40};
    ranks_sum(number, 3);
    assert_true(number[0] == ranks);
    assert_true(number[1] == ranks * (ranks - 1) / 2);
    assert_true(number[2] == ranks << 40);
}

/* Before the ranks have begun; a launcher that cannot reach us is none, and so are none at all. */
static bool refuses_strange_launcher(void) {
    struct error e;
    error_init(&e);
    setenv("PMI_SIZE", "4", 1);
    bool good = !ranks_begin(&e) && e.count == 1 && strstr(e.entry[0].text, "4 processes") != NULL;
    error_clear(&e);
    setenv("PMI_SIZE", "1", 1);
    good = good && ranks_begin(&e) && !error_any(&e);
    unsetenv("PMI_SIZE");
    error_clear(&e);
    return good && ranks_count() == 1 && ranks_index() == 0;
}

static void test_strange_launcher(void **state) {
    const bool *refused = *state;
    assert_true(*refused);
}

static void test_as_many_as_were_started(void **state) {
    (void)state;
    const char *ranks = getenv("RANKS_WANTED");
    assert_int_equal(ranks_count(), ranks == NULL ? 1 : strtol(ranks, NULL, 10));
    assert_in_range(ranks_index(), 0, ranks_count() - 1);
}

int main(void) {
    struct error e;
    bool refused = getenv("RANKS_WANTED") != NULL || refuses_strange_launcher();
    error_init(&e);
    if (!ranks_begin(&e))
        return 1;
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(test_strange_launcher, &refused),
        cmocka_unit_test(test_as_many_as_were_started),
        cmocka_unit_test(test_dealt_out_evenly),
        cmocka_unit_test(test_items_come_from_their_rank),
        cmocka_unit_test(test_first_of_those_that_hold),
        cmocka_unit_test(test_a_fault_is_told_once),
        cmocka_unit_test(test_bytes_of_rank_0),
        cmocka_unit_test(test_sums_over_ranks),
    };
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    ranks_end();
    return failed;
}
