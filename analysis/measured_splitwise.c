/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Points of splitwise-sim: one batch at a time on DGX machines, times in ms (prompt_time +
 * (token_size - 1) token_time is e2e_time). Each configuration comes several times; its power
 * columns are of other machines and 0 for H100. */

#include "analysis/measured_format.h"

static const char *const telling[] = {"prompt_time", "token_time", NULL};
static const char *const needed[] = {"model",      "hardware",        "prompt_size", "batch_size",
                                     "token_size", "tensor_parallel", NULL};

static void splitwise_read(struct measured_csv *c, struct measured_point *p) {
    measured_names_set(p, measured_csv_text(c, "hardware"), "vllm", measured_csv_text(c, "model"));
    p->kind = MEASURED_BATCH;
    p->gpus = measured_csv_count(c, "tensor_parallel", 1, 0);
    p->clients = p->requests = measured_csv_count(c, "batch_size", 1, 0);
    p->prompt = measured_csv_number(c, "prompt_size", MEASURED_CSV_POSITIVE);
    p->output = measured_csv_number(c, "token_size", MEASURED_CSV_POSITIVE);
    p->ttft = measured_csv_number(c, "prompt_time", MEASURED_CSV_POSITIVE) * 1e-3;
    p->tpot = measured_csv_number(c, "token_time", MEASURED_CSV_POSITIVE) * 1e-3;
}

const struct measured_format measured_splitwise = {"splitwise",    telling, needed,
                                                   splitwise_read, NULL,    NULL};
