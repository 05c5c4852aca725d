/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/serving/replica.h"

#include "sim/serving/admission.h"
#include "sim/serving/composition.h"
#include "sim/serving/kv.h"

#include <assert.h>

size_t replica_words(const struct cell_spec *spec) {
    const size_t agendas = 2 * (size_t)spec->max_seqs;
    return agendas + ((size_t)spec->block_tokens + 1) / 2;
}

void replica_init(struct replica *r, const struct cell_spec *spec, uint64_t *words) {
    *r = (struct replica){
        .run_head = SEQUENCE_NONE,
        .run_tail = SEQUENCE_NONE,
        .prefill_head = SEQUENCE_NONE,
        .fresh_head = SEQUENCE_NONE,
        .queue_head = SEQUENCE_NONE,
        .queue_tail = SEQUENCE_NONE,
        .state = BINDING_DEMAND,
        .cap_setter = BINDING_NODE,
        .kv_free = spec->kv_blocks,
        .cap = INFINITY,
        .finish = {.key = words},
        .widen = {.key = words + spec->max_seqs},
        .residue = (int32_t *)(words + 2 * spec->max_seqs),
    };
}

/* Energy and node-time from r->accounted to `now`, at the present power. */
static void account(struct replica_env *env, struct replica *r, simtime now) {
    const double seconds = simtime_seconds(now - r->accounted);
    r->accounted = now;
    struct cell_tick *tick = &env->meter.tick;
    tick->binding[r->state] += seconds;
    if (!r->busy)
        return;
    const double compute = r->power.gpu_compute * seconds, memory = r->power.gpu_memory * seconds;
    tick->energy[CELL_GPU_COMPUTE] += compute;
    tick->energy[CELL_GPU_MEMORY] += memory;
    r->energy += compute + memory;
    r->busy_time += seconds;
}

/* Gaps between tokens in the first iteration after one that did not decode: each sequence waited
 * since its last token, which differs. */
static void count_stalled_gaps(struct replica_env *env, const struct replica *r) {
    const struct sequence *slot = env->pool.slot;
    for (int32_t i = r->run_head; i != SEQUENCE_NONE && i != r->prefill_head; i = slot[i].next) {
        const simtime since = slot[i].last > r->decode_end ? slot[i].last : r->decode_end;
        sketch_add(&env->meter.latency[CELL_ITL],
                   r->segment.alpha + simtime_seconds(r->segment.start - since));
    }
}

/* Tokens of `count` more decode iterations. */
static void settle_decode(struct replica_env *env, struct replica *r, int64_t count) {
    const struct segment *s = &r->segment;
    int64_t from = s->done, steps = count;
    if (s->stalled && from == 0) {
        count_stalled_gaps(env, r);
        from++;
        steps--;
    }
    if (steps > 0)
        sketch_add_run(&env->meter.latency[CELL_ITL], s->alpha + s->beta * (double)from, s->beta,
                       (uint64_t)steps, (uint64_t)r->decoding);
    const double tokens = (double)(r->decoding * count);
    env->meter.tick.tokens += tokens;
    r->tokens += tokens;
    r->n += count;
    r->context += r->decoding * count;
    r->windowed += r->widen.count * count;
    r->outstanding -= r->decoding * count;
    while (agenda_due(&r->widen) <= r->n)
        agenda_take(&r->widen);
    r->decode_end = segment_time(s, s->done + count);
}

/* Prompt progress of `count` more iterations; only a single long prompt spans several. */
static void settle_prefill(struct replica_env *env, struct replica *r, int64_t count) {
    struct sequence *slot = env->pool.slot;
    int32_t left = r->segment.chunk;
    for (int32_t i = r->prefill_head; left > 0; i = slot[i].next) {
        const int32_t rest = sequence_prefill(&slot[i]) - slot[i].prefilled;
        const int32_t chunk = rest < left ? rest : left;
        slot[i].prefilled += (int32_t)(chunk * count);
        left -= chunk;
    }
    r->outstanding -= (int64_t)r->segment.chunk * count;
}

/* Counts the iterations up to boundary k of the segment. */
static void settle_to(struct replica_env *env, struct replica *r, int64_t k) {
    struct segment *s = &r->segment;
    const int64_t count = k - s->done;
    if (count <= 0)
        return;
    if (s->decode)
        settle_decode(env, r, count);
    if (s->chunk > 0)
        settle_prefill(env, r, count);
    env->meter.tick.flop += segment_flop(s, s->done, count);
    env->meter.tick.iterations += (double)count;
    r->iterations += (double)count;
    s->done = k;
}

void replica_settle(struct replica_env *env, struct replica *r, simtime now) {
    account(env, r, now);
    if (!r->busy)
        return;
    settle_to(env, r, r->segment.target - 1);
    if (r->segment.decode)
        kv_take(env->spec, r, r->n);
}

/* Records a request whose last token was emitted at `now`, and forgets it. */
static void finish(struct replica_env *env, struct replica *r, int32_t index, simtime now) {
    const struct sequence *s = &env->pool.slot[index];
    const struct cell_spec *spec = env->spec;
    struct sketch *latency = env->meter.latency;
    const double ttft = simtime_seconds(s->first - s->arrival);
    bool good = spec->quality_met && ttft <= spec->target_ttft;
    if (s->output > 1) {
        const double tpot = simtime_seconds(now - s->first) / (s->output - 1);
        sketch_add(&latency[CELL_TPOT], tpot);
        good = good && tpot <= spec->target_tpot;
    }
    sketch_add(&latency[CELL_E2E], simtime_seconds(now - s->arrival));
    if (good)
        env->meter.tick.good_tokens += s->output;
    env->meter.tick.done_tokens += s->output;
    env->meter.tick.done++;
    env->meter.in_cell--;
    r->requests++;
    sequence_give(&env->pool, index);
    source_ended(env->source, now);
}

/* Ends the decoding sequences whose last token came in the iteration that ended at `now`. */
static void leave(struct replica_env *env, struct replica *r, simtime now) {
    while (agenda_due(&r->finish) <= r->n) {
        const int32_t index = agenda_take(&r->finish);
        const struct sequence *s = &env->pool.slot[index];
        r->residue[kv_residue(env->spec, s)]--;
        admission_uncount(env, r, index);
        admission_remove(env, r, index, kv_blocks(env->spec, (int64_t)s->prompt + s->output - 1));
        finish(env, r, index, now);
    }
}

/* First (or, after a preemption, next) tokens of the sequences whose prefill is complete. */
static void emit_prefilled(struct replica_env *env, struct replica *r, simtime now) {
    while (r->prefill_head != SEQUENCE_NONE) {
        const int32_t index = r->prefill_head;
        struct sequence *s = &env->pool.slot[index];
        if (s->prefilled < sequence_prefill(s))
            return;
        const int64_t blocks = kv_admission(env->spec, s);
        if (s->emitted == 0) {
            s->first = now;
            sketch_add(&env->meter.latency[CELL_TTFT], simtime_seconds(now - s->arrival));
            env->meter.tick.prompt_tokens += s->prompt;
        } else {
            sketch_add(&env->meter.latency[CELL_ITL], simtime_seconds(now - s->last));
        }
        s->emitted++;
        env->meter.tick.tokens++;
        r->tokens++;
        r->outstanding--;
        r->prefill_head = s->next;
        r->changed = true;
        if (s->emitted == s->output) {
            admission_remove(env, r, index, blocks);
            finish(env, r, index, now);
        } else {
            admission_join(env, r, index, now);
        }
    }
}

void replica_end(struct replica_env *env, struct replica *r, simtime now) {
    r->changed = false;
    r->in_boundary = true;
    if (!r->busy)
        return;
    account(env, r, now);
    settle_to(env, r, r->segment.target);
    if (r->segment.decode) {
        kv_take(env->spec, r, r->n - 1);
        leave(env, r, now);
    }
    if (r->segment.chunk > 0)
        emit_prefilled(env, r, now);
}

/* Nothing runs: the replica waits for an arrival. */
static void rest(struct replica_env *env, struct replica *r, simtime now) {
    account(env, r, now);
    r->busy = false;
    r->state = BINDING_DEMAND;
}

void replica_begin(struct replica_env *env, struct replica *r, simtime now) {
    const struct cell_spec *spec = env->spec;
    const struct scheduler *scheduler = spec->scheduler;
    r->in_boundary = false;
    r->preempted = false;
    if (scheduler->mixes && r->decoding > 0)
        admission_grow(env, r, now);
    if (!r->preempted && scheduler->opens(r->running) && admission_admit(env, r))
        r->changed = true;
    if (r->running == 0) {
        rest(env, r, now);
        return;
    }
    const struct scheduler_plan plan =
        scheduler->plan(r->decoding, r->running - r->decoding, (int32_t)spec->token_budget);
    if (!scheduler->mixes && plan.decode)
        admission_grow(env, r, now);
    const struct segment *s = &r->segment;
    const bool reset = !r->busy || r->changed || now >= s->until;
    if (!r->busy)
        account(env, r, now);
    r->busy = true;
    if (reset || s->done >= s->piece)
        composition_start(env, r, plan, now, reset);
    composition_aim(env, r);
    r->state = composition_binding(env, r);
}

bool replica_arrive(struct replica_env *env, struct replica *r, const struct request *q) {
    const struct cell_spec *spec = env->spec;
    const int64_t positions = (int64_t)q->prompt + q->output;
    const bool too_long = (double)positions > spec->llm->context_max;
    if (too_long || kv_blocks(spec, positions) > spec->kv_blocks) {
        *(too_long ? &env->meter.rejected_context : &env->meter.rejected_pool) += 1.0;
        env->meter.tick.rejected++;
        source_ended(env->source, q->time);
        return false;
    }
    const int32_t index = sequence_take(&env->pool);
    const double before = spec->platform.time_request + spec->platform.time_prompt * q->prompt;
    env->pool.slot[index] = (struct sequence){
        .arrival = q->time - simtime_of(before), .prompt = q->prompt, .output = q->output};
    const bool first = r->queued == 0;
    admission_queue(env, r, index, false);
    r->outstanding += positions;
    env->meter.in_cell++;
    if (r->in_boundary)
        return false;
    if (!r->busy) {
        replica_end(env, r, q->time);
        replica_begin(env, r, q->time);
        return true;
    }
    if (!first || r->running >= spec->max_seqs)
        return false;
    int64_t boundary = segment_first_at(&r->segment, q->time);
    if (boundary <= r->segment.done) /* that boundary is over: this came while it was handled */
        boundary = r->segment.done + 1;
    if (boundary >= r->segment.target)
        return false;
    r->segment.target = boundary;
    return true;
}

double replica_power(const struct replica_env *env, const struct replica *r) {
    return r->busy ? power_gpus(&r->power) : env->spec->platform.power_static;
}

double replica_demand(const struct replica_env *env, const struct replica *r) {
    if (!r->busy)
        return env->spec->platform.power_static;
    struct power_state free;
    power_free(&env->spec->platform, &r->iteration, &free);
    return power_gpus(&free);
}
