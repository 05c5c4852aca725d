/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/override.h"

#include "sim/engine/memory.h"

#include <libxml/xpath.h>
#include <stdlib.h>
#include <string.h>

bool override_read(struct override *o, const char *text, struct error *e) {
    *o = (struct override){0};
    int depth = 0;
    char quote = 0;
    const char *at = text;
    for (; *at && (*at != '=' || depth > 0 || quote); at++) {
        if (quote)
            quote = *at == quote ? 0 : quote;
        else if (*at == '\'' || *at == '"')
            quote = *at;
        else if (*at == '[' || *at == '(')
            depth++;
        else if (*at == ']' || *at == ')')
            depth--;
    }
    if (*at != '=' || at == text) {
        error_add(e, NULL, 0,
                  "--set: found '%s'; XPATH=VALUE would be right, as in '//cooling/@pue=1.2'",
                  text);
        return false;
    }
    o->xpath = memory_print("%.*s", (int)(at - text), text);
    o->value = memory_text(at + 1);
    return true;
}

void override_clear(struct override *o) {
    free(o->xpath);
    free(o->value);
    *o = (struct override){0};
}

const struct override *override_of(const xmlAttr *attribute) {
    return attribute ? attribute->_private : NULL;
}

static void override_set(const struct override *o, xmlNode *element, xmlNs *ns,
                         const xmlChar *name) {
    xmlAttr *a = xmlSetNsProp(element, ns, name, (const xmlChar *)o->value);
    if (a)
        a->_private = (void *)o;
}

/* The first attribute among the nodes that another axis than the override's has set. */
static xmlAttr *override_taken(const struct override *o, const xmlNodeSet *nodes) {
    for (int i = 0; o->axis && i < nodes->nodeNr; i++) {
        xmlAttr *a = (xmlAttr *)nodes->nodeTab[i];
        const struct override *before = override_of(a);
        if (before && before->axis && before != o)
            return a;
    }
    return NULL;
}

/* Sets every attribute among the selected nodes, or (`taken` NULL) only counts them; -1 when there
 * is something else among them, or one is taken. */
static long override_set_selected(const struct override *o, const xmlNodeSet *nodes,
                                  xmlAttr **taken, struct error *e) {
    for (int i = 0; i < nodes->nodeNr; i++)
        if (nodes->nodeTab[i]->type != XML_ATTRIBUTE_NODE) {
            error_add(e, NULL, 0,
                      "--set '%s': selects %s%s%s; an XPath of attributes, that ends with "
                      "/@NAME, would be right",
                      o->xpath, nodes->nodeTab[i]->type == XML_ELEMENT_NODE ? "<" : "",
                      nodes->nodeTab[i]->type == XML_ELEMENT_NODE
                          ? (const char *)nodes->nodeTab[i]->name
                          : "what is no attribute",
                      nodes->nodeTab[i]->type == XML_ELEMENT_NODE ? ">" : "");
            return -1;
        }
    if (taken && (*taken = override_taken(o, nodes)))
        return -1;
    for (int i = 0; taken && i < nodes->nodeNr; i++) {
        xmlAttr *a = (xmlAttr *)nodes->nodeTab[i];
        override_set(o, a->parent, a->ns, a->name);
    }
    return nodes->nodeNr;
}

/* Gives the elements that the part before the final "/@name" selects that attribute. */
static long override_create(const struct override *o, xmlXPathContext *context, bool set) {
    const char *slash = strrchr(o->xpath, '/');
    const char *last = slash ? slash + 1 : o->xpath;
    bool whole = !slash || (slash > o->xpath && slash[-1] != '/');
    if (!whole || *last != '@' || xmlValidateNCName((const xmlChar *)last + 1, 1) != 0)
        return 0;
    char *prefix =
        slash ? memory_print("%.*s", (int)(slash - o->xpath), o->xpath) : memory_text(".");
    xmlXPathObject *found = xmlXPathEval((const xmlChar *)prefix, context);
    long count = 0;
    if (found && found->type == XPATH_NODESET && found->nodesetval)
        for (int i = 0; i < found->nodesetval->nodeNr; i++) {
            xmlNode *element = found->nodesetval->nodeTab[i];
            if (element->type != XML_ELEMENT_NODE)
                continue;
            if (set)
                override_set(o, element, NULL, (const xmlChar *)last + 1);
            count++;
        }
    xmlXPathFreeObject(found);
    free(prefix);
    return count;
}

#if LIBXML_VERSION >= 21200
static void override_silent(void *user, const xmlError *error)
#else
static void override_silent(void *user, xmlError *error)
#endif
{
    (void)user;
    (void)error;
}

/* Sets, or (`taken` NULL) only counts. */
static long override_visit(const struct override *o, xmlDoc *xml, xmlAttr **taken,
                           struct error *e) {
    xmlXPathContext *context = xmlXPathNewContext(xml);
    if (!context) {
        error_add(e, NULL, 0, "--set '%s': cannot be evaluated", o->xpath);
        return -1;
    }
    context->error = override_silent;
    context->node = xmlDocGetRootElement(xml);
    xmlXPathObject *found = xmlXPathEval((const xmlChar *)o->xpath, context);
    long count = -1;
    if (!found)
        error_add(e, NULL, 0,
                  "--set '%s': is no XPath; something like '//cooling/@pue' would be right",
                  o->xpath);
    else if (found->type != XPATH_NODESET)
        error_add(
            e, NULL, 0,
            "--set '%s': selects no attributes; something like '//cooling/@pue' would be right",
            o->xpath);
    else if (found->nodesetval && found->nodesetval->nodeNr > 0)
        count = override_set_selected(o, found->nodesetval, taken, e);
    else
        count = override_create(o, context, taken != NULL);
    xmlXPathFreeObject(found);
    xmlXPathFreeContext(context);
    return count;
}

long override_apply(const struct override *o, xmlDoc *xml, xmlAttr **taken, struct error *e) {
    *taken = NULL;
    return override_visit(o, xml, taken, e);
}

long override_count(const struct override *o, xmlDoc *xml, struct error *e) {
    return override_visit(o, xml, NULL, e);
}
