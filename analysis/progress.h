/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ANALYSIS_PROGRESS_H
#define ANALYSIS_PROGRESS_H

/* A progress bar on a terminal: simulated time, requests, speed, time left. */

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct progress {
    FILE *to;              /* NULL: no bar is drawn */
    double horizon;        /* s to simulate */
    double started, drawn; /* s, of the clock */
};

/* Begins a bar on `to` if that is a terminal and `wanted`. */
void progress_start(struct progress *p, FILE *to, double horizon, bool wanted);

/* A site_progress: draws at most ten times a second, never
 * wider than the terminal. Returns true. */
bool progress_step(void *progress, double simulated, double requests);

/* The same for an experiment, an experiment_progress: runs that have ended, of how many. */
bool progress_runs(void *progress, size_t done, size_t runs);

/* Writes the bar as text: `share` of the horizon done, `left` seconds of wall time (INFINITY: not
 * known), simulated seconds, requests, requests per second. Returns its length. */
enum { PROGRESS_LINE = 256 };
size_t progress_line(char *line, size_t size, double share, double left, double simulated,
                     double requests, double rate);

/* Clears the bar. Returns the seconds since progress_start. */
double progress_end(struct progress *p);

#endif
