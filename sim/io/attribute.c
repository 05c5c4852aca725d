/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/attribute.h"

#include "sim/engine/memory.h"
#include "sim/io/datadir.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *attribute_range_words(enum attribute_range range) {
    switch (range) {
    case RANGE_NONNEGATIVE:
        return "of at least 0";
    case RANGE_POSITIVE:
        return "above 0";
    case RANGE_SHARE:
        return "from 0 to 1";
    case RANGE_SHARE_POSITIVE:
        return "above 0 and at most 1";
    case RANGE_SHARE_BELOW:
        return "of at least 0 and below 1";
    case RANGE_ANY:
        break;
    }
    return "";
}

static bool attribute_in_range(double value, enum attribute_range range) {
    switch (range) {
    case RANGE_NONNEGATIVE:
        return value >= 0;
    case RANGE_POSITIVE:
        return value > 0;
    case RANGE_SHARE:
        return value >= 0 && value <= 1;
    case RANGE_SHARE_POSITIVE:
        return value > 0 && value <= 1;
    case RANGE_SHARE_BELOW:
        return value >= 0 && value < 1;
    case RANGE_ANY:
        break;
    }
    return true;
}

const char *attribute_text(const xmlNode *element, const char *name) {
    xmlAttr *a = xmlHasProp((xmlNode *)element, (const xmlChar *)name);
    if (!a)
        return NULL;
    return a->children && a->children->content ? (const char *)a->children->content : "";
}

void attribute_error(struct reader *r, const xmlNode *element, const char *attribute,
                     const char *format, ...) {
    va_list list;
    va_start(list, format);
    char text[2048];
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    xmlAttr *a = attribute ? xmlHasProp((xmlNode *)element, (const xmlChar *)attribute) : NULL;
    const char *mark = override_of(a) ? " (from --set)" : "";
    if (attribute)
        error_add(r->e, document_file(element), document_line(element), "%s/@%s%s: %s",
                  element->name, attribute, mark, text);
    else
        error_add(r->e, document_file(element), document_line(element), "<%s>: %s", element->name,
                  text);
    r->failed = true;
}

/* An absent attribute that must be there: the schema has told it, if it said anything. */
static void attribute_missing(struct reader *r, const xmlNode *element, const char *name) {
    if (r->document->valid)
        attribute_error(r, element, name, "missing; <%s> must have it", element->name);
    r->failed = true;
}

double attribute_quantity(struct reader *r, const xmlNode *element, const char *name,
                          enum unit_kind kind, enum attribute_range range, double fallback) {
    const char *text = attribute_text(element, name);
    if (!text) {
        if (isnan(fallback))
            attribute_missing(r, element, name);
        return fallback;
    }
    double value;
    char *problem;
    if (!unit_read(r->units, kind, text, &value, &problem)) {
        attribute_error(r, element, name, "%s", problem);
        free(problem);
        return NAN;
    }
    if (!attribute_in_range(value, range)) {
        attribute_error(r, element, name, "found '%s'; %s %s would be right", text,
                        unit_kind_phrase(kind), attribute_range_words(range));
        return NAN;
    }
    return value;
}

long attribute_count(struct reader *r, const xmlNode *element, const char *name, long low,
                     long high, long fallback) {
    const char *text = attribute_text(element, name);
    if (!text) {
        if (fallback < low)
            attribute_missing(r, element, name);
        return fallback < low ? low : fallback;
    }
    char *end;
    errno = 0;
    long value = strtol(text, &end, 10);
    bool whole = end != text && end[strspn(end, " \t\r\n")] == 0;
    if (whole && errno == 0 && value >= low && value <= high)
        return value;
    attribute_error(r, element, name, "found '%s'; a whole number from %ld to %ld would be right",
                    text, low, high);
    return low;
}

int attribute_choice(struct reader *r, const xmlNode *element, const char *name,
                     const char *const *choices, int fallback) {
    const char *text = attribute_text(element, name);
    if (!text) {
        if (fallback < 0)
            attribute_missing(r, element, name);
        return fallback;
    }
    char list[256] = "";
    size_t length = 0;
    for (int i = 0; choices[i]; i++) {
        if (strcmp(text, choices[i]) == 0)
            return i;
        int n = snprintf(list + length, sizeof list - length, "%s%s", i ? ", " : "", choices[i]);
        if (n > 0 && length + (size_t)n < sizeof list)
            length += (size_t)n;
    }
    attribute_error(r, element, name, "found '%s'; one of %s would be right", text, list);
    return -1;
}

enum precision attribute_precision(struct reader *r, const xmlNode *element, const char *name,
                                   enum precision fallback) {
    const char *text = attribute_text(element, name);
    enum precision p = fallback;
    if (text && !precision_of(text, &p)) {
        char list[128] = "";
        size_t length = 0;
        for (int i = 0; i < PRECISION_COUNT; i++) {
            int n = snprintf(list + length, sizeof list - length, "%s%s", i ? ", " : "",
                             precision_name((enum precision)i));
            if (n > 0 && length + (size_t)n < sizeof list)
                length += (size_t)n;
        }
        attribute_error(r, element, name, "found '%s'; one of %s would be right", text, list);
        return fallback;
    }
    return p;
}

void attribute_refuse(struct reader *r, const xmlNode *element, const char *name,
                      const char *reason) {
    const char *text = attribute_text(element, name);
    if (text)
        attribute_error(r, element, name, "found '%s', which %s; leaving it out would be right",
                        text, reason);
}

bool attribute_demand(struct reader *r, const xmlNode *element, const char *name,
                      const char *reason) {
    if (attribute_text(element, name))
        return true;
    attribute_error(r, element, name, "missing; %s would be right", reason);
    return false;
}

char *attribute_path(struct reader *r, const xmlNode *element, const char *name) {
    const char *text = attribute_text(element, name);
    char *path = datadir_resolve(text, document_file(element));
    FILE *file = fopen(path, "rb");
    if (file) {
        fclose(file);
        return path;
    }
    attribute_error(r, element, name, "found '%s', but %s cannot be opened: %s", text, path,
                    strerror(errno));
    free(path);
    return NULL;
}
