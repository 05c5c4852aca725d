/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ANALYSIS_VALIDATION_NOTES_H
#define ANALYSIS_VALIDATION_NOTES_H

/* What people know of groups of comparisons: the reasons why the simulator is off there, written
 * beside the data and told in the report; and the errors on what a fit had not seen. */

#include "analysis/error_table.h"

struct validation_note {
    char pattern[128]; /* shell pattern over "data/hardware/engine/version/model/quantity" */
    char reason[1024];
};

struct validation_notes {
    struct validation_note *note; /* owned */
    size_t count;
};

/* Reads a table (columns group, reason). False with messages in *e; *n is then empty. */
bool validation_notes_read(struct validation_notes *n, const char *path, struct error *e);

/* The reason of the first note that fits the group and quantity; NULL: none. */
const char *validation_notes_find(const struct validation_notes *n, const struct error_group *g,
                                  enum quantity q);
void validation_notes_clear(struct validation_notes *n);

/* One line of the errors on what was held out, as `dcsim calibrate` writes it. */
struct validation_held {
    char group[96], left_out[96], quantity[32];
    double count, median, p90; /* errors as shares */
};

struct validation_held_out {
    struct validation_held *row; /* owned */
    size_t count;
};

/* Reads a table (columns group, left_out, quantity, n, median, p90). As above. */
bool validation_held_out_read(struct validation_held_out *h, const char *path, struct error *e);
void validation_held_out_clear(struct validation_held_out *h);

#endif
