/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/measured_csv.h"

#include "sim/engine/memory.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MISTAKES_MAX = 20, LINE_FIRST = 1024, LINE_MAX_BYTES = 1 << 20 };

/* One line of any length without its end, in c->text; false at the end of the file. */
static bool read_line(struct measured_csv *c) {
    size_t length = 0;
    for (;;) {
        if (c->capacity - length < 2) {
            c->capacity = c->capacity > 0 ? 2 * c->capacity : LINE_FIRST;
            c->text = memory_resize(c->text, c->capacity, 1);
        }
        if (gzgets(c->file, c->text + length, (int)(c->capacity - length)) == NULL)
            break;
        length += strlen(c->text + length);
        if (length > 0 && c->text[length - 1] == '\n')
            break;
        if (length > LINE_MAX_BYTES) {
            error_add(c->error, c->path, c->line + 1,
                      "found a line of more than %d bytes; comma-separated records would be right",
                      LINE_MAX_BYTES);
            c->mistakes = MISTAKES_MAX; /* what follows is no line */
            return false;
        }
    }
    if (length == 0)
        return false;
    c->line++;
    c->text[strcspn(c->text, "\r\n")] = '\0';
    return true;
}

/* The next line that is neither empty nor a comment. */
static bool next_line(struct measured_csv *c) {
    while (read_line(c))
        if (c->text[0] != '\0' && c->text[0] != '#')
            return true;
    return false;
}

static char *trim(char *text) {
    text += strspn(text, " \t");
    size_t length = strlen(text);
    while (length > 0 && (text[length - 1] == ' ' || text[length - 1] == '\t'))
        text[--length] = '\0';
    return text;
}

/* Cuts a quoted field in place, from behind its first quote; returns what follows the closing one,
 * NULL when there is none. */
static char *cut_quoted(char *from) {
    char *to = from;
    for (; *from != '\0'; *to++ = *from++)
        if (*from == '"') {
            if (from[1] != '"') {
                *to = '\0';
                return from + 1;
            }
            from++;
        }
    return NULL;
}

/* Cuts `text` into fields, the first `max` of them into `field` (may be NULL when max is 0). Their
 * number; 0 with a mistake when a quote is not closed. */
static size_t cut(struct measured_csv *c, char *text, char **field, size_t max) {
    size_t count = 0;
    for (char *at = text;; count++) {
        char *begin = at + strspn(at, " \t"), *end;
        if (*begin == '"') {
            char *after = cut_quoted(++begin);
            end = after == NULL ? NULL : after + strspn(after, " \t");
            if (end == NULL || (*end != ',' && *end != '\0')) {
                c->mistakes++;
                error_add(c->error, c->path, c->line,
                          "found a quoted field that is not closed before the next comma or the "
                          "line's end; \"text\" would be right");
                return 0;
            }
        } else {
            end = begin + strcspn(begin, ",");
        }
        const bool last = *end == '\0';
        *end = '\0';
        if (count < max)
            field[count] = trim(begin);
        if (last)
            return count + 1;
        at = end + 1;
    }
}

/* The header's names; a name that comes twice is a mistake: which of the two is meant? */
static bool read_header(struct measured_csv *c) {
    static const char mark[] = "\xef\xbb\xbf"; /* some programs begin a file with it */
    const size_t skip = strncmp(c->text, mark, sizeof mark - 1) == 0 ? sizeof mark - 1 : 0;
    char *counted = memory_text(c->text + skip);
    c->columns = cut(c, counted, NULL, 0);
    free(counted);
    c->header = memory_text(c->text + skip);
    c->name = memory_new(c->columns, sizeof *c->name);
    c->field = memory_new(c->columns, sizeof *c->field);
    if (c->columns == 0)
        return false;
    cut(c, c->header, c->name, c->columns);
    for (size_t i = 0; i < c->columns; i++)
        for (size_t j = 0; j < i; j++)
            if (c->name[i][0] != '\0' && strcmp(c->name[i], c->name[j]) == 0) {
                c->mistakes++;
                error_add(c->error, c->path, c->line,
                          "found the column '%s' twice; each once would be right", c->name[i]);
            }
    return c->mistakes == 0;
}

bool measured_csv_open(struct measured_csv *c, const char *path, struct error *e) {
    *c = (struct measured_csv){.path = path, .error = e};
    errno = 0;
    c->file = gzopen(path, "rb");
    if (c->file == NULL) {
        error_add(e, path, 0, "cannot be opened: %s",
                  errno != 0 ? strerror(errno) : "out of memory");
        return false;
    }
    const bool any = next_line(c);
    if (any && read_header(c))
        return true;
    if (!any && c->mistakes == 0 && measured_csv_close(c))
        error_add(e, path, 0,
                  "found no line in it; a line that names the columns, then one for each measured "
                  "point would be right");
    else if (c->file != NULL)
        measured_csv_close(c);
    return false;
}

bool measured_csv_next(struct measured_csv *c) {
    while (c->mistakes < MISTAKES_MAX && next_line(c)) {
        const size_t fields = cut(c, c->text, c->field, c->columns);
        if (fields == c->columns)
            return true;
        if (fields == 0)
            continue;
        c->mistakes++;
        error_add(c->error, c->path, c->line,
                  "found %zu fields; %zu, as the header has, would be right", fields, c->columns);
    }
    return false;
}

bool measured_csv_close(struct measured_csv *c) {
    int status;
    const char *message = gzerror(c->file, &status);
    if (status != Z_OK && status != Z_STREAM_END) {
        c->mistakes++;
        error_add(c->error, c->path, c->line, "cannot be read on: %s",
                  status == Z_ERRNO ? strerror(errno) : message);
    }

    /* A file cut short within its compressed data is noticed only here. */
    if (gzclose_r(c->file) != Z_OK && c->mistakes == 0) {
        c->mistakes++;
        error_add(c->error, c->path, c->line,
                  "cannot be read to its end; a whole file would be right");
    }
    const bool right = c->mistakes == 0;
    free(c->text);
    free(c->header);
    free(c->name);
    free(c->field);
    *c = (struct measured_csv){0};
    return right;
}

/* The column's place; c->columns when there is none of that name. */
static size_t find(const struct measured_csv *c, const char *column) {
    size_t i = 0;
    while (i < c->columns && strcmp(c->name[i], column) != 0)
        i++;
    return i;
}

bool measured_csv_has(const struct measured_csv *c, const char *column) {
    return find(c, column) < c->columns;
}

const char *measured_csv_text(const struct measured_csv *c, const char *column) {
    const size_t i = find(c, column);
    return i < c->columns ? c->field[i] : "";
}

void measured_csv_refuse(struct measured_csv *c, const char *column, const char *right) {
    c->mistakes++;
    error_add(c->error, c->path, c->line, "%s: found '%s'; %s would be right", column,
              measured_csv_text(c, column), right);
}

void measured_csv_copy(struct measured_csv *c, const char *column, char *out, size_t size) {
    char right[64];
    if ((size_t)snprintf(out, size, "%s", measured_csv_text(c, column)) < size)
        return;
    snprintf(right, sizeof right, "a name of at most %zu bytes", size - 1);
    measured_csv_refuse(c, column, right);
}

bool measured_csv_parse(const char *text, double *out) {
    const size_t length = strlen(text);
    if (length == 0 || strspn(text, "0123456789+-.eE") < length)
        return false;
    char *end;
    *out = strtod(text, &end);
    return *end == '\0' && isfinite(*out);
}

double measured_csv_number(struct measured_csv *c, const char *column,
                           enum measured_csv_range range) {
    double value;
    if (measured_csv_parse(measured_csv_text(c, column), &value) &&
        (value > 0 || (range == MEASURED_CSV_NONNEGATIVE && value >= 0)))
        return value;
    measured_csv_refuse(c, column,
                        range == MEASURED_CSV_POSITIVE ? "a number above 0"
                                                       : "a number that is not negative");
    return NAN;
}

double measured_csv_optional(struct measured_csv *c, const char *column,
                             enum measured_csv_range range) {
    return *measured_csv_text(c, column) == '\0' ? NAN : measured_csv_number(c, column, range);
}

int measured_csv_count(struct measured_csv *c, const char *column, int low, int fallback) {
    const char *text = measured_csv_text(c, column);
    if (*text == '\0' && fallback >= low)
        return fallback;
    double value;
    if (measured_csv_parse(text, &value) && value >= low && value <= INT_MAX / 2 &&
        value == floor(value))
        return (int)value;
    char right[64];
    snprintf(right, sizeof right, "a whole number, at least %d,", low);
    measured_csv_refuse(c, column, right);
    return low;
}
