/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_MEASURE_SKETCH_H
#define SIM_MEASURE_SKETCH_H

/* A sketch of a distribution of positive durations: counts in bins whose edges are the powers of
 * two cut into 64 equal steps, so that a quantile read from it is within SKETCH_ERROR of the true
 * one, relative. Merging is exact and independent of order, but for `sum`. */

#include <stdint.h>
#include <string.h>

#define SKETCH_STEPS_LOG2   6
#define SKETCH_EXPONENT_MIN (-16) /* 15 us: smaller values count in bin 0 */
#define SKETCH_EXPONENT_MAX 20    /* 12 days: larger values count in the last bin */
#define SKETCH_BINS         ((SKETCH_EXPONENT_MAX - SKETCH_EXPONENT_MIN) << SKETCH_STEPS_LOG2)
#define SKETCH_ERROR        (0x1p-7) /* half a bin's width over its lower edge, at most */

struct sketch {
    uint64_t count;
    double sum;
    uint64_t bin[SKETCH_BINS];
};

/* Index of the bin of `value`; any double is allowed (negative and NaN go to bin 0). */
static inline int sketch_bin(double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    const int64_t shifted = (int64_t)(bits >> (52 - SKETCH_STEPS_LOG2)) -
                            ((int64_t)(1023 + SKETCH_EXPONENT_MIN) << SKETCH_STEPS_LOG2);
    if (!(value > 0) || shifted < 0)
        return 0;
    return shifted < SKETCH_BINS ? (int)shifted : SKETCH_BINS - 1;
}

/* Counts `value` once, or `times` times. */
static inline void sketch_add(struct sketch *s, double value) {
    s->count++;
    s->sum += value;
    s->bin[sketch_bin(value)]++;
}
void sketch_add_times(struct sketch *s, double value, uint64_t times);

/* Counts the values first + step * k for k = 0 .. steps - 1, each `times` times; step of any sign,
 * both finite, steps at most 2^53. The bins are, to the last count, those of sketch_add_times in a
 * loop over k; the sum is the closed form's. Costs a few ns for each bin that the run crosses. */
void sketch_add_run(struct sketch *s, double first, double step, uint64_t steps, uint64_t times);

/* Adds `from` to `into`. */
void sketch_merge(struct sketch *into, const struct sketch *from);

/* Lower edge of bin i (i up to SKETCH_BINS: the upper edge of the last). */
double sketch_edge(int i);

/* Quantile q in [0, 1]: centre of the bin of the smallest value with at least q * count values at
 * or under it; NAN when empty. */
double sketch_quantile(const struct sketch *s, double q);

/* Mean of all values (exact but for rounding); NAN when empty. */
double sketch_mean(const struct sketch *s);

#endif
