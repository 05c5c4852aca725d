/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/site/book.h"

#include "sim/site/column.h"
#include "sim/site/span.h"

#include <assert.h>
#include <math.h>

enum { FIELDS = sizeof(struct cell_tick) / sizeof(double) };
static_assert(sizeof(struct cell_tick) == FIELDS * sizeof(double), "a cell_tick is all doubles");

void book_add(struct cell_tick *into, const struct cell_tick *from, double weight) {
    double *a = (double *)into;
    const double *b = (const double *)from;
    for (int i = 0; i < FIELDS; i++)
        a[i] += weight * b[i];
}

double book_it_energy(const struct cell_tick *tick) {
    double sum = 0.0;
    for (int i = 0; i < CELL_ENERGY_COUNT; i++)
        sum += tick->energy[i];
    return sum;
}

void book_init(struct book *b, const struct site_spec *spec) {
    *b = (struct book){.spec = spec};
}

void book_restart(struct book *b) {
    struct crossing seen = b->crossing;
    seen.count = 0;
    *b = (struct book){.spec = b->spec, .crossing = seen};
}

/* A period's conditions and energies. */
struct period {
    double from, to, seconds;
    double temperature, limit, pue, available; /* K, W, 1, W */
    double it_energy, site_energy;             /* J */
    struct ceilings ceiling;
};

static void period_measure(struct period *p, const struct site_spec *s, const struct cell_tick *sum,
                           struct ceiling *group) {
    const double middle = 0.5 * (p->from + p->to);
    p->seconds = p->to - p->from;
    p->temperature = s->temperature.count > 0 ? span_mean(&s->temperature, p->from, p->to) : NAN;
    p->limit = span_mean(&s->feed_limit, p->from, p->to);
    p->it_energy = book_it_energy(sum);
    p->pue = cooling_pue(&s->cooling, p->it_energy / p->seconds, p->temperature, middle);
    p->site_energy = p->it_energy * p->pue;
    p->available = cooling_it_available(&s->cooling, p->limit, p->temperature, middle, NULL);
    ceiling_site(group, s->groups, p->available, &p->ceiling);
}

static void add_energy(struct book *b, const struct period *p, const struct cell_tick *sum) {
    static const enum result_ledger part[CELL_ENERGY_COUNT] = {
        [CELL_GPU_STATIC] = RESULT_GPU_STATIC,
        [CELL_GPU_COMPUTE] = RESULT_GPU_COMPUTE,
        [CELL_GPU_MEMORY] = RESULT_GPU_MEMORY,
        [CELL_HOST] = RESULT_HOST,
    };
    for (int i = 0; i < CELL_ENERGY_COUNT; i++)
        ledger_add(&b->part[part[i]], sum->energy[i]);
    const struct cooling_parts o =
        cooling_split(&b->spec->cooling, p->it_energy, p->site_energy, p->seconds);
    ledger_add(&b->part[RESULT_LOSSES], o.losses);
    ledger_add(&b->part[RESULT_COOLING], o.cooling);
    ledger_add(&b->part[RESULT_FIXED], o.fixed);
    ledger_add(&b->it_energy, p->it_energy);
    ledger_add(&b->site_energy, p->site_energy);
    b->site_peak = fmax(b->site_peak, p->site_energy / p->seconds);
    if (b->spec->price.count > 0)
        ledger_add(&b->cost, p->site_energy * span_mean(&b->spec->price, p->from, p->to));
    if (b->spec->carbon.count > 0)
        ledger_add(&b->carbon, p->site_energy * span_mean(&b->spec->carbon, p->from, p->to));
    const struct schedule *water = &b->spec->cooling.water;
    if (water->count > 0)
        ledger_add(&b->water, p->it_energy * span_mean(water, p->from, p->to));
}

static void add_limits(struct book *b, const struct period *p) {
    ledger_add(&b->available, p->available * p->seconds);
    ledger_add(&b->limit, p->limit * p->seconds);
    const double allowed = p->limit * p->seconds;
    if (p->site_energy > allowed * (1.0 + BOOK_ROUNDING)) {
        ledger_add(&b->overshoot_energy, p->site_energy - allowed);
        ledger_add(&b->overshoot_time, p->seconds);
    }
    const struct schedule *heat = &b->spec->cooling.heat_limit;
    if (heat->count > 0) {
        const double removed = span_mean(heat, p->from, p->to) * p->seconds;
        if (p->it_energy > removed * (1.0 + BOOK_ROUNDING))
            ledger_add(&b->heat_energy, p->it_energy - removed);
    }
}

/* The constraint with the largest share of node-time; of equals the first. */
static int largest(const double *share) {
    int most = 0;
    for (int i = 1; i < BINDING_COUNT; i++)
        if (share[i] > share[most])
            most = i;
    return most;
}

static void fill_row(const struct period *p, const struct cell_tick *sum, double *row) {
    const struct ceilings *c = &p->ceiling;
    const double rate = sum->tokens / p->seconds, lower = fmin(c->compute, c->power);
    row[COLUMN_TOKEN_RATE] = rate;
    row[COLUMN_GOOD_TOKEN_RATE] = sum->good_tokens / p->seconds;
    row[COLUMN_PROMPT_TOKEN_RATE] = sum->prompt_tokens / p->seconds;
    row[COLUMN_ARRIVAL_RATE] = sum->arrived / p->seconds;
    row[COLUMN_QUEUED_REQUESTS] = sum->queued;
    row[COLUMN_RUNNING_REQUESTS] = sum->running;
    row[COLUMN_SITE_POWER] = p->site_energy / p->seconds;
    row[COLUMN_IT_POWER] = p->it_energy / p->seconds;
    row[COLUMN_IT_POWER_AVAILABLE] = p->available;
    row[COLUMN_FEED_LIMIT] = p->limit;
    row[COLUMN_PUE] = p->pue;
    row[COLUMN_OUTDOOR_TEMPERATURE] = p->temperature;
    row[COLUMN_COMPUTE_CEILING] = c->compute;
    row[COLUMN_POWER_CEILING] = c->power;
    row[COLUMN_K_EFF] = c->flop;
    row[COLUMN_K_PEAK] = c->peak;
    row[COLUMN_E_TOK] = sum->tokens > 0.0 ? p->it_energy / sum->tokens : NAN;
    row[COLUMN_C_TOK] = sum->tokens > 0.0 ? sum->flop / sum->tokens : NAN;
    row[COLUMN_U] = lower > 0.0 ? rate / lower : NAN;
    row[COLUMN_RHO] = p->available / c->flop;
    row[COLUMN_RHO_PEAK] = p->available / c->peak;
    row[COLUMN_RHO_STAR] = c->e_tok / c->c_tok;
    row[COLUMN_BINDING] = largest(sum->binding);
}

void book_close(struct book *b, double from, double to, const struct cell_tick *sum,
                struct ceiling *group, double *row) {
    struct period p = {.from = from, .to = to};
    period_measure(&p, b->spec, sum, group);
    add_energy(b, &p, sum);
    add_limits(b, &p);
    fill_row(&p, sum, row);
    for (int i = 0; i < BINDING_COUNT; i++)
        ledger_add(&b->binding[i], sum->binding[i]);
    if (row[COLUMN_U] > 1.0)
        b->over_one += p.seconds;
    const double time = to - b->spec->warmup; /* of the horizon */
    crossing_see(&b->crossing, RESULT_REALIZED, time, row[COLUMN_RHO] - row[COLUMN_RHO_STAR]);
    crossing_see(&b->crossing, RESULT_PEAK, time, row[COLUMN_RHO_PEAK] - row[COLUMN_RHO_STAR]);
    const double middle = 0.5 * (from + to) - b->spec->warmup;
    const double place = fmax(middle / b->spec->horizon, 0.0) * BOOK_BATCHES;
    book_add(&b->batch[(int)fmin(place, BOOK_BATCHES - 1)], sum, 1.0);
}
