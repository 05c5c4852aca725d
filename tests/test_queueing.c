/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fails when waiting times leave the closed forms of queueing theory: arrivals that are not
 * Poisson, admission out of order, a batch limit off by one, time lost between iterations. A
 * replica whose iteration takes the same time whatever its batch is a queue with max_seqs servers.
 */
#include "sim/engine/memory.h"
#include "sim/measure/interval.h"
#include "sim/serving/cell.h"
#include "sim/serving/router.h"
#include "sim/serving/scheduler.h"
#include "sim/workload/arrival.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

enum { REPLICATIONS = 20, PERIODS = 140 };
static const double period = 1000.0;   /* s, of a queue with one server */
static const double iteration = 1e-3;  /* s, the time of every iteration */
static const double mean_tokens = 1e3; /* so the mean service time is 1 s */

struct waiting {
    double mean[REPLICATIONS], p99[REPLICATIONS];
    double waited[REPLICATIONS]; /* share of the requests that waited longer than `threshold` */
    double threshold;            /* s: one iteration and at most a sixteenth of one */
};

/* A queue: its arrivals are Poisson, its service times those of `output` tokens, or drawn from
 * `lengths` when that is not NULL. */
struct queue {
    long servers;
    double load; /* per server */
    struct length_spec output;
    const struct trace *lengths;
};

/* What a sketch counts above the lower edge of bin `from`. */
static double share_above(const struct sketch *s, int from) {
    uint64_t count = 0;
    for (int i = from; i < SKETCH_BINS; i++)
        count += s->bin[i];
    return (double)count / (double)s->count;
}

/* One replication of `q`'s run: its TTFT is the waiting time and one iteration. */
static void replicate(const struct cell_spec *spec, uint64_t i, struct waiting *out) {
    struct cell *c = cell_new(spec, 0, 0, 1, 1.0, 7000 + i, false);
    simtime end[PERIODS];
    static struct cell_tick tick[PERIODS];
    for (int k = 0; k < PERIODS; k++) /* about as many requests whatever the servers */
        end[k] = simtime_of(period * (k + 1) / sqrt((double)spec->max_seqs));
    cell_advance(c, end, PERIODS, tick);
    const struct sketch *ttft = cell_sketch(c, CELL_TTFT);
    out->mean[i] = sketch_mean(ttft) - iteration;
    out->p99[i] = sketch_quantile(ttft, 0.99) - iteration;
    const int bin = sketch_bin(2.0 * iteration) + 1;
    out->waited[i] = share_above(ttft, bin);
    out->threshold = sketch_edge(bin) - iteration;
    cell_free(c);
}

/* Waiting times of a queue. */
static void simulate(const struct queue *q, struct waiting *out) {
    static const struct llm llm = {.context_max = 1e9};
    struct cell_spec spec = {
        .name = "queue",
        .cells = 1,
        .nodes = 1,
        .replicas = 1,
        .llm = &llm,
        .platform = {.compute_rate = 1.0,
                     .memory_rate = 1.0,
                     .compute_peak = 1.0,
                     .memory_peak = 1.0,
                     .window = INFINITY,
                     .time_iteration = iteration,
                     .power_scale = 1.0,
                     .power_static = 1.0,
                     .power_limit = 2.0,
                     .phi_min = 0.5,
                     .gpus = 1},
        .scheduler = scheduler_find("chunked"),
        .router = router_find("round_robin"),
        .max_seqs = q->servers,
        .token_budget = q->servers + 16,
        .block_tokens = 16,
        .kv_blocks = 100000000,
        .target_ttft = INFINITY,
        .target_tpot = INFINITY,
        .node_cap = INFINITY,
        .rack_cap = INFINITY,
        .workload = {.arrival = arrival_find("poisson"),
                     .trace = q->lengths,
                     .empirical = q->lengths != NULL,
                     .prompt = {.kind = LENGTH_FIXED, .mean = 1, .low = 1, .high = 1},
                     .output = q->output},
    };
    schedule_constant(&spec.workload.rate,
                      q->load * (double)q->servers / (mean_tokens * iteration));
    for (uint64_t i = 0; i < REPLICATIONS; i++)
        replicate(&spec, i, out);
    schedule_clear(&spec.workload.rate);
}

static struct length_spec tokens(enum length_kind kind, double cv) {
    return (struct length_spec){.kind = kind, .mean = mean_tokens, .cv = cv, .low = 1, .high = 1e6};
}

/* The closed form lies in the 99 % interval of the replications, widened by a known error. */
static void holds(const double *sample, double expected, double error, const char *what) {
    const struct interval i = interval_mean(sample, REPLICATIONS, 0.99);
    print_message("# %s: %.6g +- %.2g, closed form %.6g\n", what, i.mean, i.half, expected);
    if (fabs(i.mean - expected) > i.half + error)
        fail_msg("%s: %.6g +- %.2g simulated, %.6g expected", what, i.mean, i.half, expected);
    /* An interval so wide that anything lies in it would prove nothing. */
    assert_true(i.half < 0.05 * expected);
}

/* Mean service time and its second moment (s, s^2) for geometric lengths. */
static double geometric_second(void) {
    return (2.0 * mean_tokens * mean_tokens - mean_tokens) * iteration * iteration;
}

static void test_mm1(void **state) {
    (void)state;
    const double load = 0.7, mean = mean_tokens * iteration;
    struct waiting w;
    const struct queue q = {1, load, tokens(LENGTH_EXPONENTIAL, 0.0), NULL};
    simulate(&q, &w);
    /* Pollaczek-Khinchine; for exponential service rho / (mu - lambda). */
    const double lambda = load / mean;
    holds(w.mean, lambda * geometric_second() / (2.0 * (1.0 - load)), 0.0, "M/M/1 mean");
    holds(w.waited, load, w.threshold, "M/M/1 probability of waiting");
    /* P(W > t) = rho exp(-(mu - lambda) t). */
    const double p99 = log(load / 0.01) / (1.0 / mean - lambda);
    holds(w.p99, p99, p99 * SKETCH_ERROR, "M/M/1 p99");
}

/* P(W <= t) of M/D/1 with service time 1 (Erlang 1909; Tijms, A First Course in Stochastic Models,
 * 9.2.2). */
static double md1_cdf(double load, double t) {
    double sum = 0.0, factorial = 1.0;
    for (int k = 0; k <= (int)floor(t); k++) {
        if (k > 0)
            factorial *= k;
        const double x = load * (k - t);
        sum += pow(x, k) / factorial * exp(-x);
    }
    return (1.0 - load) * sum;
}

static void test_md1(void **state) {
    (void)state;
    const double load = 0.7, mean = mean_tokens * iteration;
    struct waiting w;
    const struct queue q = {1, load, tokens(LENGTH_FIXED, 0.0), NULL};
    simulate(&q, &w);
    holds(w.mean, load * mean / (2.0 * (1.0 - load)), 0.0, "M/D/1 mean");
    double low = 0.0, high = 20.0;
    for (int i = 0; i < 60; i++) {
        const double middle = 0.5 * (low + high);
        if (md1_cdf(load, middle) < 0.99)
            low = middle;
        else
            high = middle;
    }
    holds(w.p99, low * mean, low * mean * SKETCH_ERROR, "M/D/1 p99");
}

/* Mean wait of M/G/1 whose service takes 1 s in the mean and `second` s^2 in the mean of its square
 * (Pollaczek 1930, Khinchine 1932; Kleinrock, Queueing Systems I, chapter 5). */
static double pollaczek_khinchine(double load, double second) {
    return load * second / (2.0 * (1.0 - load));
}

/* M/G/1 with service times drawn from `count` whole numbers of tokens. */
static void check_drawn(double load, const int32_t *output, size_t count, const char *what) {
    struct trace t = {.request = memory_new(count, sizeof *t.request), .count = count};
    double mean = 0.0, second = 0.0;
    for (size_t i = 0; i < count; i++) {
        const double service = output[i] * iteration;
        t.request[i] = (struct trace_request){.time = (double)i, .prompt = 1, .output = output[i]};
        mean += service / (double)count;
        second += service * service / (double)count;
    }
    assert_true(fabs(mean - 1.0) < 1e-12);
    const struct queue q = {.servers = 1, .load = load, .lengths = &t};
    struct waiting w;
    simulate(&q, &w);
    holds(w.mean, pollaczek_khinchine(load, second), 0.0, what);
    /* Arrivals see time averages (Wolff 1982): a share `load` of them finds the server busy. Less
     * than `threshold` waits who comes in the end of a service and finds no queue. */
    holds(w.waited, load, w.threshold, what);
    free(t.request);
}

/* Nine of ten requests are short, one is eleven times as long: squared coefficient of variation
 * 2.25, and a mean wait 1.6 times that of M/M/1. */
static void test_mg1_two_points(void **state) {
    (void)state;
    int32_t output[10];
    for (int i = 0; i < 10; i++)
        output[i] = i == 0 ? 5500 : 500;
    check_drawn(0.6, output, 10, "M/G/1, two points");
}

/* 1 to 1999 tokens with equal chance: squared coefficient of variation 1/3. */
static void test_mg1_uniform(void **state) {
    (void)state;
    int32_t output[1999];
    for (int32_t i = 0; i < 1999; i++)
        output[i] = i + 1;
    check_drawn(0.8, output, 1999, "M/G/1, uniform");
}

/* Lognormal, as users state their lengths. Rounding to whole tokens adds 1/12 token^2 to the
 * variance, 1e-7 of it. */
static void test_mg1_lognormal(void **state) {
    (void)state;
    const double load = 0.7, cv = 1.2;
    const struct queue q = {1, load, tokens(LENGTH_LOGNORMAL, cv), NULL};
    struct waiting w;
    simulate(&q, &w);
    holds(w.mean, pollaczek_khinchine(load, 1.0 + cv * cv), 1e-6, "M/G/1, lognormal");
    holds(w.waited, load, w.threshold, "M/G/1, lognormal: waiting");
}

/* Probability that a request waits in M/M/c with `offered` = lambda / mu: Erlang's C out of his B,
 * which is a ratio of Poisson probabilities (Erlang 1917; Kleinrock I, 3.5; Tijms, chapter 5). */
static double erlang_c(unsigned servers, double offered) {
    const double b = gsl_ran_poisson_pdf(servers, offered) / gsl_cdf_poisson_P(servers, offered);
    const double load = offered / servers;
    return b / (1.0 - load * (1.0 - b));
}

/* The closed form itself, by answers known to fractions: C(1, a) = a, C(2, 1) = 1/3, C(3, 2) = 4/9.
 */
static void test_erlang(void **state) {
    (void)state;
    assert_true(fabs(erlang_c(1, 0.7) - 0.7) < 1e-12);
    assert_true(fabs(erlang_c(2, 1.0) - 1.0 / 3.0) < 1e-12);
    assert_true(fabs(erlang_c(3, 2.0) - 4.0 / 9.0) < 1e-12);
}

static void check_mmc(long servers, double load) {
    const double mean = mean_tokens * iteration, offered = load * (double)servers;
    const struct queue q = {servers, load, tokens(LENGTH_EXPONENTIAL, 0.0), NULL};
    struct waiting w;
    simulate(&q, &w);
    const double wait_probability = erlang_c((unsigned)servers, offered);
    const double rate = ((double)servers - offered) / mean; /* c mu - lambda */
    print_message("# M/M/%ld at %g: P(W > 0) %.5f\n", servers, load, wait_probability);
    /* P(W > t) = C exp(-rate t). A request that finds a free place still waits for the boundary of
     * the running iteration, so that what is seen lies between W and W + iteration. */
    const double over = wait_probability * exp(-rate * w.threshold);
    holds(w.waited, over, over * expm1(rate * iteration), "M/M/c probability of waiting");
    holds(w.mean, wait_probability / rate, iteration, "M/M/c mean");
    const double p99 = log(wait_probability / 0.01) / rate;
    holds(w.p99, p99, p99 * SKETCH_ERROR + iteration, "M/M/c p99");
}

static void test_mmc(void **state) {
    (void)state;
    check_mmc(4, 0.8);
    check_mmc(16, 0.85);
}

int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_mm1),
                                       cmocka_unit_test(test_md1),
                                       cmocka_unit_test(test_mg1_two_points),
                                       cmocka_unit_test(test_mg1_uniform),
                                       cmocka_unit_test(test_mg1_lognormal),
                                       cmocka_unit_test(test_erlang),
                                       cmocka_unit_test(test_mmc)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
