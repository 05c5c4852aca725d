/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_IO_TABLE_H
#define SIM_IO_TABLE_H

/* The tables of hardware, models and serving engines, from a document's elements into the structs
 * of models/. Their form is models/tables.xsd. */

#include "models/hardware.h"
#include "models/llm.h"
#include "models/serving_engine.h"
#include "sim/io/attribute.h"

/* Each fills *out from the element and records what is wrong in r; `out` is usable for further
 * checks only when r did not fail. */
void table_hardware(struct reader *r, const xmlNode *element, struct hardware *out);
void table_llm(struct reader *r, const xmlNode *element, struct llm *out);
void table_engine(struct reader *r, const xmlNode *element, struct serving_engine *out);

#endif
