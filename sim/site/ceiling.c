/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/site/ceiling.h"

#include <math.h>

static struct operating_limits limits_of(const struct cell_spec *s) {
    return (struct operating_limits){.tpot = s->target_tpot,
                                     .max_seqs = s->max_seqs,
                                     .token_budget = s->token_budget,
                                     .kv_blocks = s->kv_blocks,
                                     .block_tokens = s->block_tokens};
}

/* Power (W) of all nodes of the group when the GPUs of each replica draw `gpus` W. */
static double group_power(const struct ceiling *c, double gpus) {
    const struct cell_spec *s = c->spec;
    return c->nodes *
           (s->host_power + (1.0 + s->host_slope) * (s->spare_power + (double)s->replicas * gpus));
}

void ceiling_init_at(struct ceiling *c, const struct cell_spec *spec, double nodes,
                     const struct lengths *lengths) {
    const struct operating_limits limits = limits_of(spec);
    const double replicas = nodes * (double)spec->replicas;
    *c = (struct ceiling){.spec = spec, .nodes = nodes, .lengths = *lengths};
    operating_point_find(&spec->platform, lengths, &limits, &c->point);
    c->token_rate = replicas * c->point.token_rate;
    c->flop_rate = replicas * c->point.flop_rate;
    c->peak = replicas * spec->platform.compute_peak;
    c->power = group_power(c, c->point.power);
    c->idle = group_power(c, spec->platform.power_static);
}

void ceiling_init(struct ceiling *c, const struct cell_spec *spec, double nodes) {
    struct lengths w;
    workload_lengths(&spec->workload, &w);
    ceiling_init_at(c, spec, nodes, &w);
    const double decode = w.output - 1.0;
    c->seen = (struct ceiling_seen){.requests = CEILING_PRIOR,
                                    .prompt = CEILING_PRIOR * w.prompt,
                                    .output = CEILING_PRIOR * w.output,
                                    .decode = CEILING_PRIOR * decode,
                                    .context = CEILING_PRIOR * decode * w.context,
                                    .prompt_square = CEILING_PRIOR * w.prompt_square};
}

void ceiling_see(struct ceiling *c, const struct cell_tick *tick) {
    c->seen.requests += tick->arrived - tick->rejected;
    c->seen.prompt += tick->sum_prompt;
    c->seen.output += tick->sum_output;
    c->seen.decode += tick->sum_decode;
    c->seen.context += tick->sum_context;
    c->seen.prompt_square += tick->sum_prompt_square;
}

bool ceiling_lengths(const struct ceiling_seen *seen, struct lengths *out) {
    if (!(seen->requests > 0.0))
        return false;
    out->prompt = seen->prompt / seen->requests;
    out->output = seen->output / seen->requests;
    out->context = seen->decode > 0.0 ? seen->context / seen->decode : out->prompt + 1.0;
    out->prompt_square = seen->prompt_square / seen->requests;
    return true;
}

static bool moved(double now, double then, double share) {
    return !(fabs(now - then) <= share * then);
}

void ceiling_refresh(struct ceiling *c, double elapsed) {
    struct lengths now;
    const struct lengths *then = &c->lengths;
    if (c->seen.requests > 1.0 && ceiling_lengths(&c->seen, &now) &&
        (moved(now.prompt, then->prompt, CEILING_DRIFT) ||
         moved(now.output, then->output, CEILING_DRIFT) ||
         moved(now.context, then->context, CEILING_DRIFT) ||
         moved(now.prompt_square, then->prompt_square, CEILING_DRIFT_SQUARE))) {
        const struct ceiling_seen seen = c->seen;
        ceiling_init_at(c, c->spec, c->nodes, &now);
        c->seen = seen;
    }
    const double kept = exp(-elapsed / CEILING_MEMORY);
    c->seen.requests *= kept;
    c->seen.prompt *= kept;
    c->seen.output *= kept;
    c->seen.decode *= kept;
    c->seen.context *= kept;
    c->seen.prompt_square *= kept;
}

/* Rate over power at the operating point's batch. From full frequency down, so that of frequencies
 * that draw alike (the boards' own clamp) the highest is kept; then turned around. */
static void make_points(struct ceiling *c) {
    const struct platform *p = &c->spec->platform;
    const struct operating_limits limits = limits_of(c->spec);
    const double batch = fmax(c->point.batch, 1.0);
    const double replicas = c->nodes * (double)c->spec->replicas;
    struct operating_point at[CEILING_POINTS] = {c->point};
    double phi[CEILING_POINTS];
    size_t n = 0;
    for (int i = 0; i < CEILING_POINTS; i++)
        phi[i] = pow(p->phi_min, (double)i / (CEILING_POINTS - 1));
    operating_points_at(p, &c->lengths, &limits, batch, phi + 1, CEILING_POINTS - 1, at + 1);
    for (int i = 0; i < CEILING_POINTS; i++) {
        const double power = group_power(c, at[i].power);
        if (n > 0 && !(power < c->point_power[n - 1]))
            continue;
        c->point_power[n] = power;
        c->point_rate[n++] = replicas * at[i].token_rate;
    }
    for (size_t i = 0; i < n / 2; i++) {
        const double power = c->point_power[i], rate = c->point_rate[i];
        c->point_power[i] = c->point_power[n - 1 - i];
        c->point_rate[i] = c->point_rate[n - 1 - i];
        c->point_power[n - 1 - i] = power;
        c->point_rate[n - 1 - i] = rate;
    }
    c->points = n;
}

double ceiling_rate(struct ceiling *c, double power) {
    if (power >= c->power)
        return c->token_rate;
    if (c->points == 0)
        make_points(c);
    if (power <= c->idle)
        return 0.0;
    if (power <= c->point_power[0])
        return c->point_rate[0] * (power - c->idle) / (c->point_power[0] - c->idle);
    size_t i = 1;
    while (i + 1 < c->points && c->point_power[i] < power)
        i++;
    const double share =
        (power - c->point_power[i - 1]) / (c->point_power[i] - c->point_power[i - 1]);
    return c->point_rate[i - 1] + share * (c->point_rate[i] - c->point_rate[i - 1]);
}

void ceiling_site(struct ceiling *group, size_t groups, double available, struct ceilings *out) {
    double full = 0.0;
    *out = (struct ceilings){0};
    for (size_t g = 0; g < groups; g++) {
        out->compute += group[g].token_rate;
        out->flop += group[g].flop_rate;
        out->peak += group[g].peak;
        full += group[g].power;
    }
    out->c_tok = out->flop / out->compute;
    if (available >= full) {
        out->e_tok = full / out->compute;
        out->power = available / out->e_tok;
        return;
    }
    for (size_t g = 0; g < groups; g++)
        out->power += ceiling_rate(&group[g], available * (group[g].power / full));
    out->e_tok = available / out->power;
}
