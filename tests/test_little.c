/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fails when Little's law does not hold: when the requests that a cell reports as queued or running
 * are not, from event to event, those whose times in the system it reports as latency. In its
 * finite form the law is an identity (Stidham 1974; El-Taha and Stidham, Sample-Path Analysis of
 * Queueing Systems, 1999): the integral of the number in the system over [0, T] is the sum over
 * requests of the time that each spent in it within [0, T], with those still in flight at T. What a
 * request takes before the scheduler knows it is in its latency, but not in the number: the sum is
 * less by it, and a closed loop's clients that are not in the system are on their way. */
#include "sim/serving/cell_impl.h"
#include "sim/workload/arrival.h"
#include "tests/scene_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { CASES = 240, LOOPS = 120 };

/* Request-seconds in [0, T], counted in two ways. */
struct law {
    double number; /* integral of the number in the system: L T */
    double time;   /* sum of the times in the system: lambda W T */
    double requests, in_flight, done;
};

static simtime ages(const struct cell *c, int32_t head, simtime now) {
    simtime sum = 0;
    for (int32_t i = head; i != SEQUENCE_NONE; i = c->env.pool.slot[i].next)
        sum += now - c->env.pool.slot[i].arrival;
    return sum;
}

/* Sum of the times in the system up to now. */
static double time_in_system(const struct cell *c) {
    simtime sum = 0;
    for (int32_t i = 0; i < c->replicas; i++) {
        sum += ages(c, c->replica[i].run_head, c->now);
        sum += ages(c, c->replica[i].queue_head, c->now);
    }
    return cell_sketch(c, CELL_E2E)->sum + simtime_seconds(sum);
}

static simtime next_event(const struct cell *c, simtime horizon) {
    simtime next = source_peek(c->env.source);
    for (int32_t i = 0; i < c->replicas; i++)
        if (replica_next(&c->replica[i]) < next)
            next = replica_next(&c->replica[i]);
    return next < horizon ? next : horizon;
}

/* Goes from event to event, so that the number reported after each holds until the next. */
static void watch(const struct scene *s, double horizon, struct law *out) {
    struct cell *c = cell_new(&s->spec, 0, 0, s->spec.nodes, 1.0, 1, false);
    const simtime end = simtime_of(horizon);
    for (long n = 0; n < s->spec.nodes; n++)
        cell_cap(c, n, s->cap[0], BINDING_FEED);
    *out = (struct law){0};
    simtime area = 0, now = 0; /* picoseconds times requests: whole, so without rounding */
    struct cell_tick tick;
    for (int64_t present = 0; now < end;) {
        const simtime event = next_event(c, end), after = event < end ? event + 1 : end;
        area += present * (event - now);
        now = event;
        if (after == c->now)
            break;
        cell_advance(c, &after, 1, &tick);
        present = (int64_t)(tick.queued + tick.running);
        out->requests += tick.arrived - tick.rejected;
        out->done += tick.done;
    }
    struct cell_totals totals;
    cell_totals(c, &totals);
    out->in_flight = totals.requests_in_flight;
    assert_true(out->requests == out->done + out->in_flight);
    out->number = simtime_seconds(area);
    out->time = time_in_system(c);
    cell_free(c);
}

/* The sum of times in an ordinary run, in periods of 1 s, fast-forwarding between events. */
static double ordinary(const struct scene *s, int ticks) {
    struct cell *c = cell_new(&s->spec, 0, 0, s->spec.nodes, 1.0, 1, false);
    for (int i = 0; i < ticks; i++) {
        const simtime end = simtime_of(i + 1);
        struct cell_tick tick;
        cell_advance(c, &end, 1, &tick);
    }
    const double time = time_in_system(c);
    cell_free(c);
    return time;
}

static void close_to(double a, double b, double relative, const char *what, uint64_t number) {
    if (!(fabs(a - b) <= relative * fmax(fabs(a), fabs(b))))
        fail_msg("scene %u: %s: %.17g against %.17g", (unsigned)number, what, a, b);
}

static void test_open(void **state) {
    (void)state;
    double requests = 0.0, in_flight = 0.0, free_runs = 0.0;
    for (uint64_t i = 0; i < CASES; i++) {
        struct scene s;
        struct law law;
        const int ticks = 1 + (int)(i % 20);
        scene_make_served(&s, i, i % 2 == 0);
        s.spec.platform.time_request = s.spec.platform.time_prompt = 0.0;
        watch(&s, ticks, &law);
        close_to(law.number, law.time, 1e-12, "number against time in system", i);
        if (isinf(s.cap[0])) { /* a cap acts from boundaries that depend on the periods' ends */
            close_to(law.number, ordinary(&s, ticks), 1e-9, "against an ordinary run", i);
            free_runs++;
        }
        requests += law.requests;
        in_flight += law.in_flight;
        scene_clear(&s);
    }
    print_message("# %d scenes: %g requests, %g of them in flight at the end; %g without caps\n",
                  CASES, requests, in_flight, free_runs);
    assert_true(requests > 1e4 && in_flight > 1000.0 && free_runs > 100.0);
}

/* A closed loop without thought: the number in the system is that of the clients, always, so that
 * clients = throughput times mean time in system, with the ages of those in flight. */
static void open_loop(struct scene *s, uint64_t i, double before) {
    scene_make_served(s, i, true);
    s->spec.workload.arrival = arrival_find("closed");
    s->spec.workload.clients = 1.0 + (double)(i * 7 % 100);
    s->spec.workload.prompt = (struct length_spec){LENGTH_FIXED, 200.0, 0.0, 1, 1000};
    if (!(before > 0.0))
        s->spec.workload.prompt.kind = LENGTH_EXPONENTIAL;
    s->spec.workload.output = (struct length_spec){LENGTH_EXPONENTIAL, 50.0, 0.0, 1, 500};
    s->spec.workload.frontend = before;
    s->spec.platform.time_request = 0.25 * before;
    s->spec.platform.time_prompt = 0.75 * before / 200.0;
}

static void test_closed(void **state) {
    (void)state;
    double requests = 0.0;
    for (uint64_t i = 0; i < LOOPS; i++) {
        struct scene s;
        struct law law;
        open_loop(&s, i, 0.0);
        const double clients = s.spec.workload.clients;
        watch(&s, 3.0, &law);
        close_to(law.number, 3.0 * clients, 1e-12, "number against clients", i);
        close_to(law.number, law.time, 1e-12, "number against time in system", i);
        assert_true(law.in_flight == clients);
        requests += law.requests;
        scene_clear(&s);
    }
    print_message("# %d closed loops: %g requests\n", LOOPS, requests);
    assert_true(requests > 1e4);
}

/* The same with a time before the scheduler: it is in the latency of every request, once, and its
 * client is on its way for as long: all but those who had sent their first at time 0, and some of
 * the way of those who are still on it at the end. */
static void test_closed_with_frontend(void **state) {
    (void)state;
    double requests = 0.0;
    for (uint64_t i = 0; i < LOOPS; i++) {
        struct scene s;
        struct law law;
        const double before = 0.02 * (double)(1 + i % 7);
        open_loop(&s, i, before);
        const double clients = s.spec.workload.clients;
        watch(&s, 3.0, &law);
        close_to(law.time - before * law.requests, law.number, 1e-9, "latency less the way", i);
        const double away = 3.0 * clients - law.number;
        assert_true(away >= before * (law.requests - clients) - 1e-9);
        assert_true(away <= before * law.done + 1e-9);
        assert_true(law.in_flight <= clients);
        requests += law.requests;
        scene_clear(&s);
    }
    print_message("# %d closed loops, a time before the scheduler: %g requests\n", LOOPS, requests);
    assert_true(requests > 1e4);
}

int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_open), cmocka_unit_test(test_closed),
                                       cmocka_unit_test(test_closed_with_frontend)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
