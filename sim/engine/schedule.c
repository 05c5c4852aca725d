/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/engine/schedule.h"

#include "sim/engine/memory.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* One piece of a schedule: from knot i to the next, or to where the schedule ends. */
struct piece {
    double start, end; /* s, within the period; end INFINITY when the last value holds for ever */
    double value;      /* at the start */
    double slope;      /* unit / s */
};

static struct piece piece_at(const struct schedule *s, size_t i) {
    const bool last = i + 1 == s->count;
    struct piece p = {.start = s->time[i], .value = s->value[i]};
    p.end = !last ? s->time[i + 1] : s->period > 0 ? s->period : INFINITY;
    if (s->linear && !isinf(p.end)) {
        const double next = s->value[last ? 0 : i + 1];
        p.slope = (next - p.value) / (p.end - p.start);
    }
    return p;
}

/* Integral over the first `dt` seconds of a piece: 0 for dt = 0 even where a value is huge. */
static double piece_area(const struct piece *p, double dt) {
    return dt * (p->value + 0.5 * p->slope * dt);
}

/* The last index in [0, count) whose table value is at or under x; table[0] must be. */
static size_t table_find(const double *table, size_t count, double x) {
    size_t low = 0, high = count; /* table[low] <= x < table[high] */
    while (high - low > 1) {
        const size_t middle = low + (high - low) / 2;
        if (table[middle] <= x)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* Splits t into whole periods and the rest, [0, period); no periods when it is not repeated. */
static double split(double t, double period, double *periods) {
    *periods = 0;
    if (!(period > 0) || t < period)
        return t;
    const double rest = fmod(t, period); /* exact */
    *periods = nearbyint((t - rest) / period);
    return rest;
}

void schedule_constant(struct schedule *s, double value) {
    const double start = 0;
    const long bad = schedule_make(s, &start, &value, 1, 0, false);
    assert(bad < 0);
    (void)bad;
}

/* Index of the first knot that breaks schedule_make's rules, or -1. */
static long first_bad(const double *time, const double *value, size_t count, double period) {
    if (count == 0 || !isfinite(period) || period < 0)
        return 0;
    for (size_t i = 0; i < count; i++) {
        const bool order = i == 0 ? time[0] == 0 : time[i] > time[i - 1];
        const bool inside = period > 0 ? time[i] < period : isfinite(time[i]);
        if (!order || !inside || !isfinite(value[i]))
            return (long)i;
    }
    return -1;
}

long schedule_make(struct schedule *s, const double *time, const double *value, size_t count,
                   double period, bool linear) {
    *s = (struct schedule){0};
    const long bad = first_bad(time, value, count, period);
    if (bad >= 0)
        return bad;
    s->time = memory_new(count, sizeof *s->time);
    s->value = memory_new(count, sizeof *s->value);
    s->area = memory_new(count + 1, sizeof *s->area);
    memcpy(s->time, time, count * sizeof *time);
    memcpy(s->value, value, count * sizeof *value);
    s->count = count;
    s->period = period;
    s->linear = linear;
    for (size_t i = 0; i < count; i++) {
        const struct piece p = piece_at(s, i);
        s->area[i + 1] = isinf(p.end) ? 0 : s->area[i] + piece_area(&p, p.end - p.start);
    }
    return -1;
}

void schedule_shift(struct schedule *out, const struct schedule *s, double by) {
    double periods, *time = memory_new(s->count + 1, sizeof *time);
    double *value = memory_new(s->count + 1, sizeof *value);
    const double rest = split(by, s->period, &periods);
    const size_t here = table_find(s->time, s->count, rest);
    size_t count = 1; /* the first knot: where the shift leads to */
    value[0] = schedule_at(s, rest);
    const size_t after = s->period > 0 ? s->count - 1 : s->count - 1 - here;
    for (size_t k = 1; k <= after + (s->period > 0 && s->time[here] < rest); k++) {
        const size_t i = (here + k) % s->count;
        const double t = i > here ? s->time[i] - rest : s->period - rest + s->time[i];
        if (s->period > 0 && t >= s->period)
            break;                    /* by rounding only: the period's end, which is its start */
        count += t > time[count - 1]; /* of two knots that rounding brings together the later */
        time[count - 1] = t;
        value[count - 1] = s->value[i];
    }
    const long bad = schedule_make(out, time, value, count, s->period, s->linear);
    assert(bad < 0);
    (void)bad;
    free(time);
    free(value);
}

void schedule_clear(struct schedule *s) {
    free(s->time);
    free(s->value);
    free(s->area);
    *s = (struct schedule){0};
}

double schedule_at(const struct schedule *s, double t) {
    double periods;
    const double rest = split(t, s->period, &periods);
    const size_t i = table_find(s->time, s->count, rest);
    if (!s->linear)
        return s->value[i];
    const struct piece p = piece_at(s, i);
    return p.value + p.slope * (rest - p.start);
}

double schedule_integral(const struct schedule *s, double t) {
    double periods;
    const double rest = split(t, s->period, &periods);
    const size_t i = table_find(s->time, s->count, rest);
    const struct piece p = piece_at(s, i);
    return periods * s->area[s->count] + s->area[i] + piece_area(&p, rest - p.start);
}

double schedule_inverse(const struct schedule *s, double area) {
    if (!(area > 0))
        return 0;
    const double whole = s->area[s->count]; /* of a period */
    double periods = 0, rest = area;
    if (s->period > 0) {
        if (!(whole > 0))
            return INFINITY;
        rest = split(area, whole, &periods);
        if (rest == 0 && periods > 0) { /* reached where the value was last above 0 */
            periods -= 1;
            rest = whole;
        }
    }

    /* The piece in which the area first reaches `rest`: the last that starts below it. */
    const size_t i = table_find(s->area, s->count, nextafter(rest, 0));
    const struct piece p = piece_at(s, i);
    const double need = rest - s->area[i];

    /* value dt + slope dt^2 / 2 = need; this form of the root does not cancel when slope is small.
     */
    const double square = p.value * p.value + 2 * p.slope * need;
    const double dt = 2 * need / (p.value + sqrt(fmax(square, 0)));
    if (isnan(dt) || (isinf(dt) && isinf(p.end)))
        return INFINITY;
    return periods * s->period + p.start + fmin(dt, p.end - p.start);
}

double schedule_next_change(const struct schedule *s, double t) {
    double periods;
    const double rest = split(t, s->period, &periods);
    const size_t i = table_find(s->time, s->count, rest);
    const struct piece here = piece_at(s, i);
    if (here.slope != 0)
        return t;

    /* The first later knot whose value, or for lines whose slope, is another; at most once around.
     */
    const size_t after = s->period > 0 ? s->count : s->count - 1 - i;
    for (size_t k = 1; k <= after; k++) {
        const size_t j = (i + k) % s->count;
        const struct piece next = piece_at(s, j);
        if (next.value == here.value && next.slope == 0)
            continue;
        const double round = i + k >= s->count ? periods + 1 : periods;
        const double change = round * s->period + next.start;
        return change > t ? change : nextafter(t, INFINITY);
    }
    return INFINITY;
}

double schedule_next_knot(const struct schedule *s, double t) {
    double periods;
    const double rest = split(t, s->period, &periods);
    const size_t next = table_find(s->time, s->count, rest) + 1;
    double knot = INFINITY;
    if (next < s->count)
        knot = periods * s->period + s->time[next];
    else if (s->period > 0)
        knot = (periods + 1) * s->period;
    return knot > t ? knot : nextafter(t, INFINITY);
}

double schedule_max(const struct schedule *s) {
    double most = s->value[0];
    for (size_t i = 1; i < s->count; i++)
        most = fmax(most, s->value[i]);
    return most;
}

double schedule_min(const struct schedule *s) {
    double least = s->value[0];
    for (size_t i = 1; i < s->count; i++)
        least = fmin(least, s->value[i]);
    return least;
}
