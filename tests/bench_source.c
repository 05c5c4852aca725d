/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a request costs before anybody serves it: ns per source_take, arrivals and lengths together,
 * for each process and kind of length. */
#define _POSIX_C_SOURCE 200809L /* clock_gettime */
#include "sim/engine/memory.h"
#include "sim/workload/arrival.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { REQUESTS = 2000000, TRACE_REQUESTS = 20000, CLIENTS = 256, KNOTS = 96 };

static double now(void) {
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* As bursty as the public conversation trace: gaps of cv 1.1 about 0.18 s. */
static void make_trace(struct trace *t) {
    struct rng r;
    rng_init(&r, 1, 1, RNG_TEST);
    t->count = TRACE_REQUESTS;
    t->request = memory_new(t->count, sizeof *t->request);
    double time = 0;
    for (size_t i = 0; i < t->count; i++) {
        t->request[i] = (struct trace_request){.time = time,
                                               .prompt = 1 + (int32_t)(1000 * rng_exponential(&r)),
                                               .output = 1 + (int32_t)(200 * rng_exponential(&r))};
        time += 0.18 * rng_gamma(&r, 0.83);
    }
    t->length = time;
}

static void bench(const char *what, const struct workload_spec *w, double share) {
    struct source *s = memory_new(1, source_size(w));
    source_open(s, w, share, 1, 1);
    struct request q = {0};
    int64_t sum = 0;
    const double start = now();
    for (int i = 0; i < REQUESTS; i++) {
        source_take(s, &q);
        sum += q.prompt + q.output;
        source_ended(s, q.time + 1000);
    }
    const double ns = (now() - start) / REQUESTS * 1e9;
    printf("%-44s %6.1f ns  (%.0f tokens a request)\n", what, ns, (double)sum / REQUESTS);
    source_close(s);
    free(s);
}

/* A day in straight lines between quarter hours, repeated. */
static void make_day(struct schedule *s, double mean) {
    double time[KNOTS], value[KNOTS];
    for (int i = 0; i < KNOTS; i++) {
        time[i] = 900.0 * i;
        value[i] = mean * (1.0 + 0.4 * sin(2.0 * 3.14159265358979 * i / KNOTS));
    }
    if (schedule_make(s, time, value, KNOTS, 86400.0, true) >= 0)
        abort();
}

int main(void) {
    struct trace t;
    make_trace(&t);
    const struct length_spec fixed = {.kind = LENGTH_FIXED, .mean = 500, .low = 1, .high = 1e6};
    const struct length_spec normal = {
        .kind = LENGTH_LOGNORMAL, .mean = 500, .cv = 1.2, .low = 1, .high = 1e6};
    const struct length_spec memoryless = {
        .kind = LENGTH_EXPONENTIAL, .mean = 500, .low = 1, .high = 1e6};
    struct workload_spec w = {.prompt = fixed,
                              .output = fixed,
                              .cv = 1.5,
                              .trace = &t,
                              .trace_offset = true,
                              .clients = CLIENTS};

    w.arrival = arrival_find("poisson");
    schedule_constant(&w.rate, 1000.0);
    bench("poisson, constant rate, fixed", &w, 0.5);
    w.prompt = w.output = memoryless;
    bench("poisson, constant rate, exponential", &w, 0.5);
    w.prompt = w.output = normal;
    bench("poisson, constant rate, lognormal", &w, 0.5);
    w.empirical = true;
    bench("poisson, constant rate, empirical", &w, 0.5);
    schedule_clear(&w.rate);

    make_day(&w.rate, 200000.0);
    bench("poisson, daily profile, empirical", &w, 0.01);
    w.arrival = arrival_find("gamma");
    bench("gamma cv 1.5, daily profile, empirical", &w, 0.01);
    w.empirical = false;
    bench("gamma cv 1.5, daily profile, lognormal", &w, 0.01);
    w.cv = 0.5;
    bench("gamma cv 0.5, daily profile, lognormal", &w, 0.01);

    w.arrival = arrival_find("trace");
    w.scaling = TRACE_REPEAT;
    bench("trace, repeated", &w, 1.0);
    w.scaling = TRACE_SUPERPOSE;
    bench("trace, 6 copies superposed", &w, 0.0001);
    bench("trace, 51 copies superposed", &w, 0.001);
    bench("trace, 504 copies superposed", &w, 0.01);
    schedule_clear(&w.rate);

    w.arrival = arrival_find("closed");
    w.prompt = w.output = fixed;
    bench("closed, 256 clients, fixed", &w, 1.0);
    free(t.request);
    return 0;
}
