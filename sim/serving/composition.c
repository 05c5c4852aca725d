/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/serving/composition.h"

#include "sim/serving/kv.h"

/* Sum over i = 1 .. c of min(p + i, w): positions that a chunk of c tokens after p sees in a layer
 * whose window is w. */
static double windowed_pairs(double p, double c, double w) {
    const double whole = w > p ? (w - p < c ? w - p : c) : 0.0; /* tokens that see all before */
    return whole * p + whole * (whole + 1.0) * 0.5 + (c - whole) * w;
}

/* Adds the chunks of prefilling sequences to the batch, in admission order within `budget`. Returns
 * for how many iterations the same chunk can be repeated. */
static int64_t add_chunks(struct replica_env *env, struct replica *r, int32_t budget,
                          struct batch *b) {
    const struct sequence *slot = env->pool.slot;
    const double window = env->spec->platform.window;
    int32_t left = budget;
    int64_t repeats = 1;
    for (int32_t i = r->prefill_head; i != SEQUENCE_NONE && left > 0; i = slot[i].next) {
        const int32_t rest = sequence_prefill(&slot[i]) - slot[i].prefilled;
        const int32_t chunk = rest < left ? rest : left;
        const double p = slot[i].prefilled, c = chunk;
        b->chunk += c;
        b->chunk_pairs += c * p + c * (c + 1.0) * 0.5;
        b->chunk_reads += p;
        if (isfinite(window)) {
            b->chunk_pairs_windowed += windowed_pairs(p, c, window);
            b->chunk_reads_windowed += p < window ? p : window;
        }
        if (chunk == rest)
            b->emitted += 1.0;
        else if (left == budget && (p >= window || !isfinite(window)))
            repeats = (rest - 1) / chunk;
        left -= chunk;
    }
    if (repeats > 1) {
        b->pairs_step = b->chunk * b->chunk;
        b->reads_step = b->chunk;
    }
    return repeats;
}

void composition_start(struct replica_env *env, struct replica *r, struct scheduler_plan plan,
                       simtime now, bool reset) {
    const struct platform *p = &env->spec->platform;
    struct segment *s = &r->segment;
    struct batch b = {.sequences = r->running};
    s->piece = AGENDA_NEVER;
    if (plan.decode) {
        b.decoding = r->decoding;
        b.context = (double)r->context;
        b.windowed = (double)r->windowed;
        b.below_window = r->widen.count;
        b.emitted = r->decoding;
        if (r->widen.count > 0)
            s->piece = agenda_due(&r->widen) - r->n;
    }
    if (plan.prefill > 0 && r->prefill_head != SEQUENCE_NONE) {
        const int64_t repeats = add_chunks(env, r, plan.prefill, &b);
        if (repeats < s->piece)
            s->piece = repeats;
    }
    iteration_describe(p, &b, &r->iteration);
    const int32_t chunk = (int32_t)b.chunk;
    const int32_t completing = (int32_t)(b.emitted - b.decoding);
    if (reset || chunk != s->chunk || completing != s->completing) {
        if (r->cap >= p->power_limit)
            power_free(p, &r->iteration, &r->power);
        else
            power_capped(p, &r->iteration, r->cap, &r->power);
        s->until = env->tick_end;
        s->reading = r->iteration.memory > r->iteration.compute / r->power.phi;
    }
    s->start = now;
    s->done = 0;
    s->chunk = chunk;
    s->completing = completing;
    s->stalled = plan.decode && r->decode_end < now;
    s->decode = plan.decode;
    s->flop = r->iteration.flop;
    s->flop_step = r->iteration.flop_step;
    const struct iteration *it = &r->iteration;
    s->alpha = r->power.stretch * iteration_time(it, 0.0, r->power.phi);
    s->beta = r->power.stretch * (it->compute_step / r->power.phi + it->memory_step);
}

void composition_aim(struct replica_env *env, struct replica *r) {
    struct segment *s = &r->segment;
    int64_t target = s->piece;
    if (env->step_by_step || (r->preempted && r->queued > 0)) {
        s->target = s->done + 1;
        return;
    }
    const int64_t tick = segment_first_at(s, s->until);
    if (tick < target)
        target = tick;
    if (s->decode) {
        const int64_t ahead = agenda_due(&r->finish) - r->n + s->done;
        if (ahead < target)
            target = ahead;
        const int64_t full = kv_exhaustion(env->spec, r, target - s->done);
        if (full != AGENDA_NEVER && full + s->done < target)
            target = full + s->done;
    }
    s->target = target;
}

enum binding composition_binding(const struct replica_env *env, const struct replica *r) {
    const struct cell_spec *spec = env->spec;
    if (r->queued == 0 && r->running < spec->max_seqs)
        return BINDING_DEMAND;
    if (r->power.phi < 1.0 || r->power.stretch > 1.0)
        return r->cap_setter;
    if (r->running < spec->max_seqs && (r->preempted || spec->scheduler->opens(r->running)))
        return BINDING_KV;
    return r->segment.reading ? BINDING_MEMORY : BINDING_COMPUTE;
}
