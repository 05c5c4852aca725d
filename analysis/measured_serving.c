/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Points of ai-dynamo/aiconfigurator: closed loops with TTFT and TPOT, of its own and of
 * InferenceX. What its columns mean was found by looking at the data; the evidence is in
 * docs/measured.md. */

#include "analysis/measured_format.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* InferenceX' client: lengths uniform in [0.8 L, L], 10 requests a client. */
#define RANDOM_RANGE        0.8
#define REQUESTS_PER_CLIENT 10.0

/* Two measurements of one configuration that differ by more are not of the same thing. */
#define SPECULATION_GAP 0.05

enum { MACHINE_GPUS = 8 }; /* of one replica at most, in all rows that are not sums */

static const char speculative[] = "speculative decoding, not labelled by the source",
                  throttled[] = "most clients wait outside the engine, for a limit not stated";

static const char *const telling[] = {"silicon_data_source", "silicon_tpot_ms", NULL};
static const char *const needed[] = {
    "id",
    "backend",
    "backend_version",
    "model_path",
    "system",
    "mode",
    "isl",
    "osl",
    "gemm_quant_mode",
    "batch_size",
    "tp_size",
    "pp_size",
    "attention_dp_size",
    "silicon_ttft_ms",
    "moe_ep_size",
    NULL,
};

/* The value of `key` in "a=b; key=value; ...", cut to `size`; false when it is not there. */
static bool source_value(const char *source, const char *key, char *out, size_t size) {
    const size_t length = strlen(key);
    for (const char *at = source; *at != '\0';) {
        at += strspn(at, "; ");
        const size_t n = strcspn(at, ";");
        if (n > length && strncmp(at, key, length) == 0 && at[length] == '=') {
            snprintf(out, size, "%.*s", (int)(n - length - 1), at + length + 1);
            return true;
        }
        at += n;
    }
    return false;
}

static bool hopper(const struct measured_point *p) {
    return strncmp(p->hardware, "H100", 4) == 0 || strncmp(p->hardware, "H200", 4) == 0;
}

static void read_precision(struct measured_csv *c, struct measured_point *p) {
    const char *mode = measured_csv_text(c, "gemm_quant_mode");
    if (*mode == '\0' || strcmp(mode, "bf16") == 0 || strcmp(mode, "float16") == 0) {
        p->weights = p->kv = PRECISION_FP16;
    } else if (strcmp(mode, "fp8") == 0 || strcmp(mode, "fp8_block") == 0) {
        const bool wide =
            strcmp(p->engine, "TensorRT-LLM") != 0 && strncmp(p->llm, "DeepSeek", 8) != 0;
        p->weights = PRECISION_FP8;
        p->kv = wide ? PRECISION_FP16 : PRECISION_FP8;
    } else if (strcmp(mode, "nvfp4") == 0) {
        p->weights = PRECISION_FP4;
        p->kv = PRECISION_FP8;
    } else {
        measured_csv_refuse(c, "gemm_quant_mode", "bf16, fp8, fp8_block, nvfp4 or nothing");
    }

    /* Published in MXFP4 and run so, whatever the column says. */
    if (strncmp(p->llm, "gpt-oss", 7) == 0) {
        p->weights = PRECISION_FP4;
        p->kv = hopper(p) ? PRECISION_FP16 : PRECISION_FP8;
    }
}

/* A parallel width, where 0 and nothing mean 1. */
static int width(struct measured_csv *c, const char *column) {
    const int n = measured_csv_count(c, column, 0, 0);
    return n > 0 ? n : 1;
}

/* N of the last "_tpN" in an id; 0 when there is none. */
static int stated_width(const char *id) {
    int stated = 0, n;
    for (const char *at = id; (at = strstr(at, "_tp")) != NULL; at++)
        if (sscanf(at, "_tp%6d", &n) == 1 && n > 0)
            stated = n;
    return stated;
}

static void read_layout(struct measured_csv *c, struct measured_point *p, bool inferencex) {
    const int tensor = width(c, "tp_size"), data = width(c, "attention_dp_size"),
              expert = width(c, "moe_ep_size");
    if (width(c, "pp_size") > 1)
        measured_point_exclude(p, "pipeline parallel");
    const double product = (double)tensor * data;
    if (product > 1e6) {
        measured_csv_refuse(c, "tp_size", "the replica's GPUs");
        return;
    }
    p->gpus = tensor * data;
    p->attention = data > 1 ? PLATFORM_ATTENTION_DATA : PLATFORM_ATTENTION_TENSOR;
    p->expert_parallel = expert > 1;

    /* In some rows the widths are products of InferenceX' own, which the id still states. */
    const int stated = inferencex ? stated_width(measured_csv_text(c, "id")) : 0;
    if (stated > 0)
        p->gpus = stated;
    if (inferencex && p->gpus > MACHINE_GPUS)
        measured_point_exclude(p, "GPUs summed over prefill and decode workers");
}

/* Clients, requests, lengths. */
static void read_load(struct measured_csv *c, struct measured_point *p, bool inferencex) {
    const char *source = measured_csv_text(c, "silicon_data_source");
    const double batch = measured_csv_optional(c, "batch_size", MEASURED_CSV_POSITIVE);
    char text[32];
    if (!source_value(source, "silicon_concurrency", text, sizeof text)) {
        p->clients = measured_csv_number(c, "batch_size", MEASURED_CSV_POSITIVE);
    } else if (!measured_csv_parse(text, &p->clients) || p->clients < 1) {
        measured_csv_refuse(c, "silicon_data_source", "silicon_concurrency=N with N at least 1");
        p->clients = NAN;
    } else if (!inferencex) {
        /* batch_size is then of one GPU, and says how many there are in all. */
        const double copies = p->clients / (batch * p->gpus);
        if (copies >= 2 && copies <= 1000 && copies == floor(copies))
            p->copies = (int)copies;
    }
    if (inferencex) {
        p->prompt *= (1 + RANDOM_RANGE) / 2;
        p->output *= (1 + RANDOM_RANGE) / 2;
        p->spread = (1 - RANDOM_RANGE) / (1 + RANDOM_RANGE);
        p->requests = REQUESTS_PER_CLIENT * p->clients;
    }
}

/* Several tokens drafted per iteration, by what else was measured with that version. */
static bool drafts(const struct measured_point *p) {
    return strcmp(p->llm, "DeepSeek-V3") == 0 && strcmp(p->engine, "TensorRT-LLM") == 0 &&
           (strcmp(p->version, "1.1.0rc2.post2") == 0 || strcmp(p->version, "1.2.0rc6.post3") == 0);
}

/* vLLM's gpt-oss on H100 at 512 clients, of December 2025: the first token takes 20 to 460 s, those
 * after it less than with 64 clients. How many run is not known. */
static bool throttles(const struct measured_point *p, bool inferencex) {
    return inferencex && strcmp(p->llm, "gpt-oss-120b") == 0 && strcmp(p->engine, "vLLM") == 0 &&
           strcmp(p->hardware, "H100-SXM") == 0 && strncmp(p->date, "2025-12", 7) == 0 &&
           p->clients == 512;
}

static void serving_read(struct measured_csv *c, struct measured_point *p) {
    char text[32];
    const char *source = measured_csv_text(c, "silicon_data_source");
    measured_names_set(p, measured_csv_text(c, "system"), measured_csv_text(c, "backend"),
                       measured_csv_text(c, "model_path"));
    measured_csv_copy(c, "backend_version", p->version, sizeof p->version);
    if (source_value(source, "measured", text, sizeof text))
        snprintf(p->date, sizeof p->date, "%.10s", text);
    p->prompt = measured_csv_number(c, "isl", MEASURED_CSV_POSITIVE);
    p->output = measured_csv_number(c, "osl", MEASURED_CSV_POSITIVE);
    p->ttft = measured_csv_number(c, "silicon_ttft_ms", MEASURED_CSV_POSITIVE) * 1e-3;
    p->tpot = measured_csv_number(c, "silicon_tpot_ms", MEASURED_CSV_POSITIVE) * 1e-3;
    read_precision(c, p);
    if (strcmp(measured_csv_text(c, "mode"), "agg") != 0) {
        p->excluded = "prefill and decode on separate machines"; /* also where a table is missing */
        return;
    }
    const bool inferencex = source_value(source, "wip", text, sizeof text);
    read_layout(c, p, inferencex);
    read_load(c, p, inferencex);
    if (throttles(p, inferencex))
        measured_point_exclude(p, throttled);
    if (drafts(p)) {
        p->speculative = true;
        measured_point_exclude(p, speculative);
    }
}

/* SGLang 0.5.9 measured DeepSeek on B200 in FP8 twice in one configuration, with and without
 * drafting: of two that differ, the faster drafted. */
static void serving_finish(struct measured_point *p, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (p[i].excluded != NULL || strcmp(p[i].version, "0.5.9") != 0 ||
            strcmp(p[i].engine, "SGLang") != 0 || strcmp(p[i].llm, "DeepSeek-V3") != 0 ||
            strcmp(p[i].hardware, "B200") != 0 || p[i].weights != PRECISION_FP8)
            continue;
        for (size_t j = 0; j < count && !p[i].speculative; j++)
            p[i].speculative = p[j].excluded == NULL && strcmp(p[j].version, "0.5.9") == 0 &&
                               p[j].tpot > p[i].tpot * (1 + SPECULATION_GAP) &&
                               measured_point_alike(&p[i], &p[j]);
    }
    for (size_t i = 0; i < count; i++)
        if (p[i].speculative)
            measured_point_exclude(&p[i], speculative);
}

const struct measured_format measured_serving = {"serving_points", telling,        needed,
                                                 serving_read,     serving_finish, NULL};
