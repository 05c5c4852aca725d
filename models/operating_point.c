/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/operating_point.h"

#include <math.h>

/* In steady state with a waiting request for every place, a request that leaves is replaced at
 * once. Prompt tokens waiting at an iteration's composition form a queue that is served with what
 * the token budget leaves beside the decoders (equations 5.4 to 5.8). Its distribution is found on
 * a grid of prompt tokens: the chunk is cut off at the budget, and neither power nor, with experts,
 * the iteration's time is affine in it, so that the mean chunk would not do. Masses between grid
 * points are divided so that means are kept. */

#define CELLS         128
#define COUNT_MAX     30.0 /* completions per iteration above which their sum is taken as normal */
#define VARIATION_MIN 1e-3 /* squared variation of prompts below which they are all alike */
#define STEPS_MAX     240
#define TOLERANCE     1e-4

struct grid {
    double cell; /* tokens between points */
    int points;
    double jump[CELLS];    /* distribution of one prompt */
    double arrival[CELLS]; /* of prompt tokens that enter at one boundary */
    double carried[CELLS]; /* of those left over by the last iteration */
    double waiting[CELLS]; /* of those at hand at composition */
    double jump_mean;      /* tokens, of `jump` */
};

struct flow {
    double batch, variation; /* running sequences; squared coefficient of variation of prompts */
    double saturated;        /* completions per iteration when every chunk fills the budget */
    double prompts;          /* completions (and admissions) per iteration */
    double decoding;         /* mean decoding sequences */
    double room;             /* tokens of the budget left beside them */
};

/* Sums over iterations, weighted by their probability. */
struct tally {
    double time, energy, flop, memory_time, decode_time, decoding, chunk;
};

/* Adds mass at `tokens`, divided between the two points around it. */
static void grid_put(const struct grid *g, double *mass, double tokens, double amount) {
    const double place = tokens / g->cell;
    if (place >= g->points - 1) {
        mass[g->points - 1] += amount;
        return;
    }
    const int i = (int)place;
    const double share = place - i;
    mass[i] += amount * (1.0 - share);
    mass[i + 1] += amount * share;
}

static double grid_mean(const struct grid *g, const double *mass) {
    double sum = 0.0;
    for (int i = 1; i < g->points; i++)
        sum += mass[i] * i;
    return sum * g->cell;
}

static double normal_below(double x) {
    return 0.5 * erfc(-x * sqrt(0.5));
}

/* Prompts: all alike, or lognormal with the moments seen. Each interval's mass goes to its two ends
 * so that its own mean is kept. */
static void grid_jumps(struct grid *g, const struct lengths *w, double variation) {
    for (int i = 0; i < g->points; i++)
        g->jump[i] = 0.0;
    if (variation < VARIATION_MIN) {
        grid_put(g, g->jump, w->prompt, 1.0);
    } else {
        const double square = log1p(variation), spread = sqrt(square);
        const double centre = log(w->prompt) - 0.5 * square;
        double mass = 0.0, mean = 0.0;
        for (int i = 0; i + 1 < g->points; i++) {
            const double x = log((i + 1) * g->cell) - centre;
            const double mass_next = normal_below(x / spread);
            const double mean_next = w->prompt * normal_below((x - square) / spread);
            const double inside = mass_next - mass;
            const double share = (mean_next - mean) / g->cell - i * inside;
            g->jump[i] += inside - share;
            g->jump[i + 1] += share;
            mass = mass_next;
            mean = mean_next;
        }
        g->jump[g->points - 1] += 1.0 - mass;
    }
    g->jump_mean = grid_mean(g, g->jump);
}

/* into = a * b, what lies beyond the grid's end at its end. */
static void grid_convolve(const struct grid *g, const double *a, const double *b, double *into) {
    const int n = g->points;
    double sum[2 * CELLS] = {0.0};
    for (int i = 0; i < n; i++) {
        if (a[i] < 1e-15)
            continue;
        for (int j = 0; j < n; j++)
            sum[i + j] += a[i] * b[j];
    }
    for (int i = n; i < 2 * n - 1; i++)
        sum[n - 1] += sum[i];
    for (int i = 0; i < n; i++)
        into[i] = sum[i];
}

/* Tokens that enter at a boundary: each of `active` sequences leaves with probability 1 / o and a
 * prompt enters for it. Few: the binomial compound by Horner's rule; many: a normal distribution
 * with its moments. */
static void grid_arrivals(struct grid *g, double active, double output, double variation) {
    const double trials = fmax(ceil(active), 1.0), chance = active / (output * trials);
    const double mean = trials * chance;
    const int n = g->points;

    for (int i = 0; i < n; i++)
        g->arrival[i] = 0.0;
    if (mean > COUNT_MAX || chance > 0.999) {
        const double centre = mean * g->jump_mean;
        const double spread = g->jump_mean * sqrt(mean * (1.0 - chance + variation));
        if (spread < 0.5 * g->cell) {
            grid_put(g, g->arrival, centre, 1.0);
            return;
        }
        double below = 0.0;
        for (int i = 0; i + 1 < n; i++) {
            const double next = normal_below(((i + 0.5) * g->cell - centre) / spread);
            g->arrival[i] = next - below;
            below = next;
        }
        g->arrival[n - 1] = 1.0 - below;
        return;
    }
    const int most = (int)fmin(trials, ceil(mean + 7.0 * sqrt(mean) + 4.0));
    double count[128];
    count[0] = exp(trials * log1p(-chance));
    for (int i = 0; i < most; i++)
        count[i + 1] = count[i] * (trials - i) / (i + 1) * chance / (1.0 - chance);
    for (int i = most; i >= 0; i--) {
        if (i < most)
            grid_convolve(g, g->arrival, g->jump, g->arrival);
        g->arrival[0] += count[i];
    }
}

/* One boundary: waiting = carried + arrivals; what exceeds the room is carried over. */
static void grid_step(struct grid *g, double room) {
    grid_convolve(g, g->carried, g->arrival, g->waiting);
    for (int i = 0; i < g->points; i++)
        g->carried[i] = 0.0;
    for (int i = 0; i < g->points; i++)
        grid_put(g, g->carried, fmax(i * g->cell - room, 0.0), g->waiting[i]);
}

/* First estimates, before queueing for the budget: equations 5.2, 5.3. */
static void flow_begin(struct flow *f, const struct lengths *w, const struct operating_limits *l,
                       double batch) {
    const double budget = (double)l->token_budget, decodes = w->output - 1.0;

    f->batch = batch;
    f->variation = fmax(w->prompt_square / (w->prompt * w->prompt) - 1.0, 0.0);
    f->saturated = budget / (w->prompt + decodes);
    f->prompts = fmin(batch / (decodes + fmax(1.0, w->prompt / budget)), f->saturated);
    f->decoding = f->prompts * decodes;
    f->room = budget - f->decoding;
}

/* A grid wide enough for the queue, fine enough for the shorter prompts; a whole number of cells to
 * a prompt. */
static void grid_make(struct grid *g, const struct flow *f, const struct lengths *w) {
    const double jump_spread = w->prompt * sqrt(f->variation);
    const double mean = f->prompts * w->prompt;
    const double spread = w->prompt * sqrt(f->prompts * (1.0 + f->variation));
    double reach = mean + 6.0 * spread + w->prompt + 4.0 * jump_spread;
    if (reach > f->room) {
        const double slack = fmax(f->room - mean, 0.25 * spread);
        reach = fmax(reach, f->room + 3.0 * spread * spread / slack);
    }
    reach = fmin(reach, (f->batch + 1.0) * (w->prompt + 4.0 * jump_spread));
    const double rough = reach / (CELLS - 2);
    g->cell = w->prompt > rough ? w->prompt / floor(w->prompt / rough) : rough;
    g->points = (int)fmin(CELLS, ceil(reach / g->cell) + 2.0);
    grid_jumps(g, w, f->variation);
}

/* Steady state of the queue, together with the number of sequences that are not in it. */
static void flow_settle(struct flow *f, struct grid *g, const struct lengths *w, double budget) {
    double active = f->prompts * w->output, made = -1.0, before = -1.0;
    const double first = 0.5 * (1.0 - f->variation); /* of a prompt partly served */

    for (int i = 0; i < CELLS; i++)
        g->carried[i] = 0.0;
    g->carried[0] = 1.0;
    active = f->batch;
    for (int i = 0; i < STEPS_MAX; i++) {
        if (fabs(active - made) > 0.003 * active) {
            grid_arrivals(g, active, w->output, f->variation);
            made = active;
        }
        grid_step(g, f->room);
        const double left = grid_mean(g, g->carried);
        const double queued = left / g->jump_mean + first * (1.0 - g->carried[0]);
        active = fmax(f->batch - fmax(queued, 0.0), 0.05 * f->batch);
        f->prompts = fmin((grid_mean(g, g->waiting) - left) / g->jump_mean, f->saturated);
        f->decoding = f->prompts * (w->output - 1.0);
        f->room = budget - f->decoding;
        if (i > 0 && fabs(left - before) < TOLERANCE * (left + g->jump_mean) &&
            fabs(active - made) <= 0.003 * active)
            break;
        before = left;
    }
}

/* Adds an iteration with `chunk` prompt tokens and `decoding` decoders: equations 5.5, 5.6. */
static void tally_add(struct tally *a, const struct platform *p, const struct lengths *w,
                      const struct flow *f, double chunk, double decoding, double phi,
                      double probability) {
    const double cut = fmax(w->prompt_square / (w->prompt * f->room) - 1.0, 0.0);
    const double short_side = fmin(w->prompt, p->window);
    struct batch b = {.decoding = decoding,
                      .context = decoding * w->context,
                      .chunk = chunk,
                      .chunk_pairs = chunk * 0.5 * (w->prompt_square / w->prompt + 1.0),
                      .chunk_reads = chunk * 0.5 * cut,
                      .emitted = decoding + chunk / w->prompt,
                      .sequences = f->batch};
    if (p->bytes_kv_windowed > 0.0) {
        const double rest = w->prompt - short_side;
        b.windowed = decoding * fmin(w->context, p->window);
        b.chunk_pairs_windowed =
            chunk * (0.5 * short_side * (short_side + 1.0) + rest * p->window) / w->prompt;
        b.chunk_reads_windowed = chunk * p->window * fmax(1.0 / f->room - 1.0 / w->prompt, 0.0);
    }
    struct iteration it;
    struct power_state power;
    iteration_describe(p, &b, &it);
    if (phi == 1.0)
        power_free(p, &it, &power);
    else
        power_at(p, &it, phi, &power);
    const double time = iteration_time(&it, 0.0, phi) * probability;
    a->time += time;
    a->energy += time * power_gpus(&power);
    a->flop += it.flop * probability;
    a->decoding += decoding * probability;
    a->decode_time += decoding * time;
    a->chunk += chunk * probability;
    if (it.memory > it.compute / phi)
        a->memory_time += time;
}

/* A steady state: what runs at each boundary, whatever the frequency. */
struct steady {
    struct flow flow;
    struct grid grid;
    double waiting; /* mean prompt tokens at hand at composition */
    bool full;      /* every chunk fills the budget: no grid is needed */
};

static void steady_find(struct steady *s, const struct lengths *w,
                        const struct operating_limits *limits, double batch) {
    struct flow *f = &s->flow;
    flow_begin(f, w, limits, batch);
    s->full = batch > 1.5 * f->saturated * (w->output - 1.0 + fmax(1.0, w->prompt / f->room)) + 1.0;
    if (s->full)
        return;
    grid_make(&s->grid, f, w);
    flow_settle(f, &s->grid, w, (double)limits->token_budget);
    s->waiting = grid_mean(&s->grid, s->grid.waiting);
}

static void steady_tally(const struct steady *s, const struct platform *p, const struct lengths *w,
                         double phi, struct tally *a) {
    const struct flow *f = &s->flow;
    const struct grid *g = &s->grid;
    *a = (struct tally){.time = 0.0};
    if (s->full) {
        tally_add(a, p, w, f, f->room, f->decoding, phi, 1.0);
        return;
    }
    for (int i = 0; i < g->points; i++) {
        const double tokens = i * g->cell;
        if (g->waiting[i] < 1e-12)
            continue;
        const double decoding = f->decoding + (s->waiting - tokens) / g->jump_mean;
        tally_add(a, p, w, f, fmin(tokens, f->room), fmax(decoding, 0.0), phi, g->waiting[i]);
    }
}

void operating_points_at(const struct platform *p, const struct lengths *w,
                         const struct operating_limits *limits, double batch, const double *phi,
                         size_t count, struct operating_point *out) {
    struct steady s;
    steady_find(&s, w, limits, batch);
    for (size_t i = 0; i < count; i++) {
        struct tally a;
        steady_tally(&s, p, w, phi[i], &a);
        /* Equations 5.7, 5.8. */
        const double tokens = a.decoding + a.chunk / w->prompt;
        out[i] = (struct operating_point){
            .batch = batch,
            .token_rate = tokens / a.time,
            .flop_rate = a.flop / a.time,
            .power = a.energy / a.time,
            .e_gpu = a.energy / tokens,
            .c_tok = a.flop / tokens,
            .tpot = a.decoding > 0.0 ? a.decode_time / a.decoding : 0.0,
            .memory_share = a.memory_time / a.time,
            .limit = OPERATING_SEQS,
        };
    }
}

void operating_point_at(const struct platform *p, const struct lengths *w,
                        const struct operating_limits *limits, double batch, double phi,
                        struct operating_point *out) {
    operating_points_at(p, w, limits, batch, &phi, 1, out);
}

/* Sequences that the KV pool holds, by their mean number of blocks: equation 5.9. */
static double batch_kv(const struct lengths *w, const struct operating_limits *l) {
    const double block = (double)l->block_tokens, half = 0.5 * (block - 1.0);
    const double decodes = w->output - 1.0;
    const double prefills = fmax(1.0, w->prompt / (double)l->token_budget);
    const double held = (decodes * (w->context + half) + prefills * (w->prompt + 1.0 + half)) /
                        (decodes + prefills);
    return (double)l->kv_blocks * block / held;
}

void operating_point_find(const struct platform *p, const struct lengths *w,
                          const struct operating_limits *limits, struct operating_point *out) {
    const double kv = fmax(batch_kv(w, limits), 1.0);
    const double most = fmin(kv, (double)limits->max_seqs);

    operating_point_at(p, w, limits, most, 1.0, out);
    out->limit = kv < (double)limits->max_seqs ? OPERATING_KV : OPERATING_SEQS;
    if (out->tpot <= limits->tpot)
        return;

    /* Time per token rises with the batch: bisect over whole batches. */
    struct operating_point trial;
    double high = ceil(most), low = 1.0;
    operating_point_at(p, w, limits, low, 1.0, out);
    if (out->tpot > limits->tpot) {
        out->batch = 0.0;
        out->limit = OPERATING_TPOT;
        return;
    }
    while (high - low > 1.0) {
        const double middle = floor(0.5 * (low + high));
        operating_point_at(p, w, limits, middle, 1.0, &trial);
        if (trial.tpot <= limits->tpot) {
            low = middle;
            *out = trial;
        } else {
            high = middle;
        }
    }
    out->limit = OPERATING_TPOT;
}
