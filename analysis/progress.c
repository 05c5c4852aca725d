/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _POSIX_C_SOURCE 200809L
#include "analysis/progress.h"

#include "analysis/summary.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

static double clock_seconds(void) {
    struct timespec now;
    if (clock_gettime(CLOCK_MONOTONIC, &now) != 0)
        return 0.0;
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

void progress_start(struct progress *p, FILE *to, double horizon, bool wanted) {
    *p = (struct progress){.horizon = horizon, .started = clock_seconds()};
    p->to = wanted && isatty(fileno(to)) ? to : NULL;
    p->drawn = p->started;
}

bool progress_step(void *progress, double simulated, double requests) {
    enum { WIDTH = 30 };
    struct progress *p = progress;
    const double now = clock_seconds(), spent = now - p->started;
    if (p->to == NULL || now - p->drawn < 0.1)
        return true;
    p->drawn = now;
    const double share = simulated / p->horizon;
    char bar[WIDTH + 1], a[SUMMARY_TEXT], b[SUMMARY_TEXT];
    memset(bar, '.', WIDTH);
    memset(bar, '#', (size_t)(share * WIDTH));
    bar[WIDTH] = '\0';
    fprintf(p->to, "\r\033[K[%s] %.2f of %.4g h, %s, %s, %.0f s left", bar, simulated / 3600.0,
            p->horizon / 3600.0, summary_si(a, requests, " requests"),
            summary_si(b, requests / spent, " requests/s"), spent / share - spent);
    fflush(p->to);
    return true;
}

double progress_end(struct progress *p) {
    if (p->to != NULL) {
        fputs("\r\033[K", p->to);
        fflush(p->to);
    }
    return clock_seconds() - p->started;
}
