/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_IO_OVERRIDE_H
#define SIM_IO_OVERRIDE_H

/* An override: an XPath that selects attributes of a scenario, and the value they get. What
 * `--set` gives, and what an axis of a sweep is. */

#include "sim/engine/error.h"

#include <libxml/tree.h>

struct override {
    char *xpath, *value; /* owned */
    const char *axis;    /* the name of the axis that has the value; NULL: of none; not owned */
};

/* Reads "XPATH=VALUE", divided at the first "=" that stands in no bracket and no quotes. On failure
 * false, with a message in *e, and *o is empty. */
bool override_read(struct override *o, const char *text, struct error *e);

/* Frees what it owns. An empty (zeroed) override is allowed. */
void override_clear(struct override *o);

/* Gives every attribute of `xml` that the XPath selects the value. Where none is selected and the
 * XPath ends with "/@name", every element that the rest selects gets that attribute. Returns how
 * many were set, or -1 with a message in *e when the XPath is wrong. Attributes keep a pointer to
 * the override that set them last, which must live as long as they are asked for it.
 *
 * No attribute follows two axes: what the file of a sweep says of the first would not be what was
 * simulated. Where another axis has set an attribute before, -1 without a message, and *taken is
 * that attribute; else *taken is NULL. */
long override_apply(const struct override *o, xmlDoc *xml, xmlAttr **taken, struct error *e);

/* How many attributes it would set; nothing is changed. */
long override_count(const struct override *o, xmlDoc *xml, struct error *e);

/* The override that set the attribute last; NULL: none did, or there is no attribute. */
const struct override *override_of(const xmlAttr *attribute);

#endif
