/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/measure/series.h"

#include "sim/engine/memory.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static void set_capacity(struct series *s, size_t capacity) {
    assert(s->columns == 0 || capacity <= SIZE_MAX / s->columns);
    s->time = memory_resize(s->time, capacity, sizeof *s->time);
    s->value = memory_resize(s->value, capacity * s->columns, sizeof *s->value);
    s->capacity = capacity;
}

void series_init(struct series *s, const struct series_column *column, size_t columns,
                 size_t rows) {
    *s = (struct series){.column = column, .columns = columns};
    set_capacity(s, rows);
}

void series_clear(struct series *s) {
    free(s->time);
    free(s->value);
    *s = (struct series){0};
}

void series_append(struct series *s, double time, const double *row) {
    if (s->rows == s->capacity)
        set_capacity(s, s->capacity ? 2 * s->capacity : 64);
    s->time[s->rows] = time;
    if (s->columns)
        memcpy(s->value + s->rows * s->columns, row, s->columns * sizeof *row);
    s->rows++;
}
