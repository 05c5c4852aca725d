/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Chunked prefill (Sarathi-Serve, Agrawal et al., OSDI 2024; the default of vLLM's V1 engine):
 * every decoding sequence brings a token, prompts fill what is left of the budget. */
#include "sim/serving/scheduler.h"

static bool opens(int32_t running) {
    (void)running;
    return true;
}

static struct scheduler_plan plan(int32_t decoding, int32_t prefilling, int32_t budget) {
    (void)prefilling;
    return (struct scheduler_plan){.decode = decoding > 0,
                                   .prefill = budget > decoding ? budget - decoding : 0};
}

const struct scheduler scheduler_chunked = {
    .name = "chunked",
    .summary = "chunked prefill: decoding first, prompts fill the token budget",
    .mixes = true,
    .opens = opens,
    .plan = plan,
};
