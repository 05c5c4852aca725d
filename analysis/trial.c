/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/trial.h"

#include "sim/serving/cell.h"
#include "sim/serving/router.h"
#include "sim/serving/scheduler.h"
#include "sim/workload/arrival.h"

#include <math.h>

/* A round is one request of every client. Rounds before the window, in which the clients that all
 * begin at once come apart; rounds of the window; and requests at least, so that few clients with
 * drawn lengths give a mean as well. */
enum { TRIAL_WARM = 2, TRIAL_ROUNDS = 8, TRIAL_REQUESTS = 64 };
/* Rounds from the beginning whose first tokens are looked at one by one where a measurement counts
 * them; the others are taken to be like those of the window. */
enum { TRIAL_FIRST = 10 };
/* Periods of a round: how finely the window's ends are found. */
enum { TRIAL_PERIODS = 64, TRIAL_PERIODS_MAX = 4000000 };
/* Clients for each place in the batch when as much as the engine takes is asked for. */
#define TRIAL_QUEUE 1.25
enum { TRIAL_SEED = 1 };

/* What has been counted since the run's beginning or a window's. */
struct trial_sums {
    double time, tokens, done, energy, running, periods;
    struct sketch latency[CELL_LATENCY_COUNT];
};

struct trial_state {
    struct cell *cell;
    simtime now, period;
    long advanced; /* periods */
    struct trial_sums sums;
};

static const char does_not_fit[] = "the request or batch does not fit the KV memory by the tables",
                  not_stated[] = "lengths or clients are not stated",
                  too_slow[] = "the simulated window did not end";

void trial_platform(const struct measured_point *p, const struct trial_tables *t,
                    struct platform *out) {
    const struct platform_spec spec = {
        .llm = t->llm,
        .hardware = t->hardware,
        .engine = t->engine,
        .gpus = p->gpus,
        .weights = p->weights,
        .kv = p->kv,
        .math = platform_math(t->hardware, p->weights),
        .attention = p->attention,
        .experts = p->expert_parallel ? PLATFORM_EXPERTS_PARALLEL : PLATFORM_EXPERTS_TENSOR,
        .memory_reserve = isnan(p->memory_reserve) ? -1 : p->memory_reserve,
    };
    platform_make(&spec, out);
}

/* What is set aside for each sequence of the cell whatever its own length. */
static double trial_aside(const struct cell_spec *c) {
    return platform_sequence_bytes(&c->platform, c->block_tokens, cell_longest(c));
}

/* Sequences of the point's mean length that the memory holds. */
static double trial_places(const struct measured_point *p, const struct cell_spec *c) {
    const struct platform *platform = &c->platform;
    const double sequence =
        trial_aside(c) + (p->prompt + p->output / 2) * platform->kv_stored_bytes;
    return fmax(1, floor(platform->kv_pool_bytes / sequence));
}

/* Clients of one copy. */
static double trial_clients(const struct measured_point *p, const struct cell_spec *c,
                            long max_seqs) {
    if (p->kind == MEASURED_OFFLINE || p->kind == MEASURED_SERVER)
        return ceil(TRIAL_QUEUE * fmin((double)max_seqs, trial_places(p, c))) + 1;
    return fmax(1, round(p->clients / p->copies));
}

static struct length_spec trial_length(double mean, double spread) {
    if (spread > 0)
        return (struct length_spec){.kind = LENGTH_UNIFORM,
                                    .mean = mean,
                                    .low = fmax(1, rint(mean * (1 - spread))),
                                    .high = fmax(1, rint(mean * (1 + spread)))};
    return (struct length_spec){
        .kind = LENGTH_FIXED, .mean = fmax(mean, 1), .low = 1, .high = INFINITY};
}

/* The engine's defaults, widened to what was measured. */
static void trial_limits(const struct measured_point *p, const struct trial_tables *t,
                         struct cell_spec *c) {
    c->block_tokens = t->engine->block_tokens;
    const double clients = trial_clients(p, c, t->engine->max_seqs);
    c->workload.clients = clients;
    c->max_seqs = p->kind == MEASURED_CLOSED_LOOP || p->kind == MEASURED_BATCH
                      ? (long)clients
                      : t->engine->max_seqs;
    /* What is set aside for each sequence is so for all of them: no more of them than the memory
     * holds at work. */
    if (trial_aside(c) > 0)
        c->max_seqs = (long)fmin((double)c->max_seqs, trial_places(p, c));
    c->token_budget = platform_token_budget(t->engine, p->attention, p->gpus);
    if (c->token_budget < c->max_seqs)
        c->token_budget = c->max_seqs;
    c->scheduler = scheduler_find(t->engine->scheduler);
    if (p->kind == MEASURED_BATCH) {
        /* The whole batch's prompts at once, then only decoding; batches follow each other, so that
         * all of one are there when it begins. */
        c->workload.frontend = 0;
        c->scheduler = &scheduler_prefill_first;
        c->token_budget = (long)fmax((double)c->token_budget, clients * ceil(p->prompt));
    }
    c->kv_blocks = cell_kv_blocks(c);
}

/* One node with nothing but the replica's GPUs in it; a cap of a GPU is the node's then. */
static void trial_power(const struct measured_point *p, const struct hardware *h,
                        struct cell_spec *c) {
    const double slope = 1 + h->host_slope, gpus = p->gpus;
    c->host_power = h->host_power;
    c->host_slope = h->host_slope;
    c->node_idle = h->host_power + slope * gpus * h->power_idle;
    c->node_full = h->host_power + slope * c->platform.power_limit;
    c->node_least = h->host_power + slope * gpus * h->cap_min;
    c->node_cap = isnan(p->cap) ? INFINITY : h->host_power + slope * gpus * p->cap;
    c->rack_cap = INFINITY;
}

/* `llm` gets the model without a limit of its context: what was measured ran. */
static void trial_spec(const struct measured_point *p, const struct trial_tables *t,
                       const struct platform *platform, struct llm *llm, struct cell_spec *c) {
    *llm = *t->llm;
    llm->context_max = INFINITY;
    *c = (struct cell_spec){
        .name = "trial",
        .cells = 1,
        .nodes = 1,
        .replicas = 1,
        .platform = *platform,
        .llm = llm,
        .hardware = t->hardware,
        .engine = t->engine,
        .workload = {.arrival = arrival_find("closed"),
                     .cells = 1,
                     .frontend = platform->time_request + platform->time_prompt * p->prompt,
                     .prompt = trial_length(p->prompt, p->spread),
                     .output = trial_length(p->output, p->spread)},
        .router = router_find("round_robin"),
        .target_ttft = INFINITY,
        .target_tpot = INFINITY,
        .quality_met = true,
    };
    trial_limits(p, t, c);
    trial_power(p, t->hardware, c);
}

/* A round's time by formula, to cut it into periods. */
static double trial_round(const struct cell_spec *c) {
    struct lengths lengths;
    workload_lengths(&c->workload, &lengths);
    const struct operating_limits limits = {.tpot = INFINITY,
                                            .max_seqs = c->max_seqs,
                                            .token_budget = c->token_budget,
                                            .kv_blocks = c->kv_blocks,
                                            .block_tokens = c->block_tokens};
    struct operating_point point;
    operating_point_find(&c->platform, &lengths, &limits, &point);
    const double batch = fmax(1, fmin(c->workload.clients, point.batch));
    operating_point_at(&c->platform, &lengths, &limits, batch, 1, &point);
    return c->workload.clients * lengths.output / point.token_rate + c->workload.frontend;
}

/* Advances until there are `count` in all of a latency: first tokens, requests. False when that
 * takes too long. */
static bool trial_advance(struct trial_state *s, enum cell_latency of, double count) {
    struct trial_sums *sums = &s->sums;
    for (; (double)cell_sketch(s->cell, of)->count < count; s->advanced++) {
        if (s->advanced >= TRIAL_PERIODS_MAX ||
            simtime_seconds(s->now + s->period) > SIMTIME_HORIZON_MAX)
            return false;
        struct cell_tick tick;
        s->now += s->period;
        cell_advance(s->cell, &s->now, 1, &tick);
        sums->tokens += tick.tokens;
        sums->done += tick.done;
        sums->energy += tick.energy[CELL_GPU_STATIC] + tick.energy[CELL_GPU_COMPUTE] +
                        tick.energy[CELL_GPU_MEMORY];
        sums->running += tick.running;
        sums->periods++;
    }
    sums->time = simtime_seconds(s->now);
    for (int i = 0; i < CELL_LATENCY_COUNT; i++)
        sums->latency[i] = *cell_sketch(s->cell, (enum cell_latency)i);
    return true;
}

/* What was counted after `from`. */
static void trial_subtract(struct trial_sums *all, const struct trial_sums *from) {
    all->time -= from->time;
    all->tokens -= from->tokens;
    all->done -= from->done;
    all->energy -= from->energy;
    all->running -= from->running;
    all->periods -= from->periods;
    for (int i = 0; i < CELL_LATENCY_COUNT; i++) {
        struct sketch *sketch = &all->latency[i];
        sketch->count -= from->latency[i].count;
        sketch->sum -= from->latency[i].sum;
        for (int bin = 0; bin < SKETCH_BINS; bin++)
            sketch->bin[bin] -= from->latency[i].bin[bin];
    }
}

/* Mean power of the node, or of the nodes, at the wall. */
static double trial_wall(const struct measured_point *p, const struct hardware *h,
                         double gpu_power) {
    const double gpus = (double)p->gpus * p->copies, nodes = ceil(gpus / h->gpus);
    const double spare = (nodes * h->gpus - gpus) * h->power_idle;
    return nodes * h->host_power + (1 + h->host_slope) * (gpu_power + spare);
}

static void trial_read(const struct measured_point *p, const struct cell_spec *c,
                       const struct trial_sums *sums, double ttft, struct trial *out) {
    const double copies = p->copies;
    out->ttft = ttft;
    out->tpot = sketch_mean(&sums->latency[CELL_TPOT]);
    out->itl_p50 = sketch_quantile(&sums->latency[CELL_ITL], 0.5);
    out->token_rate = copies * sums->tokens / sums->time;
    out->gpu_power = copies * sums->energy / sums->time;
    out->wall_power = trial_wall(p, c->hardware, out->gpu_power);
    out->e_tok = sums->energy / sums->tokens;
    out->running = copies * sums->running / sums->periods;
    out->clients = copies * c->workload.clients;
    out->requests = sums->done;
    out->places = copies * trial_places(p, c);
}

/* Mean TTFT of a measurement of so many requests, all clients beginning at once: the sums of its
 * first requests, and the window's mean for the rest. */
static double trial_ttft(const struct sketch *first, const struct sketch *window, double requests) {
    const double known = (double)first->count, steady = sketch_mean(window);
    return known < requests ? (first->sum + (requests - known) * steady) / requests
                            : sketch_mean(first);
}

/* Advances to the end of the warm-up and makes the periods fit the rounds as they were. */
static bool trial_warm(const struct cell_spec *c, struct trial_state *s, struct trial_sums *warm) {
    const double clients = c->workload.clients;
    if (!trial_advance(s, CELL_E2E, TRIAL_WARM * clients))
        return false;
    *warm = s->sums;
    s->period = simtime_of(fmax(warm->time * clients / (warm->done * TRIAL_PERIODS), 1e-9));
    return true;
}

/* Advances until there are so many first tokens, and keeps their latencies. */
static bool trial_firsts(struct trial_state *s, double count, struct sketch *out) {
    if (!trial_advance(s, CELL_TTFT, count))
        return false;
    *out = *cell_sketch(s->cell, CELL_TTFT);
    return true;
}

/* The first rounds, the warm-up and the window. */
static bool trial_window(const struct measured_point *p, const struct cell_spec *c,
                         struct trial_state *s, double *ttft) {
    struct trial_sums warm;
    struct sketch first;
    const double clients = c->workload.clients, requests = p->requests / p->copies;
    /* A batch is measured by itself, and in the simulation none differs from another. */
    const bool counted = p->kind == MEASURED_CLOSED_LOOP && requests > 0;
    const double firsts = counted ? fmin(fmax(requests, 1), TRIAL_FIRST * clients) : 0;
    const bool early = firsts <= TRIAL_WARM * clients;
    if (!(early ? trial_firsts(s, firsts, &first) && trial_warm(c, s, &warm)
                : trial_warm(c, s, &warm) && trial_firsts(s, firsts, &first)))
        return false;
    if (!trial_advance(s, CELL_E2E, warm.done + fmax(TRIAL_ROUNDS * clients, TRIAL_REQUESTS)))
        return false;
    trial_subtract(&s->sums, &warm);
    const struct sketch *window = &s->sums.latency[CELL_TTFT];
    *ttft = counted ? trial_ttft(&first, window, requests) : sketch_mean(window);
    return true;
}

bool trial_run(const struct measured_point *p, const struct trial_tables *t,
               const struct platform *platform, struct trial *out) {
    struct llm llm;
    struct cell_spec c;
    *out = (struct trial){NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NULL};
    if (isnan(p->prompt) || isnan(p->output) || (isnan(p->clients) && p->kind < MEASURED_OFFLINE)) {
        out->failed = not_stated;
        return false;
    }
    trial_spec(p, t, platform, &llm, &c);
    const double longest = ceil((1 + p->spread) * (p->prompt + p->output)) + 2;
    const double together = p->kind == MEASURED_BATCH ? c.workload.clients : 1;
    if ((double)c.kv_blocks * (double)c.block_tokens < together * longest) {
        out->failed = does_not_fit;
        return false;
    }
    /* Where a measurement does not say that all its clients begin at once, they begin one after the
     * other: with lengths that are all alike, those that begin together would never come apart. */
    const double round_time = trial_round(&c);
    if (p->kind == MEASURED_CLOSED_LOOP && !(p->requests > 0))
        c.workload.stagger = round_time;
    struct trial_state s = {.cell = cell_new(&c, 0, 0, 1, 1, TRIAL_SEED, false),
                            .period = simtime_of(fmax(round_time / TRIAL_PERIODS, 1e-9))};
    double ttft = NAN;
    if (trial_window(p, &c, &s, &ttft))
        trial_read(p, &c, &s.sums, ttft, out);
    else
        out->failed = too_slow;
    cell_free(s.cell);
    return out->failed == NULL;
}
