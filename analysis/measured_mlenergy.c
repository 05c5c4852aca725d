/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Points of the ML.ENERGY leaderboard: vLLM kept saturated at max_num_seqs, so that avg_batch_size
 * requests run; GPU watts, J per token, time between tokens. Its prompts are not published. */

#include "analysis/measured_format.h"

#include <stdio.h>
#include <string.h>

static const char *const telling[] = {"avg_batch_size", "energy_per_token_j", NULL};
static const char *const needed[] = {
    "model", "task",           "weight_precision", "gpu",           "num_gpus",   "ep",
    "dp",    "avg_output_len", "avg_power_w",      "out_tok_per_s", "itl_p50_ms", NULL,
};

static void read_precision(struct measured_csv *c, struct measured_point *p) {
    static const struct {
        const char *name;
        enum precision weights;
    } known[] = {{"bfloat16", PRECISION_FP16},
                 {"float16", PRECISION_FP16},
                 {"fp8", PRECISION_FP8},
                 {"mxfp4", PRECISION_FP4},
                 {"nvfp4", PRECISION_FP4}};
    const char *name = measured_csv_text(c, "weight_precision");
    p->kv = PRECISION_FP16; /* vLLM's default */
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcmp(known[i].name, name) == 0) {
            p->weights = known[i].weights;
            return;
        }
    measured_csv_refuse(c, "weight_precision", "bfloat16, fp8, mxfp4 or nvfp4");
}

static void read_layout(struct measured_csv *c, struct measured_point *p) {
    const int gpus = measured_csv_count(c, "num_gpus", 1, 0),
              expert = measured_csv_count(c, "ep", 1, 0), data = measured_csv_count(c, "dp", 1, 0);
    p->gpus = gpus;
    p->expert_parallel = expert > 1;
    if (data <= 1)
        return;
    if (expert > 1) { /* one set of experts, attention on each GPU */
        p->attention = PLATFORM_ATTENTION_DATA;
    } else if (gpus % data == 0) {
        p->gpus = gpus / data;
        p->copies = data;
    } else {
        measured_csv_refuse(c, "dp", "a divisor of num_gpus");
    }
}

static void mlenergy_read(struct measured_csv *c, struct measured_point *p) {
    measured_names_set(p, measured_csv_text(c, "gpu"), "vllm", measured_csv_text(c, "model"));
    snprintf(p->version, sizeof p->version, "0.11.1");
    measured_csv_copy(c, "task", p->task, sizeof p->task);
    read_precision(c, p);
    read_layout(c, p);
    p->output = measured_csv_number(c, "avg_output_len", MEASURED_CSV_POSITIVE);
    p->clients = measured_csv_number(c, "avg_batch_size", MEASURED_CSV_POSITIVE);
    p->token_rate = measured_csv_number(c, "out_tok_per_s", MEASURED_CSV_POSITIVE);
    p->tpot = p->clients / p->token_rate;
    p->itl_p50 = measured_csv_number(c, "itl_p50_ms", MEASURED_CSV_POSITIVE) * 1e-3;
    p->gpu_power = measured_csv_number(c, "avg_power_w", MEASURED_CSV_POSITIVE);
    p->e_tok = measured_csv_number(c, "energy_per_token_j", MEASURED_CSV_POSITIVE);
}

const struct measured_format measured_mlenergy = {"mlenergy",    telling, needed,
                                                  mlenergy_read, NULL,    NULL};
