/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/workload/arrival.h"

#include <string.h>

#define ADDRESS(name)    &arrival_##name,
#define COMMA_NAME(name) ", " #name

static const struct arrival *const table[] = {ARRIVAL_TABLE(ADDRESS)};

const struct arrival *arrival_find(const char *name) {
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (strcmp(table[i]->name, name) == 0)
            return table[i];
    return NULL;
}

const char *arrival_names(void) {
    static const char names[] = ARRIVAL_TABLE(COMMA_NAME);
    return names + 2; /* the first comma and blank */
}
