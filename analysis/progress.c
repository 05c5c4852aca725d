/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _DEFAULT_SOURCE /* ioctl of a terminal */
#include "analysis/progress.h"

#include "analysis/summary.h"

#include <math.h>
#include <string.h>
#include <sys/ioctl.h>
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

/* Columns of the terminal; 80 when it does not say. */
static int columns(FILE *to) {
    struct winsize size;
    return ioctl(fileno(to), TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

enum { BAR = 20 };

static void draw_bar(char bar[BAR + 1], double share) {
    memset(bar, '.', BAR);
    memset(bar, '#', (size_t)(fmin(fmax(share, 0.0), 1.0) * BAR));
    bar[BAR] = '\0';
}

size_t progress_line(char *line, size_t size, double share, double left, double simulated,
                     double requests, double rate) {
    char bar[BAR + 1], at[SUMMARY_TEXT], done[SUMMARY_TEXT], speed[SUMMARY_TEXT],
        rest[SUMMARY_TEXT];
    draw_bar(bar, share);
    const int length = snprintf(line, size, "[%s] %s, %s requests, %s/s, %s left", bar,
                                summary_duration(at, simulated), summary_si(done, requests, ""),
                                summary_si(speed, rate, ""),
                                isfinite(left) ? summary_duration(rest, ceil(left)) : "?");
    return length < 0 ? 0 : (size_t)length < size ? (size_t)length : size - 1;
}

/* Whether it is time to draw again; *spent s since the start. */
static bool is_due(struct progress *p, double *spent) {
    if (p->to == NULL)
        return false;
    const double now = clock_seconds();
    *spent = now - p->started;
    if (now - p->drawn < 0.1)
        return false;
    p->drawn = now;
    return true;
}

static void draw(const struct progress *p, char *line, size_t length) {
    const int width = columns(p->to);
    if (length >= (size_t)width) /* a line that wraps could not be cleared */
        line[width - 1] = '\0';
    fprintf(p->to, "\r\033[K%s", line);
    fflush(p->to);
}

bool progress_step(void *progress, double simulated, double requests) {
    struct progress *p = progress;
    double spent;
    if (!is_due(p, &spent))
        return true;
    const double share = simulated / p->horizon;
    char line[PROGRESS_LINE];
    const size_t length =
        progress_line(line, sizeof line, share, share > 0.0 ? spent / share - spent : INFINITY,
                      simulated, requests, requests / spent);
    draw(p, line, length);
    return true;
}

bool progress_runs(void *progress, size_t done, size_t runs) {
    struct progress *p = progress;
    double spent;
    if (!is_due(p, &spent))
        return true;
    const double share = (double)done / (double)runs;
    char line[PROGRESS_LINE], bar[BAR + 1], rest[SUMMARY_TEXT];
    draw_bar(bar, share);
    const int length = snprintf(line, sizeof line, "[%s] %zu of %zu runs, %s left", bar, done, runs,
                                summary_duration(rest, ceil(spent / share - spent)));
    draw(p, line, length < 0 ? 0 : (size_t)length);
    return true;
}

double progress_end(struct progress *p) {
    if (p->to != NULL) {
        fputs("\r\033[K", p->to);
        fflush(p->to);
    }
    return clock_seconds() - p->started;
}
