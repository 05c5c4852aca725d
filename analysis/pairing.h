/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ANALYSIS_PAIRING_H
#define ANALYSIS_PAIRING_H

/* A pairing: how the 95 % interval of a difference between two runs is made. Runs that drew the
 * same random numbers in the same cells are compared cell by cell, or period by period, so that
 * what chance did to both falls out; others by their own intervals. All are over random days. */

#include "sim/io/saved.h"

enum pairing_method { PAIRING_CELLS, PAIRING_TIMES, PAIRING_NONE };
extern const char *const pairing_name[PAIRING_NONE + 1]; /* "cells", "times", "none" */

struct pairing {
    enum pairing_method method;
    size_t batches;   /* pairs: of cells, or of control periods */
    char reason[160]; /* why this one, as the rest of a sentence */
    const struct saved *a, *b;
};

/* Chooses; both results must outlive *p. */
void pairing_make(const struct saved *a, const struct saved *b, struct pairing *p);

/* Half widths of the difference b - a of a figure, and of b / a - 1; INFINITY: none. `paired`:
 * whether they come from pairs; else they are of sqrt(a^2 + b^2) over the half widths of each run,
 * its own, or where it has none (all of the site was simulated) over its cells or periods. */
struct pairing_half {
    double difference, relative;
    bool paired;
};
struct pairing_half pairing_half(const struct pairing *p, const char *figure);

#endif
