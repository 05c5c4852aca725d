/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ANALYSIS_NEAR_H
#define ANALYSIS_NEAR_H

/* The known name that is nearest to one that is not known, for messages that say what would be
 * right: the fewest letters to put in, leave out or change, whatever their case. */

#include <stdbool.h>
#include <stddef.h>

struct near {
    const char *found; /* of the caller */
    const char *name;  /* the nearest so far, `length` bytes of the caller's; NULL: none */
    size_t length;
    size_t distance; /* letters; 0: the same but for its case */
};

void near_begin(struct near *n, const char *found);

/* Offers a known name: the first `length` bytes of `name`, which must outlive *n. Of equally near
 * ones the first is kept. */
void near_offer(struct near *n, const char *name, size_t length);

/* Whether the nearest is so near that it may have been meant: a third of the letters differ at
 * most. */
bool near_enough(const struct near *n);

#endif
