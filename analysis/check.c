/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/check.h"

#include "analysis/carry.h"
#include "analysis/summary.h"
#include "sim/serving/router.h"
#include "sim/serving/scheduler.h"

#include <math.h>

static double gpus_of(const struct cell_spec *g) {
    return (double)g->cells * (double)g->nodes * g->hardware->gpus;
}

static void print_memory(const struct cell_spec *g, FILE *to) {
    const struct platform *p = &g->platform;
    const double total = g->hardware->memory * p->gpus;
    const double tokens = (double)g->kv_blocks * (double)g->block_tokens;
    fprintf(to, "  memory          %.0f GB on %d GPUs: weights %.1f GB (fit), KV %.1f GB\n",
            total * 1e-9, p->gpus, p->weight_bytes * 1e-9, p->kv_pool_bytes * 1e-9);
    fprintf(to, "  KV              %.0f tokens per replica in %ld blocks of %ld, %.4g kB each\n",
            tokens, g->kv_blocks, g->block_tokens, p->bytes_kv * 1e-3);
}

static void print_cap(const char *name, double cap, FILE *to) {
    if (isfinite(cap))
        fprintf(to, ", %s %.2f kW", name, cap * 1e-3);
}

static void print_target(const char *name, double target, FILE *to) {
    if (isfinite(target))
        fprintf(to, "%s at most %.4g s", name, target);
    else
        fprintf(to, "%s free", name);
}

static void print_group(const struct site_spec *s, size_t index, FILE *to) {
    const struct cell_spec *g = &s->group[index];
    struct site_sample sample;
    struct lengths w;
    site_sample(s, index, &sample);
    workload_lengths(&g->workload, &w);
    fprintf(to, "%s\n", g->name);
    fprintf(to, "  nodes           %ld cells of %ld = %ld nodes, %.0f %s\n", g->cells, g->nodes,
            g->cells * g->nodes, gpus_of(g), g->hardware->name);
    fprintf(to, "  replica         %s on %d GPUs, %ld per node, under %s %s\n", g->llm->name,
            g->platform.gpus, g->replicas, g->engine->name, g->engine->version);
    print_memory(g, to);
    fprintf(to, "  scheduler       %s; at most %ld sequences, %ld tokens per iteration\n",
            g->scheduler->summary, g->max_seqs, g->token_budget);
    fprintf(to, "  router          %s\n", g->router->summary);
    fprintf(to, "  node power      %.2f kW idle, %.2f kW at most (rated %.2f kW)",
            g->node_idle * 1e-3, g->node_full * 1e-3, g->hardware->node_max * 1e-3);
    print_cap("own cap", g->node_cap, to);
    print_cap("rack's share", g->rack_cap, to);
    fputs("\n  target          ", to);
    print_target("TTFT", g->target_ttft, to);
    fputs(", ", to);
    print_target("TPOT", g->target_tpot, to);
    fputs(g->quality_met ? "\n" : "; the model does not meet the quality asked for\n", to);
    const double rate = workload_mean_rate(&g->workload, s->warmup, site_end(s), (double)g->cells);
    fprintf(to, "  demand          prompt %.0f, output %.0f tokens on average; ", w.prompt,
            w.output);
    if (isnan(rate))
        fprintf(to, "%.0f clients in a closed loop\n", g->workload.clients);
    else
        fprintf(to, "%.4g requests/s, %.4g tokens/s\n", rate, rate * w.output);
    fprintf(to, "  simulated       %ld cells of %ld nodes, each for %.4g of the site's\n\n",
            sample.cells, sample.nodes, sample.weight);
}

/* One line: what the feed carries at time t. */
static void print_carry(const struct site_spec *s, double t, const char *name, FILE *to) {
    const double temperature = schedule_at(&s->temperature, t);
    bool heat;
    const double it = carry_at(s, t, &heat);
    char feed[SUMMARY_TEXT], left[SUMMARY_TEXT], when[SUMMARY_TEXT];
    fprintf(to, "  %-15s %s for IT = %.0f %% of full power%s", name, summary_si(left, it, "W"),
            100.0 * it / site_power_full(s), heat ? " (heat limit)" : "");
    fprintf(to, ": feed %s, PUE %.3f, %.1f degC, at %s\n",
            summary_si(feed, schedule_at(&s->feed_limit, t), "W"),
            cooling_pue(&s->cooling, it, temperature, t), temperature - 273.15,
            summary_duration(when, t - s->warmup));
}

void check_site(const struct site_spec *s, FILE *to) {
    double gpus = 0.0, when_least, when_most;
    char idle[SUMMARY_TEXT], full[SUMMARY_TEXT];
    for (size_t i = 0; i < s->groups; i++)
        gpus += gpus_of(&s->group[i]);
    carry_extremes(s, &when_least, &when_most);
    fprintf(to, "%s: valid\n\n", s->title);
    fprintf(to, "Site\n  horizon         %.4g h in ticks of %.4g s; seed %llu; %s\n",
            s->horizon / 3600.0, s->tick, (unsigned long long)s->seed,
            s->sample_every > 1 ? "a sampled run" : "every node is simulated");
    if (s->warmup > 0.0)
        fprintf(to, "  warm-up         %.4g h before it, not reported\n", s->warmup / 3600.0);
    fprintf(to, "  nodes           %.0f with %.0f GPUs\n", site_nodes(s), gpus);
    fprintf(to, "  IT power        %s idle, %s nameplate (every GPU at its limit)\n",
            summary_si(idle, site_power_idle(s), "W"), summary_si(full, site_power_full(s), "W"));
    print_carry(s, when_most, "most for IT", to);
    print_carry(s, when_least, "least for IT", to);
    fputc('\n', to);
    for (size_t i = 0; i < s->groups; i++)
        print_group(s, i, to);
}
