/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fails when drawn lengths have another mean, spread or range than stated; when exponential lengths
 * remember how long they are; when prompt and output of a trace are torn apart or its requests not
 * drawn alike; when the moments handed to the operating point are not those of the requests; or
 * when a request can be longer than the longest is said to be, or none can be as long. */
#include "sim/workload/arrival.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { DRAWS = 200000 };

/* Within five standard errors. */
static void within(double found, double expected, double error) {
    if (!(fabs(found - expected) <= 5 * error))
        fail_msg("%.8g found, %.8g expected, standard error %.3g", found, expected, error);
}

static const struct length_spec one = {.kind = LENGTH_FIXED, .mean = 1, .low = 1, .high = 1};

/* Draws prompts of `spec` into `tokens`. */
static void draw(const struct length_spec *spec, int32_t *tokens) {
    const struct workload_spec w = {
        .arrival = arrival_find("poisson"), .prompt = *spec, .output = one};
    struct length_pair l;
    struct rng r;
    length_prepare(&l, &w);
    rng_init(&r, 7, 7, RNG_TEST);
    for (int i = 0; i < DRAWS; i++) {
        struct request q = {.time = 5};
        length_draw(&l, &r, &q);
        tokens[i] = q.prompt;
        assert_true(q.time == 5 && q.output == 1);
    }
}

static double mean_of(const int32_t *tokens) {
    double sum = 0;
    for (int i = 0; i < DRAWS; i++)
        sum += tokens[i];
    return sum / DRAWS;
}

static double variance_of(const int32_t *tokens, double mean) {
    double sum = 0;
    for (int i = 0; i < DRAWS; i++)
        sum += (tokens[i] - mean) * (tokens[i] - mean);
    return sum / DRAWS;
}

static double share_above(const int32_t *tokens, int32_t n) {
    double count = 0;
    for (int i = 0; i < DRAWS; i++)
        count += tokens[i] > n;
    return count / DRAWS;
}

static int32_t tokens[DRAWS];

static void test_fixed(void **state) {
    (void)state;
    const double mean[] = {512, 99.6, 0.2, 5000}, low[] = {1, 1, 1, 1}, high[] = {1e6, 1e6, 9, 800};
    const int32_t expected[] = {512, 100, 1, 800};
    for (int k = 0; k < 4; k++) {
        draw(&(struct length_spec){LENGTH_FIXED, mean[k], 0, low[k], high[k]}, tokens);
        for (int i = 0; i < 100; i++)
            assert_int_equal(tokens[i], expected[k]);
    }
}

/* Geometric: mean m, variance m (m - 1), P(n > k) = (1 - 1/m)^k for every k, so no memory. */
static void test_exponential(void **state) {
    (void)state;
    const double means[] = {1, 1.5, 200};
    for (int k = 0; k < 3; k++) {
        const double m = means[k], variance = m * (m - 1);
        draw(&(struct length_spec){LENGTH_EXPONENTIAL, m, 0, 1, INFINITY}, tokens);
        within(mean_of(tokens), m, sqrt(variance / DRAWS) + 1e-12);
        within(variance_of(tokens, m), variance, variance * sqrt(8.5 / DRAWS) + 1e-12);
        for (int32_t n = 1; n < 3 * m; n = 2 * n + 1) {
            const double p = pow(1 - 1 / m, n);
            within(share_above(tokens, n), p, sqrt(p * (1 - p) / DRAWS) + 1e-12);
        }
    }
}

/* Lognormal: mean, cv, and the median m / sqrt(1 + cv^2). The variance of a sample variance comes
 * from the kurtosis e^4s + 2 e^3s + 3 e^2s - 3, with e^s = 1 + cv^2. */
static void test_lognormal(void **state) {
    (void)state;
    const double m = 1000, cvs[] = {0.2, 0.8, 1.5};
    for (int k = 0; k < 3; k++) {
        const double cv = cvs[k], e = 1 + cv * cv, variance = m * m * cv * cv;
        const double kurtosis = pow(e, 4) + 2 * pow(e, 3) + 3 * e * e - 3;
        draw(&(struct length_spec){LENGTH_LOGNORMAL, m, cv, 1, INFINITY}, tokens);
        within(mean_of(tokens), m, m * cv / sqrt(DRAWS));
        within(variance_of(tokens, m), variance, variance * sqrt((kurtosis - 1) / DRAWS));
        const int32_t median = (int32_t)(m / sqrt(e));
        within(share_above(tokens, median), 0.5, 0.5 / sqrt(DRAWS) + 0.5 / (cv * m));
    }
}

/* Every whole number of the range comes, alike often, and none beside it. */
static void test_uniform(void **state) {
    (void)state;
    const double low = 81, high = 120, count = high - low + 1, mean = (low + high) / 2;
    const double variance = (count * count - 1) / 12;
    draw(&(struct length_spec){LENGTH_UNIFORM, 5, 0, low, high}, tokens);
    within(mean_of(tokens), mean, sqrt(variance / DRAWS));
    within(variance_of(tokens, mean), variance, variance * sqrt(0.8 / DRAWS));
    for (int32_t n = 80; n <= 121; n++) {
        const double p = n < 81 ? 1 : n >= 120 ? 0 : (120 - n) / count;
        within(share_above(tokens, n), p, sqrt(p * (1 - p) / DRAWS) + 1e-12);
    }
    draw(&(struct length_spec){LENGTH_UNIFORM, 5, 0, 7, 7}, tokens);
    assert_true(mean_of(tokens) == 7);
}

/* Clipped, not drawn again: what lies outside comes to lie on the edge. */
static void test_clipping(void **state) {
    (void)state;
    const enum length_kind kinds[] = {LENGTH_EXPONENTIAL, LENGTH_LOGNORMAL};
    static int32_t free_tokens[DRAWS];
    for (int k = 0; k < 2; k++) {
        draw(&(struct length_spec){kinds[k], 300, 1, 1, INFINITY}, free_tokens);
        draw(&(struct length_spec){kinds[k], 300, 1, 99.5, 800.5}, tokens);
        for (int i = 0; i < DRAWS; i++) {
            const int32_t n = free_tokens[i];
            assert_int_equal(tokens[i], n < 100 ? 100 : n > 800 ? 800 : n);
        }
    }
    /* A tail that no int32_t holds. */
    draw(&(struct length_spec){LENGTH_LOGNORMAL, 1e6, 1e4, 1, INFINITY}, tokens);
    for (int i = 0; i < DRAWS; i++)
        assert_true(tokens[i] >= 1 && tokens[i] <= 1000000000);
}

/* Requests whose prompt and output go together, each pair once. */
enum { REQUESTS = 50 };
static struct trace_request request[REQUESTS];
static struct trace joint_trace(void) {
    struct rng r;
    rng_init(&r, 3, 3, RNG_TEST);
    for (int i = 0; i < REQUESTS; i++)
        request[i] = (struct trace_request){
            .time = i, .prompt = 100 + 10 * i, .output = 1 + 3 * i + (int32_t)rng_below(&r, 60)};
    return (struct trace){request, REQUESTS, REQUESTS};
}

static double correlation(double n, double x, double y, double xx, double yy, double xy) {
    return (n * xy - x * y) / sqrt((n * xx - x * x) * (n * yy - y * y));
}

static void test_joint(void **state) {
    (void)state;
    const struct trace t = joint_trace();
    const struct workload_spec w = {
        .arrival = arrival_find("poisson"), .trace = &t, .empirical = true};
    struct length_pair l;
    struct rng r;
    length_prepare(&l, &w);
    rng_init(&r, 7, 7, RNG_TEST);
    double count[REQUESTS] = {0}, sum[5] = {0}, own[5] = {0};
    for (int i = 0; i < DRAWS + REQUESTS; i++) {
        struct request q = {.prompt = request[i % REQUESTS].prompt,
                            .output = request[i % REQUESTS].output};
        double *const m = i < DRAWS ? sum : own; /* the last ones are the trace itself */
        if (i < DRAWS) {
            length_draw(&l, &r, &q);
            const int which = (q.prompt - 100) / 10;
            assert_int_equal(q.prompt, request[which].prompt);
            assert_int_equal(q.output, request[which].output);
            count[which]++;
        }
        const double x = q.prompt, y = q.output;
        m[0] += x, m[1] += y, m[2] += x * x, m[3] += y * y, m[4] += x * y;
    }
    double chi = 0;
    const double each = (double)DRAWS / REQUESTS;
    for (int i = 0; i < REQUESTS; i++)
        chi += (count[i] - each) * (count[i] - each) / each;
    within(chi, REQUESTS - 1, sqrt(2 * (REQUESTS - 1)));
    const double expected = correlation(REQUESTS, own[0], own[1], own[2], own[3], own[4]);
    assert_true(expected > 0.8 && expected < 0.99);
    within(correlation(DRAWS, sum[0], sum[1], sum[2], sum[3], sum[4]), expected,
           (1 - expected * expected) / sqrt(DRAWS));
}

static void near_to(double a, double b) {
    assert_true(fabs(a - b) <= 1e-12 * fabs(b));
}

static void test_moments(void **state) {
    (void)state;
    /* By hand: prompts 10, 30; outputs 1, 5: context (0 + 4 (30 + 2.5)) / (0 + 4). */
    struct trace_request two[] = {{0, 10, 1}, {1, 30, 5}};
    const struct trace t = {two, 2, 2};
    struct workload_spec w = {.arrival = arrival_find("trace"), .trace = &t};
    struct lengths m;
    workload_lengths(&w, &m);
    near_to(m.prompt, 20);
    near_to(m.output, 3);
    near_to(m.context, 32.5);
    near_to(m.prompt_square, 500);
    two[1].output = 1; /* no decoding at all */
    w = (struct workload_spec){
        .arrival = arrival_find("gamma"), .trace = &t, .empirical = true, .cv = 1};
    workload_lengths(&w, &m);
    near_to(m.context, 21);

    /* Drawn: independent prompt (fixed) and output (geometric). E (o - 1) o / 2 = (m - 1) m, so the
     * context is p + m; the standard errors of 65,536 draws are under 0.7 % of m. */
    w = (struct workload_spec){.arrival = arrival_find("closed"),
                               .prompt = {LENGTH_FIXED, 700, 0, 1, 1e6},
                               .output = {LENGTH_EXPONENTIAL, 300, 0, 1, 1e6}};
    workload_lengths(&w, &m);
    near_to(m.prompt, 700);
    near_to(m.prompt_square, 490000);
    within(m.output, 300, 300 / 256.0);
    within(m.context, 1000, 0.007 * 300);
    struct lengths again;
    workload_lengths(&w, &again);
    assert_memory_equal(&m, &again, sizeof m);
}

/* By hand: 700 and 700, rounded and clipped; 20.5 is never reached; a trace's longest sum is of one
 * request, not of the longest prompt and the longest output. */
static void test_longest(void **state) {
    (void)state;
    struct workload_spec w = {.arrival = arrival_find("closed"),
                              .prompt = {LENGTH_FIXED, 699.6, 0, 1, INFINITY},
                              .output = {LENGTH_FIXED, 900, 0, 1, 700}};
    assert_true(workload_longest(&w) == 1400);
    w.prompt = (struct length_spec){LENGTH_UNIFORM, 15, 0, 9.5, 20.5};
    assert_true(workload_longest(&w) == 720);
    w.output = (struct length_spec){LENGTH_LOGNORMAL, 100, 1, 1, 3000};
    assert_true(workload_longest(&w) == 3020);
    w.output = (struct length_spec){LENGTH_EXPONENTIAL, 100, 0, 1, INFINITY};
    assert_true(workload_longest(&w) == LENGTH_MAX + 20);

    struct trace_request three[] = {{0, 10, 90}, {1, 95, 3}, {2, 50, 60}};
    const struct trace t = {three, 3, 3};
    w = (struct workload_spec){.arrival = arrival_find("trace"), .trace = &t};
    assert_true(workload_longest(&w) == 110);
    w = (struct workload_spec){.arrival = arrival_find("gamma"), .trace = &t, .empirical = true};
    assert_true(workload_longest(&w) == 110);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fixed),     cmocka_unit_test(test_exponential),
        cmocka_unit_test(test_lognormal), cmocka_unit_test(test_uniform),
        cmocka_unit_test(test_clipping),  cmocka_unit_test(test_joint),
        cmocka_unit_test(test_moments),   cmocka_unit_test(test_longest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
