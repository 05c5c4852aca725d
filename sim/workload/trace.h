/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_WORKLOAD_TRACE_H
#define SIM_WORKLOAD_TRACE_H

/* A trace of requests from a CSV file, plain or gzip-compressed. Lines that begin with '#' are
 * comments; the first other line names the columns, in any order and among others:
 *   arrival_s or timestamp_ms                    time, not decreasing
 *   input_tokens, prompt_tokens, ContextTokens   prompt tokens
 *   output_tokens, GeneratedTokens               output tokens
 * A request needs at least one token of each: records with none are an error. */

#include "sim/engine/error.h"
#include "sim/workload/workload.h"

/* Reads the file at `path`. On failure false, with the mistakes (at most 20) in *e, and *t empty.
 */
bool trace_load(struct trace *t, const char *path, struct error *e);
void trace_clear(struct trace *t);

#endif
