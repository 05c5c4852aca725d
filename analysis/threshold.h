/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ANALYSIS_THRESHOLD_H
#define ANALYSIS_THRESHOLD_H

/* A threshold: the value of a quantity beyond which something no longer holds (targets are met up
 * to some demand, from some number of nodes on), found by trials of which each costs runs. The
 * answer of a trial may be noisy; it is taken as it is, so that the threshold found is one of the
 * answers given, and what noise makes of it is for the caller to tell. */

#include <stdbool.h>
#include <stddef.h>

struct threshold_rule {
    double start;     /* first trial, above 0, within low and high */
    double low, high; /* nothing beyond them is tried; low above 0, high may be INFINITY */
    bool upward;      /* it holds from the threshold on upward; else up to the threshold */
    bool whole;       /* only whole numbers are tried; start, low and high are some */
    double tolerance; /* above 0: the bracket is narrow enough when its upper end is at most
                         1 + tolerance times its lower, or when whole numbers are neighbours, or
                         no number of the machine's lies between */
};

enum threshold_answer { THRESHOLD_HOLDS, THRESHOLD_FAILS, THRESHOLD_STOP };

/* One trial; THRESHOLD_STOP ends the search at once. */
typedef enum threshold_answer threshold_trial(void *user, double value);

struct threshold {
    double holds, fails; /* the bracket: the last values that did; NAN: none did, up to the limit
                            of the rule or in THRESHOLD_STEPS steps from the start */
    bool stopped;
};

/* Factors of two that the start is away from the threshold, at most. */
enum { THRESHOLD_STEPS = 40 };

/* From the start by factors of two to a bracket, which is then halved in the logarithm until it is
 * narrow enough. The same trials for the same answers. */
void threshold_find(const struct threshold_rule *r, threshold_trial *trial, void *user,
                    struct threshold *out);

#endif
