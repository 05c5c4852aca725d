/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fails when the cursor and the schedule disagree; when Poisson or gamma arrivals have another
 * rate, variance or spread of gaps than stated, from time 0 on; when they do not follow the
 * schedule or the share; or when a process is missing in the table that scenarios choose from. */
#include "sim/engine/memory.h"
#include "sim/workload/arrival.h"
#include "sim/workload/cursor.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct length_spec one = {.kind = LENGTH_FIXED, .mean = 1, .low = 1, .high = 1};

static struct workload_spec workload(const char *process, double cv) {
    return (struct workload_spec){
        .arrival = arrival_find(process), .cv = cv, .prompt = one, .output = one};
}

static struct source *open_source(const struct workload_spec *w, double share, uint64_t entity) {
    struct source *s = memory_new(1, source_size(w));
    source_open(s, w, share, 20251121, entity);
    return s;
}

static void close_source(struct source *s) {
    source_close(s);
    free(s);
}

/* Requests in [0, end) seconds. */
static double count_until(struct source *s, double end) {
    struct request q;
    double count = 0;
    for (; source_peek(s) < simtime_of(end); count++)
        source_take(s, &q);
    return count;
}

/* Moments of a sample. */
struct sample {
    double n, mean, second; /* second: sum of squares about the mean */
};

static void sample_add(struct sample *m, double x) {
    const double before = x - m->mean;
    m->n++;
    m->mean += before / m->n;
    m->second += before * (x - m->mean);
}

static double sample_variance(const struct sample *m) {
    return m->second / (m->n - 1);
}

/* Within five standard errors. */
static void within(double found, double expected, double error) {
    if (!(fabs(found - expected) <= 5 * error))
        fail_msg("%.8g found, %.8g expected, standard error %.3g", found, expected, error);
}

static void test_table(void **state) {
    (void)state;
    assert_string_equal(arrival_names(), "poisson, gamma, closed, trace");
    char *names = memory_text(arrival_names());
    for (char *name = strtok(names, ", "); name != NULL; name = strtok(NULL, ", ")) {
        const struct arrival *a = arrival_find(name);
        assert_non_null(a);
        assert_string_equal(a->name, name);
        assert_true(strlen(a->summary) > 0);
    }
    free(names);
    assert_null(arrival_find("Poisson"));
    assert_null(arrival_find(""));
}

/* Knots at random, some values 0; repeated and in lines, or not. */
static void random_schedule(struct schedule *s, struct rng *r) {
    double time[8], value[8];
    const size_t count = 1 + rng_below(r, 8);
    for (size_t i = 0; i < count; i++) {
        time[i] = i == 0 ? 0 : time[i - 1] + 0.1 + 10 * rng_uniform(r);
        value[i] = rng_below(r, 3) == 0 ? 0 : 100 * rng_uniform(r);
    }
    const double period = rng_below(r, 2) ? 0 : time[count - 1] + 0.1 + 10 * rng_uniform(r);
    assert_int_equal(schedule_make(s, time, value, count, period, rng_below(r, 2)), -1);
}

static void test_cursor_is_the_schedule(void **state) {
    (void)state;
    struct rng r;
    rng_init(&r, 1, 1, RNG_TEST);
    size_t ended = 0;
    for (int k = 0; k < 400; k++) {
        struct schedule s;
        struct cursor travel, value;
        random_schedule(&s, &r);
        cursor_open(&travel, &s);
        cursor_open(&value, &s);
        double area = 0, t = 0;
        for (int i = 0; i < 200; i++) {
            const double gap = (i % 10 == 0 ? 2000 : 20) * rng_exponential(&r);
            area += gap;
            const double found = cursor_travel(&travel, gap);
            if (isinf(schedule_inverse(&s, area))) {
                assert_true(isinf(found));
                ended++;
                break;
            }
            const double back = schedule_integral(&s, found);
            assert_true(fabs(back - area) <= 1e-11 * (1 + area));
            t += 3 * rng_exponential(&r);
            const double expected = schedule_at(&s, t);
            assert_true(fabs(cursor_value(&value, t) - expected) <= 1e-9 * (1 + expected));
        }
        schedule_clear(&s);
    }
    assert_true(ended > 20); /* both ways out were seen */
}

/* On the edge of a pause the earliest time counts; beyond the last value above 0 there is none. */
static void test_cursor_edges(void **state) {
    (void)state;
    const double time[] = {0, 1, 2, 3}, value[] = {0, 4, 0, 0};
    struct schedule s;
    assert_int_equal(schedule_make(&s, time, value, 4, 0, false), -1);
    struct cursor c;
    cursor_open(&c, &s);
    assert_false(cursor_over(&c));
    assert_true(cursor_travel(&c, 0) <= 1);
    assert_true(cursor_travel(&c, 2) == 1.5);
    assert_true(cursor_travel(&c, 2) == 2);
    assert_true(isinf(cursor_travel(&c, 1e-9)));
    cursor_open(&c, &s);
    assert_true(cursor_value(&c, 1.5) == 4 && !cursor_over(&c));
    assert_true(cursor_value(&c, 2.5) == 0 && !cursor_over(&c));
    assert_true(cursor_value(&c, 3) == 0 && cursor_over(&c));
    schedule_clear(&s);

    assert_int_equal(schedule_make(&s, time, (double[]){0, 0, 0, 0}, 4, 5, true), -1);
    cursor_open(&c, &s);
    assert_true(cursor_over(&c));
    assert_true(isinf(cursor_travel(&c, 1e-9)));
    schedule_clear(&s);
}

/* Counts of a Poisson process over [0, t): mean and variance l t, also where t is a fraction of a
 * gap and where the process has run for long. Fourth central moment: 3 m^2 + m. */
static void test_poisson_counts(void **state) {
    (void)state;
    struct workload_spec w = workload("poisson", 1);
    schedule_constant(&w.rate, 200);
    const double share = 0.25, from[] = {0, 0, 7.3}, to[] = {0.01, 1, 8.1};
    for (int k = 0; k < 3; k++) {
        struct sample m = {0};
        for (uint64_t entity = 0; entity < 4000; entity++) {
            struct source *s = open_source(&w, share, entity);
            (void)count_until(s, from[k]);
            sample_add(&m, count_until(s, to[k]));
            close_source(s);
        }
        const double mean = 200 * share * (to[k] - from[k]);
        within(m.mean, mean, sqrt(mean / m.n));
        within(sample_variance(&m), mean, sqrt((2 * mean * mean + mean) / m.n));
    }
    schedule_clear(&w.rate);
}

/* Mean and coefficient of variation of the gaps. Excess kurtosis of a gamma: 6 cv^2; so the
 * variance's relative standard error is sqrt((2 + 6 cv^2) / n), and cv's half of it. */
static void test_gamma_gaps(void **state) {
    (void)state;
    const double cvs[] = {0.3, 1, 1.5, 3}, rate = 40, share = 0.5;
    for (int k = 0; k < 4; k++) {
        const double cv = cvs[k];
        struct workload_spec w = workload("gamma", cv);
        schedule_constant(&w.rate, rate);
        struct source *s = open_source(&w, share, 5);
        struct request q;
        source_take(s, &q);
        simtime before = q.time;
        struct sample m = {0};
        while (m.n < 100000) {
            source_take(s, &q);
            sample_add(&m, simtime_seconds(q.time - before));
            before = q.time;
        }
        const double gap = 1 / (rate * share);
        within(m.mean, gap, gap * cv / sqrt(m.n));
        within(sqrt(sample_variance(&m)) / m.mean, cv, 0.5 * cv * sqrt((2 + 6 * cv * cv) / m.n));
        close_source(s);
        schedule_clear(&w.rate);
    }
}

/* In steady state from time 0: a mean first gap of (1 + cv^2) / 2 gaps, and l t requests up to any
 * t. A process that began with a whole gap, or a uniform share of one, would fail both. */
static void test_steady_state_from_the_start(void **state) {
    (void)state;
    const double cvs[] = {0.3, 1, 3}, end = 0.02, rate = 50;
    for (int k = 0; k < 3; k++) {
        struct workload_spec w = workload(k == 1 ? "poisson" : "gamma", cvs[k]);
        schedule_constant(&w.rate, rate);
        struct sample first = {0}, count = {0};
        for (uint64_t entity = 0; entity < 20000; entity++) {
            struct source *s = open_source(&w, 1, entity);
            sample_add(&first, simtime_seconds(source_peek(s)));
            sample_add(&count, count_until(s, end));
            close_source(s);
        }
        const double expected = (1 + cvs[k] * cvs[k]) / 2 / rate;
        within(first.mean, expected, sqrt(sample_variance(&first) / first.n));
        within(count.mean, rate * end, sqrt(sample_variance(&count) / count.n));
        schedule_clear(&w.rate);
    }
}

/* A day of straight lines with a pause: requests of each stretch against the rate's integral. */
static void test_follows_a_schedule(void **state) {
    (void)state;
    const double time[] = {0, 2, 5, 6, 9}, value[] = {10, 50, 0, 0, 30}, period = 10, share = 0.3;
    const double edge[] = {0, 1, 2, 4, 5, 6, 7.5, 9, 10, 12, 15, 16, 18, 20};
    enum { STRETCHES = sizeof edge / sizeof edge[0] - 1, ENTITIES = 3000 };
    const char *const process[] = {"poisson", "gamma"};
    for (int k = 0; k < 2; k++) {
        struct workload_spec w = workload(process[k], 2);
        assert_int_equal(schedule_make(&w.rate, time, value, 5, period, true), -1);
        struct sample m[STRETCHES] = {{0}};
        for (uint64_t entity = 0; entity < ENTITIES; entity++) {
            struct source *s = open_source(&w, share, entity);
            for (int i = 0; i < STRETCHES; i++)
                sample_add(&m[i], count_until(s, edge[i + 1]));
            close_source(s);
        }
        for (int i = 0; i < STRETCHES; i++) {
            const double mean = share * (schedule_integral(&w.rate, edge[i + 1]) -
                                         schedule_integral(&w.rate, edge[i]));
            within(m[i].mean, mean, sqrt(sample_variance(&m[i]) / ENTITIES));
            if (k == 0)
                within(sample_variance(&m[i]), mean, sqrt((2 * mean * mean + mean) / ENTITIES));
        }
        assert_true(m[4].mean == 0);                                      /* the pause */
        assert_true(fabs(workload_mean_rate(&w, 0, 30, 1) - 20) < 1e-12); /* 60 + 75 + 45 + 20 */
        schedule_clear(&w.rate);
    }
}

/* A rate that ends, and one that never begins. */
static void test_ends(void **state) {
    (void)state;
    const double time[] = {0, 1}, value[] = {1000, 0};
    struct workload_spec w = workload("poisson", 1);
    assert_int_equal(schedule_make(&w.rate, time, value, 2, 0, false), -1);
    struct source *s = open_source(&w, 1, 1);
    struct request q = {0};
    double count = 0;
    for (; source_peek(s) != SIMTIME_NEVER; count++)
        source_take(s, &q);
    assert_true(q.time > 0 && q.time <= SIMTIME_SECOND);
    within(count, 1000, sqrt(1000));
    close_source(s);
    schedule_clear(&w.rate);

    schedule_constant(&w.rate, 0);
    s = open_source(&w, 1, 1);
    assert_true(source_peek(s) == SIMTIME_NEVER);
    close_source(s);
    schedule_clear(&w.rate);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_cursor_is_the_schedule),
        cmocka_unit_test(test_cursor_edges),
        cmocka_unit_test(test_poisson_counts),
        cmocka_unit_test(test_gamma_gaps),
        cmocka_unit_test(test_steady_state_from_the_start),
        cmocka_unit_test(test_follows_a_schedule),
        cmocka_unit_test(test_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
