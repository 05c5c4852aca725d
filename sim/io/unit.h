/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_IO_UNIT_H
#define SIM_IO_UNIT_H

/* Quantities with units, read by UDUNITS-2 into SI. To its units come FLOP (and OP, the same for
 * integer arithmetic), B and byte (a base unit here, so that bytes are no plain number), bit (B/8),
 * token, request, USD, and Wh. Prefixes are decimal: GB is 1e9 B. */

#include "sim/engine/error.h"

enum unit_kind {
    UNIT_NUMBER,        /* plain, "%" allowed */
    UNIT_TIME,          /* s */
    UNIT_POWER,         /* W */
    UNIT_TEMPERATURE,   /* K; degC is an offset */
    UNIT_RATE,          /* requests/s; "/s" or "request/s" */
    UNIT_TOKENS,        /* plain or "token" */
    UNIT_FLOP_RATE,     /* FLOP/s */
    UNIT_BYTES,         /* B */
    UNIT_BYTE_RATE,     /* B/s */
    UNIT_MONEY,         /* USD */
    UNIT_ENERGY_PRICE,  /* USD/J */
    UNIT_ENERGY_CARBON, /* kg/J */
    UNIT_ENERGY_WATER,  /* m3/J */
    UNIT_ENERGY_BYTE,   /* J/B */
    UNIT_KIND_COUNT
};

struct units; /* UDUNITS' system and ours; immutable once made */

/* Reads UDUNITS' database. NULL when it cannot, with a message in *e. Released by units_free. Not
 * to be called by two threads at once: UDUNITS keeps its error handler globally. */
struct units *units_new(struct error *e);
void units_free(struct units *u);

/* Reads `text` ("100 MW", "120 /s", "0.4") as a finite quantity of `kind` into *si. On failure it
 * returns false and *problem is a text owned by the caller, as in "found '5 kg', a mass (kg); a
 * power like '200 kW' would be right". The same care about threads as units_new. */
bool unit_read(const struct units *u, enum unit_kind kind, const char *text, double *si,
               char **problem);

/* "a power", "a number of tokens"; and an example, "200 kW". */
const char *unit_kind_phrase(enum unit_kind kind);
const char *unit_kind_example(enum unit_kind kind);

#endif
