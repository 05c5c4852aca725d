/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/measured.h"

#include "analysis/measured_format.h"
#include "sim/io/library.h"

#include <math.h>

/* A layout that is not stated is the narrowest replica whose memory leaves at least this share of
 * the weights' size to KV. */
#define LAYOUT_KV_SHARE 0.5

static const char too_fast[] = "faster than memory allows at the stated concurrency",
                  does_not_fit[] = "the model does not fit the GPUs by the tables";

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
    struct platform platform;
    platform_make(&spec, &platform);
    if (p->copies == 0)
        choose_layout(p, &spec, &platform);
    if (platform.kv_pool_bytes <= 0)
        p->excluded = does_not_fit;
    else if (p->tpot < measured_tpot_min(p, &platform,
                                         spec.engine->max_seqs)) /* false where it cannot be told */
        p->excluded = too_fast;
    return true;
}

bool measured_screen(struct measured *m, struct library *l, struct error *e) {
    bool right = true;
    for (size_t i = 0; i < m->count; i++)
        if (m->point[i].excluded == NULL)
            right = screen(&m->point[i], l, e) && right;
    return right;
}
