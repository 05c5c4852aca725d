/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/explain.h"

#include "models/operating_point.h"
#include "sim/engine/memory.h"

#include <math.h>
#include <stdlib.h>

/* What the grid of the table shows; contexts beyond the model's are left out. */
static const double batches[] = {1, 8, 32, 128, 512};
static const double contexts[] = {512, 2048, 8192, 32768, 131072};
enum {
    BATCHES = sizeof batches / sizeof batches[0],
    CONTEXTS = sizeof contexts / sizeof contexts[0]
};

static double node_power(const struct cell_spec *g, double gpus) {
    return g->host_power + (1.0 + g->host_slope) * (g->spare_power + (double)g->replicas * gpus);
}

static double group_nodes(const struct cell_spec *g) {
    return (double)g->cells * (double)g->nodes;
}

static struct operating_limits limits_of(const struct cell_spec *g) {
    return (struct operating_limits){.tpot = g->target_tpot,
                                     .max_seqs = g->max_seqs,
                                     .token_budget = g->token_budget,
                                     .kv_blocks = g->kv_blocks,
                                     .block_tokens = g->block_tokens};
}

/* One cell of the table: a pure decoding iteration of `batch` sequences at `context`. */
static void decode_point(const struct cell_spec *g, double batch, double context, double *time,
                         double *joules) {
    const struct platform *p = &g->platform;
    const double windowed = context < p->window ? context : p->window;
    const struct batch b = {.decoding = batch,
                            .context = batch * context,
                            .windowed = batch * windowed,
                            .emitted = batch,
                            .sequences = batch};
    struct iteration it;
    struct power_state power;
    iteration_describe(p, &b, &it);
    power_free(p, &it, &power);
    *time = iteration_time(p, &it, 0.0, 1.0);
    *joules = node_power(g, power_gpus(&power)) * *time / (batch * (double)g->replicas);
}

static void table(const struct cell_spec *g, FILE *to) {
    fputs(
        "    decoding: iteration time (ms) and J/token at the IT boundary; - does not fit in KV\n",
        to);
    fputs("    batch", to);
    for (int c = 0; c < CONTEXTS && contexts[c] <= g->llm->context_max; c++)
        fprintf(to, "  %10.0f tokens", contexts[c]);
    fputc('\n', to);
    for (int i = 0; i < BATCHES; i++) {
        fprintf(to, "    %5.0f", batches[i]);
        for (int c = 0; c < CONTEXTS && contexts[c] <= g->llm->context_max; c++) {
            const double blocks = ceil(contexts[c] / (double)g->block_tokens) * batches[i];
            double time, joules;
            decode_point(g, batches[i], contexts[c], &time, &joules);
            if (blocks > (double)g->kv_blocks)
                fprintf(to, "  %17s", "-");
            else
                fprintf(to, "  %8.2f %6.3g J", time * 1e3, joules);
        }
        fputc('\n', to);
    }
}

static const char *limit_text(int limit) {
    switch (limit) {
    case OPERATING_TPOT:
        return "the target of time per token";
    case OPERATING_KV:
        return "KV memory";
    default:
        return "max_seqs";
    }
}

static void group(const struct cell_spec *g, FILE *to, struct operating_point *op,
                  struct lengths *w) {
    const struct platform *p = &g->platform;
    const struct operating_limits limits = limits_of(g);
    workload_lengths(&g->workload, w);
    operating_point_find(p, w, &limits, op);
    fprintf(to, "%s: %ld cells of %ld nodes, each %ld x %s on %d %s under %s %s\n", g->name,
            g->cells, g->nodes, g->replicas, g->llm->name, p->gpus, g->hardware->name,
            g->engine->name, g->engine->version);
    fprintf(to,
            "  lengths            prompt %.0f, output %.0f tokens; a decoding sequence sees %.0f\n",
            w->prompt, w->output, w->context);
    fprintf(to, "  work per token     decode %.4g GFLOP + %.4g MFLOP per position; KV %.4g kB\n",
            (p->flop_token + p->flop_head) * 1e-9,
            (p->flop_decode + p->flop_decode_windowed) * 1e-6, p->bytes_kv * 1e-3);
    fprintf(to, "  c_tok              %.4g GFLOP per output token, prompt work included\n",
            op->c_tok * 1e-9);
    if (op->batch == 0.0)
        fputs("  operating point    none: even one sequence misses the target of time per token\n",
              to);
    fprintf(to,
            "  operating point    b* = %.0f (set by %s): %.0f tokens/s per replica, TPOT %.1f ms;\n"
            "                     memory sets %.0f %% of the time; node draws %.2f kW\n",
            op->batch, limit_text(op->limit), op->token_rate, op->tpot * 1e3,
            op->memory_share * 100.0, node_power(g, op->power) * 1e-3);
    fprintf(to, "  e_tok              %.4g J/token at the IT boundary, at full frequency\n",
            node_power(g, op->power) / (op->token_rate * (double)g->replicas));
    table(g, to);
    fputc('\n', to);
}

/* Rate and power of the whole site at the operating point at relative frequency phi. */
struct whole {
    double tokens, flop, power;
};

static struct whole whole_at(const struct site_spec *s, const struct operating_point *op,
                             const struct lengths *w, double phi) {
    struct whole sum = {0.0, 0.0, 0.0};
    for (size_t i = 0; i < s->groups; i++) {
        const struct cell_spec *g = &s->group[i];
        const struct operating_limits limits = limits_of(g);
        struct operating_point at;
        operating_point_at(&g->platform, &w[i], &limits, fmax(op[i].batch, 1.0),
                           fmax(phi, g->platform.phi_min), &at);
        const double replicas = group_nodes(g) * (double)g->replicas;
        sum.tokens += replicas * at.token_rate;
        sum.flop += replicas * at.flop_rate;
        sum.power += group_nodes(g) * node_power(g, at.power);
    }
    return sum;
}

/* The frequency at which the site's nodes draw `available` W; 1 when that carries them all. */
static double frequency_carried(const struct site_spec *s, const struct operating_point *op,
                                const struct lengths *w, double available) {
    double low = 0.0, high = 1.0;
    if (whole_at(s, op, w, 1.0).power <= available)
        return 1.0;
    for (int i = 0; i < 40; i++) {
        const double middle = 0.5 * (low + high);
        if (whole_at(s, op, w, middle).power > available)
            high = middle;
        else
            low = middle;
    }
    return high;
}

static void moment(const struct site_spec *s, const struct operating_point *op,
                   const struct lengths *w, double t, const char *what, FILE *to) {
    const double temperature = schedule_at(&s->temperature, t);
    const double available =
        cooling_it_available(&s->cooling, schedule_at(&s->feed_limit, t), temperature, t, NULL);
    const struct whole full = whole_at(s, op, w, 1.0);
    const struct whole carried = whole_at(s, op, w, frequency_carried(s, op, w, available));
    double peak = 0.0;
    for (size_t i = 0; i < s->groups; i++)
        peak += group_nodes(&s->group[i]) * (double)s->group[i].replicas *
                s->group[i].platform.compute_peak;
    const double e_tok = carried.power / carried.tokens, c_tok = full.flop / full.tokens;
    const double rho = available / full.flop, star = e_tok / c_tok;
    fprintf(to, "  %s (%.1f h, %.1f degC, PUE %.3f)\n", what, t / 3600.0, temperature - 273.15,
            cooling_pue(&s->cooling, available, temperature, t));
    fprintf(to,
            "    power for IT     %.2f MW, where the nodes at the operating point draw %.2f MW\n",
            available * 1e-6, full.power * 1e-6);
    fprintf(to, "    ceilings         compute %.4g, power %.4g Mtoken/s\n", full.tokens * 1e-6,
            available / e_tok * 1e-6);
    fprintf(to, "    e_tok            %.4g J/token (IT), %.4g J/token (facility)\n", e_tok,
            e_tok * cooling_pue(&s->cooling, available, temperature, t));
    fprintf(to, "    rho, rho*        %.4g, %.4g pJ/FLOP with K_eff realized: %s is scarce\n",
            rho * 1e12, star * 1e12, rho < star ? "power" : "compute");
    fprintf(to, "    rho, rho*        %.4g, %.4g pJ/FLOP with K_eff peak: %s is scarce\n\n",
            available / peak * 1e12, star * 1e12, available / peak < star ? "power" : "compute");
}

/* The hour of the horizon at which the most (sign 1) or least (sign -1) power is left for IT. */
static double extreme_hour(const struct site_spec *s, double sign) {
    double best = -INFINITY, when = 0.0;
    for (double t = 0.0; t < s->horizon; t += 3600.0) {
        const double it = cooling_it_available(&s->cooling, schedule_at(&s->feed_limit, t),
                                               schedule_at(&s->temperature, t), t, NULL);
        if (sign * it > best) {
            best = sign * it;
            when = t;
        }
    }
    return when;
}

void explain_site(const struct site_spec *s, FILE *to) {
    struct operating_point *op = memory_new(s->groups, sizeof *op);
    struct lengths *w = memory_new(s->groups, sizeof *w);
    fprintf(to, "%s: what the formulas say, without a simulation\n\n", s->title);
    for (size_t i = 0; i < s->groups; i++)
        group(&s->group[i], to, &op[i], &w[i]);
    fputs("Site\n", to);
    moment(s, op, w, 0.0, "at the start", to);
    moment(s, op, w, extreme_hour(s, 1.0), "at the hour with the most power for IT", to);
    moment(s, op, w, extreme_hour(s, -1.0), "at the hour with the least power for IT", to);
    fputs("rho = power available for IT / K_eff; rho* = e_tok / c_tok. K_eff realized is what the "
          "nodes\n"
          "do at the operating point, never idle, never capped; peak is the datasheet's.\n",
          to);
    free(op);
    free(w);
}
