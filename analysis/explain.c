/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/explain.h"

#include "analysis/carry.h"
#include "analysis/summary.h"
#include "models/operating_point.h"
#include "sim/engine/memory.h"
#include "sim/serving/scheduler.h"

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
    *time = iteration_time(&it, 0.0, 1.0);
    *joules = node_power(g, power_gpus(&power)) * *time / (batch * (double)g->replicas);
}

/* A context longer than any request of the cell is shown with the pool that it would leave. */
static void table(const struct cell_spec *g, FILE *to) {
    const double longest = cell_longest(g);
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
            const long pool = platform_kv_blocks(&g->platform, g->block_tokens, g->max_seqs,
                                                 fmax(longest, contexts[c]));
            double time, joules;
            decode_point(g, batches[i], contexts[c], &time, &joules);
            if (blocks > (double)pool)
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
            "                     memory takes longer than compute in %.0f %% of the time; node "
            "draws %.2f kW\n",
            op->batch, limit_text(op->limit), op->token_rate, op->tpot * 1e3,
            op->memory_share * 100.0, node_power(g, op->power) * 1e-3);
    fprintf(to, "  e_tok              %.4g J/token at the IT boundary, at full frequency\n",
            node_power(g, op->power) / (op->token_rate * (double)g->replicas));
    if (g->scheduler != scheduler_find("chunked"))
        fprintf(to, "  scheduler          %s; the operating point is that of chunked prefill\n",
                g->scheduler->summary);
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

/* One group's ceilings, rho and rho*, when the power for IT is divided as its nodes draw at the
 * operating point: `share` of that. */
static void group_share(const struct site_spec *s, size_t index, const struct operating_point *op,
                        const struct lengths *w, double share, FILE *to) {
    struct site_spec one = *s;
    one.group = &s->group[index];
    one.groups = 1;
    const struct whole full = whole_at(&one, op, w, 1.0);
    const double available = share * full.power;
    const struct whole carried = whole_at(&one, op, w, frequency_carried(&one, op, w, available));
    const double e_tok = carried.power / carried.tokens;
    const double rho = available / full.flop, star = e_tok * full.tokens / full.flop;
    char rate[SUMMARY_TEXT], carries[SUMMARY_TEXT];
    fprintf(to, "    %-16s ceilings %s, %s; rho %.4g, rho* %.4g pJ/FLOP: %s is scarce\n",
            one.group->name, summary_si(rate, full.tokens, " tokens/s"),
            summary_si(carries, available / e_tok, " tokens/s"), rho * 1e12, star * 1e12,
            rho < star ? "power" : "compute");
}

static void moment(const struct site_spec *s, const struct operating_point *op,
                   const struct lengths *w, double t, const char *what, FILE *to) {
    const double temperature = schedule_at(&s->temperature, t);
    const double available = carry_at(s, t, NULL);
    char power[SUMMARY_TEXT], drawn[SUMMARY_TEXT], rate[SUMMARY_TEXT], carries[SUMMARY_TEXT];
    char when[SUMMARY_TEXT];
    const struct whole full = whole_at(s, op, w, 1.0);
    const struct whole carried = whole_at(s, op, w, frequency_carried(s, op, w, available));
    double peak = 0.0;
    for (size_t i = 0; i < s->groups; i++)
        peak += group_nodes(&s->group[i]) * (double)s->group[i].replicas *
                s->group[i].platform.compute_peak;
    const double e_tok = carried.power / carried.tokens, c_tok = full.flop / full.tokens;
    const double rho = available / full.flop, star = e_tok / c_tok;
    fprintf(to, "  %s (at %s, %.1f degC, PUE %.3f)\n", what, summary_duration(when, t),
            temperature - 273.15, cooling_pue(&s->cooling, available, temperature, t));
    fprintf(to, "    power for IT     %s, where the nodes at the operating point draw %s\n",
            summary_si(power, available, "W"), summary_si(drawn, full.power, "W"));
    fprintf(to, "    ceilings         compute %s, power %s\n",
            summary_si(rate, full.tokens, " tokens/s"),
            summary_si(carries, available / e_tok, " tokens/s"));
    fprintf(to, "    e_tok            %.4g J/token (IT), %.4g J/token (facility)\n", e_tok,
            e_tok * cooling_pue(&s->cooling, available, temperature, t));
    fprintf(to, "    rho, rho*        %.4g, %.4g pJ/FLOP with K_eff realized: %s is scarce\n",
            rho * 1e12, star * 1e12, rho < star ? "power" : "compute");
    fprintf(to, "    rho, rho*        %.4g, %.4g pJ/FLOP with K_eff peak: %s is scarce\n",
            available / peak * 1e12, star * 1e12, available / peak < star ? "power" : "compute");
    for (size_t i = 0; i < s->groups && s->groups > 1; i++) {
        if (s->group[i].cells == 0)
            continue; /* not there: it has no ceilings */
        group_share(s, i, &op[i], &w[i], available / full.power, to);
    }
    fputc('\n', to);
}

void explain_site(const struct site_spec *s, FILE *to) {
    struct operating_point *op = memory_new(s->groups, sizeof *op);
    struct lengths *w = memory_new(s->groups, sizeof *w);
    double when_least, when_most;
    fprintf(to, "%s: what the formulas say, without a simulation\n\n", s->title);
    for (size_t i = 0; i < s->groups; i++)
        group(&s->group[i], to, &op[i], &w[i]);
    fputs("Site\n", to);
    carry_extremes(s, &when_least, &when_most);
    moment(s, op, w, 0.0, when_most == when_least ? "throughout" : "at the start", to);
    if (when_most > 0.0)
        moment(s, op, w, when_most, "with the most power for IT", to);
    if (when_least > 0.0)
        moment(s, op, w, when_least, "with the least power for IT", to);
    fputs("rho = power available for IT / K_eff; rho* = e_tok / c_tok. K_eff realized is what the "
          "nodes\n"
          "do at the operating point, never idle, never capped; peak is the datasheet's.\n",
          to);
    free(op);
    free(w);
}
