/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/serving/router.h"

#include <string.h>

static const struct router *const table[] = {
    &router_random,
    &router_round_robin,
    &router_least_outstanding,
    &router_power_of_two,
};

const struct router *router_find(const char *name) {
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (strcmp(table[i]->name, name) == 0)
            return table[i];
    return NULL;
}

const char *router_names(void) {
    return "random, round_robin, least_outstanding, power_of_two";
}
