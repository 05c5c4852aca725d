/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/difference.h"

#include "sim/engine/memory.h"

#include <libxml/parser.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* -- XPaths ------------------------------------------------------------------------------------ */

/* Attributes that tell an element from its neighbours, the first that it has. */
static const char *const key_name[] = {"name", "of", "precision", "at"};
enum { KEYS = sizeof key_name / sizeof key_name[0] };

static xmlAttr *key_of(const xmlNode *element) {
    for (int i = 0; i < KEYS; i++) {
        xmlAttr *a = xmlHasProp(element, (const xmlChar *)key_name[i]);
        if (a != NULL)
            return a;
    }
    return NULL;
}

/* Text of an attribute or element, owned by the caller. */
static char *value_of(const void *node) {
    xmlChar *text = xmlNodeGetContent(node);
    char *copy = memory_text(text == NULL ? "" : (const char *)text);
    xmlFree(text);
    return copy;
}

/* "cells[@name='chat']" or "llm", without a place. */
static char *step_of(const xmlNode *element) {
    const xmlAttr *key = key_of(element);
    if (key == NULL)
        return memory_text((const char *)element->name);
    char *value = value_of(key);
    const char quote = strchr(value, '\'') == NULL ? '\'' : '"';
    char *step = memory_print("%s[@%s=%c%s%c]", (const char *)element->name,
                              (const char *)key->name, quote, value, quote);
    free(value);
    return step;
}

/* An element's children with their steps. */
struct child {
    const xmlNode *element;
    char *step; /* owned */
    size_t order;
};

/* A qsort comparison: equal steps come together, in their order. */
static int compare_children(const void *x, const void *y) {
    const struct child *a = x, *b = y;
    const int steps = strcmp(a->step, b->step);
    return steps != 0 ? steps : (a->order > b->order) - (a->order < b->order);
}

/* A qsort comparison: as in the document. */
static int order_children(const void *x, const void *y) {
    const struct child *a = x, *b = y;
    return (a->order > b->order) - (a->order < b->order);
}

/* The child elements, *count of them, in order; those of the same step with their place among them:
 * "point[2]". Owned by the caller, with their steps. */
static struct child *list_children(const xmlNode *element, size_t *count) {
    size_t n = 0;
    for (const xmlNode *at = element->children; at != NULL; at = at->next)
        n += at->type == XML_ELEMENT_NODE;
    struct child *child = memory_new(n + 1, sizeof *child);
    *count = 0;
    for (const xmlNode *at = element->children; at != NULL; at = at->next)
        if (at->type == XML_ELEMENT_NODE) {
            child[*count] = (struct child){at, step_of(at), *count};
            ++*count;
        }
    qsort(child, n, sizeof *child, compare_children);
    for (size_t from = 0, to; from < n; from = to) {
        for (to = from + 1; to < n && strcmp(child[to].step, child[from].step) == 0; to++)
            ;
        for (size_t i = from; i < to && to - from > 1; i++) {
            char *placed = memory_print("%s[%zu]", child[i].step, i - from + 1);
            free(child[i].step);
            child[i].step = placed;
        }
    }
    qsort(child, n, sizeof *child, order_children);
    return child;
}

/* -- A scenario as a list ---------------------------------------------------------------------- */

/* An attribute or an element; `parent` is the place of the element around it in the list. */
struct item {
    char *xpath, *value;
    bool element, table;
    size_t parent;
};

struct items {
    struct item *one;
    size_t count, capacity;
};

static size_t add_item(struct items *list, const struct item *item) {
    if (list->count == list->capacity) {
        list->capacity = list->capacity == 0 ? 64 : 2 * list->capacity;
        list->one = memory_resize(list->one, list->capacity, sizeof *list->one);
    }
    list->one[list->count] = *item;
    return list->count++;
}

static bool says_nothing(const xmlAttr *a) {
    return (a->ns != NULL && xmlStrEqual(a->ns->prefix, (const xmlChar *)"xml")) ||
           xmlStrEqual(a->name, (const xmlChar *)"source");
}

/* Its attributes, and the text in it. */
static void add_values(struct items *list, const xmlNode *element, size_t at) {
    const struct item owner = list->one[at];
    for (const xmlAttr *a = element->properties; a != NULL; a = a->next) {
        if (says_nothing(a))
            continue;
        const struct item item = {memory_print("%s/@%s", owner.xpath, (const char *)a->name),
                                  value_of(a), false, owner.table, at};
        add_item(list, &item);
    }
    for (const xmlNode *n = element->children; n != NULL; n = n->next)
        if (n->type == XML_TEXT_NODE && !xmlIsBlankNode(n)) {
            const struct item item = {memory_print("%s/text()", owner.xpath), value_of(element),
                                      false, owner.table, at};
            add_item(list, &item);
            return;
        }
}

/* The element of a step below that at `parent` in the list (the root has none), and all in it,
 * parents before their children. libxml2 limits the depth. */
static void add_element(struct items *list, const xmlNode *element, const char *step, bool top,
                        size_t parent) {
    const char *above = top ? "" : list->one[parent].xpath;
    const bool table = !top && (list->one[parent].table || strcmp(step, "tables") == 0);
    const struct item item = {memory_print("%s/%s", above, step), memory_text(""), true, table,
                              parent};
    const size_t at = add_item(list, &item);
    add_values(list, element, at);
    size_t count;
    struct child *child = list_children(element, &count);
    for (size_t i = 0; i < count; i++) {
        add_element(list, child[i].element, child[i].step, false, at);
        free(child[i].step);
    }
    free(child);
}

static bool read_items(struct items *list, const char *xml, const char *file, struct error *e) {
    const size_t length = strlen(xml);
    const int options = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING;
    xmlDoc *document =
        length > INT_MAX ? NULL : xmlReadMemory(xml, (int)length, NULL, NULL, options);
    const xmlNode *root = document == NULL ? NULL : xmlDocGetRootElement(document);
    *list = (struct items){NULL, 0, 0};
    if (root != NULL)
        add_element(list, root, (const char *)root->name, true, 0);
    else
        error_add(e, file, 0,
                  "found a text in /scenario that is no XML; the resolved scenario, as dcsim run "
                  "writes it, would be right");
    xmlFreeDoc(document);
    return root != NULL;
}

static void clear_items(struct items *list) {
    for (size_t i = 0; i < list->count; i++) {
        free(list->one[i].xpath);
        free(list->one[i].value);
    }
    free(list->one);
}

/* -- Two lists --------------------------------------------------------------------------------- */

/* A qsort and bsearch comparison of struct item * by XPath. */
static int compare_items(const void *x, const void *y) {
    const struct item *const *a = x, *const *b = y;
    return strcmp((*a)->xpath, (*b)->xpath);
}

/* The items by XPath, for `find`; owned by the caller. */
static const struct item **sort_items(const struct items *list) {
    const struct item **sorted = memory_new(list->count + 1, sizeof *sorted);
    for (size_t i = 0; i < list->count; i++)
        sorted[i] = &list->one[i];
    qsort(sorted, list->count, sizeof *sorted, compare_items);
    return sorted;
}

static const struct item *find(const struct item **sorted, size_t count, const struct item *what) {
    const struct item **found = bsearch(&what, sorted, count, sizeof *sorted, compare_items);
    return found == NULL ? NULL : *found;
}

static void add_difference(struct differences *out, const struct item *item, const char *a,
                           const char *b) {
    if ((out->count & (out->count - 1)) == 0) /* at powers of two */
        out->one = memory_resize(out->one, out->count == 0 ? 1 : 2 * out->count, sizeof *out->one);
    out->one[out->count++] = (struct difference){memory_text(item->xpath), memory_text(a),
                                                 memory_text(b), item->element};
}

/* What `list` has of tables or of the rest, against the other scenario's items. Of what both have,
 * only the first list tells. */
static void compare_list(const struct items *list, const struct item **other, size_t count,
                         bool first, bool table, struct differences *out) {
    for (size_t i = 0; i < list->count; i++) {
        const struct item *item = &list->one[i];
        if (item->table != table)
            continue;
        const struct item *same = find(other, count, item);
        if (same != NULL && first && strcmp(same->value, item->value) != 0)
            add_difference(out, item, item->value, same->value);
        /* Once, at the outermost element that is missing. */
        if (same == NULL && (i == 0 || find(other, count, &list->one[item->parent]) != NULL))
            add_difference(out, item, first ? item->value : NULL, first ? NULL : item->value);
    }
}

bool differences_find(const char *a, const char *file_a, const char *b, const char *file_b,
                      struct differences *out, struct error *e) {
    struct items list_a, list_b;
    const bool read_a = read_items(&list_a, a, file_a, e);
    const bool read_b = read_items(&list_b, b, file_b, e);
    *out = (struct differences){NULL, 0};
    if (read_a && read_b) {
        const struct item **sorted_a = sort_items(&list_a), **sorted_b = sort_items(&list_b);
        for (int table = 0; table < 2; table++) {
            compare_list(&list_a, sorted_b, list_b.count, true, table == 1, out);
            compare_list(&list_b, sorted_a, list_a.count, false, table == 1, out);
        }
        free(sorted_b);
        free(sorted_a);
    }
    clear_items(&list_b);
    clear_items(&list_a);
    return read_a && read_b;
}

void differences_clear(struct differences *d) {
    for (size_t i = 0; i < d->count; i++) {
        free(d->one[i].xpath);
        free(d->one[i].a);
        free(d->one[i].b);
    }
    free(d->one);
    *d = (struct differences){NULL, 0};
}
