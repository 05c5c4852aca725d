/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_ENGINE_ERROR_H
#define SIM_ENGINE_ERROR_H

/* The list of a user's mistakes: each with file, line and text. Whoever finds a mistake appends it
 * and goes on looking, so that all errors of a file are reported at once; `main` prints them. */

#include <stdbool.h>
#include <stddef.h>

struct error_entry {
    char *file; /* owned; NULL when the mistake is not in a file (a command-line argument) */
    long line;  /* 0 when unknown */
    char *text; /* owned; what was found and what would be right, no final newline */
};

struct error {
    struct error_entry *entry;
    size_t count, capacity;
};

/* An empty list. */
void error_init(struct error *e);

/* Frees the entries; the list is empty afterwards. */
void error_clear(struct error *e);

/* Appends one mistake. `file` is copied and may be NULL. printf-like. */
void error_add(struct error *e, const char *file, long line, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* True when any mistake has been recorded. */
static inline bool error_any(const struct error *e) {
    return e->count > 0;
}

#endif
