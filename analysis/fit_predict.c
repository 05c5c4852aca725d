/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/fit.h"
#include "models/operating_point.h"

#include <math.h>

/* Requests that are in flight for each token of output at which a prompt rarely waits for another:
 * the bound of "low load" (docs/calibrate.md). */
#define LOW_LOAD_PROMPTS 200.0
#define LOW_LOAD_CLIENTS 16.0

bool fit_low_load(const struct measured_point *m, double prompt) {
    return m->clients <= LOW_LOAD_CLIENTS && m->clients * prompt / m->output <= LOW_LOAD_PROMPTS;
}

/* The tables with the point's coefficients in place of their own. */
static void apply(const struct fit_point *p, const double v[FIT_COEFFICIENTS], struct hardware *h,
                  struct engine_overhead *o) {
    for (int i = 0; i < PRECISION_COUNT; i++)
        h->eta_compute[i] = v[FIT_ETA_COMPUTE];
    h->eta_memory = v[FIT_ETA_MEMORY];
    h->eta_kv = v[FIT_ETA_KV];
    h->eta_state = v[FIT_ETA_STATE];
    h->eta_attention = v[FIT_ETA_ATTENTION];
    h->power_active = v[FIT_POWER_ACTIVE] * p->hardware->power_limit;
    h->power_compute = v[FIT_POWER_COMPUTE] * p->hardware->power_limit;
    h->power_scale = v[FIT_POWER_SCALE];
    h->power_memory = v[FIT_POWER_MEMORY] * p->hardware->bandwidth;
    for (int i = 0; i < 3; i++)
        h->power_experts[i] = v[FIT_POWER_EXPERTS];
    *o = (struct engine_overhead){.iteration = v[FIT_ITERATION],
                                  .layer = v[FIT_LAYER],
                                  .layer_moe = v[FIT_LAYER_MOE],
                                  .layer_parallel = v[FIT_LAYER_PARALLEL],
                                  .layer_mla = v[FIT_LAYER_MLA],
                                  .sequence = v[FIT_SEQUENCE],
                                  .request = v[FIT_REQUEST],
                                  .prompt_token = v[FIT_PROMPT_TOKEN],
                                  .allreduce_latency = v[FIT_ALLREDUCE_LATENCY],
                                  .allreduce_volume = v[FIT_ALLREDUCE_VOLUME],
                                  .experts_compute = v[FIT_EXPERTS_COMPUTE]};
    for (int i = 0; i < ENGINE_EXPERTS_COUNT; i++)
        o->experts[i] = v[FIT_EXPERTS];
}

/* Seconds of one prompt's prefill, half of the others' decoding beside it; *wait gets half an
 * iteration of decoding, which a request waits for. */
static double prefill_time(const struct platform *p, const struct lengths *w, double running,
                           double budget, double *wait) {
    const double chunk = fmin(w->prompt, budget), beside = 0.5 * (running - 1.0);
    const double windowed = fmin(w->prompt, p->window);
    struct batch b = {.decoding = running,
                      .context = running * w->context,
                      .windowed = running * fmin(w->context, p->window),
                      .emitted = running,
                      .sequences = running};
    struct iteration decode, mixed;
    iteration_describe(p, &b, &decode);
    b.decoding = beside;
    b.context = beside * w->context;
    b.windowed = beside * fmin(w->context, p->window);
    b.emitted = beside + chunk / w->prompt;
    b.chunk = chunk;
    b.chunk_pairs = 0.5 * chunk * w->prompt;
    b.chunk_pairs_windowed =
        chunk / w->prompt * (0.5 * windowed * windowed + (w->prompt - windowed) * windowed);
    iteration_describe(p, &b, &mixed);
    *wait = 0.5 * iteration_time(&decode, 0.0, 1.0);
    return w->prompt / chunk * iteration_time(&mixed, 0.0, 1.0);
}

/* Mean time to the first token in a closed loop of few clients: a prompt waits for those that came
 * just before it, as in a queue with that load; and where the benchmark sends a stated number of
 * prompts for each client, its first round comes all at once. */
static double first_token(const struct platform *p, const struct measured_point *m,
                          const struct lengths *w, double running, double budget, double tpot) {
    double wait;
    const double once = prefill_time(p, w, running, budget, &wait);
    const double load = fmin((running - 1.0) * once / (w->output * tpot + once), 0.9);
    const double steady = wait + once * (1.0 + 0.5 * load / (1.0 - load));
    const double rounds = m->requests / m->clients;
    const double together = fmin(running, fmax(1.0, budget / w->prompt));
    const double burst = 0.5 * once * (running + together);
    const double share = rounds >= 1.0 ? 1.0 / rounds : 0.0;
    return p->time_request + p->time_prompt * w->prompt + steady +
           share * fmax(burst - steady, 0.0);
}

/* The steady state under a cap (W, of all GPUs of the replica): at the highest frequency at which
 * its mean power keeps it, to 1e-3. */
static void capped(const struct platform *p, const struct lengths *w,
                   const struct operating_limits *limits, double running, double cap,
                   struct operating_point *at) {
    double low = p->phi_min, high = 1.0;
    operating_point_at(p, w, limits, running, 1.0, at);
    if (!(at->power > cap))
        return;
    while (high - low > 1e-3) {
        const double phi = 0.5 * (low + high);
        operating_point_at(p, w, limits, running, phi, at);
        if (at->power > cap)
            high = phi;
        else
            low = phi;
    }
    operating_point_at(p, w, limits, running, low, at);
}

void fit_predict(const struct fit_point *p, const double v[FIT_COEFFICIENTS],
                 struct fit_prediction *out) {
    const struct measured_point *m = p->measured;
    struct hardware h = *p->hardware;
    struct serving_engine engine = {.memory_reserve = p->engine->memory_reserve};
    apply(p, v, &h, &engine.overhead);
    const struct platform_spec spec = {
        .hardware = &h,
        .llm = p->llm,
        .engine = &engine,
        .gpus = m->gpus,
        .weights = m->weights,
        .kv = m->kv,
        .math = platform_math(&h, m->weights),
        .attention = m->attention,
        .experts = m->expert_parallel ? PLATFORM_EXPERTS_PARALLEL : PLATFORM_EXPERTS_TENSOR,
        .memory_reserve = isnan(m->memory_reserve) ? -1.0 : m->memory_reserve};
    struct platform platform;
    platform_make(&spec, &platform);

    const double prompt = isnan(m->prompt) ? v[FIT_PROMPT] : m->prompt;
    const struct lengths w = {.prompt = prompt,
                              .output = m->output,
                              .context = prompt + 0.5 * m->output,
                              .prompt_square = prompt * prompt * (1.0 + m->spread * m->spread / 3)};
    const struct operating_limits limits = {
        .tpot = INFINITY,
        .max_seqs = (long)m->clients,
        .token_budget = platform_token_budget(p->engine, m->attention, m->gpus),
        .kv_blocks = platform_kv_blocks(&platform, 16, 1, (1.0 + m->spread) * (prompt + m->output)),
        .block_tokens = 16};
    const double copies = fmax(1.0, m->copies);
    const double running =
        fmax(1.0, fmin(m->clients / copies, measured_places(m, prompt, &platform)));
    struct operating_point at;
    capped(&platform, &w, &limits, running, isnan(m->cap) ? INFINITY : m->cap * m->gpus, &at);
    out->tpot = at.tpot;
    out->power = copies * at.power;
    out->ttft = first_token(&platform, m, &w, running, (double)limits.token_budget, at.tpot);
}
