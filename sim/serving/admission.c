/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/serving/admission.h"

#include "sim/serving/kv.h"
#include "sim/serving/scheduler.h"

#include <assert.h>

void admission_queue(struct replica_env *env, struct replica *r, int32_t index, bool at_head) {
    struct sequence *slot = env->pool.slot;
    slot[index].next = at_head ? r->queue_head : SEQUENCE_NONE;
    if (r->queue_head == SEQUENCE_NONE)
        r->queue_head = r->queue_tail = index;
    else if (at_head)
        r->queue_head = index;
    else
        r->queue_tail = slot[r->queue_tail].next = index;
    r->queued++;
}

void admission_join(struct replica_env *env, struct replica *r, int32_t index, simtime now) {
    struct sequence *s = &env->pool.slot[index];
    s->joined = r->n;
    s->last = now;
    s->prefilled = sequence_prefill(s); /* no longer short of it: it decodes */
    const int64_t context = s->prefilled;
    r->decoding++;
    r->context += context;
    agenda_add(&r->finish, r->n + (s->output - s->emitted), index);
    if (r->fresh_head == SEQUENCE_NONE)
        r->fresh_head = index;
    const double window = env->spec->platform.window;
    if (!isfinite(window))
        return;
    if ((double)context < window) {
        r->windowed += context;
        agenda_add(&r->widen, r->n + (int64_t)window - context, index);
    } else {
        r->windowed += (int64_t)window;
    }
}

void admission_uncount(struct replica_env *env, struct replica *r, int32_t index) {
    const struct sequence *s = &env->pool.slot[index];
    const int64_t context = sequence_context(s, r->n);
    const double window = env->spec->platform.window;
    r->decoding--;
    r->context -= context;
    if (!isfinite(window))
        return;
    if ((double)context < window) {
        r->windowed -= context;
        agenda_remove(&r->widen, index);
    } else {
        r->windowed -= (int64_t)window;
    }
}

void admission_remove(struct replica_env *env, struct replica *r, int32_t index, int64_t blocks) {
    struct sequence *slot = env->pool.slot;
    const int32_t prev = slot[index].prev, next = slot[index].next;
    if (prev == SEQUENCE_NONE)
        r->run_head = next;
    else
        slot[prev].next = next;
    if (next == SEQUENCE_NONE)
        r->run_tail = prev;
    else
        slot[next].prev = prev;
    if (r->prefill_head == index)
        r->prefill_head = next;
    if (r->fresh_head == index)
        r->fresh_head = next == r->prefill_head ? SEQUENCE_NONE : next;
    r->running--;
    r->kv_free += blocks;
    r->changed = true;
}

/* Preempts the most recently admitted sequence before growth for iteration n. */
static void preempt(struct replica_env *env, struct replica *r, simtime now) {
    const struct cell_spec *spec = env->spec;
    const int32_t index = r->run_tail;
    struct sequence *s = &env->pool.slot[index];
    int64_t blocks;
    if (s->prefilled < sequence_prefill(s)) {
        r->outstanding += s->prefilled;
        blocks = kv_admission(spec, s);
    } else {
        const bool fresh = s->joined == r->n;
        const int64_t context = sequence_context(s, r->n);
        admission_uncount(env, r, index);
        agenda_remove(&r->finish, index);
        if (!fresh)
            r->residue[kv_residue(spec, s)]--;
        blocks = kv_blocks(spec, fresh ? context : context - 1);
        if (!fresh)
            s->last = spec->scheduler->mixes ? now : r->decode_end;
        s->emitted += (int32_t)(r->n - s->joined);
        r->outstanding += sequence_prefill(s);
    }
    s->prefilled = 0;
    admission_remove(env, r, index, blocks);
    admission_queue(env, r, index, true);
    env->meter.tick.preempted++;
    r->preemptions++;
    r->preempted = true;
}

bool admission_grow(struct replica_env *env, struct replica *r, simtime now) {
    const struct cell_spec *spec = env->spec;
    bool preempted = false;
    while (kv_need(spec, r) > r->kv_free) {
        assert(r->running > 1); /* one request alone always fits: else it was rejected */
        preempt(env, r, now);
        preempted = true;
    }
    r->kv_free -= kv_need(spec, r);
    r->grown = r->n;
    kv_count_fresh(spec, env->pool.slot, r);
    return preempted;
}

bool admission_admit(struct replica_env *env, struct replica *r) {
    const struct cell_spec *spec = env->spec;
    struct sequence *slot = env->pool.slot;
    const int32_t before = r->running;
    while (r->queued > 0 && r->running < spec->max_seqs) {
        const int32_t index = r->queue_head;
        const int64_t blocks = kv_admission(spec, &slot[index]);
        if (blocks > r->kv_free)
            break;
        r->kv_free -= blocks;
        r->queue_head = slot[index].next;
        r->queued--;
        slot[index].prefilled = 0;
        slot[index].next = SEQUENCE_NONE;
        slot[index].prev = r->run_tail;
        if (r->run_tail == SEQUENCE_NONE)
            r->run_head = index;
        else
            slot[r->run_tail].next = index;
        r->run_tail = index;
        if (r->prefill_head == SEQUENCE_NONE)
            r->prefill_head = index;
        r->running++;
    }
    if (r->queued == 0)
        r->queue_tail = SEQUENCE_NONE;
    return r->running > before;
}
