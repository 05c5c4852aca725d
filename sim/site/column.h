/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_SITE_COLUMN_H
#define SIM_SITE_COLUMN_H

/* The columns of the result's series, in the order of DESIGN 9. */

#include "sim/measure/series.h"

enum column {
    COLUMN_TOKEN_RATE,
    COLUMN_GOOD_TOKEN_RATE,
    COLUMN_PROMPT_TOKEN_RATE,
    COLUMN_ARRIVAL_RATE,
    COLUMN_QUEUED_REQUESTS,
    COLUMN_RUNNING_REQUESTS,
    COLUMN_SITE_POWER,
    COLUMN_IT_POWER,
    COLUMN_IT_POWER_AVAILABLE,
    COLUMN_FEED_LIMIT,
    COLUMN_PUE,
    COLUMN_OUTDOOR_TEMPERATURE,
    COLUMN_COMPUTE_CEILING,
    COLUMN_POWER_CEILING,
    COLUMN_K_EFF,
    COLUMN_K_PEAK,
    COLUMN_E_TOK,
    COLUMN_C_TOK,
    COLUMN_U,
    COLUMN_RHO,
    COLUMN_RHO_PEAK,
    COLUMN_RHO_STAR,
    COLUMN_BINDING,
    COLUMN_COUNT
};

extern const struct series_column column_table[COLUMN_COUNT];

#endif
