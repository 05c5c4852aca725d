/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fails when a threshold is not bracketed as narrowly as asked for or as numbers allow, on either
 * side, of whole numbers or not; when more is tried than halving needs, or anything beyond the
 * limits; when a threshold that is not there is found; or when noise moves it by more than the
 * noise is wide. */
#include "analysis/threshold.h"

#include "sim/engine/rng.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct truth {
    double at; /* where it stops to hold, or begins to */
    bool upward;
    double noise; /* on the logarithm of a value, standard deviation */
    struct rng rng;
    int tries, stop;    /* stop: that try ends it; 0: none does */
    double least, most; /* tried */
};

static enum threshold_answer ask(void *user, double value) {
    struct truth *t = user;
    t->tries++;
    t->least = t->tries == 1 ? value : fmin(t->least, value);
    t->most = t->tries == 1 ? value : fmax(t->most, value);
    if (t->tries == t->stop)
        return THRESHOLD_STOP;
    const double seen = t->noise > 0.0 ? value * exp(t->noise * rng_normal(&t->rng)) : value;
    return (t->upward ? seen >= t->at : seen <= t->at) ? THRESHOLD_HOLDS : THRESHOLD_FAILS;
}

static const struct threshold_rule plain = {
    .start = 1.0, .low = 1e-9, .high = INFINITY, .tolerance = 0.01};

/* Thresholds far below and above the start, both ways: bracketed, and in no more trials than
 * doubling to them and halving one octave to 1 % takes: log2(ln 2 / ln 1.01) < 7. */
static void test_bracket(void **state) {
    (void)state;
    const double at[] = {1e-5, 0.3, 1.0, 1.004, 700.0};
    for (size_t i = 0; i < sizeof at / sizeof at[0]; i++)
        for (int upward = 0; upward < 2; upward++) {
            struct truth truth = {.at = at[i], .upward = upward};
            struct threshold_rule r = plain;
            struct threshold t;
            r.upward = upward;
            threshold_find(&r, ask, &truth, &t);
            assert_false(t.stopped);
            assert_true(upward ? t.fails < at[i] && t.holds >= at[i]
                               : t.holds <= at[i] && t.fails > at[i]);
            assert_true(fmax(t.holds, t.fails) <= 1.01 * fmin(t.holds, t.fails));
            assert_true(truth.tries <= 2 + ceil(fabs(log2(at[i]))) + 7);
        }
}

/* Whole numbers: neighbours, or the tolerance where that is wider. */
static void test_whole(void **state) {
    (void)state;
    const double at[] = {1.0, 2.0, 3.0, 37.0, 1184.0, 99999.0};
    for (size_t i = 0; i < sizeof at / sizeof at[0]; i++)
        for (double start = 1.0; start < 2000.0; start = 3.0 * start + 1.0) {
            struct truth truth = {.at = at[i], .upward = true};
            const struct threshold_rule r = {.start = start,
                                             .low = 1.0,
                                             .high = INFINITY,
                                             .upward = true,
                                             .whole = true,
                                             .tolerance = 0.001};
            struct threshold t;
            threshold_find(&r, ask, &truth, &t);
            assert_true(t.holds == floor(t.holds) && t.holds >= at[i]);
            assert_true(truth.least >= 1.0);
            if (at[i] == 1.0) {
                assert_true(t.holds == 1.0 && isnan(t.fails)); /* nothing lies below one */
                continue;
            }
            assert_true(t.fails == floor(t.fails) && t.fails < at[i]);
            assert_true(t.holds - t.fails == 1.0 || t.holds <= 1.001 * t.fails);
            assert_true(at[i] > 1000.0 || t.holds == at[i]);
        }
}

/* A threshold beyond the limits, and none at all. */
static void test_limits(void **state) {
    (void)state;
    struct threshold_rule r = {.start = 3.0, .low = 2.0, .high = 10.0, .tolerance = 0.01};
    struct threshold t;
    struct truth above = {.at = 11.0}, below = {.at = 1.0}, never = {.at = 0.0}, edge = {.at = 9.9};
    threshold_find(&r, ask, &above, &t);
    assert_true(t.holds == 10.0 && isnan(t.fails) && above.most == 10.0);
    threshold_find(&r, ask, &below, &t);
    assert_true(t.fails == 2.0 && isnan(t.holds) && below.least == 2.0);
    threshold_find(&r, ask, &edge, &t);
    assert_true(t.holds <= 9.9 && t.holds > 9.8 && t.fails > 9.9 && t.fails <= 10.0);
    r.low = 1e-300;
    threshold_find(&r, ask, &never, &t);
    assert_true(isnan(t.holds) && never.tries == THRESHOLD_STEPS + 1);
}

/* A tolerance that no numbers reach ends where the ends are neighbours; the 2000th trial would end
 * what does not. */
static void test_finest(void **state) {
    (void)state;
    const double at[] = {0.7, 1.0, 3.3e7};
    for (size_t i = 0; i < sizeof at / sizeof at[0]; i++)
        for (int upward = 0; upward < 2; upward++) {
            struct truth truth = {.at = at[i], .upward = upward, .stop = 2000};
            struct threshold_rule r = plain;
            struct threshold t;
            r.upward = upward;
            r.tolerance = 1e-17;
            threshold_find(&r, ask, &truth, &t);
            assert_false(t.stopped);
            assert_true(upward ? t.fails < at[i] && t.holds >= at[i]
                               : t.holds <= at[i] && t.fails > at[i]);
            assert_true(fabs(t.holds - t.fails) <= 4e-16 * at[i]);
        }
}

static void test_stop(void **state) {
    (void)state;
    for (int stop = 1; stop < 9; stop++) {
        struct truth truth = {.at = 3.3, .stop = stop};
        struct threshold t;
        threshold_find(&plain, ask, &truth, &t);
        assert_true(t.stopped && truth.tries == stop);
    }
}

/* Noise of 2 %: the threshold found scatters about the true one by about as much, without bias that
 * would show in 400 searches. */
static void test_noise(void **state) {
    (void)state;
    enum { SEARCHES = 400 };
    double sum = 0.0, square = 0.0;
    for (int i = 0; i < SEARCHES; i++) {
        struct truth truth = {.at = 5.7, .noise = 0.02};
        struct threshold t;
        rng_init(&truth.rng, 11, (uint64_t)i, RNG_TEST);
        threshold_find(&plain, ask, &truth, &t);
        assert_true(isfinite(t.holds) && isfinite(t.fails));
        const double off = log(sqrt(t.holds * t.fails) / truth.at);
        assert_true(fabs(off) < 0.1);
        sum += off;
        square += off * off;
    }
    const double mean = sum / SEARCHES, deviation = sqrt(square / SEARCHES - mean * mean);
    assert_true(fabs(mean) < 4.0 * deviation / sqrt(SEARCHES) + 0.001);
    assert_true(deviation > 0.005 && deviation < 0.03);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bracket), cmocka_unit_test(test_whole), cmocka_unit_test(test_limits),
        cmocka_unit_test(test_finest),  cmocka_unit_test(test_stop),  cmocka_unit_test(test_noise),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
