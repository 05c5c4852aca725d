/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/workload/arrival.h"

#include <string.h>

static const struct arrival *const table[] = {
    &arrival_poisson,
    &arrival_gamma,
    &arrival_closed,
    &arrival_trace,
};

const struct arrival *arrival_find(const char *name) {
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (strcmp(table[i]->name, name) == 0)
            return table[i];
    return NULL;
}

const char *arrival_names(void) {
    return "poisson, gamma, closed, trace";
}
