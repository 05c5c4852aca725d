/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/workload/renewal.h"

size_t renewal_size(const struct workload_spec *w) {
    (void)w;
    return sizeof(struct renewal);
}

static void place(struct source *s, struct renewal *r, double gap) {
    const double t = cursor_travel(&r->rate, gap * r->scale);
    if (!(t < SIMTIME_HORIZON_MAX)) {
        s->next.time = SIMTIME_NEVER;
        return;
    }
    const simtime time = simtime_of(t);
    s->next.time = time > s->next.time ? time : s->next.time;
    length_draw(&s->lengths, &s->length, &s->next);
}

/* The first gap is what is left of the gap under way at time 0, of the process in its steady state:
 * a uniform share of a gap picked with probability in proportion to its length. So nothing marks
 * time 0: the expected requests up to t are the rate's integral, for every t, and the sources of
 * many cells do not start in step. Picked that way, gamma gaps of shape k are gamma of shape k + 1
 * with the same scale 1 / k. The exponential distribution is its own. (Cox 1962, Renewal Theory,
 * chapter 5; W.3.) */
static double first_gap(struct rng *r, double shape) {
    if (!(shape > 0))
        return rng_exponential(r);
    const double whole = rng_gamma(r, shape + 1) * (shape + 1) / shape;
    return rng_uniform(r) * whole;
}

void renewal_open(struct source *s, double share, uint64_t seed, uint64_t entity, double shape) {
    struct renewal *r = s->state;
    r->scale = 1 / share;
    r->shape = shape;
    cursor_open(&r->rate, &s->spec->rate);
    rng_init(&s->process, seed, entity, RNG_ARRIVAL);
    s->next.time = 0;
    place(s, r, first_gap(&s->process, shape));
}

void renewal_advance(struct source *s) {
    struct renewal *r = s->state;
    place(s, r, r->shape > 0 ? rng_gamma(&s->process, r->shape) : rng_exponential(&s->process));
}
