/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/serving_engine.h"

#include <string.h>

const struct engine_overhead *serving_engine_overhead(const struct serving_engine *e,
                                                      const char *hardware) {
    for (int i = 0; i < e->ons; i++)
        if (strcmp(e->on[i].hardware, hardware) == 0)
            return &e->on[i].overhead;
    return &e->overhead;
}
