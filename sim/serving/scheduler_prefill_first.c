/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Prefill first, without mixing (Orca-style continuous batching as vLLM's V0 engine scheduled it):
 * while a prompt waits in the batch, iterations run prompts only and decoding stalls. */
#include "sim/serving/scheduler.h"

static bool opens(int32_t running) {
    (void)running;
    return true;
}

static struct scheduler_plan plan(int32_t decoding, int32_t prefilling, int32_t budget) {
    (void)decoding;
    return (struct scheduler_plan){.decode = prefilling == 0,
                                   .prefill = prefilling > 0 ? budget : 0};
}

const struct scheduler scheduler_prefill_first = {
    .name = "prefill_first",
    .summary = "prefill first, never mixed with decoding",
    .mixes = false,
    .opens = opens,
    .plan = plan,
};
