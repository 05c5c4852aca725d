/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ANALYSIS_VALIDATION_MEMORY_H
#define ANALYSIS_VALIDATION_MEMORY_H

/* Points at which, by the tables, the memory holds fewer sequences than ran: what is simulated
 * there is a queue that was not measured. */

#include "analysis/comparison.h"

#include <stdbool.h>
#include <stdio.h>

/* Whether the simulator ran fewer than nine tenths of the clients because the memory holds no more
 * of them. Never of offline points, whose clients are chosen by the memory. */
bool validation_memory_short(const struct comparison *c);

/* The report's section: such points by data, hardware, engine, model and GPUs of a replica. */
void validation_memory(const struct comparisons *c, FILE *to);

#endif
