/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _DEFAULT_SOURCE /* strsep */
#include "analysis/outcome_list.h"

#include "analysis/near.h"
#include "analysis/outcome.h"
#include "sim/engine/memory.h"

#include <stdlib.h>
#include <string.h>

long outcome_named(const char *option, const char *name, struct error *e) {
    const long found = outcome_find(name);
    if (found >= 0)
        return found;
    struct near near;
    near_begin(&near, name);
    for (size_t i = 0; i < outcome_count(); i++)
        near_offer(&near, outcome_figure(i)->name, strlen(outcome_figure(i)->name));
    if (near_enough(&near))
        error_add(e, NULL, 0, "%s: found '%s', which is no figure; did you mean '%s'?", option,
                  name, near.name);
    else
        error_add(e, NULL, 0,
                  "%s: found '%s'; a figure of the summary, like token_rate_mean or e_tok_site, "
                  "would be right",
                  option, name);
    return -1;
}

static void add(struct outcome_list *l, size_t figure) {
    for (size_t i = 0; i < l->count; i++)
        if (l->figure[i] == figure)
            return;
    l->figure[l->count++] = figure;
}

bool outcome_list_read(struct outcome_list *l, const char *text, struct error *e) {
    const size_t before = e->count;
    char *copy = memory_text(text), *rest = copy;
    *l = (struct outcome_list){.figure = memory_new(outcome_count(), sizeof *l->figure)};
    for (char *name = strsep(&rest, ","); name != NULL; name = strsep(&rest, ",")) {
        const long found = outcome_named("--of", name, e);
        if (found >= 0)
            add(l, (size_t)found);
    }
    free(copy);
    if (e->count > before)
        outcome_list_clear(l);
    return e->count == before;
}

void outcome_list_clear(struct outcome_list *l) {
    free(l->figure);
    *l = (struct outcome_list){.figure = NULL};
}
