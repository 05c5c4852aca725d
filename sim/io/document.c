/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/document.h"

#include "sim/engine/memory.h"
#include "sim/io/datadir.h"
#include "sim/io/schema.h"

#include <errno.h>
#include <libxml/SAX2.h>
#include <libxml/parserInternals.h>
#include <libxml/uri.h>
#include <libxml/xinclude.h>
#include <libxml/xmlerror.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#if LIBXML_VERSION >= 21200
typedef const xmlError document_xml_error;
#else
typedef xmlError document_xml_error;
#endif

enum {
    DOCUMENT_OPTIONS =
        XML_PARSE_NONET | XML_PARSE_BIG_LINES | XML_PARSE_NOXINCNODE | XML_PARSE_NOBASEFIX
};

/* Attribute that names an element's file while the document is composed. */
static const xmlChar document_label[] = "dcsim-file";

const struct document_table document_table[DOCUMENT_TABLES] = {
    {"hardware", "models/hardware", "node", "hardware"},
    {"llm", "models/llm", "replica", "llm"},
    {"serving_engine", "models/serving_engine", "replica", "engine"},
    {"plant", "models/plant", "cooling", "plant"},
    {"profile", "scenarios/traces", "schedule", "profile"},
};

/* The local path that a URI means, owned by the caller; NULL for one that is not local. */
static char *document_path(const char *uri) {
    if (strncmp(uri, "dcsim:", 6) == 0)
        return datadir_resolve(uri, NULL);
    if (strncmp(uri, "file://", 7) == 0)
        uri += 7;
    else if (strstr(uri, "://"))
        return NULL;
    struct stat s;
    if (stat(uri, &s) == 0)
        return memory_text(uri);
    char *plain = xmlURIUnescapeString(uri, 0, NULL);
    char *path = memory_text(plain ? plain : uri);
    xmlFree(plain);
    return path;
}

/* Opens regular local files only, and no DTD: libxml2's entity loader while a document is open. */
static xmlParserInput *document_load(const char *uri, const char *id, xmlParserCtxt *context) {
    (void)id;
    if (!uri || (context && context->inSubset != 0))
        return NULL;
    char *path = document_path(uri);
    struct stat s;
    xmlParserInput *input = NULL;
    if (path && stat(path, &s) == 0 && S_ISREG(s.st_mode))
        input = xmlNewInputFromFile(context, path);
    free(path);
    return input;
}

/* Start of an element: libxml2's own work, then a label with the file, for neither a file nor a
 * pointer survives the copy that XInclude makes. document_mark takes the labels away. */
static void document_start(void *user, const xmlChar *name, const xmlChar *prefix,
                           const xmlChar *uri, int namespaces, const xmlChar **namespace,
                           int attributes, int defaulted, const xmlChar **attribute) {
    xmlParserCtxt *context = user;
    xmlSAX2StartElementNs(user, name, prefix, uri, namespaces, namespace, attributes, defaulted,
                          attribute);
    char *path =
        context->input && context->input->filename ? document_path(context->input->filename) : NULL;
    if (context->node && path)
        xmlNewProp(context->node, document_label, (const xmlChar *)path);
    free(path);
}

/* The loader of the scenario and what it includes: labels elements. */
static xmlParserInput *document_load_labelled(const char *uri, const char *id,
                                              xmlParserCtxt *context) {
    if (context && context->sax && context->sax->initialized == XML_SAX2_MAGIC)
        context->sax->startElementNs = document_start;
    return document_load(uri, id, context);
}

/* What the handler of parser's and XInclude's errors needs. */
struct document_log {
    const char *path;
    struct error *e;
};

/* "could not load URI, and no fallback was found", in words that say why. */
static void document_report_include(const struct document_log *log, const char *file, long line,
                                    const xmlNode *node) {
    xmlChar *href = node ? xmlGetProp((xmlNode *)node, (const xmlChar *)"href") : NULL;
    char *path = href ? datadir_resolve((const char *)href, file) : NULL;
    struct stat s;
    if (path && strstr((const char *)href, "://"))
        error_add(log->e, file, line,
                  "include/@href: found '%s'; a local file or one of dcsim's own, 'dcsim:...', "
                  "would be right: the network is not used",
                  (const char *)href);
    else if (path && stat(path, &s) != 0)
        error_add(log->e, file, line, "include/@href: '%s' cannot be opened: %s", path,
                  strerror(errno));
    else if (!error_any(log->e)) /* else its own errors have been told */
        error_add(log->e, file, line, "include/@href: '%s' cannot be included",
                  href ? (const char *)href : "");
    xmlFree(href);
    free(path);
}

static void document_report(void *user, document_xml_error *error) {
    struct document_log *log = user;
    if (error->level == XML_ERR_WARNING || !error->message)
        return;
    const xmlNode *node = error->domain == XML_FROM_XINCLUDE ? error->node : NULL;
    xmlChar *label = node ? xmlGetNoNsProp((xmlNode *)node, document_label) : NULL;
    const char *uri = label ? (const char *)label : error->file;
    char *file = uri ? document_path(uri) : NULL;
    long line = node ? xmlGetLineNo(node) : error->line;
    const char *name = file ? file : log->path;
    if (error->code == XML_XINCLUDE_NO_FALLBACK)
        document_report_include(log, name, line, node);
    else if (error->code != XML_IO_LOAD_ERROR)
        error_add(log->e, name, line, "%.*s", (int)strcspn(error->message, "\n"), error->message);
    free(file);
    xmlFree(label);
}

const char *document_file(const xmlNode *element) {
    return element->_private;
}

long document_line(const xmlNode *element) {
    return xmlGetLineNo(element);
}

/* The kept copy of a file's name. */
static char *document_intern(struct document *d, const char *file) {
    for (size_t i = 0; i < d->files; i++)
        if (strcmp(d->file[i], file) == 0)
            return d->file[i];
    d->file = memory_resize(d->file, d->files + 1, sizeof *d->file);
    d->file[d->files] = memory_text(file);
    return d->file[d->files++];
}

/* Marks `element` and all below it with their files, and takes the labels away. Returns false on an
 * entity reference: there is no DTD to declare it. */
static bool document_mark(struct document *d, xmlNode *element, struct error *e) {
    xmlChar *label = xmlGetNoNsProp(element, document_label);
    if (label)
        element->_private = document_intern(d, (const char *)label);
    else if (!element->_private)
        element->_private = element->parent->_private;
    xmlFree(label);
    xmlUnsetProp(element, document_label);
    bool ok = true;
    for (xmlNode *child = element->children; child; child = child->next)
        if (child->type == XML_ELEMENT_NODE)
            ok = document_mark(d, child, e) && ok;
        else if (child->type == XML_ENTITY_REF_NODE) {
            error_add(e, element->_private, document_line(element),
                      "<%s>: entities like '&%s;' are not supported", element->name, child->name);
            ok = false;
        }
    return ok;
}

/* XInclude, then the marks. */
static bool document_compose(struct document *d, struct error *e) {
    xmlNode *root = xmlDocGetRootElement(d->xml);
    if (xmlXIncludeProcessFlags(d->xml, DOCUMENT_OPTIONS) < 0) {
        if (!error_any(e))
            error_add(e, root->_private, 0, "its includes cannot be resolved");
        return false;
    }
    return document_mark(d, root, e);
}

xmlNode *document_element(xmlNode *node, const char *name) {
    while (node && (node->type != XML_ELEMENT_NODE ||
                    (name && strcmp((const char *)node->name, name) != 0)))
        node = node->next;
    return node;
}

/* Value of a plain attribute without copying; NULL when absent or empty. */
static const char *document_value(const xmlNode *element, const char *attribute) {
    xmlAttr *a = xmlHasProp((xmlNode *)element, (const xmlChar *)attribute);
    return a && a->children && a->children->content ? (const char *)a->children->content : NULL;
}

const char *document_name(const xmlNode *element) {
    return document_value(element, "name");
}

xmlNode *document_find(const struct document *d, const char *element, const char *name) {
    xmlNode *root = xmlDocGetRootElement(d->xml);
    xmlNode *tables = document_element(root->children, "tables");
    for (xmlNode *t = tables ? tables->children : NULL; (t = document_element(t, element));
         t = t->next)
        if (document_name(t) && strcmp(document_name(t), name) == 0)
            return t;
    return NULL;
}

/* Adds <xi:include href="dcsim:FOLDER/NAME.xml"/> to <tables>, which it makes where there is none.
 */
static void document_include(struct document *d, const struct document_table *t, const char *name) {
    xmlNode *root = xmlDocGetRootElement(d->xml);
    xmlNode *tables = document_element(root->children, "tables");
    if (!tables) {
        tables = xmlNewDocNode(d->xml, NULL, (const xmlChar *)"tables", NULL);
        tables->_private = root->_private;
        tables->line = root->line;
        if (root->children)
            xmlAddPrevSibling(root->children, tables);
        else
            xmlAddChild(root, tables);
    }
    xmlNode *include = xmlNewChild(tables, NULL, (const xmlChar *)"include", NULL);
    xmlSetNs(include, xmlNewNs(include, XINCLUDE_NS, (const xmlChar *)"xi"));
    char *href = memory_print("dcsim:%s/%s.xml", t->folder, name);
    xmlNewProp(include, (const xmlChar *)"href", (const xmlChar *)href);
    free(href);
}

/* Includes dcsim's own table of that name when the scenario has none and there is one; tells
 * whether it did. A name that holds a path is left alone. */
static bool document_complete_one(struct document *d, const struct document_table *t,
                                  const char *name) {
    if (strpbrk(name, "/\\%:?#") || *name == '.' || document_find(d, t->element, name))
        return false;
    char *uri = memory_print("dcsim:%s/%s.xml", t->folder, name);
    char *path = datadir_resolve(uri, NULL);
    struct stat s;
    bool there = stat(path, &s) == 0 && S_ISREG(s.st_mode);
    free(path);
    free(uri);
    if (there)
        document_include(d, t, name);
    return there;
}

/* Includes the tables that `element` and what is below it name; the number of new ones. Composes
 * after each, for the next may name it too. */
static long document_complete(struct document *d, xmlNode *element, struct error *e) {
    long added = 0;
    for (int i = 0; i < DOCUMENT_TABLES; i++) {
        const struct document_table *t = &document_table[i];
        if (strcmp((const char *)element->name, t->user) != 0)
            continue;
        const char *name = document_value(element, t->attribute);
        if (name && document_complete_one(d, t, name) && document_compose(d, e) &&
            document_find(d, t->element, name))
            added++;
    }
    for (xmlNode *c = element->children; (c = document_element(c, NULL)); c = c->next)
        added += document_complete(d, c, e);
    return added;
}

/* Two axes of one attribute. */
static void document_taken(const xmlAttr *attribute, const struct override *set, struct error *e) {
    const xmlNode *element = attribute->parent;
    error_add(
        e, document_file(element), document_line(element),
        "%s/@%s: --vary '%s' (%s) and '%s' (%s) both set it, and the later would win; one axis "
        "for it would be right",
        element->name, attribute->name, override_of(attribute)->axis, override_of(attribute)->xpath,
        set->axis, set->xpath);
}

/* Overrides may name tables, and may change what is in tables: in turns, until nothing is new. */
static void document_override(struct document *d, const struct override *set, size_t sets,
                              struct error *e) {
    long *hits = memory_new(sets, sizeof *hits);
    long added;
    do {
        added = document_complete(d, xmlDocGetRootElement(d->xml), e);
        for (size_t i = 0; i < sets; i++)
            if (hits[i] >= 0) {
                xmlAttr *taken;
                long count = override_apply(&set[i], d->xml, &taken, e);
                hits[i] = count < 0 ? -1 : hits[i] + count;
                if (taken)
                    document_taken(taken, &set[i], e);
            }
        added += document_complete(d, xmlDocGetRootElement(d->xml), e);
    } while (added > 0);
    for (size_t i = 0; i < sets; i++)
        if (hits[i] == 0)
            error_add(e, NULL, 0,
                      "--set '%s': selects nothing in this scenario; an XPath of attributes, like "
                      "'//cooling/@pue', would be right",
                      set[i].xpath);
    free(hits);
}

/* Parses the file alone. */
static bool document_parse(struct document *d, const char *path, struct error *e) {
    FILE *file = fopen(path, "rb");
    struct stat s;
    bool regular = file && stat(path, &s) == 0 && S_ISREG(s.st_mode);
    if (!regular)
        error_add(e, path, 0, "cannot be opened: %s",
                  file ? "not a regular file" : strerror(errno));
    if (file)
        fclose(file);
    if (!regular)
        return false;
    d->xml = xmlReadFile(path, NULL, DOCUMENT_OPTIONS);
    if (!d->xml) {
        if (!error_any(e))
            error_add(e, path, 0, "cannot be read as XML");
        return false;
    }
    xmlNode *root = xmlDocGetRootElement(d->xml);
    if (!root) {
        error_add(e, path, 0, "holds no element; <scenario> would be right");
        return false;
    }
    root->_private = document_intern(d, path);
    if (d->xml->intSubset) {
        error_add(e, path, document_line(root), "a document type declaration is not supported");
        return false;
    }
    if (strcmp((const char *)root->name, "scenario") != 0) {
        error_add(e, path, document_line(root), "found <%s>; <scenario> would be right here",
                  root->name);
        return false;
    }
    return true;
}

bool document_open(struct document *d, const char *path, const struct override *set, size_t sets,
                   struct error *e) {
    *d = (struct document){0};
    error_init(&d->late);
    xmlInitParser();
    struct document_log log = {path, e};
    xmlExternalEntityLoader loader = xmlGetExternalEntityLoader();
    xmlStructuredErrorFunc handler = xmlStructuredError;
    void *user = xmlStructuredErrorContext;
    xmlSetExternalEntityLoader(document_load_labelled);
    xmlSetStructuredErrorFunc(&log, (xmlStructuredErrorFunc)document_report);

    bool ok = document_parse(d, path, e) && document_compose(d, e);
    if (ok) {
        document_override(d, set, sets, e);
        xmlSetExternalEntityLoader(document_load);
        ok = schema_check(d, e);
    }
    xmlSetStructuredErrorFunc(user, handler);
    xmlSetExternalEntityLoader(loader);
    if (!ok)
        document_close(d);
    return ok;
}

void document_close(struct document *d) {
    if (d->xml)
        xmlFreeDoc(d->xml);
    for (size_t i = 0; i < d->files; i++)
        free(d->file[i]);
    free(d->file);
    error_clear(&d->late);
    *d = (struct document){0};
}

void document_settle(const struct document *d, struct error *e) {
    size_t told = e->count;
    for (size_t i = 0; i < d->late.count; i++) {
        const struct error_entry *l = &d->late.entry[i];
        bool known = false;
        for (size_t j = 0; j < told && !known; j++)
            known = e->entry[j].line == l->line && e->entry[j].file &&
                    strcmp(e->entry[j].file, l->file) == 0;
        if (!known)
            error_add(e, l->file, l->line, "%s", l->text);
    }
}

char *document_text(const struct document *d) {
    xmlChar *text = NULL;
    int size = 0;
    xmlDocDumpMemoryEnc(d->xml, &text, &size, "UTF-8");
    char *copy = memory_text(text ? (const char *)text : "");
    xmlFree(text);
    return copy;
}
