/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fails when an item is left out or worked on twice, when the call returns before all are done,
 * when items' results depend on the number of threads, or when, with OpenMP, two threads never work
 * at the same time. */
#include "sim/engine/memory.h"
#include "sim/engine/rng.h"
#include "sim/engine/window.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

struct item {
    struct rng rng;
    double sum;
    long visits;
};

/* Items differ in length, as cells do. */
static void work(void *user, size_t index) {
    struct item *const item = (struct item *)user + index;
    item->visits++;
    for (size_t k = 0; k < 10 * (index % 97); k++)
        item->sum += rng_exponential(&item->rng);
}

static struct item *run_items(int threads, size_t count) {
    struct item *item = memory_new(count, sizeof *item);
    for (size_t i = 0; i < count; i++)
        rng_init(&item[i].rng, 1, i, RNG_TEST);
    for (int window = 0; window < 20; window++)
        window_run(threads, count, work, item);
    return item;
}

static void test_each_once_and_the_same(void **state) {
    (void)state;
    const size_t counts[] = {0, 1, 2, 7, 500};
    const int threads[] = {1, 2, 3, 8};
    for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
        struct item *one = run_items(1, counts[c]);
        for (size_t i = 0; i < counts[c]; i++)
            assert_int_equal(one[i].visits, 20);
        for (size_t t = 1; t < sizeof threads / sizeof *threads; t++) {
            struct item *many = run_items(threads[t], counts[c]);
            assert_memory_equal(one, many, counts[c] * sizeof *one);
            free(many);
        }
        free(one);
    }
}

/* Two items that each wait, for 20 s at most, until the other has begun. */
static void meet(void *user, size_t index) {
    (void)index;
    atomic_int *const begun = user;
    atomic_fetch_add(begun, 1);
    const time_t start = time(NULL);
    while (atomic_load(begun) < 2 && time(NULL) - start < 20)
        continue;
    if (atomic_load(begun) >= 2)
        atomic_fetch_add(begun, 100);
}

static void test_threads_work_side_by_side(void **state) {
    (void)state;
    assert_true(window_threads() >= 1);
#ifdef _OPENMP
    atomic_int begun = 0;
    window_run(2, 2, meet, &begun);
    assert_int_equal(atomic_load(&begun), 202);
#else
    atomic_int begun = 1;
    window_run(2, 1, meet, &begun);
    assert_int_equal(atomic_load(&begun), 102);
#endif
}

int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_once_and_the_same),
        cmocka_unit_test(test_threads_work_side_by_side),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
