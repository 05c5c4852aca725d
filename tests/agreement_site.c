/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/agreement_site.h"

#include "sim/measure/interval.h"
#include "sim/serving/router.h"
#include "sim/serving/scheduler.h"
#include "sim/site/capping.h"
#include "sim/site/ceiling.h"
#include "sim/site/column.h"
#include "sim/site/resource.h"
#include "sim/workload/arrival.h"
#include "tests/models_fixture.h"

#include <assert.h>
#include <stdio.h>

enum {
    CELLS = 8,   /* of one node */
    PIECES = 20, /* of time, for intervals */
    WARM = 4     /* of the horizon, the first WARM-th is not counted */
};

#define FACTOR 1.01 /* that of dcsim marginal */
#define ROUNDS 150  /* times that a place of a batch is taken in a run, about */

struct scene {
    struct site_spec site;
    struct cell_spec group;
    struct serving_engine engine;
    struct rng rng;
    const char *llm, *hardware;
};

static double between(struct rng *r, double low, double high) {
    return low + (high - low) * rng_uniform(r);
}

/* As many in each part of the range by its logarithm. */
static double spread(struct rng *r, double low, double high) {
    return low * pow(high / low, rng_uniform(r));
}

/* Model, hardware, precision and an engine that is up to twice as slow or as fast between
 * iterations. */
static void draw_platform(struct scene *s) {
    static const struct llm *const llm[] = {&fixture_llama_70b, &fixture_llama_65b,
                                            &fixture_gpt_oss, &fixture_deepseek_v3};
    static const struct hardware *const hardware[] = {&fixture_h200, &fixture_b200, &fixture_h100};
    struct cell_spec *g = &s->group;
    g->llm = llm[rng_below(&s->rng, 4)];
    const bool large = g->llm == &fixture_deepseek_v3; /* too large for an H100's node, or FP16 */
    g->hardware = hardware[rng_below(&s->rng, large ? 2 : 3)];
    const enum precision weights =
        rng_below(&s->rng, 2) == 0 || large ? PRECISION_FP8 : PRECISION_FP16;
    const double pace = spread(&s->rng, 0.5, 2.0);
    s->engine = fixture_engine;
    s->engine.overhead.iteration *= pace;
    s->engine.overhead.layer *= pace;
    s->engine.overhead.sequence *= pace;
    g->engine = &s->engine;
    struct platform_spec spec =
        fixture_spec(g->llm, g->hardware, weights, weights,
                     large ? PLATFORM_ATTENTION_DATA : PLATFORM_ATTENTION_TENSOR);
    spec.engine = &s->engine;
    platform_make(&spec, &g->platform);
}

/* Lengths of which hardly any exceed the model's context, and the limit of the batch. */
static void draw_work(struct scene *s) {
    struct cell_spec *g = &s->group;
    const double room = g->llm->context_max;
    const double prompt = spread(&s->rng, 100, fmin(8000, 0.2 * room));
    const double output = spread(&s->rng, 30, fmin(1000, 0.06 * room));
    g->workload.prompt = (struct length_spec){LENGTH_LOGNORMAL, prompt, 0.7, 1, 2.5 * prompt};
    g->workload.output = (struct length_spec){LENGTH_EXPONENTIAL, output, 1.0, 1, 8 * output};
    g->max_seqs = (long)round(spread(&s->rng, 16, 256));
    g->kv_blocks = cell_kv_blocks(g);
    assert(g->kv_blocks > 0);
}

static void draw_power(struct cell_spec *g) {
    const struct hardware *h = g->hardware;
    const double slope = 1.0 + h->host_slope;
    g->host_power = h->host_power;
    g->host_slope = slope - 1.0;
    g->node_idle = h->host_power + slope * h->gpus * h->power_idle;
    g->node_full = h->host_power + slope * g->platform.power_limit;
    g->node_least = h->host_power + slope * h->gpus * h->cap_min;
}

/* Constant PUE or one that falls with load; a feed that leaves from little more than the least that
 * nodes can be capped to, to 1.5 times their full power; a plant that sometimes leaves less. */
static void draw_site(struct scene *s, double *ratio) {
    struct cell_spec *g = &s->group;
    s->site = (struct site_spec){.title = "random",
                                 .tick = 1,
                                 .seed = 1 + rng_below(&s->rng, 1000000),
                                 .sample_every = 1,
                                 .threads = 1,
                                 .capping_floor = 0.25,
                                 .group = g,
                                 .groups = 1};
    s->site.capping = capping_find(rng_below(&s->rng, 2) == 0 ? "uniform" : "proportional");
    const double full = site_power_full(&s->site), pue = between(&s->rng, 1.05, 1.6);
    struct cooling *cooling = &s->site.cooling;
    if (rng_below(&s->rng, 3) == 0) {
        const double load[] = {0.3 * full, 0.6 * full, full};
        const double value[] = {pue + 0.15, pue + 0.05, pue};
        const char *bad = cooling_knots(cooling, load, 3, NULL, 1, value);
        assert(bad == NULL);
        (void)bad;
    } else {
        struct schedule constant;
        schedule_constant(&constant, pue);
        cooling_constant(cooling, &constant);
    }
    schedule_constant(&s->site.temperature, 293.15);
    const double least = 1.02 * cell_cap_floor(g) / g->node_full;
    *ratio = between(&s->rng, fmax(0.3, least), 1.5);
    const double it = *ratio * full, heat = rng_below(&s->rng, 6) == 0 ? it : INFINITY;
    const double feed = isfinite(heat) ? 1.3 * it : it;
    schedule_constant(&s->site.feed_limit, cooling_site_power(cooling, feed, 293.15, 0.0));
    if (isfinite(heat))
        schedule_constant(&cooling->heat_limit, heat);
}

/* A closed loop with twice as many clients as places, or arrivals of 1.3 times what full frequency
 * could serve; long enough for ROUNDS rounds. */
static void draw_load(struct scene *s, double ratio) {
    struct cell_spec *g = &s->group;
    struct ceiling c;
    ceiling_init(&c, g, CELLS);
    const double rate = ceiling_rate(&c, fmin(ratio * site_power_full(&s->site), c.power));
    const double output = c.lengths.output, turn = CELLS * c.point.batch * output / rate;
    s->site.horizon = ceil(ROUNDS * turn);
    if (rng_below(&s->rng, 2) == 0) {
        g->workload.arrival = &arrival_closed;
        g->workload.clients = CELLS * ceil(2.0 * c.point.batch + 20.0);
        g->workload.stagger = turn;
    } else {
        g->workload.arrival = &arrival_poisson;
        schedule_constant(&g->workload.rate, 1.3 * c.token_rate / output);
    }
}

static void scene_open(struct scene *s, uint64_t stream, unsigned number, struct agreement *out) {
    rng_init(&s->rng, stream, number, RNG_TEST);
    s->group = (struct cell_spec){.name = "group",
                                  .cells = CELLS,
                                  .nodes = 1,
                                  .replicas = 1,
                                  .scheduler = scheduler_find("chunked"),
                                  .router = router_find("round_robin"),
                                  .token_budget = 4096,
                                  .block_tokens = 16,
                                  .target_ttft = INFINITY,
                                  .target_tpot = INFINITY,
                                  .quality_met = true,
                                  .node_cap = INFINITY,
                                  .rack_cap = INFINITY};
    draw_platform(s);
    draw_work(s);
    draw_power(&s->group);
    draw_site(s, &out->ratio);
    draw_load(s, out->ratio);
    const struct cell_spec *g = &s->group;
    snprintf(out->text, sizeof out->text, "%s on %s, %g to %g tokens, %ld sequences, %s, %s%s%s",
             g->llm->name, g->hardware->name, round(g->workload.prompt.mean),
             round(g->workload.output.mean), g->max_seqs, s->site.capping->name,
             g->workload.arrival->name, s->site.cooling.kind == COOLING_CURVE ? ", PUE curve" : "",
             s->site.cooling.heat_limit.count > 0 ? ", heat limit" : "");
}

static void scene_close(struct scene *s) {
    schedule_clear(&s->group.workload.rate);
    schedule_clear(&s->site.feed_limit);
    schedule_clear(&s->site.temperature);
    cooling_clear(&s->site.cooling);
}

static void run(const struct site_spec *s, struct result *out) {
    struct error e;
    error_init(&e);
    const bool ran = site_run(s, NULL, NULL, out, &e);
    assert(ran);
    (void)ran;
    error_clear(&e);
}

/* Tokens in each piece of the time that counts. */
static void read_pieces(const struct result *r, double *piece) {
    const size_t from = r->series.rows / WARM, rows = r->series.rows - from;
    assert(rows >= PIECES);
    for (size_t i = 0; i < PIECES; i++)
        piece[i] = 0.0;
    for (size_t i = 0; i < rows; i++)
        piece[i * PIECES / rows] += series_value(&r->series, from + i, COLUMN_TOKEN_RATE);
}

static struct agreement_value value_of(const struct scene *s, enum resource resource,
                                       const double *before) {
    struct resource_trial trial;
    struct result result;
    double after[PIECES];
    if (!resource_scale(&s->site, resource, FACTOR, &trial))
        return (struct agreement_value){0.0, 0.0};
    run(&trial.site, &result);
    read_pieces(&result, after);
    const struct interval ratio = interval_ratio(after, before, PIECES, 0.95);
    const double step = log(resource == RESOURCE_CLOCK ? trial.k_eff : trial.factor);
    result_clear(&result);
    const double gain = trial.gain;
    resource_clear(&trial);
    return (struct agreement_value){log(gain * ratio.mean) / step, ratio.half / ratio.mean / step};
}

void agreement_run(uint64_t stream, unsigned number, struct agreement *out) {
    struct scene s;
    struct result base;
    double before[PIECES];
    scene_open(&s, stream, number, out);
    run(&s.site, &base);
    out->demand = base.binding_share[BINDING_DEMAND];
    out->rho = result_figure(&base, "rho")->value / result_figure(&base, "rho_star")->value;
    out->u = result_figure(&base, "U")->value;
    struct ceiling c;
    ceiling_init(&c, &s.group, CELLS);
    out->mixed = site_power_full(&s.site) / c.power;
    read_pieces(&base, before);
    result_clear(&base);
    const bool heat = s.site.cooling.heat_limit.count > 0;
    out->power = value_of(&s, heat ? RESOURCE_COOLING : RESOURCE_FEED, before);
    out->k_eff = value_of(&s, RESOURCE_CLOCK, before);
    out->nodes = value_of(&s, RESOURCE_NODES, before);
    scene_close(&s);
}

bool agreement_saturated(const struct agreement *a) {
    return a->demand < AGREEMENT_DEMAND;
}

bool agreement_diagnosed(const struct agreement *a) {
    return a->rho < 1.0;
}

bool agreement_valued(const struct agreement *a) {
    return a->power.value > a->k_eff.value;
}

bool agreement_decided(const struct agreement *a) {
    return fabs(a->power.value - a->k_eff.value) > hypot(a->power.half, a->k_eff.half);
}

bool agreement_nodes(const struct agreement *a) {
    return a->power.value > a->nodes.value;
}

const char *agreement_reason(const struct agreement *a) {
    if (fabs(a->rho - 1.0) < AGREEMENT_EDGE)
        return "boundary: both ceilings are within 2 % of each other";
    if (a->ratio < 1.0 && a->ratio * a->mixed > 1.0)
        return "caps slow the iterations with prompts in them alone";
    return agreement_decided(a) ? NULL : "the two values differ by less than their intervals";
}
