/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_IO_DIFFERENCE_H
#define SIM_IO_DIFFERENCE_H

/* What differs between two resolved scenarios: attributes by their XPaths, as --set takes them.
 * Sources of figures, comments and where a file came from (xml:base) change nothing in a run and
 * are left out. */

#include "sim/engine/error.h"

#include <stdbool.h>
#include <stddef.h>

struct difference {
    char *xpath; /* "/scenario/site/cooling/@pue"; of an element that only one of them has, its own:
                    what is in it is not told besides */
    char *a, *b; /* values; NULL where it is not there. Of an element "" */
    bool element; /* the XPath is an element's */
};

struct differences {
    struct difference *one; /* in the order of the scenario; tables come last. Owned */
    size_t count;
};

/* Compares two scenarios given as XML. `file_a` and `file_b` are for messages. Elements are the
 * same that have the same name and the same attribute that tells them from their neighbours (name,
 * of, precision, at), or else the same place among those of their name. False with messages in *e,
 * and nothing to clear, when a text is no XML. The same care about threads as document_open. */
bool differences_find(const char *a, const char *file_a, const char *b, const char *file_b,
                      struct differences *out, struct error *e);
void differences_clear(struct differences *d);

#endif
