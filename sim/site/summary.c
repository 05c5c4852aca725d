/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/engine/memory.h"
#include "sim/site/estimate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* FNV-1a's offset basis and prime. The state's hash is made of the cells' own as FNV-1a makes one
 * of bytes, so that cells can be hashed apart. */
#define HASH_BASIS 0xcbf29ce484222325u
#define HASH_PRIME 0x100000001b3u

enum summary {
    SUMMARY_HORIZON,
    SUMMARY_Q_TOKEN,
    SUMMARY_GOOD_TOKENS,
    SUMMARY_PROMPT_TOKENS,
    SUMMARY_ARRIVED,
    SUMMARY_DONE,
    SUMMARY_SIMULATED,
    SUMMARY_REJECTED,
    SUMMARY_IN_FLIGHT,
    SUMMARY_PREEMPTIONS,
    SUMMARY_ITERATIONS,
    SUMMARY_FLOP,
    SUMMARY_IT_ENERGY,
    SUMMARY_SITE_ENERGY,
    SUMMARY_E_TOK,
    SUMMARY_E_TOK_SITE,
    SUMMARY_C_TOK,
    SUMMARY_PUE,
    SUMMARY_U,
    SUMMARY_RHO,
    SUMMARY_RHO_PEAK,
    SUMMARY_RHO_STAR,
    SUMMARY_OVERSHOOT_ENERGY,
    SUMMARY_OVERSHOOT_TIME,
    SUMMARY_COST,
    SUMMARY_CARBON,
    SUMMARY_K_EFF,
    SUMMARY_K_PEAK,
    SUMMARY_SITE_POWER_MEAN,
    SUMMARY_SITE_POWER_PEAK,
    SUMMARY_FEED_LIMIT_MEAN,
    SUMMARY_TOKEN_RATE_MEAN,
    SUMMARY_COST_PER_TOKEN,
    SUMMARY_CARBON_PER_TOKEN,
    SUMMARY_NODES,
    SUMMARY_WEIGHT,
    SUMMARY_OVER_ONE,
    SUMMARY_HEAT_OVERSHOOT,
    SUMMARY_WATER,
    SUMMARY_WATER_PER_TOKEN,
    SUMMARY_IN_FLIGHT_START,
    SUMMARY_DONE_TOKENS,
    SUMMARY_COUNT
};

#define COUNT(name_, unit_, text_)                                                                 \
    { .name = name_, .unit = unit_, .long_name = text_, .whole = true }
#define REAL(name_, unit_, text_)                                                                  \
    { .name = name_, .unit = unit_, .long_name = text_ }

static const struct figure table[SUMMARY_COUNT] = {
    [SUMMARY_HORIZON] = REAL("horizon", "s", "simulated time that is reported, warm-up apart"),
    [SUMMARY_Q_TOKEN] = COUNT("Q_token", "token", "output tokens emitted over the horizon"),
    [SUMMARY_GOOD_TOKENS] =
        COUNT("good_tokens", "token",
              "output tokens of completed requests that met the service and quality targets"),
    [SUMMARY_PROMPT_TOKENS] =
        COUNT("prompt_tokens", "token",
              "prompt tokens whose prefill was done, those done again after a preemption included"),
    [SUMMARY_ARRIVED] = COUNT("requests_arrived", "request", "requests that arrived"),
    [SUMMARY_DONE] = COUNT("requests_done", "request", "requests that emitted their last token"),
    [SUMMARY_SIMULATED] = COUNT("requests_simulated", "request",
                                "requests that arrived at the simulated nodes, not scaled up"),
    [SUMMARY_REJECTED] = COUNT("requests_rejected", "request", "requests that could never fit"),
    [SUMMARY_IN_FLIGHT] =
        COUNT("requests_in_flight", "request", "requests queued or running at the end"),
    [SUMMARY_PREEMPTIONS] = COUNT("preemptions", "1", "sequences preempted for lack of KV blocks"),
    [SUMMARY_ITERATIONS] = COUNT("iterations", "1", "forward passes of replicas"),
    [SUMMARY_FLOP] = REAL("flop", "FLOP", "floating-point operations done"),
    [SUMMARY_IT_ENERGY] = REAL("it_energy", "J", "energy of all nodes at their terminals"),
    [SUMMARY_SITE_ENERGY] = REAL("site_energy", "J", "energy drawn from the feed"),
    [SUMMARY_E_TOK] = REAL("e_tok", "J/token", "it_energy over Q_token"),
    [SUMMARY_E_TOK_SITE] = REAL("e_tok_site", "J/token", "site_energy over Q_token"),
    [SUMMARY_C_TOK] = REAL("c_tok", "FLOP/token", "flop over Q_token, prompt work included"),
    [SUMMARY_PUE] = REAL("PUE", "1", "site_energy over it_energy"),
    [SUMMARY_U] = REAL("U", "1",
                       "mean token rate over the lower ceiling, at the lengths of the whole run "
                       "and its mean available power"),
    [SUMMARY_RHO] = REAL("rho", "J/FLOP", "mean available IT power over K_eff"),
    [SUMMARY_RHO_PEAK] = REAL("rho_peak", "J/FLOP", "mean available IT power over K_peak"),
    [SUMMARY_RHO_STAR] =
        REAL("rho_star", "J/FLOP",
             "e_tok over c_tok of the operating point; power is scarce while rho is lower"),
    [SUMMARY_OVERSHOOT_ENERGY] =
        REAL("overshoot_energy", "J",
             "site energy above the feed's limit, summed over the control periods above it"),
    [SUMMARY_OVERSHOOT_TIME] =
        REAL("overshoot_time", "s", "length of the control periods above the feed's limit"),
    [SUMMARY_COST] = REAL("cost", "USD", "price of the energy drawn from the feed"),
    [SUMMARY_CARBON] = REAL("carbon", "kg", "CO2-equivalent of the energy drawn from the feed"),
    [SUMMARY_K_EFF] = REAL("K_eff", "FLOP/s",
                           "FLOP/s of all nodes at the operating point, never idle, never capped"),
    [SUMMARY_K_PEAK] =
        REAL("K_peak", "FLOP/s", "datasheet FLOP/s of all nodes at the precision in use"),
    [SUMMARY_SITE_POWER_MEAN] = REAL("site_power_mean", "W", "site_energy over the horizon"),
    [SUMMARY_SITE_POWER_PEAK] =
        REAL("site_power_peak", "W", "highest mean site power of a control period"),
    [SUMMARY_FEED_LIMIT_MEAN] = REAL("feed_limit_mean", "W", "mean limit of the feed"),
    [SUMMARY_TOKEN_RATE_MEAN] = REAL("token_rate_mean", "token/s", "Q_token over the horizon"),
    [SUMMARY_COST_PER_TOKEN] =
        REAL("cost_per_million_tokens", "1e-6 USD/token", "cost of a million output tokens"),
    [SUMMARY_CARBON_PER_TOKEN] = REAL("carbon_per_million_tokens", "1e-6 kg/token",
                                      "CO2-equivalent of a million output tokens"),
    [SUMMARY_NODES] = COUNT("nodes", "1", "nodes of the site"),
    [SUMMARY_WEIGHT] = REAL("sample_weight", "1", "nodes of the site per simulated node"),
    [SUMMARY_OVER_ONE] = REAL("U_over_one_time", "s",
                              "length of the control periods whose token rate was above the lower "
                              "ceiling, as when service targets are missed"),
    [SUMMARY_HEAT_OVERSHOOT] = REAL("heat_overshoot_energy", "J",
                                    "IT energy above the plant's heat limit, summed over the "
                                    "control periods above it"),
    [SUMMARY_WATER] =
        REAL("water", "m3",
             "water consumed on site, by the stated water per IT energy; none when not stated"),
    [SUMMARY_WATER_PER_TOKEN] = REAL("water_per_million_tokens", "1e-6 m3/token",
                                     "water consumed on site for a million output tokens"),
    [SUMMARY_IN_FLIGHT_START] =
        COUNT("requests_in_flight_start", "request",
              "requests queued or running when the horizon began, left by the warm-up"),
    [SUMMARY_DONE_TOKENS] = COUNT(
        "done_tokens", "token", "output tokens of requests that ended, within the targets or not"),
};

const struct figure *result_summary_table(size_t *count) {
    *count = SUMMARY_COUNT;
    return table;
}

/* The site's ceilings at the lengths of the whole run and its mean available power. */
static void run_ceilings(const struct site_state *s, double available, struct ceilings *out) {
    struct ceiling *group = memory_new(s->spec->groups, sizeof *group);
    for (size_t g = 0; g < s->spec->groups; g++) {
        const struct cell_tick *t = &s->group[g].total;
        const struct ceiling_seen seen = {
            t->arrived - t->rejected, t->sum_prompt,       t->sum_output, t->sum_decode,
            t->sum_context,           t->sum_prompt_square};
        struct lengths w;
        if (!ceiling_lengths(&seen, &w))
            workload_lengths(&s->group[g].spec->workload, &w);
        ceiling_init_at(&group[g], s->group[g].spec, s->ceiling[g].nodes, &w);
    }
    ceiling_site(group, s->spec->groups, available, out);
    free(group);
}

static void set(struct figure *f, enum summary which, double value, double half) {
    f[which].value = f[which].whole ? round(value) : value;
    f[which].has_interval = isfinite(half) && isfinite(value);
    if (f[which].has_interval) {
        f[which].low = value < 0.0 ? value - half : fmax(value - half, 0.0);
        f[which].high = value + half;
    }
}

/* Totals that scale with the nodes simulated, with the interval that the sample allows. */
static void set_totals(struct figure *f, const struct estimate *e) {
    static const struct {
        enum summary figure;
        enum estimate_total total;
    } pair[] = {
        {SUMMARY_Q_TOKEN, ESTIMATE_TOKENS},
        {SUMMARY_GOOD_TOKENS, ESTIMATE_GOOD},
        {SUMMARY_DONE_TOKENS, ESTIMATE_DONE_TOKENS},
        {SUMMARY_PROMPT_TOKENS, ESTIMATE_PROMPT},
        {SUMMARY_ARRIVED, ESTIMATE_ARRIVED},
        {SUMMARY_DONE, ESTIMATE_DONE},
        {SUMMARY_REJECTED, ESTIMATE_REJECTED},
        {SUMMARY_IN_FLIGHT, ESTIMATE_IN_FLIGHT},
        {SUMMARY_IN_FLIGHT_START, ESTIMATE_IN_FLIGHT_START},
        {SUMMARY_PREEMPTIONS, ESTIMATE_PREEMPTED},
        {SUMMARY_ITERATIONS, ESTIMATE_ITERATIONS},
        {SUMMARY_FLOP, ESTIMATE_FLOP},
    };
    for (size_t i = 0; i < sizeof pair / sizeof pair[0]; i++)
        set(f, pair[i].figure, e->value[pair[i].total], e->half[pair[i].total]);
}

/* What follows from energy: the site's part of it scales as the nodes' does. */
static void set_energy(struct figure *f, const struct site_state *s, const struct estimate *e) {
    const struct book *b = &s->book;
    const double it = ledger_total(&b->it_energy), site = ledger_total(&b->site_energy);
    const double cost = ledger_total(&b->cost), carbon = ledger_total(&b->carbon);
    const double water =
        s->spec->cooling.water.count > 0 ? ledger_total(&b->water) : NAN; /* not stated */
    const double tokens = e->value[ESTIMATE_TOKENS], pue = site / it;
    const double relative = e->half[ESTIMATE_IT_ENERGY] / it;
    const double e_tok = tokens > 0.0 ? it / tokens : NAN;
    const double per_energy = e->half_e_tok / it; /* intervals of what is per token */
    set(f, SUMMARY_IT_ENERGY, it, it * relative);
    set(f, SUMMARY_SITE_ENERGY, site, site * relative);
    set(f, SUMMARY_SITE_POWER_MEAN, site / s->spec->horizon, site / s->spec->horizon * relative);
    set(f, SUMMARY_SITE_POWER_PEAK, b->site_peak, INFINITY);
    set(f, SUMMARY_E_TOK, e_tok, e->half_e_tok);
    set(f, SUMMARY_E_TOK_SITE, e_tok * pue, e->half_e_tok * pue);
    set(f, SUMMARY_PUE, pue, INFINITY);
    set(f, SUMMARY_COST, cost, fabs(cost) * relative);
    set(f, SUMMARY_CARBON, carbon, carbon * relative);
    const double million = tokens > 0.0 ? 1e6 / tokens : NAN;
    set(f, SUMMARY_COST_PER_TOKEN, cost * million, fabs(cost) * 1e6 * per_energy);
    set(f, SUMMARY_CARBON_PER_TOKEN, carbon * million, carbon * 1e6 * per_energy);
    set(f, SUMMARY_WATER, water, water * relative);
    set(f, SUMMARY_WATER_PER_TOKEN, water * million, water * 1e6 * per_energy);
    set(f, SUMMARY_OVERSHOOT_ENERGY, ledger_total(&b->overshoot_energy), INFINITY);
    set(f, SUMMARY_OVERSHOOT_TIME, ledger_total(&b->overshoot_time), INFINITY);
    set(f, SUMMARY_HEAT_OVERSHOOT, ledger_total(&b->heat_energy), INFINITY);
}

static void set_ceilings(struct figure *f, const struct site_state *s, const struct estimate *e) {
    const double horizon = s->spec->horizon;
    const double available = ledger_total(&s->book.available) / horizon;
    const double rate = e->value[ESTIMATE_TOKENS] / horizon;
    struct ceilings c;
    run_ceilings(s, available, &c);
    const double lower = fmin(c.compute, c.power);
    set(f, SUMMARY_TOKEN_RATE_MEAN, rate, e->half[ESTIMATE_TOKENS] / horizon);
    set(f, SUMMARY_U, lower > 0.0 ? rate / lower : NAN, e->half[ESTIMATE_TOKENS] / horizon / lower);
    set(f, SUMMARY_RHO, available / c.flop, INFINITY);
    set(f, SUMMARY_RHO_PEAK, available / c.peak, INFINITY);
    set(f, SUMMARY_RHO_STAR, c.e_tok / c.c_tok, INFINITY);
    set(f, SUMMARY_K_EFF, c.flop, INFINITY);
    set(f, SUMMARY_K_PEAK, c.peak, INFINITY);
    set(f, SUMMARY_FEED_LIMIT_MEAN, ledger_total(&s->book.limit) / horizon, INFINITY);
    set(f, SUMMARY_OVER_ONE, s->book.over_one, INFINITY);
}

static void fill_figures(struct site_state *s, struct result *out) {
    struct estimate e;
    estimate_make(s, &e);
    struct figure *f = memory_new(SUMMARY_COUNT, sizeof *f);
    memcpy(f, table, sizeof table);
    double arrived = 0.0, simulated = 0.0;
    for (size_t i = 0; i < s->cells; i++) {
        arrived += s->cell[i].total.arrived;
        simulated += (double)s->cell[i].nodes;
    }
    const double tokens = e.value[ESTIMATE_TOKENS];
    set_totals(f, &e);
    set_energy(f, s, &e);
    set_ceilings(f, s, &e);
    set(f, SUMMARY_HORIZON, s->spec->horizon, INFINITY);
    set(f, SUMMARY_SIMULATED, arrived, INFINITY);
    set(f, SUMMARY_C_TOK, tokens > 0.0 ? e.value[ESTIMATE_FLOP] / tokens : NAN, e.half_c_tok);
    set(f, SUMMARY_NODES, site_nodes(s->spec), INFINITY);
    set(f, SUMMARY_WEIGHT, site_nodes(s->spec) / simulated, INFINITY);
    out->summary = f;
    out->summaries = SUMMARY_COUNT;
    out->batch_intervals = (double)e.batches;
}

/* Asks this rank's cells and their nodes, and all ranks for the others'. */
static void ask_cells(struct site_state *s, struct result *out) {
    out->nodes = s->manager.nodes;
    out->node = memory_new(out->nodes, sizeof *out->node);
    for (size_t own = 0; own < s->spread.owns; own++) {
        struct site_cell *c = &s->cell[s->spread.own[own]];
        cell_totals(c->cell, &c->end.totals);
        c->end.hash = cell_hash(c->cell, HASH_BASIS);
        for (long k = 0; k < c->nodes; k++)
            cell_node_totals(c->cell, k, &out->node[c->first_node + (size_t)k].total);
        for (int l = 0; l < CELL_LATENCY_COUNT; l++) {
            const struct sketch *latency = cell_sketch(c->cell, (enum cell_latency)l);
            c->end.latency_sum[l] = latency->sum;
            sketch_merge(&out->latency[l], latency);
        }
    }
    spread_end(s, out);
}

/* All that is added up here is so in the order of the cells, whoever has them. */
static void fill_cells(const struct site_state *s, struct result *out) {
    out->cells = s->cells;
    out->cell = memory_new(out->cells, sizeof *out->cell);
    out->state_hash = HASH_BASIS;
    for (int l = 0; l < CELL_LATENCY_COUNT; l++)
        out->latency[l].sum = 0.0;
    for (size_t i = 0; i < s->cells; i++) {
        const struct site_cell *c = &s->cell[i];
        out->cell[i] = (struct result_cell){.group = s->group[c->group].spec->name,
                                            .index = c->index,
                                            .weight = s->group[c->group].sample.weight,
                                            .nodes = c->nodes,
                                            .tokens = c->total.tokens,
                                            .good_tokens = c->total.good_tokens,
                                            .requests_done = c->total.done,
                                            .it_energy = book_it_energy(&c->total)};
        for (long k = 0; k < c->nodes; k++)
            out->node[c->first_node + (size_t)k].cell = (long)i;
        for (int l = 0; l < CELL_LATENCY_COUNT; l++)
            out->latency[l].sum += c->end.latency_sum[l];
        out->state_hash = (out->state_hash ^ c->end.hash) * HASH_PRIME;
    }
}

/* Binding shares and the ledger. */
static void fill_sums(const struct site_state *s, struct result *out) {
    double all = 0.0;
    for (int i = 0; i < BINDING_COUNT; i++)
        all += ledger_total(&s->book.binding[i]);
    for (int i = 0; i < BINDING_COUNT; i++)
        out->binding_share[i] = all > 0.0 ? ledger_total(&s->book.binding[i]) / all : 0.0;
    for (int i = 0; i < RESULT_LEDGER_COUNT; i++)
        out->ledger[i] = ledger_total(&s->book.part[i]);
}

void summary_fill(struct site_state *s, struct result *out) {
    ask_cells(s, out);
    fill_figures(s, out);
    fill_cells(s, out);
    fill_sums(s, out);
    out->crossing = s->book.crossing.list;
    out->crossings = s->book.crossing.count;
    s->book.crossing.list = NULL;
}
