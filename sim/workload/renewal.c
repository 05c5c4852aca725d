/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/workload/renewal.h"

#include "sim/workload/length.h"

size_t renewal_size(const struct workload_spec *w) {
    (void)w;
    return sizeof(struct renewal);
}

static double draw_gap(struct source *s) {
    const struct renewal *r = s->state;
    return r->shape > 0.0 ? rng_gamma(&s->gap, r->shape) : rng_exponential(&s->gap);
}

/* Remembers the constant piece of the rate that begins at the present request, if it is one. */
static void find_piece(const struct source *s, struct renewal *r) {
    const struct schedule *rate = &s->spec->rate;
    const double end = schedule_next_change(rate, r->last);
    r->from = r->last;
    r->area_from = r->area_to = r->area;
    r->rate = schedule_at(rate, r->last);
    if (end > r->last && r->rate > 0.0)
        r->area_to = r->area + r->rate * (end - r->last);
}

static void place(struct source *s, double gap) {
    struct renewal *r = s->state;
    r->area += gap / r->share;
    double t;
    if (r->area < r->area_to) {
        t = r->from + (r->area - r->area_from) / r->rate;
    } else {
        t = schedule_inverse(&s->spec->rate, r->area);
        if (t < SIMTIME_HORIZON_MAX) {
            r->last = t > r->last ? t : r->last;
            find_piece(s, r);
        }
    }
    if (t >= SIMTIME_HORIZON_MAX) {
        s->next.time = SIMTIME_NEVER;
        return;
    }
    r->last = t > r->last ? t : r->last;
    const simtime time = simtime_of(r->last);
    s->next.time = time > s->next.time ? time : s->next.time;
    length_draw_both(s->spec, &s->length, &s->next);
}

void renewal_open(struct source *s, double share, uint64_t seed, uint64_t entity, double shape) {
    struct renewal *r = s->state;
    *r = (struct renewal){.share = share, .shape = shape};
    rng_init(&s->gap, seed, entity, RNG_ARRIVAL);
    const double phase = rng_uniform(&s->gap);
    s->next.time = 0;
    place(s, phase * draw_gap(s));
}

void renewal_close(struct source *s) {
    (void)s;
}

void renewal_advance(struct source *s) {
    place(s, draw_gap(s));
}
