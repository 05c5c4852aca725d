/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/engine/memory.h"

#include <assert.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The one place where the program ends for want of memory. */
static _Noreturn void memory_out(size_t count, size_t size) {
    fprintf(stderr, "dcsim: out of memory: %zu elements of %zu bytes were asked for\n", count,
            size);
    exit(1);
}

void *memory_new(size_t count, size_t size) {
    void *p = calloc(count ? count : 1, size ? size : 1); /* calloc checks the product */
    if (!p)
        memory_out(count, size);
    return p;
}

void *memory_resize(void *p, size_t count, size_t size) {
    if (size && count > SIZE_MAX / size)
        memory_out(count, size);
    const size_t bytes = count * size;
    void *q = realloc(p, bytes ? bytes : 1);
    if (!q)
        memory_out(count, size);
    return q;
}

char *memory_text(const char *text) {
    if (!text)
        return NULL;
    const size_t bytes = strlen(text) + 1;
    return memcpy(memory_new(bytes, 1), text, bytes);
}

char *memory_print(const char *format, ...) {
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
    return text;
}
