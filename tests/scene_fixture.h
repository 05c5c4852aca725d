/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_SCENE_FIXTURE_H
#define TESTS_SCENE_FIXTURE_H

/* Random scenes for property tests of a cell: a platform, limits, a policy, requests and caps, all
 * drawn from the scene's number, so that a failure can be repeated. Corners are common: KV pools
 * that preempt, requests that can never fit, budgets of few tokens, windows, experts, deep caps. */

#include "sim/serving/cell.h"

enum {
    SCENE_REQUESTS = 400,
    SCENE_TICKS = 30 /* control periods of 1 s for which caps are stated */
};

/* Points into itself: it must not be copied. */
struct scene {
    struct cell_spec spec;
    struct llm llm;
    struct trace trace;
    struct request
        *request; /* SCENE_REQUESTS of them in order of time, those of the trace; owned */
    double cap[SCENE_TICKS]; /* W, of a node */
};

/* Scene `number`: one replica on a platform of random proportions that belongs to no model. Its
 * trace is not repeated within 1e5 s. Release with scene_clear. */
void scene_make(struct scene *s, uint64_t number);

/* The same requests and limits, but served by a published model on a published node (so that a
 * request's work has a closed form, llm_flop_request), with a host, idle GPUs and caps of their
 * own. `many`: up to three nodes of up to two replicas behind a router. */
void scene_make_served(struct scene *s, uint64_t number, bool many);

void scene_clear(struct scene *s);

/* What a node's cap (W at its terminals) leaves to the GPUs of each of its replicas. */
double scene_gpu_cap(const struct scene *s, double cap);

/* Whether a request can never be served: it exceeds the model's context or the whole KV pool. */
bool scene_rejects(const struct scene *s, const struct request *q);

#endif
