/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_IO_ATTRIBUTE_H
#define SIM_IO_ATTRIBUTE_H

/* Attributes of a document's elements, read as quantities, counts, names and choices, with every
 * mistake told in the same form: file:line, "element/@attribute: found '...'; ... would be right".
 */

#include "models/precision.h"
#include "sim/io/document.h"
#include "sim/io/unit.h"

/* What the readers share. `failed` is set by every mistake, told or not: what the schema has told
 * (something missing) is not told again. */
struct reader {
    const struct document *document;
    const struct units *units;
    struct error *e;
    bool failed;
};

enum attribute_range {
    RANGE_ANY,
    RANGE_NONNEGATIVE,
    RANGE_POSITIVE,
    RANGE_SHARE,          /* 0 to 1 */
    RANGE_SHARE_POSITIVE, /* above 0, at most 1 */
    RANGE_SHARE_BELOW,    /* at least 0, below 1 */
};

/* Text of an attribute, inside the document; NULL when it is absent. */
const char *attribute_text(const xmlNode *element, const char *name);

/* Records a mistake at an element (`attribute` NULL) or one of its attributes. The text follows
 * "element/@attribute: ". */
void attribute_error(struct reader *r, const xmlNode *element, const char *attribute,
                     const char *format, ...) __attribute__((format(printf, 4, 5)));

/* The attribute as a quantity in SI. Absent: `fallback`, where NAN means that it must be there.
 * NAN after a mistake. */
double attribute_quantity(struct reader *r, const xmlNode *element, const char *name,
                          enum unit_kind kind, enum attribute_range range, double fallback);

/* The attribute as a whole number from `low` to `high`. Absent: `fallback`, where a value below
 * `low` means that it must be there. `low` after a mistake. */
long attribute_count(struct reader *r, const xmlNode *element, const char *name, long low,
                     long high, long fallback);

/* The attribute's place in `choices`, that ends with NULL. Absent: `fallback`, where -1 means that
 * it must be there. -1 after a mistake. */
int attribute_choice(struct reader *r, const xmlNode *element, const char *name,
                     const char *const *choices, int fallback);

/* The attribute as a number format; `fallback` when absent or wrong. */
enum precision attribute_precision(struct reader *r, const xmlNode *element, const char *name,
                                   enum precision fallback);

/* Demands that an attribute is absent, for a reason as in "has no meaning for process='poisson'".
 */
void attribute_refuse(struct reader *r, const xmlNode *element, const char *name,
                      const char *reason);

/* Demands that it is there, with what would be right: "a rate like '120 /s'"; tells whether it is.
 */
bool attribute_demand(struct reader *r, const xmlNode *element, const char *name,
                      const char *reason);

/* Path of the file that the attribute names, from the place of the file that it stands in; owned by
 * the caller. NULL, with the reason told, when it is no file that can be read. */
char *attribute_path(struct reader *r, const xmlNode *element, const char *name);

#endif
