/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_IO_OVERRIDE_H
#define SIM_IO_OVERRIDE_H

/* An override: an XPath that selects attributes of a scenario, and the value they get. What
 * `--set` gives, and what an axis of a sweep is. */

#include "sim/engine/error.h"

#include <libxml/tree.h>

struct override {
    char *xpath, *value; /* owned */
};

/* Reads "XPATH=VALUE", divided at the first "=" that stands in no bracket and no quotes. On failure
 * false, with a message in *e, and *o is empty. */
bool override_read(struct override *o, const char *text, struct error *e);

/* Frees what it owns. An empty (zeroed) override is allowed. */
void override_clear(struct override *o);

/* Gives every attribute of `xml` that the XPath selects the value. Where none is selected and the
 * XPath ends with "/@name", every element that the rest selects gets that attribute. Returns how
 * many were set, or -1 with a message in *e when the XPath is wrong. Changed attributes have a
 * pointer to `override_mark` in _private. */
long override_apply(const struct override *o, xmlDoc *xml, struct error *e);

/* How many attributes it would set; nothing is changed. */
long override_count(const struct override *o, xmlDoc *xml, struct error *e);

extern const char override_mark[];

#endif
