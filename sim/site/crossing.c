/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/site/crossing.h"

#include "sim/engine/memory.h"

#include <math.h>

void crossing_see(struct crossing *c, enum result_convention convention, double time,
                  double difference) {
    if (!isfinite(difference) || difference == 0.0)
        return;
    const double before = c->value[convention], then = c->time[convention];
    c->value[convention] = difference;
    c->time[convention] = time;
    if (before == 0.0 || (before > 0.0) == (difference > 0.0))
        return;
    if (c->count == c->capacity) {
        c->capacity = c->capacity > 0 ? 2 * c->capacity : 16;
        c->list = memory_resize(c->list, c->capacity, sizeof *c->list);
    }
    c->list[c->count++] = (struct result_crossing){
        .time = then + (time - then) * (before / (before - difference)),
        .direction = difference > 0.0 ? 1 : -1,
        .convention = convention,
    };
}
