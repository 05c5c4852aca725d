/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/measure/sketch.h"

#include <assert.h>
#include <math.h>

void sketch_add_times(struct sketch *s, double value, uint64_t times) {
    s->count += times;
    s->sum += value * (double)times;
    s->bin[sketch_bin(value)] += times;
}

/* A run of values first + step * k. Each rounding in it keeps order, so that the values, as they
 * are in floating point, rise or fall with k, and so do their bins. */
struct run {
    double first, step;
    uint64_t steps;
};

static int run_bin(const struct run *r, uint64_t k) {
    return sketch_bin(r->first + r->step * (double)k);
}

/* First index after k whose bin is not `bin`, which k's is and the run's last is not. */
static uint64_t run_leave(const struct run *r, uint64_t k, int bin) {
    /* Where the line crosses the bin's edge; off by one when rounding decides, and far off only
     * where a step is lost in the rounding of the values. */
    const double edge = sketch_edge(r->step > 0 ? bin + 1 : bin);
    const double guess = ceil((edge - r->first) / r->step);
    uint64_t inside = k, outside = r->steps - 1;
    if (guess > (double)inside && guess < (double)outside) {
        const uint64_t g = (uint64_t)guess;
        if (run_bin(r, g) != bin)
            outside = g;
        else
            inside = g;
    }

    /* Usually one of the guess's neighbours closes the gap; else halve it. */
    if (outside - inside > 1 && run_bin(r, inside + 1) != bin)
        return inside + 1;
    if (outside - inside > 1 && run_bin(r, outside - 1) == bin)
        return outside;
    while (outside - inside > 1) {
        const uint64_t middle = inside + (outside - inside) / 2;
        if (run_bin(r, middle) == bin)
            inside = middle;
        else
            outside = middle;
    }
    return outside;
}

void sketch_add_run(struct sketch *s, double first, double step, uint64_t steps, uint64_t times) {
    if (steps == 0)
        return;
    assert(isfinite(first) && isfinite(step) && steps <= (uint64_t)1 << 53);
    const struct run r = {first, step, steps};
    const double n = (double)steps;
    s->count += steps * times;
    s->sum += (double)times * (n * first + step * (0.5 * n * (n - 1)));

    /* Bin by bin, until the bin of the run's last value. */
    const int last = run_bin(&r, steps - 1);
    uint64_t k = 0;
    int bin = sketch_bin(first);
    while (bin != last) {
        const uint64_t next = run_leave(&r, k, bin);
        s->bin[bin] += (next - k) * times;
        k = next;
        bin = run_bin(&r, k);
    }
    s->bin[bin] += (steps - k) * times;
}

void sketch_merge(struct sketch *into, const struct sketch *from) {
    into->count += from->count;
    into->sum += from->sum;
    for (int i = 0; i < SKETCH_BINS; i++)
        into->bin[i] += from->bin[i];
}

double sketch_edge(int i) {
    assert(i >= 0 && i <= SKETCH_BINS);
    const uint64_t shifted =
        (uint64_t)i + ((uint64_t)(1023 + SKETCH_EXPONENT_MIN) << SKETCH_STEPS_LOG2);
    const uint64_t bits = shifted << (52 - SKETCH_STEPS_LOG2);
    double edge;
    memcpy(&edge, &bits, sizeof edge);
    return edge;
}

double sketch_quantile(const struct sketch *s, double q) {
    assert(q >= 0 && q <= 1);
    if (s->count == 0)
        return NAN;
    uint64_t rank = (uint64_t)ceil(q * (double)s->count); /* 1 is the smallest value's */
    rank = rank < 1 ? 1 : rank > s->count ? s->count : rank;
    uint64_t below = 0;
    int i = 0;
    while (i < SKETCH_BINS - 1 && below + s->bin[i] < rank)
        below += s->bin[i++];
    return 0.5 * (sketch_edge(i) + sketch_edge(i + 1));
}

double sketch_mean(const struct sketch *s) {
    return s->count ? s->sum / (double)s->count : NAN;
}
