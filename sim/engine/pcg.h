/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_ENGINE_PCG_H
#define SIM_ENGINE_PCG_H

/* The C face of Debian's C++ library libpcg-cpp-dev: its `pcg64`
 * (pcg_engines::setseq_xsl_rr_128_64), with the state kept by the caller as two halves, low then
 * high. The algorithm is the library's alone; nothing of it is written here. */

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* State and increment of the library's pcg64(seed, stream), each argument low half then high half.
 * The increment is 2 * stream + 1: two streams (mod 2^127) never share one. */
void pcg_seed(uint64_t state[2], uint64_t inc[2], const uint64_t seed[2], const uint64_t stream[2]);

/* The generator's next 64 bits; `state` moves on by one step. */
uint64_t pcg_next(uint64_t state[2], const uint64_t inc[2]);

#ifdef __cplusplus
}
#endif

#endif
