/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ANALYSIS_MEASURED_CSV_H
#define ANALYSIS_MEASURED_CSV_H

/* A CSV file with a header line, plain or gzip-compressed, read record by record. Fields may be
 * quoted ("a, b", with "" for a quote) but hold no line end; empty lines and lines that begin with
 * '#' are left out. Every mistake is told with file and line. */

#include "sim/engine/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <zlib.h>

struct measured_csv {
    gzFile file;
    const char *path; /* of the caller */
    struct error *error;
    long line;
    size_t mistakes;
    char *text; /* the record's line, cut into fields; owned */
    size_t capacity;
    char *header; /* the header's line, cut into names; owned */
    char **name;  /* of the columns; owned array */
    char **field; /* of the record; owned array */
    size_t columns;
};

enum measured_csv_range { MEASURED_CSV_POSITIVE, MEASURED_CSV_NONNEGATIVE };

/* Opens the file and reads its header line. False with a message in *e; then nothing is to be
 * closed. `path` must outlive *c. */
bool measured_csv_open(struct measured_csv *c, const char *path, struct error *e);

/* Reads the next record; false at the end, or when it is not worth going on. */
bool measured_csv_next(struct measured_csv *c);

/* Releases everything. False when any mistake was found. */
bool measured_csv_close(struct measured_csv *c);

/* Whether the header has that column. */
bool measured_csv_has(const struct measured_csv *c, const char *column);

/* The record's field, without blanks around it; "" when empty or without such a column. Valid until
 * the next record. */
const char *measured_csv_text(const struct measured_csv *c, const char *column);

/* Copies a field to `out` (`size` bytes); a longer one is a mistake. */
void measured_csv_copy(struct measured_csv *c, const char *column, char *out, size_t size);

/* The field as a finite number; empty is a mistake. NAN after a mistake. */
double measured_csv_number(struct measured_csv *c, const char *column,
                           enum measured_csv_range range);

/* The same, but NAN without a mistake when empty or without such a column. */
double measured_csv_optional(struct measured_csv *c, const char *column,
                             enum measured_csv_range range);

/* The field as a whole number from `low` to INT_MAX / 2; `fallback` when empty, or a mistake where
 * `fallback` is below `low`. `low` after a mistake. */
int measured_csv_count(struct measured_csv *c, const char *column, int low, int fallback);

/* A number that fills the text; false when it is none. */
bool measured_csv_parse(const char *text, double *out);

/* Records that a field is wrong: "column: found '...'; RIGHT would be right". */
void measured_csv_refuse(struct measured_csv *c, const char *column, const char *right);

#endif
