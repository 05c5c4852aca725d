/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_SERVING_REPLICA_H
#define SIM_SERVING_REPLICA_H

/* A replica: the GPUs that hold one copy of a model, with its queue, running batch and KV memory.
 * Between two events it is one segment; at an event's boundary it does the five steps of DESIGN 5
 * (docs/equations.md, 6). */

#include "sim/serving/agenda.h"
#include "sim/serving/meter.h"
#include "sim/serving/segment.h"
#include "sim/serving/sequence.h"

/* What all replicas of a cell share. */
struct replica_env {
    const struct cell_spec *spec;
    struct sequence_pool pool;
    struct meter meter;
    struct source *source; /* told of requests that end */
    simtime tick_end;      /* end of the present control period */
    bool step_by_step;
};

struct replica {
    /* Lists, by index into the pool. Running sequences are in admission order; those that decode
     * come before those that prefill, since prompts are served in admission order. */
    int32_t run_head, run_tail;
    int32_t prefill_head; /* the first running sequence that still prefills */
    int32_t fresh_head;   /* the first decoding sequence that KV growth does not count yet */
    int32_t queue_head, queue_tail;
    int32_t running, decoding, queued;
    bool busy;
    bool in_boundary;   /* between the end of an iteration and the beginning of the next */
    bool changed;       /* the batch changed at the present boundary */
    bool preempted;     /* growth preempted at the present boundary, so admission waits */
    enum binding state; /* of the present segment, or BINDING_DEMAND when idle */
    enum binding cap_setter;
    int64_t n;           /* decode counter: iterations that have decoded, the index of the next */
    int64_t grown;       /* the decode iteration up to which KV growth has been taken */
    int64_t context;     /* sum over decoding sequences of L in iteration n */
    int64_t windowed;    /* sum of min(L, window); 0 without windowed layers */
    int64_t kv_free;     /* blocks */
    int64_t outstanding; /* tokens of queued and running requests yet to be processed */
    struct segment segment;
    struct iteration iteration;
    struct power_state power;
    simtime accounted;    /* energy and time are accounted until here */
    simtime decode_end;   /* end of the last iteration that decoded */
    double cap;           /* W on its GPUs together; INFINITY: none */
    struct agenda finish; /* decoding sequences by the count at which they end */
    struct agenda widen;  /* decoding sequences by the count at which L reaches the window */
    int32_t *residue;     /* decoding sequences by (L - 1 - n) modulo the block's tokens */
    /* Totals over the run. */
    double tokens, iterations, preemptions, requests, energy, busy_time;
};

/* 64-bit words of storage that one replica of this specification needs for its agendas, and the
 * same for its residues; and a replica laid over such storage, idle at time 0. */
size_t replica_words(const struct cell_spec *spec);
void replica_init(struct replica *r, const struct cell_spec *spec, uint64_t *words);

/* A request arrives now: queued, or rejected and counted when it can never fit. Returns whether the
 * replica's next event has changed (replica_next tells it). */
bool replica_arrive(struct replica_env *env, struct replica *r, const struct request *q);

/* The replica's next boundary that is an event; SIMTIME_NEVER when it is idle. */
static inline simtime replica_next(const struct replica *r) {
    return r->busy ? segment_time(&r->segment, r->segment.target) : SIMTIME_NEVER;
}

/* The boundary at `now`, in two halves: iterations end and sequences leave; then growth, admission
 * and composition begin the next iteration, if there is any work. Requests that arrive at `now` are
 * brought between the two. */
void replica_end(struct replica_env *env, struct replica *r, simtime now);
void replica_begin(struct replica_env *env, struct replica *r, simtime now);

/* Counts what has happened by `now`, the end of a control period, without ending the segment. */
void replica_settle(struct replica_env *env, struct replica *r, simtime now);

/* Tokens of queued and running requests yet to be processed at `now`: prompt tokens to prefill and
 * output tokens to emit. */
static inline int64_t replica_outstanding(const struct replica *r, simtime now) {
    if (!r->busy || r->in_boundary)
        return r->outstanding;
    const struct segment *s = &r->segment;
    int64_t ended = segment_ended_by(s, now);
    if (ended > s->target)
        ended = s->target;
    const int64_t per_iteration = (s->decode ? r->decoding : 0) + s->chunk;
    return r->outstanding - (ended > s->done ? ended - s->done : 0) * per_iteration;
}

/* Power of its GPUs now, and were it not capped, W. */
double replica_power(const struct replica_env *env, const struct replica *r);
double replica_demand(const struct replica_env *env, const struct replica *r);

#endif
