/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ANALYSIS_CHECK_H
#define ANALYSIS_CHECK_H

/* `dcsim check`: the site that a valid scenario means, resolved. */

#include "sim/site/site.h"

#include <stdio.h>

/* Prints nodes, GPUs, nameplate IT power and what the feed can carry at which PUE; for each group
 * its policies, how its model fits the replica, KV tokens per replica, and its demand. */
void check_site(const struct site_spec *s, FILE *to);

#endif
