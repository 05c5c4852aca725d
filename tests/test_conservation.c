/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fails when a cell or a site loses or makes up something: requests, prompt or output tokens, KV
 * blocks, FLOP against the closed form of every request, joules against the feed. Random scenes,
 * cut in mid-run or run until drained; each balance is taken from the trace and the closed forms,
 * not from the simulator's own sums. */
#include "sim/serving/cell_impl.h"
#include "sim/site/capping.h"
#include "sim/site/column.h"
#include "sim/site/site_impl.h"
#include "tests/scene_fixture.h"
#include "tests/serving_oracle.h"

#include "sim/engine/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

enum { CASES = 720, SITES = 100, DRAIN_TICKS = 100000 };

static void close_to(double a, double b, const char *what, uint64_t number) {
    const double scale = fmax(fabs(a), fabs(b));
    if (!(fabs(a - b) <= 1e-9 * scale))
        fail_msg("scene %u: %s: %.17g against %.17g", (unsigned)number, what, a, b);
}

/* What a set of requests amounts to. */
struct balance {
    double requests, prompt, output, flop;
};

static void add(struct balance *b, const struct llm *m, double prompt, double output, double sign) {
    b->requests += sign;
    b->prompt += sign * prompt;
    b->output += sign * output;
    b->flop += output > 0.0 ? sign * llm_flop_request(m, prompt, output) : 0.0;
}

/* What the requests in the cell have got of it so far, and what they hold. */
struct flight {
    struct balance whole;  /* of the requests in flight, as if they were done */
    struct balance so_far; /* of their tokens emitted; prompts of those with a token */
    double partial;        /* FLOP of prefill under way */
    int64_t blocks;        /* KV blocks that they must hold */
    int64_t left;          /* tokens yet to prefill and to emit */
};

static int64_t blocks_of(const struct cell_spec *c, int64_t positions) {
    return (positions + c->block_tokens - 1) / c->block_tokens;
}

/* One request with `emitted` tokens out; in its prefill or not. */
static void count_one(struct flight *f, const struct llm *m, const struct sequence *q,
                      double emitted, bool prefilling) {
    add(&f->whole, m, q->prompt, q->output, 1.0);
    if (emitted > 0.0)
        add(&f->so_far, m, q->prompt, emitted, 1.0);
    f->left += q->output - (int64_t)emitted;
    if (prefilling) {
        f->partial += oracle_prefill_flop(m, q->prefilled);
        f->left += sequence_prefill(q) - q->prefilled;
    }
}

static void count_replica(struct flight *f, const struct cell *c, const struct replica *r) {
    const struct cell_spec *spec = c->env.spec;
    const struct sequence *slot = c->env.pool.slot;
    bool decodes = true; /* those that decode come first */
    for (int32_t i = r->run_head; i != SEQUENCE_NONE; i = slot[i].next) {
        if (i == r->prefill_head)
            decodes = false;
        if (!decodes) {
            count_one(f, spec->llm, &slot[i], slot[i].emitted, true);
            f->blocks += blocks_of(spec, (int64_t)sequence_prefill(&slot[i]) + 1);
            continue;
        }
        count_one(f, spec->llm, &slot[i], (double)(slot[i].emitted + r->n - slot[i].joined), false);
        /* In an iteration that decodes it holds the place of the token to come; else that of the
         * last token, which its admission has given it or the iteration before. */
        const int64_t context = sequence_context(&slot[i], r->n);
        const bool has_place = r->segment.decode || slot[i].joined == r->n;
        f->blocks += blocks_of(spec, has_place ? context : context - 1);
    }
    for (int32_t i = r->queue_head; i != SEQUENCE_NONE; i = slot[i].next) {
        count_one(f, spec->llm, &slot[i], slot[i].emitted, false);
        f->left += sequence_prefill(&slot[i]);
    }
}

struct run {
    struct cell_tick sum;
    struct cell_node_total nodes; /* all of them */
    struct flight flight;
    double *gpu_cap; /* by period; owned */
    size_t ticks;
    int64_t held, outstanding; /* by the cell's own count */
};

static void add_tick(struct cell_tick *sum, const struct cell_tick *tick) {
    const double *from = (const double *)tick;
    double *to = (double *)sum;
    for (size_t k = 0; k < sizeof *tick / sizeof *to; k++)
        to[k] += from[k];
}

/* Runs a scene for `ticks` periods, or for as many as it takes until nothing is left of it. */
static void run_scene(const struct scene *s, size_t ticks, bool drain, struct run *out) {
    struct cell *c = cell_new(&s->spec, 0, 0, s->spec.nodes, 1.0, 1, false);
    *out = (struct run){.gpu_cap = memory_new(DRAIN_TICKS, sizeof(double))};
    const simtime last = s->request[SCENE_REQUESTS - 1].time;
    for (size_t i = 0; i < ticks || (drain && (c->env.meter.in_cell > 0.0 || c->now <= last));
         i++) {
        assert_true(i < DRAIN_TICKS);
        const simtime end = simtime_of((double)(i + 1));
        const double cap = i < SCENE_TICKS ? s->cap[i] : INFINITY;
        for (long n = 0; n < s->spec.nodes; n++)
            cell_cap(c, n, cap, BINDING_FEED);
        struct cell_tick tick;
        cell_advance(c, &end, 1, &tick);
        add_tick(&out->sum, &tick);
        out->gpu_cap[out->ticks++] = scene_gpu_cap(s, fmax(cap, cell_cap_floor(&s->spec)));
    }
    for (long n = 0; n < s->spec.nodes; n++) {
        struct cell_node_total t;
        cell_node_totals(c, n, &t);
        out->nodes.tokens += t.tokens;
        out->nodes.iterations += t.iterations;
        out->nodes.preemptions += t.preemptions;
        out->nodes.requests += t.requests;
        out->nodes.energy += t.energy;
    }
    for (int32_t i = 0; i < c->replicas; i++) {
        count_replica(&out->flight, c, &c->replica[i]);
        out->held += s->spec.kv_blocks - c->replica[i].kv_free;
        out->outstanding += c->replica[i].outstanding;
    }
    assert_true(c->env.meter.in_cell == out->flight.whole.requests);
    cell_free(c);
}

/* The requests that came by the end and could be served, and the largest FLOP that preempting one
 * of them once can cost. */
static void count_trace(const struct scene *s, const struct run *run, struct balance *served,
                        double *worst) {
    const simtime end = simtime_of((double)run->ticks);
    double arrived = 0.0, rejected = 0.0;
    *served = (struct balance){0};
    *worst = 0.0;
    for (size_t i = 0; i < SCENE_REQUESTS && s->request[i].time < end; i++) {
        const struct request *q = &s->request[i];
        arrived++;
        if (scene_rejects(s, q)) {
            rejected++;
            continue;
        }
        add(served, &s->llm, q->prompt, q->output, 1.0);
        *worst = fmax(*worst, oracle_prefill_flop(&s->llm, (double)q->prompt + q->output));
    }
    assert_true(run->sum.arrived == arrived);
    assert_true(run->sum.rejected == rejected);
}

static void check_counts(const struct run *run, const struct balance *served) {
    const struct cell_tick *t = &run->sum;
    const struct flight *f = &run->flight;
    /* Requests and tokens: what came in is done or in flight, to the last token. */
    assert_true(t->done == served->requests - f->whole.requests);
    assert_true(t->sum_prompt == served->prompt);
    assert_true(t->sum_output == served->output);
    assert_true(t->prompt_tokens == served->prompt - f->whole.prompt + f->so_far.prompt);
    assert_true(t->tokens == served->output - f->whole.output + f->so_far.output);
    assert_int_equal(run->outstanding, f->left);
    /* KV: what was taken and not given back is what those in flight must hold. */
    assert_int_equal(run->held, f->blocks);
    /* The nodes' own totals. */
    assert_true(run->nodes.tokens == t->tokens);
    assert_true(run->nodes.iterations == t->iterations);
    assert_true(run->nodes.preemptions == t->preempted);
    assert_true(run->nodes.requests == t->done);
}

/* FLOP done = closed forms of the requests done + those of the tokens of the requests in flight +
 * their prefill under way + what preemptions made necessary twice. */
static void check_flop(const struct scene *s, const struct run *run, const struct balance *served,
                       double worst, uint64_t number) {
    const struct flight *f = &run->flight;
    const double useful = served->flop - f->whole.flop + f->so_far.flop + f->partial;
    if (run->sum.preempted == 0.0) {
        close_to(run->sum.flop, useful, "FLOP", number);
        return;
    }
    assert_true(run->sum.flop > useful * (1.0 - 1e-9));
    assert_true(run->sum.flop <= useful + run->sum.preempted * worst);
    if (s->spec.nodes * s->spec.replicas > 1)
        return;
    struct oracle_result naive;
    oracle_run(&s->spec, s->request, SCENE_REQUESTS, 1.0, run->gpu_cap, run->ticks, &naive);
    assert_true(run->sum.preempted == naive.preemptions);
    close_to(run->sum.flop, useful + naive.recomputed, "FLOP with preemptions", number);
}

static void test_cell(void **state) {
    (void)state;
    double preempted = 0.0, rejected = 0.0, in_flight = 0.0, partial = 0.0, drained = 0.0;
    for (uint64_t i = 0; i < CASES; i++) {
        struct scene s;
        struct run run;
        struct balance served;
        double worst;
        const bool drain = i % 2 == 1;
        scene_make_served(&s, i, i % 3 == 0);
        run_scene(&s, 1 + i % 12, drain, &run);
        count_trace(&s, &run, &served, &worst);
        check_counts(&run, &served);
        check_flop(&s, &run, &served, worst, i);
        const double *e = run.sum.energy;
        close_to(e[CELL_GPU_STATIC] + e[CELL_GPU_COMPUTE] + e[CELL_GPU_MEMORY] + e[CELL_HOST],
                 run.nodes.energy, "energy of the nodes", i);
        if (drain) {
            assert_true(run.sum.done == served.requests);
            assert_true(run.sum.prompt_tokens == served.prompt);
            assert_true(run.sum.tokens == served.output);
            assert_int_equal(run.held, 0);
            assert_int_equal(run.outstanding, 0);
        }
        preempted += run.sum.preempted;
        rejected += run.sum.rejected;
        in_flight += run.flight.so_far.requests;
        partial += run.flight.partial > 0.0;
        drained += drain;
        free(run.gpu_cap);
        scene_clear(&s);
    }
    print_message("# %d scenes, %g drained: %g preemptions, %g rejected; cut with %g requests that "
                  "had tokens, %g times in a prefill\n",
                  CASES, drained, preempted, rejected, in_flight, partial);
    /* The balances are worth their name only if the corners are reached. */
    assert_true(preempted > 1000.0 && rejected > 100.0 && in_flight > 1000.0 && partial > 10.0);
}

/* A site of two random groups, with feed and cooling at random. */
struct place {
    struct scene scene[2];
    struct cell_spec group[2];
    struct site_spec site;
};

static void open_place(struct place *p, uint64_t number) {
    static const char *const policy[] = {"none", "uniform", "proportional"};
    struct rng r;
    rng_init(&r, 20251123, number, RNG_TEST);
    for (size_t g = 0; g < 2; g++) {
        scene_make_served(&p->scene[g], 2 * number + g, true);
        p->group[g] = p->scene[g].spec;
        p->group[g].name = g == 0 ? "first" : "second";
        p->group[g].cells = 1 + (long)rng_below(&r, 2);
        p->group[g].workload.cells = (double)p->group[g].cells;
    }
    p->site = (struct site_spec){.title = "random",
                                 .horizon = 10.0 + 10.0 * rng_uniform(&r),
                                 .tick = rng_below(&r, 2) ? 1.0 : 0.5,
                                 .seed = number,
                                 .sample_every = 1,
                                 .threads = 1,
                                 .capping = capping_find(policy[rng_below(&r, 3)]),
                                 .capping_floor = 0.25,
                                 .group = p->group,
                                 .groups = 2};
    const double idle = site_power_idle(&p->site), full = site_power_full(&p->site);
    if (rng_below(&r, 2)) {
        struct schedule pue;
        schedule_constant(&pue, 1.0 + 0.5 * rng_uniform(&r));
        cooling_constant(&p->site.cooling, &pue);
    } else {
        const double load[] = {0.5 * idle, 0.5 * (idle + full), full}, value[] = {1.6, 1.25, 1.2};
        assert_null(cooling_knots(&p->site.cooling, load, 3, NULL, 1, value));
    }
    p->site.cooling.loss_share = 0.1 * rng_uniform(&r);
    p->site.cooling.fixed = 0.05 * idle * rng_uniform(&r);
    const double high = 1.6 * full, low = 1.6 * idle + 0.5 * rng_uniform(&r) * (full - idle);
    const double time[] = {0.0, 4.0, 8.0}, value[] = {high, low, high};
    assert_int_equal(schedule_make(&p->site.feed_limit, time, value, 3, 0.0, false), -1);
    schedule_constant(&p->site.temperature, 293.15);
}

static void close_place(struct place *p) {
    schedule_clear(&p->site.feed_limit);
    schedule_clear(&p->site.temperature);
    cooling_clear(&p->site.cooling);
    scene_clear(&p->scene[0]);
    scene_clear(&p->scene[1]);
}

static double figure(const struct result *r, const char *name) {
    const struct figure *f = result_figure(r, name);
    assert_non_null(f);
    return f->value;
}

/* The integral of a column over the run (its rows are means over their periods). */
static double integral(const struct site_spec *s, const struct result *r, size_t column) {
    double sum = 0.0, from = 0.0;
    for (size_t i = 0; i < r->series.rows; i++) {
        const double to = site_tick_end(s, i);
        sum += series_value(&r->series, i, column) * (to - from);
        from = to;
    }
    return sum;
}

/* Joules: the feed's = all parts; IT's = those of GPUs and hosts = all nodes'. */
static void check_energy(const struct place *p, const struct result *r, uint64_t number) {
    const double *part = r->ledger;
    double parts = 0.0, nodes = 0.0;
    for (int i = 0; i < RESULT_LEDGER_COUNT; i++) {
        assert_true(part[i] >= 0.0);
        parts += part[i];
    }
    for (size_t i = 0; i < r->nodes; i++)
        nodes += r->node[i].total.energy;
    const double feed = integral(&p->site, r, COLUMN_SITE_POWER);
    const double it = integral(&p->site, r, COLUMN_IT_POWER);
    const double it_parts = part[RESULT_GPU_STATIC] + part[RESULT_GPU_COMPUTE] +
                            part[RESULT_GPU_MEMORY] + part[RESULT_HOST];
    close_to(parts, feed, "parts against the feed", number);
    close_to(figure(r, "site_energy"), feed, "site energy against the feed", number);
    close_to(it_parts, it, "parts of IT against its power", number);
    close_to(nodes, it, "nodes against IT power", number);
    close_to(figure(r, "it_energy"), it, "IT energy against its power", number);
    if (p->site.cooling.kind == COOLING_CONSTANT)
        close_to(schedule_at(&p->site.cooling.pue, 0.0) * it, feed, "PUE times IT", number);
    else
        assert_true(feed > 1.2 * it * (1.0 - 1e-9) && feed < 1.6 * it * (1.0 + 1e-9));
}

static void test_site(void **state) {
    (void)state;
    double slowed = 0.0, done = 0.0;
    for (uint64_t i = 0; i < SITES; i++) {
        struct place p = {0};
        struct result r;
        struct error e;
        open_place(&p, i);
        error_init(&e);
        assert_true(site_run_windows(&p.site, SITE_WINDOW, NULL, NULL, &r, &e));
        error_clear(&e);
        check_energy(&p, &r, i);
        assert_true(figure(&r, "requests_arrived") == figure(&r, "requests_done") +
                                                          figure(&r, "requests_rejected") +
                                                          figure(&r, "requests_in_flight"));
        slowed += r.binding_share[BINDING_FEED] > 0.0;
        done += figure(&r, "requests_done");
        result_clear(&r);
        close_place(&p);
    }
    print_message("# %d sites, %g slowed by the feed; %g requests done\n", SITES, slowed, done);
    assert_true(slowed > 10.0 && done > 1e4);
}

int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_cell), cmocka_unit_test(test_site)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
