/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_IO_SCHEMA_H
#define SIM_IO_SCHEMA_H

/* Validation of a document against scenarios/dcsim.xsd, with libxml2's findings in plain words. */

#include "sim/io/document.h"

/* Validates and writes the schema's default values into the document. Elements and attributes that
 * are unknown or missing go to *e at once, refused values to d->late. Sets d->valid. False when the
 * schema itself cannot be read. */
bool schema_check(struct document *d, struct error *e);

#endif
