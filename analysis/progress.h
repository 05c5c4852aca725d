/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ANALYSIS_PROGRESS_H
#define ANALYSIS_PROGRESS_H

/* A progress bar on a terminal: simulated time, requests, speed, time left. */

#include <stdbool.h>
#include <stdio.h>

struct progress {
    FILE *to;              /* NULL: no bar is drawn */
    double horizon;        /* s to simulate */
    double started, drawn; /* s, of the clock */
};

/* Begins a bar on `to` if that is a terminal and `wanted`. */
void progress_start(struct progress *p, FILE *to, double horizon, bool wanted);

/* A site_progress: draws at most ten times a second. Returns true. */
bool progress_step(void *progress, double simulated, double requests);

/* Clears the bar. Returns the seconds since progress_start. */
double progress_end(struct progress *p);

#endif
