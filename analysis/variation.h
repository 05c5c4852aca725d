/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ANALYSIS_VARIATION_H
#define ANALYSIS_VARIATION_H

/* Whether outputs vary, so that it can be asked what they vary with. */

#include <stddef.h>

enum variation {
    VARIATION_SOME,
    VARIATION_NONE,    /* all are the same but for rounding */
    VARIATION_MISSING, /* one or more are not finite: a run has no such figure */
    VARIATION_COUNT
};

/* Values whose range is at most this share of the largest are the same: a sum of many terms in
 * another order differs by less. */
#define VARIATION_ROUNDING 1e-12

enum variation variation_of(const double *output, size_t count);

/* Why there is no index: "the same in all runs"; "" for VARIATION_SOME. Static. */
const char *variation_text(enum variation v);

#endif
