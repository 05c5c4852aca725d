/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_IO_SAVED_H
#define SIM_IO_SAVED_H

/* The result of a run, read back from its file (sim/io/results.h writes it): what is needed to hold
 * it against another. Of the series only those that differences of totals are paired by. */

#include "sim/engine/error.h"
#include "sim/io/results.h"

#include <stdint.h>

/* A scalar of /summary. */
struct saved_figure {
    char *name, *unit; /* unit in UDUNITS syntax */
    double value;
    bool whole, has_interval;
    double low, high; /* of its 95 % interval, where it has one */
};

/* A number with a name: a part of the ledger, a share of node-time. */
struct saved_part {
    char *name;
    double value;
};

struct saved_crossing {
    double time; /* s */
    double direction;
    char *convention;
};

struct saved_latency {
    double value[RESULTS_QUANTILES], mean; /* s */
    double count;
};

/* What /cells and the series hold of tokens and energy. */
enum saved_column { SAVED_TOKENS, SAVED_GOOD, SAVED_REQUESTS, SAVED_ENERGY, SAVED_COLUMNS };

struct saved {
    char *path;
    char *title, *version, *sha256, *command, *state_hash; /* root attributes */
    int64_t seed;
    char *scenario; /* the resolved one, XML */
    struct saved_figure *figure;
    size_t figures;
    struct saved_part *binding, *ledger;
    size_t bindings, ledgers;
    struct saved_crossing *crossing;
    size_t crossings;
    struct saved_latency latency[CELL_LATENCY_COUNT];
    double latency_error;        /* relative, of a quantile */
    char **cell_group;           /* name of each simulated cell's group */
    double *cell_index;          /* number of the cell in it */
    double *cell[SAVED_COLUMNS]; /* of each cell, times its weight */
    size_t cells;
    double *time;                  /* s, of each control period's end */
    double *series[SAVED_COLUMNS]; /* rate of each period; SAVED_REQUESTS: NULL */
    size_t rows;
};

/* Reads a result file. False with a message in *e, and nothing to clear, when it is missing,
 * broken, not HDF5, or no result of a run. */
bool saved_read(struct saved *s, const char *path, struct error *e);
void saved_clear(struct saved *s);

/* A figure by name; NULL when there is none. */
const struct saved_figure *saved_figure(const struct saved *s, const char *name);

#endif
