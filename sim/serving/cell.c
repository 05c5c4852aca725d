/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/serving/cell_impl.h"

#include "sim/engine/memory.h"

#include <assert.h>
#include <stdlib.h>

/* Entities of the random streams: cell `index` of group `group`. */
static uint64_t entity_of(uint64_t group, uint64_t index) {
    return group << 32 | index;
}

struct cell *cell_new(const struct cell_spec *spec, uint64_t group, uint64_t index, long nodes,
                      double share, uint64_t seed, bool step_by_step) {
    struct cell *c = memory_new(1, sizeof *c);
    c->nodes = nodes;
    c->replicas = (int32_t)(nodes * spec->replicas);
    c->replica = memory_new((size_t)c->replicas, sizeof *c->replica);
    const size_t words = replica_words(spec);
    c->words = memory_new((size_t)c->replicas * words, sizeof *c->words);
    const double own = spec->node_cap < spec->rack_cap ? spec->node_cap : spec->rack_cap;
    for (int32_t i = 0; i < c->replicas; i++)
        replica_init(&c->replica[i], spec, c->words + (size_t)i * words);
    c->env.spec = spec;
    c->env.step_by_step = step_by_step;
    c->env.source = memory_new(1, source_size(&spec->workload));
    source_open(c->env.source, &spec->workload, share, seed, entity_of(group, index));
    rng_init(&c->router.rng, seed, entity_of(group, index), RNG_ROUTE);
    sequence_pool_init(&c->env.pool, 1024);
    eventq_init(&c->queue, (uint32_t)c->replicas + 1);
    for (long i = 0; i < nodes && isfinite(own); i++)
        cell_cap(c, i, INFINITY, BINDING_FEED);
    return c;
}

void cell_free(struct cell *c) {
    if (c == NULL)
        return;
    source_close(c->env.source);
    free(c->env.source);
    sequence_pool_clear(&c->env.pool);
    eventq_free(&c->queue);
    free(c->words);
    free(c->replica);
    free(c);
}

/* Counts the lengths of a request that will be served: the operating point is one of served work.
 */
static void count_lengths(struct cell_tick *tick, double prompt, double output) {
    tick->sum_prompt += prompt;
    tick->sum_output += output;
    tick->sum_decode += output - 1.0;
    tick->sum_context += (output - 1.0) * (prompt + 0.5 * output);
    tick->sum_prompt_square += prompt * prompt;
}

/* Gives the next request of the source to a replica. */
static void arrive(struct cell *c) {
    const struct cell_spec *spec = c->env.spec;
    struct request q;
    source_take(c->env.source, &q);
    const double rejected = c->env.meter.tick.rejected;
    c->env.meter.tick.arrived++;
    const int32_t i = spec->router->pick(&c->router, c->replica, c->replicas, q.time);
    c->router.requests++;
    struct replica *r = &c->replica[i];
    if (replica_arrive(&c->env, r, &q))
        eventq_set(&c->queue, (uint32_t)i + 1, replica_next(r));
    if (c->env.meter.tick.rejected == rejected)
        count_lengths(&c->env.meter.tick, q.prompt, q.output);
}

/* A replica's boundary. Clients whose request ended in it may send the next at once: such requests
 * have arrived at this boundary, so they are brought before it begins the next iteration. */
static void boundary(struct cell *c, int32_t i, simtime now) {
    struct replica *r = &c->replica[i];
    replica_end(&c->env, r, now);
    while (source_peek(c->env.source) <= now)
        arrive(c);
    replica_begin(&c->env, r, now);
    eventq_set(&c->queue, (uint32_t)i + 1, replica_next(r));
    eventq_set(&c->queue, 0, source_peek(c->env.source));
}

/* Closes a control period: what is under way is counted up to its end, and constant power added. */
static void close_period(struct cell *c, simtime end, struct cell_tick *out) {
    const struct cell_spec *spec = c->env.spec;
    const double seconds = simtime_seconds(end - c->now);
    int64_t queued = 0, running = 0;
    for (int32_t i = 0; i < c->replicas; i++) {
        replica_settle(&c->env, &c->replica[i], end);
        queued += c->replica[i].queued;
        running += c->replica[i].running;
    }
    *out = c->env.meter.tick;
    const double nodes = (double)c->nodes;
    out->energy[CELL_GPU_STATIC] =
        nodes * (spec->spare_power + (double)spec->replicas * spec->platform.power_static) *
        seconds;
    const double gpus =
        out->energy[CELL_GPU_STATIC] + out->energy[CELL_GPU_COMPUTE] + out->energy[CELL_GPU_MEMORY];
    out->energy[CELL_HOST] = nodes * spec->host_power * seconds + spec->host_slope * gpus;
    for (int b = 0; b < BINDING_COUNT; b++)
        out->binding[b] /= (double)spec->replicas;
    out->queued = (double)queued;
    out->running = (double)running;
    c->env.meter.tick = (struct cell_tick){0};
    c->now = end;
}

void cell_advance(struct cell *c, const simtime *end, size_t ticks, struct cell_tick *out) {
    eventq_start(&c->queue, c->now);
    eventq_set(&c->queue, 0, source_peek(c->env.source));
    for (int32_t i = 0; i < c->replicas; i++)
        eventq_set(&c->queue, (uint32_t)i + 1, replica_next(&c->replica[i]));
    for (size_t t = 0; t < ticks; t++) {
        assert(end[t] > c->now);
        c->env.tick_end = end[t];
        uint32_t slot;
        for (simtime now = eventq_first(&c->queue, &slot); now < end[t];
             now = eventq_first(&c->queue, &slot)) {
            if (slot == 0) {
                arrive(c);
                eventq_set(&c->queue, 0, source_peek(c->env.source));
            } else {
                boundary(c, (int32_t)slot - 1, now);
            }
        }
        close_period(c, end[t], &out[t]);
    }
}

/* GPU power (W) that a replica may draw when its node may draw `cap` at its terminals. */
static double replica_share(const struct cell_spec *spec, double cap) {
    const double gpus = (cap - spec->host_power) / (1.0 + spec->host_slope) - spec->spare_power;
    return gpus / (double)spec->replicas;
}

void cell_cap(struct cell *c, long node, double cap, enum binding setter) {
    const struct cell_spec *spec = c->env.spec;
    double lowest = cap;
    if (spec->rack_cap < lowest) {
        lowest = spec->rack_cap;
        setter = BINDING_RACK;
    }
    if (spec->node_cap < lowest) {
        lowest = spec->node_cap;
        setter = BINDING_NODE;
    }
    lowest = fmax(lowest, cell_cap_floor(spec));
    const double gpus = isfinite(lowest) ? replica_share(spec, lowest) : INFINITY;
    for (long i = node * spec->replicas; i < (node + 1) * spec->replicas; i++) {
        c->replica[i].cap = gpus;
        c->replica[i].cap_setter = setter;
    }
}

/* Power of a node whose replicas' GPUs draw `gpus` W. */
static double node_power(const struct cell_spec *spec, double gpus) {
    return spec->host_power + (1.0 + spec->host_slope) * (spec->spare_power + gpus);
}

double cell_node_power(const struct cell *c, long node) {
    const long per_node = c->env.spec->replicas;
    double gpus = 0.0;
    for (long i = node * per_node; i < (node + 1) * per_node; i++)
        gpus += replica_power(&c->env, &c->replica[i]);
    return node_power(c->env.spec, gpus);
}

double cell_node_demand(const struct cell *c, long node) {
    const long per_node = c->env.spec->replicas;
    double gpus = 0.0;
    for (long i = node * per_node; i < (node + 1) * per_node; i++)
        gpus += replica_demand(&c->env, &c->replica[i]);
    return node_power(c->env.spec, gpus);
}

void cell_measure(struct cell *c) {
    struct meter *m = &c->env.meter;
    for (int32_t i = 0; i < c->replicas; i++) {
        struct replica *r = &c->replica[i];
        r->tokens = r->iterations = r->preemptions = r->requests = 0.0;
        r->energy = r->busy_time = 0.0;
    }
    for (int l = 0; l < CELL_LATENCY_COUNT; l++)
        m->latency[l] = (struct sketch){.count = 0};
    m->rejected_pool = m->rejected_context = 0.0;
    c->measured_from = c->now;
    c->in_flight_start = m->in_cell;
}

void cell_totals(const struct cell *c, struct cell_totals *out) {
    *out = (struct cell_totals){
        .requests_in_flight = c->env.meter.in_cell,
        .requests_in_flight_start = c->in_flight_start,
        .rejected_pool = c->env.meter.rejected_pool,
        .rejected_context = c->env.meter.rejected_context,
    };
}

void cell_node_totals(const struct cell *c, long node, struct cell_node_total *out) {
    const struct cell_spec *spec = c->env.spec;
    const double seconds = simtime_seconds(c->now - c->measured_from);
    *out = (struct cell_node_total){0};
    double dynamic = 0.0;
    for (long i = node * spec->replicas; i < (node + 1) * spec->replicas; i++) {
        const struct replica *r = &c->replica[i];
        out->tokens += r->tokens;
        out->iterations += r->iterations;
        out->preemptions += r->preemptions;
        out->requests += r->requests;
        out->busy_time += r->busy_time / (double)spec->replicas;
        dynamic += r->energy;
    }
    const double idle = node_power(spec, (double)spec->replicas * spec->platform.power_static);
    out->energy = idle * seconds + (1.0 + spec->host_slope) * dynamic;
}

const struct sketch *cell_sketch(const struct cell *c, enum cell_latency which) {
    return &c->env.meter.latency[which];
}

/* FNV-1a over `size` bytes. */
static uint64_t hash_bytes(uint64_t hash, const void *data, size_t size) {
    const unsigned char *byte = data;
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ byte[i]) * 0x100000001b3u;
    return hash;
}

uint64_t cell_hash(const struct cell *c, uint64_t hash) {
    for (int32_t i = 0; i < c->replicas; i++) {
        const struct replica *r = &c->replica[i];
        const int64_t whole[] = {r->running,  r->decoding, r->queued,      r->n,        r->context,
                                 r->windowed, r->kv_free,  r->outstanding, r->accounted};
        const double real[] = {r->tokens,        r->iterations,  r->preemptions, r->requests,
                               r->energy,        r->busy_time,   r->power.phi,   r->power.stretch,
                               r->segment.alpha, r->segment.beta};
        hash = hash_bytes(hash, whole, sizeof whole);
        hash = hash_bytes(hash, real, sizeof real);
    }
    for (int which = 0; which < CELL_LATENCY_COUNT; which++)
        hash = hash_bytes(hash, c->env.meter.latency[which].bin,
                          sizeof c->env.meter.latency[which].bin);
    return hash_bytes(hash, &c->now, sizeof c->now);
}
