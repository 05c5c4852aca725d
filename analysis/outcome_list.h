/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ANALYSIS_OUTCOME_LIST_H
#define ANALYSIS_OUTCOME_LIST_H

/* Figures of an outcome by the names that a user gives: one, or the list of --of with commas
 * between.
 */

#include "sim/engine/error.h"

struct outcome_list {
    size_t *figure; /* indices (analysis/outcome.h), in the order given, each once; owned */
    size_t count;
};

/* Index of the figure of that name, given with `option` ("--of"); -1, with a message in *e that
 * tells the nearest right name, when there is none. */
long outcome_named(const char *option, const char *name, struct error *e);

/* Reads --of's argument. False, with a message in *e for each name that is no figure and *l empty,
 * when it is wrong. */
bool outcome_list_read(struct outcome_list *l, const char *text, struct error *e);
void outcome_list_clear(struct outcome_list *l);

#endif
