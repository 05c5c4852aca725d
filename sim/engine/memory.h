/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_ENGINE_MEMORY_H
#define SIM_ENGINE_MEMORY_H

/* Allocation that never returns NULL: when memory is out the program ends here, in one place, with
 * a message and exit code 1. Never called inside the event loop. */

#include <stddef.h>

/* `count` zeroed elements of `size` bytes (at least one byte). Checks the product for overflow. */
void *memory_new(size_t count, size_t size);

/* Resizes `p` to `count` elements of `size` bytes; new bytes are not cleared. */
void *memory_resize(void *p, size_t count, size_t size);

/* A copy of `text`, owned by the caller; NULL for NULL. */
char *memory_text(const char *text);

/* A formatted string, owned by the caller. */
char *memory_print(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
