/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODELS_ITERATION_H
#define MODELS_ITERATION_H

/* One iteration of a replica, and the run of like iterations that follows while its batch does not
 * change: FLOP and bytes are affine in the iteration's index k. The physics of an iteration stands
 * here once; stepping and fast-forward both read it. */

#include "models/platform.h"

/* A batch at one iteration boundary. In the run that follows, every decoding sequence grows by one
 * position per iteration, and each prefill chunk has the same number of tokens as the last. The
 * windowed sums of chunks do not grow: a run with a chunk whose p is still below the window is one
 * iteration long. */
struct batch {
    double decoding;             /* B_d: sequences that bring one token each */
    double context;              /* sum over decoding sequences of L, positions attended over */
    double windowed;             /* sum over decoding sequences of min(L, window) */
    double below_window;         /* decoding sequences whose windowed part still grows */
    double chunk;                /* c: prompt tokens in this iteration, all chunks */
    double chunk_pairs;          /* sum over chunks of c p + c (c + 1) / 2 */
    double chunk_pairs_windowed; /* the same, each token seeing at most `window` positions */
    double chunk_reads;          /* sum over chunks of p, positions read from memory */
    double chunk_reads_windowed; /* sum over chunks of min(p, window) */
    double pairs_step;           /* growth of chunk_pairs per iteration (c^2 for one long prompt) */
    double reads_step;           /* growth of chunk_reads per iteration (c for one long prompt) */
    double emitted;              /* tokens emitted per iteration (output heads) */
    double sequences;            /* running sequences, B of t_seq */
};

struct iteration {
    double flop, flop_step;         /* FLOP: F_k = flop + flop_step k */
    double bytes;                   /* B, at k = 0 */
    double compute, compute_step;   /* s at phi = 1, of index 0; growth per index */
    double memory, memory_step;     /* s */
    double overhead;                /* s, neither compute nor memory */
    double power_flop, power_bytes; /* FLOP and B at k = 0 as u_c and u_m count them (3.1) */
};

/* FLOP, bytes and overhead of a batch's run (DESIGN 4.1, 4.2). */
void iteration_describe(const struct platform *p, const struct batch *b, struct iteration *out);

/* t_iter of index k in seconds at relative frequency phi, unstretched (docs/equations.md, 2.12).
 * Inline: fast-forward asks for it at every boundary. */
static inline double iteration_time(const struct iteration *it, double k, double phi) {
    return (it->compute + it->compute_step * k) / phi + it->memory + it->memory_step * k +
           it->overhead;
}

#endif
