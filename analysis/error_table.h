/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ANALYSIS_ERROR_TABLE_H
#define ANALYSIS_ERROR_TABLE_H

/* A table of errors: comparisons in groups, and of each group and quantity how many there are and
 * how far the simulator is off. Errors are relative, predicted / measured - 1. */

#include "analysis/comparison.h"

struct error_stat {
    size_t count;
    double median, mean, p90; /* of the absolute error; NAN when count is 0 */
    double bias;              /* median of the signed error */
};

/* What a group is of; each level has the parts of the one before it. */
enum error_level {
    ERROR_LEVEL_ALL,
    ERROR_LEVEL_DATA,
    ERROR_LEVEL_ENGINE, /* hardware, engine */
    ERROR_LEVEL_MODEL   /* engine's version group, model */
};

struct error_group {
    const char *data, *hardware, *engine, *llm; /* of the points; "" above the group's level */
    char version[32]; /* of the engine, to its second number ("1.2"); "" when not stated */
    size_t points;    /* that count */
    struct error_stat stat[QUANTITY_COUNT];
};

struct error_table {
    enum error_level level;
    struct error_group *group; /* ordered by data, hardware, engine, version, model; owned */
    size_t count;
};

/* Groups what counts. *c and its points must outlive *t. */
void error_table_make(const struct comparisons *c, enum error_level level, struct error_table *t);
void error_table_clear(struct error_table *t);

/* The median absolute error that is asked for of this quantity in these data; NAN: none. */
double error_table_bar(const char *data, enum quantity q);

/* Statistics of `count` signed errors, which are put in order. */
void error_stat_make(double *error, size_t count, struct error_stat *out);

#endif
