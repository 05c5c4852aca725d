/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_SERVING_CELL_H
#define SIM_SERVING_CELL_H

/* A cell: like nodes behind one router, advanced from control tick to control tick without regard
 * to any other cell. Events inside it are processed in time order: arrivals first, then each
 * replica's iteration boundaries in the order of the replicas. */

#include "models/platform.h"
#include "sim/measure/sketch.h"
#include "sim/serving/binding.h"
#include "sim/workload/workload.h"

#include <math.h>

struct scheduler; /* sim/serving/scheduler.h */
struct router;    /* sim/serving/router.h */

/* A group of `cells` like cells. Immutable once made. */
struct cell_spec {
    const char *name;
    long cells;    /* in the whole site; 0: the group is not there */
    long nodes;    /* in one cell */
    long replicas; /* on one node */
    struct platform platform;
    const struct llm *llm;
    const struct hardware *hardware;
    const struct serving_engine *engine;
    struct workload_spec workload;
    const struct scheduler *scheduler;
    const struct router *router;
    long max_seqs, token_budget, block_tokens, kv_blocks; /* of one replica */
    double target_ttft, target_tpot;                      /* s*: INFINITY when not asked for */
    bool quality_met;                                     /* the model at this precision meets q* */
    /* Power of a node at its terminals: host_power + (1 + host_slope) (spare + replicas' GPUs). */
    double host_power, host_slope;
    double spare_power; /* W: idle GPUs of the node that belong to no replica */
    double node_idle;   /* W, every GPU idle */
    double node_full;   /* W, every replica at its boards' own clamp */
    double node_least;  /* W, every replica's GPUs at the lowest cap that their boards take */
    double node_cap;    /* W, the node's own cap; INFINITY: none */
    double rack_cap;    /* W, the rack's limit over its nodes; INFINITY: none */
};

/* The lowest cap (W) that a node can be given: that of its boards, and at least idle power plus 1 %
 * of the way to full power, under which an iteration would be stretched a hundredfold and more (a
 * bound of the model, docs/site.md; no measured figure). */
static inline double cell_cap_floor(const struct cell_spec *s) {
    return fmax(s->node_least, s->node_idle + 0.01 * (s->node_full - s->node_idle));
}

/* Positions of the longest sequence that a replica can run: longer requests are rejected. */
static inline double cell_longest(const struct cell_spec *s) {
    return fmin(workload_longest(&s->workload), s->llm->context_max);
}

/* The pool of one replica, for its own requests: what kv_blocks is to be. */
static inline long cell_kv_blocks(const struct cell_spec *s) {
    return platform_kv_blocks(&s->platform, s->block_tokens, s->max_seqs, cell_longest(s));
}

/* The parts of IT energy. */
enum cell_energy {
    CELL_GPU_STATIC,
    CELL_GPU_COMPUTE,
    CELL_GPU_MEMORY,
    CELL_HOST, /* host_power and host_slope's share of the GPUs' power */
    CELL_ENERGY_COUNT
};

/* What happened in a cell in one control period; plain sums over its simulated nodes. */
struct cell_tick {
    double tokens, good_tokens, prompt_tokens; /* prompt tokens whose prefill was done */
    double done_tokens;                        /* output tokens of the requests that ended */
    double arrived, done, rejected, preempted; /* requests */
    double iterations, flop;
    double energy[CELL_ENERGY_COUNT]; /* J */
    double binding[BINDING_COUNT];    /* node-seconds; they sum to nodes * period */
    double queued, running;           /* requests, at the period's end */
    /* Sums over the period's arrivals that were not rejected, for struct lengths. */
    double sum_prompt, sum_output, sum_decode, sum_context, sum_prompt_square;
};

/* Totals of one node since cell_measure, else since the start of the run. */
struct cell_node_total {
    double tokens, iterations, preemptions, requests, energy, busy_time; /* J at its terminals; s */
};

struct cell; /* opaque: sim/serving/cell_impl.h */

/* Cell `index` of the group with `nodes` nodes (fewer than spec->nodes in a sampled run), which
 * brings `share` of the group's demand. Its random streams are those of (seed, group, index), the
 * same in full and sampled runs. `step_by_step`: one iteration per event. */
struct cell *cell_new(const struct cell_spec *spec, uint64_t group, uint64_t index, long nodes,
                      double share, uint64_t seed, bool step_by_step);
void cell_free(struct cell *c);

/* Advances to `ticks` successive ends of period (strictly increasing, after the present time), and
 * fills one cell_tick for each. Events at exactly an end belong to the next period. Caps stay as
 * they are throughout. */
void cell_advance(struct cell *c, const simtime *end, size_t ticks, struct cell_tick *out);

/* Sets the power that node i may draw at its terminals from the next iteration boundary on, and
 * whose limit that is (BINDING_FEED or BINDING_COOLING). INFINITY lifts it. The node's own and its
 * rack's cap hold besides. A cap under cell_cap_floor is raised to it: a node cannot go lower. */
void cell_cap(struct cell *c, long node, double cap, enum binding setter);

/* Power (W) that node i draws now; and that it would draw now were it not capped. */
double cell_node_power(const struct cell *c, long node);
double cell_node_demand(const struct cell *c, long node);

/* Begins the cell's counts and sketches anew at the present time, an end of period: for the end of
 * a warm-up. Nothing that runs is touched. */
void cell_measure(struct cell *c);

/* Counts at the end of a run. */
struct cell_totals {
    double requests_in_flight;       /* queued or running */
    double requests_in_flight_start; /* the same when cell_measure was called; else 0 */
    double rejected_pool;            /* prompt and output exceed the KV pool */
    double rejected_context;         /* they exceed the context that the model was made for */
};
void cell_totals(const struct cell *c, struct cell_totals *out);
void cell_node_totals(const struct cell *c, long node, struct cell_node_total *out);

/* Latency sketches of the cell, seconds. */
enum cell_latency { CELL_TTFT, CELL_TPOT, CELL_ITL, CELL_E2E, CELL_LATENCY_COUNT };
const struct sketch *cell_sketch(const struct cell *c, enum cell_latency which);

/* Hash (FNV-1a) over the whole state, for comparing runs bit for bit. */
uint64_t cell_hash(const struct cell *c, uint64_t hash);

#endif
