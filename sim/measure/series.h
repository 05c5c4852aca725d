/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_MEASURE_SERIES_H
#define SIM_MEASURE_SERIES_H

/* Named columns over time, one row per control period: what ends in the result file as arrays over
 * `time`. */

#include <stddef.h>
#include <stdint.h>

struct series_column {
    const char *name, *unit, *long_name; /* static strings */
    const char *const *flags;            /* NULL, or the meanings of the values 0, 1, ... */
    int flag_count;
};

struct series {
    const struct series_column *column; /* not owned */
    size_t columns, rows, capacity;
    double *time;  /* s, end of each period; owned */
    double *value; /* rows * columns, row after row; owned */
};

/* Empty, with room for `rows` rows; it grows when that is not enough. `column` has `columns`
 * entries and outlives the series. */
void series_init(struct series *s, const struct series_column *column, size_t columns, size_t rows);
void series_clear(struct series *s);

/* Appends a row of `columns` values. */
void series_append(struct series *s, double time, const double *row);

/* Value of a column in a row. */
static inline double series_value(const struct series *s, size_t row, size_t column) {
    return s->value[row * s->columns + column];
}

#endif
