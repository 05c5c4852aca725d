/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/site_fixture.h"

#include "sim/engine/memory.h"
#include "sim/site/capping.h"
#include "tests/models_fixture.h"

#include <assert.h>
#include <gsl/gsl_math.h>
#include <stdlib.h>

struct fixture_node {
    double cap, old; /* W; `old` acts for the first `lag` s of a period after a change */
    bool fresh;
    enum binding setter;
    double power, demand; /* W, in the last period */
    struct cell_node_total total;
};

struct cell {
    const struct cell_spec *spec;
    const struct fixture_cell *make;
    struct rng rng;
    long nodes;
    double factor;
    simtime now;
    double in_flight, in_flight_start;
    struct fixture_node *node;
    struct sketch sketch;
};

struct cell *cell_new(const struct cell_spec *spec, uint64_t group, uint64_t index, long nodes,
                      double share, uint64_t seed, bool step_by_step) {
    (void)step_by_step;
    struct cell *c = memory_new(1, sizeof *c);
    c->spec = spec;
    c->make = (const struct fixture_cell *)spec->engine;
    c->nodes = nodes;
    c->node = memory_new((size_t)nodes, sizeof *c->node);
    rng_init(&c->rng, seed, group << 32 | index, RNG_TEST);
    c->factor = 1.0 + c->make->cell_spread * rng_normal(&c->rng);
    /* Every node brings its own share of the demand. */
    const double fair = (double)nodes / ((double)spec->cells * (double)spec->nodes);
    assert(fabs(share - fair) < 1e-12);
    for (long i = 0; i < nodes; i++)
        c->node[i] = (struct fixture_node){.cap = INFINITY, .old = INFINITY};
    return c;
}

void cell_free(struct cell *c) {
    if (c == NULL)
        return;
    free(c->node);
    free(c);
}

/* One node in one period. */
static void node_run(struct cell *c, struct fixture_node *n, double seconds, double share,
                     struct cell_tick *out) {
    const struct cell_spec *s = c->spec;
    const double range = s->node_full - s->node_idle;
    const double want = share * c->factor + c->make->noise * rng_normal(&c->rng);
    n->demand = s->node_idle + range * fmin(fmax(want, 0.0), 1.0);
    const double late = n->fresh ? fmin(c->make->lag, seconds) : 0.0;
    const double before = fmin(n->demand, n->old), after = fmin(n->demand, n->cap);
    const double energy = before * late + after * (seconds - late);
    n->power = after;
    n->old = n->cap;
    n->fresh = false;
    const double dynamic = energy - s->node_idle * seconds;
    out->energy[CELL_GPU_STATIC] += 0.7 * s->node_idle * seconds;
    out->energy[CELL_HOST] += 0.3 * s->node_idle * seconds + 0.1 * dynamic;
    out->energy[CELL_GPU_COMPUTE] += 0.5 * dynamic;
    out->energy[CELL_GPU_MEMORY] += 0.4 * dynamic;
    const double tokens = floor(c->make->node_tokens * dynamic / range);
    out->tokens += tokens;
    out->flop += 1.5e11 * tokens;
    out->iterations += floor(tokens / 10);
    out->binding[after < n->demand ? n->setter : BINDING_DEMAND] += seconds;
    n->total.tokens += tokens;
    n->total.energy += energy;
}

void cell_advance(struct cell *c, const simtime *end, size_t ticks, struct cell_tick *out) {
    const struct fixture_cell *m = c->make;
    for (size_t t = 0; t < ticks; t++) {
        const double seconds = simtime_seconds(end[t] - c->now), now = simtime_seconds(c->now);
        const double share = m->load + m->swing * sin(2.0 * M_PI * now / m->period);
        struct cell_tick *o = &out[t];
        *o = (struct cell_tick){0};
        for (long i = 0; i < c->nodes; i++)
            node_run(c, &c->node[i], seconds, share, o);
        const double prompt = now < m->turn ? m->prompt : m->prompt_then;
        o->arrived = floor(o->tokens / m->output) + 1.0;
        o->done = o->arrived - (double)rng_below(&c->rng, 2);
        c->in_flight += o->arrived - o->done;
        o->good_tokens = o->done_tokens = o->done * m->output;
        o->prompt_tokens = o->arrived * prompt;
        o->sum_prompt = o->arrived * prompt;
        o->sum_output = o->arrived * m->output;
        o->sum_decode = o->arrived * (m->output - 1.0);
        o->sum_context = o->sum_decode * (prompt + 0.5 * m->output);
        o->sum_prompt_square = o->arrived * prompt * prompt;
        o->running = c->in_flight;
        sketch_add(&c->sketch, 0.01 * c->factor);
        c->now = end[t];
    }
}

void cell_cap(struct cell *c, long node, double cap, enum binding setter) {
    struct fixture_node *n = &c->node[node];
    if (!n->fresh)
        n->old = n->cap;
    n->fresh = true;
    n->cap = fmax(cap, cell_cap_floor(c->spec));
    n->setter = setter;
}

double cell_node_power(const struct cell *c, long node) {
    return c->node[node].power;
}

double cell_node_demand(const struct cell *c, long node) {
    return c->node[node].demand;
}

void cell_measure(struct cell *c) {
    for (long i = 0; i < c->nodes; i++)
        c->node[i].total = (struct cell_node_total){0};
    c->sketch = (struct sketch){0};
    c->in_flight_start = c->in_flight;
}

void cell_totals(const struct cell *c, struct cell_totals *out) {
    *out = (struct cell_totals){.requests_in_flight = c->in_flight,
                                .requests_in_flight_start = c->in_flight_start};
}

void cell_node_totals(const struct cell *c, long node, struct cell_node_total *out) {
    *out = c->node[node].total;
}

const struct sketch *cell_sketch(const struct cell *c, enum cell_latency which) {
    (void)which;
    return &c->sketch;
}

uint64_t cell_hash(const struct cell *c, uint64_t hash) {
    for (long i = 0; i < c->nodes; i++) {
        unsigned char byte[sizeof c->node[i].total];
        memcpy(byte, &c->node[i].total, sizeof byte);
        for (size_t k = 0; k < sizeof byte; k++)
            hash = (hash ^ byte[k]) * 0x100000001b3u;
    }
    return hash;
}

void workload_lengths(const struct workload_spec *w, struct lengths *out) {
    const double p = w->prompt.mean, o = w->output.mean;
    *out =
        (struct lengths){.prompt = p, .output = o, .context = p + 0.5 * o, .prompt_square = p * p};
}

double workload_longest(const struct workload_spec *w) {
    return w->prompt.mean + w->output.mean;
}

void fixture_constant(struct schedule *s, double value) {
    schedule_clear(s);
    schedule_constant(s, value);
}

void fixture_knots(struct schedule *s, const double *time, const double *value, size_t count,
                   bool linear) {
    schedule_clear(s);
    const long bad = schedule_make(s, time, value, count, 0.0, linear);
    assert(bad == -1);
    (void)bad;
}

void fixture_site(struct site_spec *s, struct cell_spec *group, struct fixture_cell *cell,
                  long cells, long nodes) {
    *cell = (struct fixture_cell){.engine = fixture_engine,
                                  .load = 0.5,
                                  .period = 100,
                                  .node_tokens = 2000,
                                  .prompt = 1000,
                                  .output = 200,
                                  .turn = INFINITY};
    *group = (struct cell_spec){
        .name = "h100",
        .cells = cells,
        .nodes = nodes,
        .replicas = 1,
        .platform = fixture_platform(&fixture_llama_70b, &fixture_h100, PRECISION_FP16,
                                     PRECISION_FP16, PLATFORM_ATTENTION_TENSOR),
        .llm = &fixture_llama_70b,
        .hardware = &fixture_h100,
        .engine = &cell->engine,
        .workload = {.prompt = {.mean = 1000}, .output = {.mean = 200}},
        .max_seqs = 128,
        .token_budget = 4096,
        .block_tokens = 16,
        .kv_blocks = 40000,
        .target_ttft = INFINITY,
        .target_tpot = 0.1,
        .quality_met = true,
        .host_power = fixture_h100.host_power,
        .host_slope = fixture_h100.host_slope,
        .node_cap = INFINITY,
        .rack_cap = INFINITY,
    };
    const struct hardware *h = &fixture_h100;
    const double slope = 1.0 + h->host_slope;
    group->node_idle = h->host_power + slope * h->gpus * h->power_idle;
    group->node_full = h->host_power + slope * h->gpus * h->power_limit * h->power_clamp;
    *s = (struct site_spec){.title = "made up",
                            .horizon = 100,
                            .tick = 1,
                            .seed = 1,
                            .sample_every = 1,
                            .threads = 1,
                            .capping = &capping_none,
                            .capping_floor = 0.25,
                            .group = group,
                            .groups = 1};
    struct schedule pue;
    schedule_constant(&pue, 1.25);
    cooling_constant(&s->cooling, &pue);
    s->cooling.loss_share = 0.05;
    s->cooling.fixed = 1000.0;
    schedule_constant(&s->feed_limit, 2.0 * site_power_full(s));
    schedule_constant(&s->temperature, 293.15);
    schedule_constant(&s->price, 0.0);
    schedule_constant(&s->carbon, 0.0);
}

void fixture_site_clear(struct site_spec *s) {
    schedule_clear(&s->feed_limit);
    schedule_clear(&s->temperature);
    schedule_clear(&s->price);
    schedule_clear(&s->carbon);
    cooling_clear(&s->cooling);
}

void fixture_cooling(struct site_spec *s, enum cooling_kind kind, double base) {
    const double share[] = {0.2, 0.4, 0.6, 0.8, 1.0}, kelvin[] = {273.15, 288.15, 308.15};
    double load[5], value[15];
    for (int j = 0; j < 3; j++)
        for (int i = 0; i < 5; i++) {
            load[i] = share[i] * site_power_full(s);
            value[5 * j + i] = 1.0 + base * (1.0 + 0.3 * j) * (0.5 + 0.2 / share[i]);
        }
    const double loss_share = s->cooling.loss_share, fixed = s->cooling.fixed;
    cooling_clear(&s->cooling);
    const char *wrong = cooling_knots(&s->cooling, load, 5, kind == COOLING_SURFACE ? kelvin : NULL,
                                      kind == COOLING_SURFACE ? 3 : 1, value);
    assert(wrong == NULL);
    (void)wrong;
    s->cooling.loss_share = loss_share;
    s->cooling.fixed = fixed;
}
