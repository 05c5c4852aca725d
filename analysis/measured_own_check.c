/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a point of our own format says, against the tables: the names are theirs, so that one they
 * lack is a mistake, as are a layout or a cap that such a machine cannot have. In published formats
 * the same leaves a point out (measured_screen.c). */

#include "analysis/measured_format.h"
#include "analysis/near.h"
#include "sim/engine/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The table that may have been meant: the same name in other letters, one that is published so, or
 * one that is spelled nearly so. Owned by the caller. */
static char *what_is_right(const struct library *l, enum library_kind kind, const char *found,
                           const char *published) {
    const char *slash = strrchr(found, '/');
    char *known = library_names(l, kind), *right;
    struct near near;
    near_begin(&near, slash != NULL ? slash + 1 : found);
    for (const char *at = known; *at != '\0'; at += strspn(at, ", ")) {
        const size_t length = strcspn(at, ",");
        near_offer(&near, at, length);
        at += length;
    }
    if (near.distance == 0)
        right = memory_print("'%.*s'", (int)near.length, near.name);
    else if (library_has(l, kind, published))
        right = memory_print("'%s'", published);
    else if (near_enough(&near))
        right = memory_print("'%.*s', or another of %s,", (int)near.length, near.name, known);
    else
        right = memory_print("one of %s", known);
    free(known);
    return right;
}

/* Whether the field names a table. */
static bool check_name(const struct measured_point *p, const struct library *l,
                       enum library_kind kind, struct error *e) {
    static const char *const column[] = {
        [LIBRARY_HARDWARE] = "hardware", [LIBRARY_LLM] = "llm", [LIBRARY_ENGINE] = "engine"};
    const char *found, *published;
    switch (kind) {
    case LIBRARY_HARDWARE:
        found = p->hardware;
        published = measured_names_hardware(found);
        break;
    case LIBRARY_LLM:
        found = p->llm;
        published = measured_names_llm(found);
        break;
    case LIBRARY_ENGINE:
    case LIBRARY_KINDS:
    default:
        found = p->engine;
        published = measured_names_engine(found);
        break;
    }
    if (library_has(l, kind, found))
        return true;
    char *right = what_is_right(l, kind, found, published);
    error_add(e, p->path, p->line, "%s: found '%s', which is no table; %s would be right",
              column[kind], found, right);
    free(right);
    return false;
}

bool measured_own_check(const struct measured_point *p, struct library *l, struct error *e) {
    bool right = check_name(p, l, LIBRARY_HARDWARE, e);
    const struct hardware *h = right ? library_hardware(l, p->hardware, e) : NULL;
    right = check_name(p, l, LIBRARY_ENGINE, e) && h != NULL;
    right = check_name(p, l, LIBRARY_LLM, e) && right;
    if (h != NULL && p->gpus > h->gpus) {
        error_add(
            e, p->path, p->line,
            "gpus: found '%d'; at most %.0f, as a node of %s has, would be right (replicas on "
            "other nodes are copies)",
            p->gpus, h->gpus, h->name);
        right = false;
    }
    if (h != NULL && !measured_cap_settable(p, h)) {
        error_add(
            e, p->path, p->line,
            "cap_W: found '%.10g'; from %.10g to %.10g W, as %s can be set to, would be right",
            p->cap, fmax(h->cap_min, h->power_idle), h->power_limit, h->name);
        right = false;
    }
    return right;
}
