/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/workload/arrival.h"

#include <assert.h>
#include <math.h>

/* Draws behind the moments of lengths that no trace states. */
enum { MOMENT_DRAWS = 65536 };

size_t source_size(const struct workload_spec *w) {
    return sizeof(struct source) + w->arrival->size(w);
}

void source_open(struct source *s, const struct workload_spec *w, double share, uint64_t seed,
                 uint64_t entity) {
    assert(share > 0);
    s->spec = w;
    s->state = s + 1;
    length_prepare(&s->lengths, w);
    rng_init(&s->length, seed, entity, RNG_LENGTH);
    w->arrival->open(s, share, seed, entity);
}

void source_close(struct source *s) {
    if (s->spec->arrival->close != NULL)
        s->spec->arrival->close(s);
}

simtime source_peek(const struct source *s) {
    return s->next.time;
}

void source_take(struct source *s, struct request *out) {
    assert(s->next.time != SIMTIME_NEVER);
    *out = s->next;
    s->spec->arrival->advance(s);
}

void source_ended(struct source *s, simtime now) {
    if (s->spec->arrival->ended != NULL)
        s->spec->arrival->ended(s, now);
}

struct sums {
    double count, prompt, output, decode, context, square;
};

static void add_request(struct sums *m, double prompt, double output) {
    m->count++;
    m->prompt += prompt;
    m->output += output;
    m->decode += output - 1.0;
    m->context += (output - 1.0) * (prompt + 0.5 * output);
    m->square += prompt * prompt;
}

void workload_lengths(const struct workload_spec *w, struct lengths *out) {
    struct sums m = {0.0, 0.0, 0.0, 0.0, 0.0, 0.0};
    if (w->empirical || w->arrival == &arrival_trace) {
        for (size_t i = 0; i < w->trace->count; i++)
            add_request(&m, w->trace->request[i].prompt, w->trace->request[i].output);
    } else {
        struct length_pair l;
        struct rng r;
        length_prepare(&l, w);
        rng_init(&r, 0, 0, RNG_LENGTH);
        for (int i = 0; i < MOMENT_DRAWS; i++) {
            struct request q;
            length_draw(&l, &r, &q);
            add_request(&m, q.prompt, q.output);
        }
    }
    *out = (struct lengths){
        .prompt = m.prompt / m.count,
        .output = m.output / m.count,
        .context = m.decode > 0.0 ? m.context / m.decode : m.prompt / m.count + 1.0,
        .prompt_square = m.square / m.count,
    };
}

double workload_longest(const struct workload_spec *w) {
    struct length_pair l;
    length_prepare(&l, w);
    if (w->arrival == &arrival_trace) /* with its own lengths, drawn from it or not */
        l.joint = w->trace;
    return length_longest(&l);
}

double workload_mean_rate(const struct workload_spec *w, double from, double to, double cells) {
    if (w->arrival == &arrival_closed)
        return NAN;
    if (w->arrival == &arrival_trace && w->scaling == TRACE_REPEAT)
        return cells * (double)w->trace->count / w->trace->length;
    return (schedule_integral(&w->rate, to) - schedule_integral(&w->rate, from)) / (to - from);
}
