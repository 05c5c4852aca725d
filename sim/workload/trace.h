/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_WORKLOAD_TRACE_H
#define SIM_WORKLOAD_TRACE_H

/* A trace of requests from a CSV file, plain or gzip-compressed. Lines that are empty or begin with
 * '#' are left out; the first other line names the columns, in any order and among others:
 *   arrival_s      seconds from any start
 *   timestamp_ms   milliseconds from any start
 *   TIMESTAMP      date and time, 2023-11-16 18:15:46.6805900 (a zone behind it is left out)
 *   input_tokens, prompt_tokens, ContextTokens   prompt tokens
 *   output_tokens, GeneratedTokens               output tokens
 * Only differences of times count: the first request comes at 0. Fields are not quoted. A request
 * has at least one token of each kind: a record without (public traces have some, of requests that
 * failed) is a mistake, since only the user can say whether it is load. */

#include "sim/engine/error.h"
#include "sim/workload/workload.h"

/* Reads the file at `path`. On failure false, with its mistakes in *e (the first 20), and *t empty;
 * else *t is to be released with trace_clear. */
bool trace_load(struct trace *t, const char *path, struct error *e);

/* Frees the requests; an empty (zeroed) trace is allowed. */
void trace_clear(struct trace *t);

#endif
