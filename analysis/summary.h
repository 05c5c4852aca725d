/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ANALYSIS_SUMMARY_H
#define ANALYSIS_SUMMARY_H

/* The summary that a run ends with: one screen for a planner. */

#include "sim/site/result.h"
#include "sim/site/site.h"

#include <stdio.h>

void summary_print(const struct site_spec *s, const struct result *r, FILE *to);

/* The run's own cost, which is no result: requests simulated in `seconds` of wall time by `ranks`
 * of `threads` each. */
void summary_cost(double requests, double seconds, int ranks, int threads, FILE *to);

/* Writes a value with an SI prefix and its unit, 4 digits: "1.234 GJ"; a unit that begins with a
 * space is a word, "1.234 G tokens". NAN is "none", INFINITY "unlimited". */
enum { SUMMARY_TEXT = 48 };
const char *summary_si(char text[SUMMARY_TEXT], double value, const char *unit);

/* "42.41 /s", "8.5 k/s": a rate; below 1 without prefix, since "2 m/s" would be a speed. */
const char *summary_rate(char text[SUMMARY_TEXT], double per_second);

/* Writes a time in the unit that suits it: "90 s", "5 min", "24 h", "7 d". */
const char *summary_duration(char text[SUMMARY_TEXT], double seconds);

#endif
