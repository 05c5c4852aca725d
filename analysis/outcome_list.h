/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ANALYSIS_OUTCOME_LIST_H
#define ANALYSIS_OUTCOME_LIST_H

/* A list of figures of an outcome, from the text of --of: names with commas between. */

#include "sim/engine/error.h"

struct outcome_list {
    size_t *figure; /* indices (analysis/outcome.h), in the order given, each once; owned */
    size_t count;
};

/* Reads --of's argument. False, with a message in *e for each name that is no figure and *l empty,
 * when it is wrong. */
bool outcome_list_read(struct outcome_list *l, const char *text, struct error *e);
void outcome_list_clear(struct outcome_list *l);

#endif
