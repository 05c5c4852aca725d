/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_SERVING_SCHEDULER_H
#define SIM_SERVING_SCHEDULER_H

/* A scheduler: the policy by which a replica fills its iterations. What it shares with the others
 * (leaving, growth, preemption, admission in order of arrival) is the replica's; a new policy is
 * one file with one of these structs and one row in scheduler.c. */

#include <stdbool.h>
#include <stdint.h>

struct scheduler_plan {
    bool decode;     /* every decoding sequence brings one token */
    int32_t prefill; /* prompt tokens at most, given to prefilling sequences in admission order */
};

struct scheduler {
    const char *name;    /* in scenarios */
    const char *summary; /* one line for `dcsim check` */
    /* Whether decoding and prefilling sequences share an iteration. If so KV growth comes before
     * admission (DESIGN 5); if not, only iterations that decode need growth, so it comes after. */
    bool mixes;
    /* Whether waiting requests may enter at a boundary over which `running` sequences stay. */
    bool (*opens)(int32_t running);
    /* What the next iteration runs, with `decoding` and `prefilling` sequences present (together at
     * least 1) and at most `budget` tokens. Decodes or prefills at least one token. */
    struct scheduler_plan (*plan)(int32_t decoding, int32_t prefilling, int32_t budget);
};

extern const struct scheduler scheduler_chunked;
extern const struct scheduler scheduler_prefill_first;
extern const struct scheduler scheduler_static;

/* The scheduler of that name; NULL when there is none. */
const struct scheduler *scheduler_find(const char *name);

/* All names, separated by ", ". */
const char *scheduler_names(void);

#endif
