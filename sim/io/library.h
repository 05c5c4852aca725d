/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_IO_LIBRARY_H
#define SIM_IO_LIBRARY_H

/* The tables of the data folder by name, without a scenario: each is read and validated when it is
 * first asked for, and kept. A scenario reads its own tables (sim/io/scenario.h). */

#include "models/hardware.h"
#include "models/llm.h"
#include "models/serving_engine.h"
#include "sim/engine/error.h"

#include <stdbool.h>

struct library;

enum library_kind { LIBRARY_HARDWARE, LIBRARY_LLM, LIBRARY_ENGINE, LIBRARY_KINDS };

/* An empty library over the data folder (sim/io/datadir.h). NULL with a message when the schema of
 * tables or the units cannot be read. Not to be used by two threads at once, as libxml2's and
 * UDUNITS' error handlers are global; what was taken from it may be. */
struct library *library_new(struct error *e);
void library_free(struct library *l); /* NULL is allowed */

/* Whether the data folder has that table. */
bool library_has(const struct library *l, enum library_kind kind, const char *name);

/* Names of the tables of that kind, sorted, as "A, B, C". Owned by the caller. */
char *library_names(const struct library *l, enum library_kind kind);

/* The table, owned by the library and valid until library_free. NULL with messages in *e when there
 * is none or it is wrong; of a wrong one the messages come once, later only that it is wrong. */
const struct hardware *library_hardware(struct library *l, const char *name, struct error *e);
const struct llm *library_llm(struct library *l, const char *name, struct error *e);
const struct serving_engine *library_engine(struct library *l, const char *name, struct error *e);

#endif
