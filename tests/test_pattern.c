/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fails when pattern search does not find the minimum of a known quadratic, inside the cube or on
 * its face, whole or with noise that is common to all points; when it ends before its mesh is as
 * fine as asked for, or goes beyond its number of points; or when what it calls the best is not. */
#include "analysis/pattern.h"

#include "sim/engine/rng.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { AXES = 3, SEEN = 4000 };

/* (x - at)' A (x - at), with A positive definite and far from the axes; cached by point. */
struct bowl {
    double at[AXES];
    double grid; /* 0: none; else points are rounded to multiples of it */
    double tilt; /* of a ripple, the same at every visit of a point: common random numbers */
    size_t axes;
    double point[SEEN][AXES], value[SEEN];
    size_t seen, stop; /* stop: so many end it; 0: none do */
};

static double height(const struct bowl *b, const double *x) {
    double sum = 0.0;
    for (size_t a = 0; a < b->axes; a++) {
        const double off = x[a] - b->at[a];
        sum += (1.0 + 3.0 * (double)a) * off * off;
        if (a > 0)
            sum += 0.8 * off * (x[a - 1] - b->at[a - 1]);
    }
    if (b->tilt > 0.0) {
        struct rng rng;
        uint64_t bits, mixed = 0;
        for (size_t a = 0; a < b->axes; a++) {
            memcpy(&bits, &x[a], sizeof bits);
            mixed = (mixed ^ bits) * 0x9e3779b97f4a7c15u; /* 2^64 over the golden ratio */
        }
        rng_init(&rng, 3, mixed >> 8, RNG_TEST);
        sum += b->tilt * rng_normal(&rng);
    }
    return sum;
}

static bool visit(void *user, const double *share, size_t count, size_t *index, size_t *fresh) {
    struct bowl *b = user;
    *fresh = 0;
    for (size_t i = 0; i < count; i++) {
        double x[AXES];
        for (size_t a = 0; a < b->axes; a++) {
            x[a] = share[i * b->axes + a];
            assert_true(x[a] >= 0.0 && x[a] <= 1.0);
            if (b->grid > 0.0)
                x[a] = b->grid * round(x[a] / b->grid);
        }
        size_t k = 0;
        while (k < b->seen && memcmp(b->point[k], x, b->axes * sizeof *x) != 0)
            k++;
        if (k == b->seen) {
            assert_true(b->seen < SEEN);
            memcpy(b->point[k], x, b->axes * sizeof *x);
            b->value[k] = height(b, x);
            b->seen++;
            ++*fresh;
        }
        index[i] = k;
    }
    return b->stop == 0 || b->seen < b->stop;
}

static bool lower(void *user, size_t a, size_t b) {
    const struct bowl *bowl = user;
    return bowl->value[a] < bowl->value[b];
}

static struct pattern find(struct bowl *b, double *share, double tolerance, size_t points) {
    const struct pattern_rule r = {b->axes, 0.25, tolerance, points};
    struct pattern out;
    pattern_search(&r, share, visit, lower, b, &out);
    for (size_t k = 0; k < b->seen; k++)
        assert_true(out.best < b->seen && b->value[k] >= b->value[out.best]);
    assert_true(out.points == b->seen && out.points <= points);
    return out;
}

static void test_quadratic(void **state) {
    (void)state;
    static struct bowl b;
    for (size_t axes = 1; axes <= AXES; axes++) {
        b = (struct bowl){.at = {0.61, 0.137, 0.83}, .axes = axes};
        double share[AXES] = {0.5, 0.9, 0.1};
        const struct pattern p = find(&b, share, 1e-5, SEEN);
        assert_int_equal(p.end, PATTERN_NARROW);
        assert_true(p.mesh < 1e-5 && p.rounds > 10);
        for (size_t a = 0; a < axes; a++)
            assert_true(fabs(share[a] - b.at[a]) < 3e-5);
    }
}

/* The lowest point of the cube on its face, where slopes point out of it. */
static void test_face(void **state) {
    (void)state;
    static struct bowl b;
    b = (struct bowl){.at = {1.4, -0.2, 0.5}, .axes = 2};
    double share[AXES] = {0.2, 0.2};
    assert_int_equal(find(&b, share, 1e-4, SEEN).end, PATTERN_NARROW);
    assert_true(share[0] == 1.0 && share[1] == 0.0);
}

/* Points that are rounded cost no more than there are of them, and the best of them is found. */
static void test_whole(void **state) {
    (void)state;
    static struct bowl b;
    b = (struct bowl){.at = {0.61, 0.137}, .axes = 2, .grid = 0.125};
    double share[AXES] = {0.0, 1.0};
    assert_int_equal(find(&b, share, 1e-3, SEEN).end, PATTERN_NARROW);
    assert_true(fabs(share[0] - 0.625) <= 0.0625 && fabs(share[1] - 0.125) <= 0.0625);
    assert_true(b.seen <= 81);
}

/* Noise that belongs to the point, as under common random numbers, and is small against the bowl:
 * the minimum is found to about where the bowl drowns in it, and the search ends. */
static void test_noise(void **state) {
    (void)state;
    static struct bowl b;
    b = (struct bowl){.at = {0.61, 0.37}, .axes = 2, .tilt = 1e-4};
    double share[AXES] = {0.0, 1.0};
    assert_int_equal(find(&b, share, 1e-3, SEEN).end, PATTERN_NARROW);
    assert_true(fabs(share[0] - 0.61) < 0.06 && fabs(share[1] - 0.37) < 0.06);
}

static void test_spent(void **state) {
    (void)state;
    static struct bowl b;
    for (size_t points = 1; points < 40; points++) {
        b = (struct bowl){.at = {0.61, 0.137}, .axes = 2};
        double share[AXES] = {0.0, 1.0};
        assert_int_equal(find(&b, share, 1e-9, points).end, PATTERN_SPENT);
    }
    for (size_t stop = 1; stop < 30; stop += 4) {
        b = (struct bowl){.at = {0.61, 0.137}, .axes = 2, .stop = stop};
        double share[AXES] = {0.0, 1.0};
        const struct pattern_rule r = {2, 0.25, 1e-9, SEEN};
        struct pattern out;
        pattern_search(&r, share, visit, lower, &b, &out);
        assert_int_equal(out.end, PATTERN_STOPPED);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_quadratic), cmocka_unit_test(test_face),
        cmocka_unit_test(test_whole),     cmocka_unit_test(test_noise),
        cmocka_unit_test(test_spent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
