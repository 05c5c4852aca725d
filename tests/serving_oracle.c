/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/serving_oracle.h"

#include "models/power.h"
#include "sim/engine/memory.h"
#include "sim/serving/scheduler.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct job {
    struct request ask;
    long emitted, prefilled, goal; /* goal: positions to prefill since its last admission */
    long blocks;
    bool decoding;
    simtime last; /* of its last token */
};

struct oracle {
    const struct cell_spec *spec;
    struct job *job;
    long *running, runs; /* in admission order */
    long *queue, queued;
    long free;
    long *chunk, *last_chunk, last_chunks; /* per running position: prompt tokens this iteration */
    long chunks;
    bool decode, last_decode;
    bool reading; /* memory takes longer than compute: as of when power was set */
    struct power_state power;
    struct oracle_result *out;
};

static long blocks_of(const struct oracle *o, long positions) {
    return (positions + o->spec->block_tokens - 1) / o->spec->block_tokens;
}

/* Since when a request waits, as its client sees it: it takes a while until the scheduler knows
 * it, and that is when it arrives. */
static simtime sent(const struct oracle *o, const struct job *j) {
    const struct platform *p = &o->spec->platform;
    return j->ask.time - simtime_of(p->time_request + p->time_prompt * j->ask.prompt);
}

static void drop_running(struct oracle *o, long at) {
    memmove(&o->running[at], &o->running[at + 1], (size_t)(o->runs - at - 1) * sizeof(long));
    o->runs--;
}

static void push_queue(struct oracle *o, long j, bool head) {
    if (head)
        memmove(&o->queue[1], &o->queue[0], (size_t)o->queued * sizeof(long));
    o->queue[head ? 0 : o->queued] = j;
    o->queued++;
}

double oracle_prefill_flop(const struct llm *m, double positions) {
    return positions > 0.0 ? llm_flop_request(m, positions, 1.0) - llm_flop_head(m) : 0.0;
}

/* What it costs over decoding one token that the next one comes from a prefill of all before. */
static double prefill_excess(const struct llm *m, const struct job *j) {
    const double prompt = j->ask.prompt, emitted = (double)j->emitted;
    const double decode = llm_flop_request(m, prompt, emitted + 1.0) -
                          llm_flop_request(m, prompt, emitted) - llm_flop_head(m);
    return oracle_prefill_flop(m, prompt + emitted) - decode;
}

/* Step 2. */
static bool grow(struct oracle *o) {
    for (bool preempted = false;; preempted = true) {
        long need = 0;
        for (long i = 0; i < o->runs; i++) {
            const struct job *j = &o->job[o->running[i]];
            if (j->decoding && blocks_of(o, j->ask.prompt + j->emitted) > j->blocks)
                need++;
        }
        if (need <= o->free) {
            for (long i = 0; i < o->runs; i++) {
                struct job *j = &o->job[o->running[i]];
                if (j->decoding && blocks_of(o, j->ask.prompt + j->emitted) > j->blocks)
                    j->blocks++;
            }
            o->free -= need;
            return preempted;
        }
        struct job *victim = &o->job[o->running[o->runs - 1]];
        if (!victim->decoding)
            o->out->recomputed += oracle_prefill_flop(o->spec->llm, (double)victim->prefilled);
        o->free += victim->blocks;
        victim->blocks = 0;
        victim->decoding = false;
        victim->prefilled = 0;
        push_queue(o, o->running[o->runs - 1], true);
        drop_running(o, o->runs - 1);
        o->out->preemptions++;
    }
}

/* Step 3. */
static bool admit(struct oracle *o) {
    bool entered = false;
    while (o->queued > 0 && o->runs < o->spec->max_seqs) {
        struct job *j = &o->job[o->queue[0]];
        const long blocks = blocks_of(o, j->ask.prompt + j->emitted + 1);
        if (blocks > o->free)
            break;
        o->free -= blocks;
        j->blocks = blocks;
        j->goal = j->ask.prompt + j->emitted;
        j->prefilled = 0;
        o->running[o->runs++] = o->queue[0];
        memmove(&o->queue[0], &o->queue[1], (size_t)(o->queued - 1) * sizeof(long));
        o->queued--;
        entered = true;
    }
    return entered;
}

static double least(double a, double b) {
    return a < b ? a : b;
}

/* Step 4: the batch of the iteration, and its chunks. */
static void compose(struct oracle *o, struct batch *b) {
    long decoding = 0;
    for (long i = 0; i < o->runs; i++)
        decoding += o->job[o->running[i]].decoding;
    const struct scheduler_plan plan = o->spec->scheduler->plan(
        (int32_t)decoding, (int32_t)(o->runs - decoding), (int32_t)o->spec->token_budget);
    const double window = o->spec->platform.window;
    *b = (struct batch){.sequences = (double)o->runs};
    long left = plan.prefill;
    o->decode = plan.decode;
    o->chunks = o->runs;
    for (long i = 0; i < o->runs; i++) {
        const struct job *j = &o->job[o->running[i]];
        const double context = (double)(j->ask.prompt + j->emitted);
        o->chunk[i] = 0;
        if (j->decoding && plan.decode) {
            b->decoding++;
            b->emitted++;
            b->context += context;
            b->windowed += least(context, window);
        } else if (!j->decoding && left > 0) {
            const long chunk = j->goal - j->prefilled < left ? j->goal - j->prefilled : left;
            o->chunk[i] = chunk;
            left -= chunk;
            b->chunk += (double)chunk;
            b->chunk_reads += (double)j->prefilled;
            b->chunk_reads_windowed += least((double)j->prefilled, window);
            for (long t = 1; t <= chunk; t++) {
                b->chunk_pairs += (double)(j->prefilled + t);
                b->chunk_pairs_windowed += least((double)(j->prefilled + t), window);
            }
            b->emitted += j->prefilled + chunk == j->goal;
        }
    }
}

/* Whether the composition is that of the iteration before, so that power holds. */
static bool same_chunks(const struct oracle *o) {
    long now = 0, before = 0, completes = 0;
    if (o->decode != o->last_decode)
        return false;
    for (long i = 0; i < o->chunks; i++) {
        const struct job *j = &o->job[o->running[i]];
        now += o->chunk[i];
        completes += o->chunk[i] > 0 && j->prefilled + o->chunk[i] == j->goal;
    }
    for (long i = 0; i < o->last_chunks; i++)
        before += o->last_chunk[i];
    return now == before && completes == 0;
}

static enum binding classify(const struct oracle *o, bool preempted) {
    if (o->queued == 0 && o->runs < o->spec->max_seqs)
        return BINDING_DEMAND;
    if (o->power.phi < 1.0 || o->power.stretch > 1.0)
        return BINDING_FEED;
    if (o->runs < o->spec->max_seqs && (preempted || o->spec->scheduler->opens((int32_t)o->runs)))
        return BINDING_KV;
    return o->reading ? BINDING_MEMORY : BINDING_COMPUTE;
}

/* Step 5's end and step 1: tokens come out at `now`, the finished leave. Returns whether the batch
 * changed. */
static bool emit(struct oracle *o, simtime now) {
    bool changed = false;
    for (long i = 0; i < o->runs;) {
        struct job *j = &o->job[o->running[i]];
        bool token = false;
        if (j->decoding) {
            token = o->decode;
        } else {
            j->prefilled += o->chunk[i];
            if (j->prefilled == j->goal) {
                token = j->decoding = changed = true;
                if (j->emitted == 0)
                    o->out->sum_ttft += simtime_seconds(now - sent(o, j));
                else
                    o->out->recomputed += prefill_excess(o->spec->llm, j);
            }
        }
        if (token) {
            if (j->emitted > 0) {
                o->out->sum_itl += simtime_seconds(now - j->last);
                o->out->itl_count++;
            }
            j->last = now;
            j->emitted++;
            o->out->tokens++;
        }
        if (j->emitted < j->ask.output) {
            i++;
            continue;
        }
        changed = true;
        o->free += j->blocks;
        o->out->done++;
        o->out->sum_e2e += simtime_seconds(now - sent(o, j));
        memmove(&o->chunk[i], &o->chunk[i + 1], (size_t)(o->runs - i - 1) * sizeof(long));
        drop_running(o, i);
    }
    return changed;
}

/* Begins an iteration at `now`; returns its length, 0 when there is nothing to do. */
static double begin(struct oracle *o, bool reset, double cap, struct iteration *it,
                    enum binding *state) {
    const struct scheduler *scheduler = o->spec->scheduler;
    bool preempted = scheduler->mixes && grow(o);
    if (!preempted && scheduler->opens((int32_t)o->runs))
        reset |= admit(o);
    if (o->runs == 0)
        return 0.0;
    long decoding = 0;
    for (long i = 0; i < o->runs; i++)
        decoding += o->job[o->running[i]].decoding;
    if (!scheduler->mixes &&
        scheduler
            ->plan((int32_t)decoding, (int32_t)(o->runs - decoding), (int32_t)o->spec->token_budget)
            .decode)
        preempted = grow(o);
    struct batch b;
    compose(o, &b);
    iteration_describe(&o->spec->platform, &b, it);
    if (reset || preempted || !same_chunks(o)) {
        if (cap >= o->spec->platform.power_limit)
            power_free(&o->spec->platform, it, &o->power);
        else
            power_capped(&o->spec->platform, it, cap, &o->power);
        o->reading = it->compute / o->power.phi < it->memory;
    }
    memcpy(o->last_chunk, o->chunk, (size_t)o->chunks * sizeof(long));
    o->last_chunks = o->chunks;
    o->last_decode = o->decode;
    *state = classify(o, preempted);
    return o->power.stretch * iteration_time(it, 0.0, o->power.phi);
}

void oracle_run(const struct cell_spec *spec, const struct request *request, size_t count,
                double tick, const double *cap, size_t ticks, struct oracle_result *out) {
    *out = (struct oracle_result){0};
    struct oracle o = {.spec = spec, .free = spec->kv_blocks, .out = out};
    o.job = memory_new(count, sizeof *o.job);
    o.running = memory_new(count, sizeof(long));
    o.queue = memory_new(count + 1, sizeof(long));
    o.chunk = memory_new(count + 1, sizeof(long));
    o.last_chunk = memory_new(count + 1, sizeof(long));
    const simtime end = simtime_of(tick * (double)ticks);
    simtime now = 0, power_until = 0;
    bool changed = true;
    for (size_t next = 0; now < end;) {
        for (; next < count && request[next].time <= now; next++) {
            const long positions = (long)request[next].prompt + request[next].output;
            o.job[next].ask = request[next];
            if ((double)positions > spec->llm->context_max ||
                blocks_of(&o, positions) > spec->kv_blocks)
                out->rejected++;
            else
                push_queue(&o, (long)next, false);
        }
        const size_t period = (size_t)(now / simtime_of(tick));
        struct iteration it;
        enum binding state;
        const bool reset = changed || now >= power_until;
        const double length = begin(&o, reset, cap[period], &it, &state);
        if (length == 0.0) {
            const simtime wake =
                next < count && request[next].time < end ? request[next].time : end;
            out->state_time[BINDING_DEMAND] += simtime_seconds(wake - now);
            now = wake;
            changed = true;
            continue;
        }
        if (now >= power_until)
            power_until = simtime_of(tick * (double)(period + 1));
        const simtime stop = now + simtime_of(length);
        const double seconds = simtime_seconds((stop < end ? stop : end) - now);
        out->energy += (o.power.gpu_compute + o.power.gpu_memory) * seconds;
        out->state_time[state] += seconds;
        now = stop;
        if (now >= end)
            break;
        out->iterations++;
        out->flop += it.flop;
        changed = emit(&o, now);
    }
    free(o.job);
    free(o.running);
    free(o.queue);
    free(o.chunk);
    free(o.last_chunk);
}
