/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/knobs.h"

#include "sim/engine/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

bool knobs_read(struct knobs *k, const struct options_list *vary, struct error *e) {
    const size_t before = e->count;
    *k = (struct knobs){.axes = 0};
    if (vary->count == 0)
        error_add(e, NULL, 0,
                  "optimize needs a knob; --vary NAME=XPATH=LO:HI would be right, as in --vary "
                  "'cap=//node/@cap=6 kW:10 kW'");
    if (vary->count > KNOBS_MAX)
        error_add(e, NULL, 0, "--vary: found %zu knobs; at most %d would be right", vary->count,
                  KNOBS_MAX);
    for (size_t i = 0; i < vary->count && i < KNOBS_MAX; i++)
        k->axes += axis_read(&k->axis[k->axes], vary->text[i], e);
    axis_names(k->axis, k->axes, e);
    return e->count == before;
}

void knobs_clear(struct knobs *k) {
    for (size_t i = 0; i < k->points * k->axes; i++)
        free(k->set[i].value);
    free(k->set);
    free(k->value);
    for (size_t a = 0; a < k->axes; a++)
        axis_clear(&k->axis[a]);
    *k = (struct knobs){.axes = 0};
}

/* The value of an axis at a share of its way, owned, and its number. */
static char *choose(const struct axis *a, double share, double *value) {
    if (a->count == 0)
        return axis_at(a, share, value);
    const size_t i = (size_t)lround(share * (double)(a->count - 1));
    *value = a->value != NULL ? a->value[i] : (double)i;
    return memory_text(a->text[i]);
}

/* Whether two points set the same. */
static bool is_same(const struct knobs *k, size_t a, size_t b) {
    for (size_t i = 0; i < k->axes; i++)
        if (strcmp(knobs_set(k, a)[i].value, knobs_set(k, b)[i].value) != 0)
            return false;
    return true;
}

size_t knobs_point(struct knobs *k, const double *share) {
    const size_t last = k->points;
    k->set = memory_resize(k->set, (last + 1) * k->axes, sizeof *k->set);
    k->value = memory_resize(k->value, (last + 1) * k->axes, sizeof *k->value);
    for (size_t a = 0; a < k->axes; a++) {
        struct override *set = &k->set[last * k->axes + a];
        set->xpath = k->axis[a].xpath;
        set->axis = k->axis[a].name;
        set->value = choose(&k->axis[a], share[a], &k->value[last * k->axes + a]);
    }
    for (size_t i = 0; i < last; i++)
        if (is_same(k, i, last)) {
            for (size_t a = 0; a < k->axes; a++)
                free(k->set[last * k->axes + a].value);
            return i;
        }
    return k->points++;
}

bool knobs_at_end(const struct knobs *k, size_t point, size_t a) {
    const char *text = knobs_set(k, point)[a].value;
    for (int end = 0; end < 2; end++) {
        double value;
        char *last = choose(&k->axis[a], end, &value);
        const bool same = strcmp(text, last) == 0;
        free(last);
        if (same)
            return true;
    }
    return false;
}
