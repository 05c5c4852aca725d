/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/engine/error.h"

#include "sim/engine/memory.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void error_init(struct error *e) {
    *e = (struct error){0};
}

void error_clear(struct error *e) {
    for (size_t i = 0; i < e->count; i++) {
        free(e->entry[i].file);
        free(e->entry[i].text);
    }
    free(e->entry);
    error_init(e);
}

void error_add(struct error *e, const char *file, long line, const char *format, ...) {
    assert(format);
    va_list arguments;
    va_start(arguments, format);
    const int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    assert(length >= 0);
    char *text = memory_new((size_t)length + 1, 1);
    va_start(arguments, format);
    (void)vsnprintf(text, (size_t)length + 1, format, arguments); /* measured above: it fits */
    va_end(arguments);

    if (e->count == e->capacity) {
        e->capacity = e->capacity ? 2 * e->capacity : 8;
        e->entry = memory_resize(e->entry, e->capacity, sizeof *e->entry);
    }
    e->entry[e->count++] = (struct error_entry){memory_text(file), line, text};
}
