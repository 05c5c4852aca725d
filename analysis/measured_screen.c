/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/measured.h"

#include "analysis/measured_format.h"
#include "sim/io/library.h"

#include <math.h>

/* A layout that is not stated is the narrowest replica whose memory leaves at least this share of
 * the weights' size to KV. */
#define LAYOUT_KV_SHARE 0.5

enum { BLOCK = 16 }; /* positions; what a sequence sets aside hardly depends on it */

/* Mistakes of points of our own format before it is not worth going on. */
enum { MISTAKES_MAX = 20 };

static const char no_such_cap[] = "cap that the board cannot be set to by the tables";
static const char too_fast[] = "faster than memory allows at the stated concurrency",
                  does_not_fit[] = "the model does not fit the GPUs by the tables",
                  no_room[] = "more ran at once than the GPUs' memory holds by the tables";

double measured_tpot_min(const struct measured_point *p, const struct platform *platform,
                         long max_seqs) {
    if (isnan(p->clients) || isnan(p->output))
        return NAN;
    const double context = (isnan(p->prompt) ? 0 : p->prompt) + p->output / 2;
    const double kv = platform->bytes_kv * context +
                      platform->bytes_kv_windowed * fmin(context, platform->window);
    const double fit = fmax(1, platform->kv_pool_bytes / kv);
    const double running = fmin(fmin(p->clients / fmax(1, p->copies), fit), (double)max_seqs);
    return (platform_weight_bytes(platform, running) + running * kv) / platform->memory_peak;
}

/* Bytes of one sequence half way through its output. */
static double sequence_bytes(const struct measured_point *p, double prompt,
                             const struct platform *platform) {
    return platform_sequence_bytes(platform, BLOCK, (1 + p->spread) * (prompt + p->output)) +
           (prompt + p->output / 2) * platform->kv_stored_bytes;
}

double measured_places(const struct measured_point *p, double prompt,
                       const struct platform *platform) {
    return fmax(1, floor(platform->kv_pool_bytes / sequence_bytes(p, prompt, platform)));
}

/* Sequences of one replica that ran at once, at the least, by what was measured: of a request's
 * time, what lies after its first token; or of a token's share of the time, what lies between two
 * of a request. NAN where it cannot be told. */
static double ran_at_once(const struct measured_point *p) {
    const double clients = p->clients / fmax(1, p->copies);
    if (p->kind != MEASURED_CLOSED_LOOP)
        return NAN;
    if (!isnan(p->ttft)) {
        const double decoding = p->tpot * (p->output - 1);
        return clients * decoding / (p->ttft + decoding);
    }
    return isnan(p->itl_p50) ? NAN : clients * fmin(1, p->itl_p50 / p->tpot);
}

/* Where more ran at once than the engine's reserve leaves room for, the run was set otherwise: the
 * reserve becomes what is left beside them. False when nothing is. */
static bool widen_memory(struct measured_point *p, const struct platform_spec *spec,
                         const struct platform *platform) {
    const double ran = ran_at_once(p), prompt = isnan(p->prompt) ? 0 : p->prompt;
    if (!(ran > measured_places(p, prompt, platform))) /* nor NAN */
        return true;
    const double all = spec->hardware->memory * p->gpus;
    const double free =
        1 - (platform->weight_bytes + ran * sequence_bytes(p, prompt, platform)) / all;
    p->memory_reserve = fmax(free, 0);
    return free > 0;
}

bool measured_cap_settable(const struct measured_point *p, const struct hardware *h) {
    return isnan(p->cap) || (p->cap >= fmax(h->cap_min, h->power_idle) && p->cap <= h->power_limit);
}

/* Chooses the layout of p->gpus GPUs in all. */
static void choose_layout(struct measured_point *p, struct platform_spec *spec,
                          struct platform *platform) {
    const int total = p->gpus;
    for (int width = 1; width <= total; width *= 2) {
        if (total % width != 0)
            continue;
        spec->gpus = width;
        platform_make(spec, platform);
        p->gpus = width;
        p->copies = total / width;
        if (platform->kv_pool_bytes >= LAYOUT_KV_SHARE * platform->weight_bytes)
            break;
    }
}

static bool screen(struct measured_point *p, struct library *l, struct error *e) {
    if (!library_has(l, LIBRARY_HARDWARE, p->hardware))
        p->excluded = measured_no_hardware;
    else if (!library_has(l, LIBRARY_ENGINE, p->engine))
        p->excluded = measured_no_engine;
    else if (!library_has(l, LIBRARY_LLM, p->llm))
        p->excluded = measured_no_llm;
    if (p->excluded != NULL)
        return true;
    struct platform_spec spec = {
        .hardware = library_hardware(l, p->hardware, e),
        .llm = library_llm(l, p->llm, e),
        .engine = library_engine(l, p->engine, e),
        .gpus = p->gpus,
        .weights = p->weights,
        .kv = p->kv,
        .math = p->weights,
        .attention = p->attention,
        .memory_reserve = -1,
    };
    if (spec.hardware == NULL || spec.llm == NULL || spec.engine == NULL)
        return false;
    if (p->gpus > spec.hardware->gpus)
        p->excluded = measured_several_nodes;
    else if (!measured_cap_settable(p, spec.hardware))
        p->excluded = no_such_cap;
    if (p->excluded != NULL)
        return true;
    struct platform platform;
    platform_make(&spec, &platform);
    if (p->copies == 0)
        choose_layout(p, &spec, &platform);
    if (platform.kv_pool_bytes <= 0)
        p->excluded = does_not_fit;
    else if (p->tpot < measured_tpot_min(p, &platform,
                                         spec.engine->max_seqs)) /* false where it cannot be told */
        p->excluded = too_fast;
    else if (!widen_memory(p, &spec, &platform))
        p->excluded = no_room;
    return true;
}

bool measured_screen(struct measured *m, struct library *l, struct error *e) {
    bool right = true;
    const size_t before = e->count;
    for (size_t i = 0; i < m->count && e->count - before < MISTAKES_MAX; i++) {
        struct measured_point *p = &m->point[i];
        if (p->source == measured_own.name && !measured_own_check(p, l, e))
            right = false;
        else if (p->excluded == NULL)
            right = screen(p, l, e) && right;
    }
    return right;
}
