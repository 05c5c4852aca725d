/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fails when a source breaks its contract (peek, take, order, one result for one seed, lengths that
 * do not depend on the arrivals); when a closed loop has more requests outstanding than clients, or
 * another pace; when a replayed trace loses, adds or reorders requests; or when superposing and
 * thinning miss the rate or change the burstiness otherwise than docs/workloads.md says. */
#include "sim/engine/memory.h"
#include "sim/workload/arrival.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { REQUESTS = 1000 };

/* A bursty trace: gaps of cv 3 about 0.1 s. */
static struct trace_request request[REQUESTS];
static struct trace bursty_trace(void) {
    struct rng r;
    rng_init(&r, 4, 4, RNG_TEST);
    double time = 0;
    for (int i = 0; i < REQUESTS; i++) {
        request[i] = (struct trace_request){time, i + 1, 2 * i + 1};
        time += 0.1 * rng_gamma(&r, 1.0 / 9);
    }
    return (struct trace){request, REQUESTS, time};
}

static struct workload_spec workload(const char *process, const struct trace *t) {
    const struct length_spec l = {
        .kind = LENGTH_LOGNORMAL, .mean = 300, .cv = 1, .low = 1, .high = 1e6};
    return (struct workload_spec){.arrival = arrival_find(process),
                                  .cv = 2,
                                  .clients = 20,
                                  .think = 0.1,
                                  .trace = t,
                                  .scaling = TRACE_SUPERPOSE,
                                  .trace_offset = true,
                                  .prompt = l,
                                  .output = l};
}

static struct source *open_source(const struct workload_spec *w, double share, uint64_t seed,
                                  uint64_t entity) {
    struct source *s = memory_new(1, source_size(w));
    source_open(s, w, share, seed, entity);
    return s;
}

static void close_source(struct source *s) {
    source_close(s);
    free(s);
}

static double count_until(struct source *s, double end) {
    struct request q;
    double count = 0;
    for (; source_peek(s) < simtime_of(end); count++)
        source_take(s, &q);
    return count;
}

static void within(double found, double expected, double error) {
    if (!(fabs(found - expected) <= 5 * error))
        fail_msg("%.8g found, %.8g expected, standard error %.3g", found, expected, error);
}

/* The first requests of a source; each ends 1 ms after it was sent. */
static void record(const struct workload_spec *w, uint64_t seed, uint64_t entity,
                   struct request *out) {
    struct source *s = open_source(w, 0.5, seed, entity);
    for (int i = 0; i < REQUESTS; i++) {
        const simtime next = source_peek(s);
        assert_true(next != SIMTIME_NEVER && next >= 0);
        assert_true(source_peek(s) == next);
        memset(&out[i], 0, sizeof out[i]);
        source_take(s, &out[i]);
        assert_true(out[i].time == next);
        assert_true(i == 0 || out[i].time >= out[i - 1].time);
        assert_true(out[i].prompt >= 1 && out[i].output >= 1);
        source_ended(s, out[i].time + SIMTIME_SECOND / 1000);
    }
    close_source(s);
}

static const char *const processes[] = {"poisson", "gamma", "closed", "trace"};

static void test_contract(void **state) {
    (void)state;
    const struct trace t = bursty_trace();
    static struct request a[REQUESTS], b[REQUESTS];
    for (int k = 0; k < 4; k++) {
        struct workload_spec w = workload(processes[k], &t);
        schedule_constant(&w.rate, 100);
        record(&w, 1, 1, a);
        record(&w, 1, 1, b);
        assert_memory_equal(a, b, sizeof a);
        record(&w, 2, 1, b);
        assert_memory_not_equal(a, b, sizeof a);
        record(&w, 1, 2, b);
        assert_memory_not_equal(a, b, sizeof a);
        schedule_clear(&w.rate);
    }
}

/* Common random numbers: request i has the same lengths whatever brings it, and whenever. */
static void test_lengths_do_not_depend_on_arrivals(void **state) {
    (void)state;
    const struct trace t = bursty_trace();
    static struct request a[REQUESTS], b[REQUESTS];
    for (int empirical = 0; empirical < 2; empirical++) {
        struct workload_spec w = workload("poisson", &t);
        w.empirical = empirical;
        schedule_constant(&w.rate, 100);
        record(&w, 1, 1, a);
        for (int k = 0; k < 3; k++) {
            w.arrival = arrival_find(processes[k]);
            w.rate.value[0] = 30;
            record(&w, 1, 1, b);
            assert_true(a[REQUESTS - 1].time != b[REQUESTS - 1].time);
            for (int i = 0; i < REQUESTS; i++)
                assert_true(a[i].prompt == b[i].prompt && a[i].output == b[i].output);
        }
        schedule_clear(&w.rate);
    }
}

/* Runs a closed loop whose requests take random times (at most CLIENTS_MAX run): checks that
 * clients and requests never disagree, and returns the requests sent. */
enum { CLIENTS_MAX = 64 };
static double run_loop(struct source *s, int clients, double seconds, bool random_service) {
    struct rng r;
    rng_init(&r, 6, 6, RNG_TEST);
    simtime end[CLIENTS_MAX], now = 0;
    int running = 0;
    double sent = 0;
    while (now < simtime_of(seconds)) {
        int first = 0;
        for (int i = 1; i < running; i++)
            first = end[i] < end[first] ? i : first;
        if (running == 0 || source_peek(s) <= end[first]) {
            struct request q;
            assert_true(running < clients);
            source_take(s, &q);
            assert_true(q.time >= now);
            now = q.time;
            sent++;
            end[running++] = now + simtime_of(random_service ? rng_exponential(&r) : 1);
        } else {
            now = end[first];
            end[first] = end[--running];
            source_ended(s, now);
        }
        assert_true((source_peek(s) == SIMTIME_NEVER) == (running == clients));
    }
    return sent;
}

static void test_closed_loop(void **state) {
    (void)state;
    struct workload_spec w = workload("closed", NULL);
    static const struct {
        double clients, share;
        int expected;
    } shares[] = {{20, 1, 20}, {20, 0.25, 5}, {20, 0.01, 1}, {10, 0.16, 2}, {64, 1, 64}};
    for (int i = 0; i < 5; i++) {
        w.clients = shares[i].clients;
        struct source *s = open_source(&w, shares[i].share, 1, 1);
        assert_true(count_until(s, 1e-12) == shares[i].expected); /* all at time 0 */
        assert_true(source_peek(s) == SIMTIME_NEVER);
        close_source(s);

        s = open_source(&w, shares[i].share, 1, 1);
        (void)run_loop(s, shares[i].expected, 100, true);
        close_source(s);
    }

    /* Without thinking all are at work all the time: one request a second and client. */
    w.clients = 20;
    w.think = 0;
    struct source *s = open_source(&w, 1, 1, 1);
    assert_true(run_loop(s, 20, 100, false) == 20 * 100);
    close_source(s);

    /* Half a second passes before the scheduler knows the next: 1.5 s a cycle. With thought they
     * add up; the first is there at once. */
    w.frontend = 0.5;
    s = open_source(&w, 1, 1, 1);
    assert_true(run_loop(s, 20, 98.5, false) == 20 * 66);
    close_source(s);
    w.think = 2.5;
    s = open_source(&w, 1, 1, 1);
    const double slow = 20 * 2000 / 4.0; /* z = 2.5, m = 4: see below */
    within(run_loop(s, 20, 2000, false), slow + 20 * (2.5 * 2.5 + 16) / 32, sqrt(slow) * 2.5 / 4);
    close_source(s);
    w.frontend = 0;

    /* A cycle is a second of service and z seconds of thought: a renewal process per client from a
     * request at 0 on, with m = 1 + z, so t / m + (z^2 + m^2) / (2 m^2) requests, and a variance of
     * t z^2 / m^3 (Cox 1962, Renewal Theory, chapter 4). */
    w.think = 3;
    s = open_source(&w, 1, 1, 1);
    const double cycles = 20 * 2000 / 4.0;
    within(run_loop(s, 20, 2000, false), cycles + 20 * 25.0 / 32, sqrt(cycles) * 3 / 4);
    close_source(s);
    assert_true(isnan(workload_mean_rate(&w, 0, 10, 1)));

    /* Whose thought ends after any horizon is gone. */
    w.think = 1e300;
    s = open_source(&w, 0.05, 1, 1);
    struct request q;
    source_take(s, &q);
    source_ended(s, SIMTIME_SECOND);
    assert_true(source_peek(s) == SIMTIME_NEVER);
    close_source(s);
}

/* From its first request, or from anywhere: the requests as they are, pass after pass. */
static void test_repeat(void **state) {
    (void)state;
    const struct trace t = bursty_trace();
    struct workload_spec w = workload("trace", &t);
    w.scaling = TRACE_REPEAT;
    w.cells = 4;
    double starts = 0;
    for (uint64_t entity = 0; entity < 50; entity++) {
        w.trace_offset = entity > 0;
        struct source *s = open_source(&w, 0.25, 1, entity);
        struct request q;
        source_take(s, &q);
        int at = q.prompt - 1;
        const double base = request[at].time - simtime_seconds(q.time);
        assert_true(entity > 0 || (at == 0 && q.time == 0));
        assert_true(entity == 0 || base > 0);
        starts += base / t.length / 49;
        for (int i = 1; i < 3 * REQUESTS; i++) {
            at++;
            source_take(s, &q);
            const struct trace_request *expected = &request[at % REQUESTS];
            const double time = expected->time + (at / REQUESTS) * t.length - base;
            assert_int_equal(q.prompt, expected->prompt);
            assert_int_equal(q.output, expected->output);
            assert_true(fabs(simtime_seconds(q.time) - time) < 4e-12 * (1 + time));
        }
        close_source(s);
    }
    within(starts, 0.5, sqrt(1.0 / 12 / 49)); /* offsets are uniform */
    assert_true(fabs(workload_mean_rate(&w, 0, 10, 4) - 4 * REQUESTS / t.length) < 1e-9);

    /* Half of a cell brings half of the requests: binomial. */
    struct source *s = open_source(&w, 0.125, 1, 1);
    within(count_until(s, 20 * t.length), 10 * REQUESTS, sqrt(5 * REQUESTS));
    close_source(s);
}

/* Moments of a sample. */
struct sample {
    double n, mean, second, fourth;
};

static struct sample sample_of(const double *x, int n) {
    struct sample m = {.n = n};
    for (int i = 0; i < n; i++)
        m.mean += x[i] / n;
    for (int i = 0; i < n; i++) {
        const double square = (x[i] - m.mean) * (x[i] - m.mean);
        m.second += square / n;
        m.fourth += square * square / n;
    }
    return m;
}

enum { SAMPLES = 8000 };

/* Counts in [from, to) of one source per entity. */
static struct sample counts(const struct workload_spec *w, double share, double from, double to) {
    static double x[SAMPLES];
    for (int i = 0; i < SAMPLES; i++) {
        struct source *s = open_source(w, share, 9, (uint64_t)i);
        (void)count_until(s, from);
        x[i] = count_until(s, to);
        close_source(s);
    }
    return sample_of(x, SAMPLES);
}

/* Above the trace's rate, below it, and none: the rate follows the schedule. */
static void test_superpose_follows_the_rate(void **state) {
    (void)state;
    const struct trace t = bursty_trace();
    const double own = REQUESTS / t.length;
    struct workload_spec w = workload("trace", &t);
    const double time[] = {0, 2, 3, 5}, value[] = {50 * own, 2 * own, 0, 11 * own};
    assert_int_equal(schedule_make(&w.rate, time, value, 4, 0, false), -1);
    for (int k = 0; k < 4; k++) {
        const double to = k < 3 ? time[k + 1] : 6;
        const struct sample m = counts(&w, 0.1, time[k], to);
        within(m.mean, 0.1 * value[k] * (to - time[k]), sqrt(m.second / m.n));
    }
    schedule_clear(&w.rate);

    const double off[] = {10 * own, 0}; /* a rate that ends */
    assert_int_equal(schedule_make(&w.rate, time, off, 2, 0, false), -1);
    struct source *s = open_source(&w, 1, 1, 1);
    assert_true(count_until(s, 2) > 0);
    assert_true(source_peek(s) == SIMTIME_NEVER);
    close_source(s);
    schedule_clear(&w.rate);
}

/* Index of dispersion of the trace's own counts in windows of w seconds, over all offsets. */
static double own_dispersion(const struct trace *t, double w) {
    enum { OFFSETS = 20000 };
    static double x[OFFSETS];
    size_t low = 0, high = 0; /* requests of the repeated trace before either end of the window */
    for (int i = 0; i < OFFSETS; i++) {
        const double from = t->length * i / OFFSETS;
        while (low < t->count && t->request[low].time < from)
            low++;
        while (t->request[high % t->count].time + (double)(high / t->count) * t->length < from + w)
            high++;
        x[i] = (double)(high - low);
    }
    const struct sample m = sample_of(x, OFFSETS);
    return m.second / m.mean;
}

/* Variances and means of independent copies add, so over the same seconds n copies are as bursty as
 * one; but over as many requests, so an n-th of the seconds, they come nearer to Poisson's 1.
 * Requests kept with probability p keep p of the excess over 1. */
static void test_burstiness(void **state) {
    (void)state;
    const struct trace t = bursty_trace();
    const double own = REQUESTS / t.length, seconds = 3;
    const double one = own_dispersion(&t, seconds), short_one = own_dispersion(&t, seconds / 16),
                 shortest = own_dispersion(&t, seconds / 256);
    assert_true(one > 8 && short_one < 0.7 * one && shortest < 0.5 * one);
    const struct {
        double copies, keep, seconds, expected;
    } cases[] = {
        {1, 1, seconds, one},
        {16, 1, seconds, one},
        {16, 1, seconds / 16, short_one},
        {256, 1, seconds / 256, shortest},
        {1, 0.25, seconds, 1 + 0.25 * (one - 1)},
        {2, 0.75, seconds, 1 + 0.75 * (one - 1)},
    };
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        struct workload_spec w = workload("trace", &t);
        /* A hair less, so that rounding does not ask for one more copy. */
        schedule_constant(&w.rate, cases[k].copies * cases[k].keep * own * (1 - 1e-9));
        const struct sample m = counts(&w, 1, 0, cases[k].seconds);
        const double mean = cases[k].copies * cases[k].keep * own * cases[k].seconds;
        within(m.mean, mean, sqrt(m.second / m.n));
        const double error = sqrt((m.fourth - m.second * m.second) / m.n);
        within(m.second / m.mean, cases[k].expected, error / m.mean);
        schedule_clear(&w.rate);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_contract),
        cmocka_unit_test(test_lengths_do_not_depend_on_arrivals),
        cmocka_unit_test(test_closed_loop),
        cmocka_unit_test(test_repeat),
        cmocka_unit_test(test_superpose_follows_the_rate),
        cmocka_unit_test(test_burstiness),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
