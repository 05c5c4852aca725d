/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ANALYSIS_COMPARE_H
#define ANALYSIS_COMPARE_H

/* `dcsim compare A.h5 B.h5`: two results side by side, with differences and their intervals, and
 * what differs between their scenarios. */

#include "analysis/options.h"
#include "analysis/pairing.h"
#include "analysis/run.h"
#include "sim/io/difference.h"

#include <stdio.h>

enum compare_verdict {
    COMPARE_UNKNOWN, /* no interval says whether it is chance */
    COMPARE_SAME,    /* no difference but for rounding */
    COMPARE_WITHIN, /* within the interval (a quantile: the error of its sketch): not significant */
    COMPARE_BEYOND  /* significant */
};

/* One figure of both runs; NAN where a run has none. Half widths of 95 % intervals; INFINITY: none.
 */
struct compare_row {
    char *name;       /* owned */
    const char *unit; /* UDUNITS syntax; the results' or static */
    bool whole;       /* a count */
    double a, b, half_a, half_b;
    double difference, half;        /* b - a */
    double relative, relative_half; /* b / a - 1 */
    bool paired;                    /* the half widths of the differences come from pairs */
    enum compare_verdict verdict;
};

struct compare_rows {
    struct compare_row *row; /* owned */
    size_t count;
};

struct compare {
    const struct saved *a, *b;
    struct pairing pairing;
    struct compare_rows figures; /* of /summary, in its order */
    struct compare_rows latency; /* "ttft p50", ... of the four latencies, and their means */
    struct compare_rows binding; /* shares of node-time */
    struct compare_rows ledger;
    struct differences scenario;
};

/* Compares two results, which must outlive *c. False with messages in *e, and nothing to clear,
 * when a scenario in them cannot be read. */
bool compare_make(const struct saved *a, const struct saved *b, struct compare *c, struct error *e);
void compare_clear(struct compare *c);

/* Prints them as a table, or as one JSON object (false when `to` does not take it). */
void compare_print(const struct compare *c, FILE *to);
bool compare_json(const struct compare *c, FILE *to);

/* The command: reads both files and prints. Messages in *e unless all went well. */
enum run_status compare_run(const struct options *o, FILE *to, struct error *e);

#endif
