/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Static batching (the baseline of Yu et al., Orca, OSDI 2022): a batch is formed when the replica
 * is empty, prefilled, and decoded until its last sequence ends; nobody enters in between. */
#include "sim/serving/scheduler.h"

static bool opens(int32_t running) {
    return running == 0;
}

static struct scheduler_plan plan(int32_t decoding, int32_t prefilling, int32_t budget) {
    (void)decoding;
    return (struct scheduler_plan){.decode = prefilling == 0,
                                   .prefill = prefilling > 0 ? budget : 0};
}

const struct scheduler scheduler_static = {
    .name = "static",
    .summary = "static batches: the next forms when the last sequence has ended",
    .mixes = false,
    .opens = opens,
    .plan = plan,
};
