/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODELS_OPERATING_POINT_H
#define MODELS_OPERATING_POINT_H

/* The operating point (q*, s*): what a replica does in steady state at the largest batch b* that
 * meets the target of time per token, fits the KV memory and max_seqs, with prefill interleaved
 * (chunked). Worked out by formula, no simulation (DESIGN 7; docs/equations.md, 5). */

#include "models/power.h"

#include <stddef.h>

/* Lengths seen: moments over requests. */
struct lengths {
    double prompt;        /* mean prompt tokens */
    double output;        /* mean output tokens, >= 1 */
    double context;       /* mean L of a decoding sequence at a random iteration:
                             sum (o-1)(p + o/2) / sum (o-1) over requests; p + 1 when all o are 1 */
    double prompt_square; /* mean of prompt^2: prefill attention */
};

struct operating_limits {
    double tpot;       /* s, target of mean time per output token; INFINITY: none */
    long max_seqs;     /* limit of running sequences */
    long token_budget; /* tokens per iteration */
    long kv_blocks;    /* pool */
    long block_tokens;
};

struct operating_point {
    double batch;      /* b*: running sequences; 0 when not even one meets the target */
    double token_rate; /* output tokens/s of one replica */
    double flop_rate;  /* FLOP/s: K_eff of one replica */
    double power;      /* W, its GPUs */
    double e_gpu;      /* J of its GPUs per output token */
    double c_tok;      /* FLOP per output token, prompt work included */
    double tpot; /* s, mean gap between a request's tokens; 0 when all outputs are one token */
    double memory_share; /* share of time in iterations whose memory takes longer than compute */
    int limit;           /* which limit set b*: enum operating_limit */
};

enum operating_limit { OPERATING_TPOT, OPERATING_KV, OPERATING_SEQS };

/* Steady state at a given number of running sequences and relative frequency, a request always
 * waiting; the batch is not held against the limits of memory and max_seqs. Takes 1 to 200 us: for
 * every tick of a long run, ask again only when the lengths have moved. */
void operating_point_at(const struct platform *p, const struct lengths *w,
                        const struct operating_limits *limits, double batch, double phi,
                        struct operating_point *out);

/* The same at `count` frequencies: what waits and runs does not depend on them and is found once,
 * which is most of the work. out: as many. */
void operating_points_at(const struct platform *p, const struct lengths *w,
                         const struct operating_limits *limits, double batch, const double *phi,
                         size_t count, struct operating_point *out);

/* The largest batch within the limits at full frequency, and the steady state there: real where the
 * KV pool sets it (a mean), whole where the target of time per token does, found by bisection since
 * that time rises with the batch. When not even one sequence meets the target, the point at one
 * sequence, with batch = 0 as the mark. The pool is taken to hold one sequence at least. */
void operating_point_find(const struct platform *p, const struct lengths *w,
                          const struct operating_limits *limits, struct operating_point *out);

#endif
