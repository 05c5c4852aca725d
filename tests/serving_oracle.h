/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_SERVING_ORACLE_H
#define TESTS_SERVING_ORACLE_H

/* A second, naive program for the serving semantics of DESIGN 5: one replica, one iteration at a
 * time, every sum taken afresh over all sequences, no segment, no counters kept. It shares with the
 * simulator only the physics of an iteration and of power. */

#include "sim/serving/cell.h"

struct oracle_result {
    double tokens, iterations, preemptions, done, rejected, flop;
    double recomputed;         /* FLOP spent because of preemptions: prefill thrown away, and what
                                  prefill of generated tokens costs over decoding one token */
    double energy;             /* J, dynamic GPU energy up to the horizon */
    double sum_ttft;           /* s, over requests whose first token came before the horizon */
    double sum_itl, itl_count; /* s: gaps between successive tokens of a request; how many */
    double sum_e2e;            /* s, over requests done before the horizon */
    double state_time[BINDING_COUNT];
};

/* Runs `count` requests in order of time on one replica. In control period i (of `tick` seconds,
 * `ticks` of them) the GPUs may draw cap[i] W. */
void oracle_run(const struct cell_spec *spec, const struct request *request, size_t count,
                double tick, const double *cap, size_t ticks, struct oracle_result *out);

/* FLOP of prefilling `positions` tokens, no output head: the closed form of the model's request. */
double oracle_prefill_flop(const struct llm *m, double positions);

#endif
