/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/serving/scheduler.h"

#include <stddef.h>
#include <string.h>

static const struct scheduler *const table[] = {
    &scheduler_chunked,
    &scheduler_prefill_first,
    &scheduler_static,
};

const struct scheduler *scheduler_find(const char *name) {
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (strcmp(table[i]->name, name) == 0)
            return table[i];
    return NULL;
}

const char *scheduler_names(void) {
    return "chunked, prefill_first, static";
}
