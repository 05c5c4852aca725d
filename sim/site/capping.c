/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/site/capping.h"

#include <string.h>

static const struct capping *const table[] = {
    &capping_none,
    &capping_uniform,
    &capping_proportional,
};

const struct capping *capping_find(const char *name) {
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (strcmp(table[i]->name, name) == 0)
            return table[i];
    return NULL;
}

const char *capping_names(void) {
    return "none, uniform, proportional";
}
