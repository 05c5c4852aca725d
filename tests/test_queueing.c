/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fails when waiting times leave the closed forms of queueing theory: arrivals that are not
 * Poisson, admission out of order, a batch limit off by one, time lost between iterations. A
 * replica whose iteration takes the same time whatever its batch is a queue with max_seqs servers.
 */
#include "sim/measure/interval.h"
#include "sim/serving/cell.h"
#include "sim/serving/router.h"
#include "sim/serving/scheduler.h"
#include "sim/workload/arrival.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { REPLICATIONS = 20, PERIODS = 140 };
static const double period = 1000.0;   /* s */
static const double iteration = 1e-3;  /* s, the time of every iteration */
static const double mean_tokens = 1e3; /* so the mean service time is 1 s */

struct waiting {
    double mean[REPLICATIONS], p99[REPLICATIONS];
};

/* Waiting times of a queue with `servers` servers at `load` per server. */
static void simulate(long servers, double load, enum length_kind service, struct waiting *out) {
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
        .max_seqs = servers,
        .token_budget = servers + 16,
        .block_tokens = 16,
        .kv_blocks = 100000000,
        .target_ttft = INFINITY,
        .target_tpot = INFINITY,
        .node_cap = INFINITY,
        .rack_cap = INFINITY,
        .workload = {.arrival = arrival_find("poisson"),
                     .prompt = {.kind = LENGTH_FIXED, .mean = 1, .low = 1, .high = 1},
                     .output = {.kind = service, .mean = mean_tokens, .low = 1, .high = 1e6}},
    };
    schedule_constant(&spec.workload.rate, load * (double)servers / (mean_tokens * iteration));
    for (uint64_t i = 0; i < REPLICATIONS; i++) {
        struct cell *c = cell_new(&spec, 0, 0, 1, 1.0, 7000 + i, false);
        simtime end[PERIODS];
        static struct cell_tick tick[PERIODS];
        for (int k = 0; k < PERIODS; k++)
            end[k] = simtime_of(period * (k + 1));
        cell_advance(c, end, PERIODS, tick);
        /* The first token comes one iteration after service begins. */
        out->mean[i] = sketch_mean(cell_sketch(c, CELL_TTFT)) - iteration;
        out->p99[i] = sketch_quantile(cell_sketch(c, CELL_TTFT), 0.99) - iteration;
        cell_free(c);
    }
    schedule_clear(&spec.workload.rate);
}

/* The closed form lies in the 99 % interval of the replications, widened by a known error. */
static void holds(const double *sample, double expected, double error, const char *what) {
    const struct interval i = interval_mean(sample, REPLICATIONS, 0.99);
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
    simulate(1, load, LENGTH_EXPONENTIAL, &w);
    /* Pollaczek-Khinchine; for exponential service rho / (mu - lambda). */
    const double lambda = load / mean;
    holds(w.mean, lambda * geometric_second() / (2.0 * (1.0 - load)), 0.0, "M/M/1 mean");
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
    simulate(1, load, LENGTH_FIXED, &w);
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

static void test_mmc(void **state) {
    (void)state;
    enum { SERVERS = 4 };
    const double load = 0.8, mean = mean_tokens * iteration, offered = load * SERVERS;
    struct waiting w;
    simulate(SERVERS, load, LENGTH_EXPONENTIAL, &w);
    /* Erlang's C. */
    double term = 1.0, sum = 1.0;
    for (int k = 1; k < SERVERS; k++) {
        term *= offered / k;
        sum += term;
    }
    const double last = term * offered / SERVERS / (1.0 - load);
    const double wait_probability = last / (sum + last);
    const double rate = SERVERS / mean - offered / mean; /* c mu - lambda */
    /* A request that finds a free place still waits for the boundary of the running iteration. */
    holds(w.mean, wait_probability / rate, iteration, "M/M/4 mean");
    const double p99 = log(wait_probability / 0.01) / rate;
    holds(w.p99, p99, p99 * SKETCH_ERROR + iteration, "M/M/4 p99");
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_mm1), cmocka_unit_test(test_md1),
                                       cmocka_unit_test(test_mmc)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
