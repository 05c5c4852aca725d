/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/schema.h"

#include "sim/engine/memory.h"
#include "sim/io/datadir.h"

#include <libxml/xmlschemas.h>
#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>
#include <stdlib.h>
#include <string.h>

#if LIBXML_VERSION >= 21200
typedef const xmlError schema_xml_error;
#else
typedef xmlError schema_xml_error;
#endif

struct schema_log {
    struct document *d;
    struct error *e;
    xmlDoc *xsd[2]; /* dcsim.xsd and tables.xsd as documents, to look up what is allowed */
    struct {
        char *element, *children; /* owned */
    } * known;                    /* children of elements that were looked up: owned */
    size_t knowns;
    bool enumerated; /* the value just refused was no member of a list: the message that follows
                        says the same again */
};

static const char *const schema_file[2] = {"scenarios/dcsim.xsd", "models/tables.xsd"};

/* What a value of one of the schema's types looks like. */
static const struct {
    const char *type, *right;
} schema_types[] = {
    {"table_quantity", "a number that is not negative, a blank and a unit, like '80 GB',"},
    {"table_temperature", "a temperature like '20 degC'"},
    {"table_share", "a number from 0 to 1"},
    {"table_efficiency", "a number above 0 and at most 1"},
    {"table_positive", "a number above 0"},
    {"table_name", "a name of letters, digits, '.', '_' and '-', at most 63,"},
    {"table_source", "a text that says where the figures come from, and whether this is primary, "
                     "secondary, an estimate or an assumption,"},
    {"name", "a name of letters, digits, '.', '_' and '-', at most 63,"},
    {"xs:positiveInteger", "a whole number of at least 1"},
    {"xs:double", "a number"},
};

/* Copies what stands between two marks in libxml2's message; NULL when it is not there. */
static char *schema_between(const char *text, const char *open, const char *close) {
    const char *from = strstr(text, open);
    const char *to = from ? strstr(from + strlen(open), close) : NULL;
    if (!to)
        return NULL;
    from += strlen(open);
    return memory_print("%.*s", (int)(to - from), from);
}

/* Appends " a, b" items of a node set's text to a list. */
static char *schema_list(char *list, const xmlNodeSet *nodes) {
    for (int i = 0; nodes && i < nodes->nodeNr; i++) {
        xmlChar *name = xmlNodeGetContent(nodes->nodeTab[i]);
        char *longer = memory_print("%s%s%s", list, *list ? ", " : "", (const char *)name);
        xmlFree(name);
        free(list);
        list = longer;
    }
    return list;
}

/* What an XPath selects in one schema, from `first` on the first that has any of it, as "a, b";
 * owned by the caller. */
static char *schema_select(const struct schema_log *log, int first, const char *path) {
    char *list = memory_text("");
    for (int i = 0; i < 2 && !*list; i++) {
        xmlDoc *xsd = log->xsd[i ^ first];
        xmlXPathContext *context = xsd ? xmlXPathNewContext(xsd) : NULL;
        if (!context)
            continue;
        xmlXPathRegisterNs(context, (const xmlChar *)"xs",
                           (const xmlChar *)"http://www.w3.org/2001/XMLSchema");
        xmlXPathObject *found = xmlXPathEval((const xmlChar *)path, context);
        if (found && found->type == XPATH_NODESET)
            list = schema_list(list, found->nodesetval);
        xmlXPathFreeObject(found);
        xmlXPathFreeContext(context);
    }
    return list;
}

/* What the schemas know by the XPath `inner` under an inline type of the element, or `typed` below
 * its named type, as "a, b"; owned by the caller. */
static char *schema_known(const struct schema_log *log, int first, const char *element,
                          const char *inner, const char *typed) {
    char *path =
        memory_print("//xs:element[@name='%s']/xs:complexType/%s | "
                     "//xs:complexType[@name=//xs:element[@name='%s']/@type]/descendant::%s",
                     element, inner, element, typed);
    char *list = schema_select(log, first, path);
    free(path);
    return list;
}

static char *schema_attributes(const struct schema_log *log, const char *element) {
    return schema_known(log, 0, element, "xs:attribute/@name", "xs:attribute/@name");
}

static char *schema_children(const struct schema_log *log, const char *element) {
    return schema_known(log, 0, element,
                        "*[self::xs:all or self::xs:sequence or self::xs:choice]/xs:element/"
                        "@*[name()='name' or name()='ref']",
                        "xs:element/@*[name()='name' or name()='ref']");
}

/* The same, looked up once: kept in the log. */
static const char *schema_once(struct schema_log *log, const char *element) {
    for (size_t i = 0; i < log->knowns; i++)
        if (strcmp(log->known[i].element, element) == 0)
            return log->known[i].children;
    log->known = memory_resize(log->known, log->knowns + 1, sizeof *log->known);
    log->known[log->knowns].element = memory_text(element);
    log->known[log->knowns].children = schema_children(log, element);
    return log->known[log->knowns++].children;
}

/* Whether `name` is one of the items of "a, b". */
static bool schema_listed(const char *list, const char *name) {
    size_t length = strlen(name);
    for (const char *at = list; (at = strstr(at, name)); at += length)
        if ((at == list || at[-1] == ' ') && (at[length] == ',' || at[length] == 0))
            return true;
    return false;
}

/* Tells of every unknown element below `parent` and takes it away: libxml2 stops checking a
 * parent's children at the first. */
static void schema_prune(struct schema_log *log, xmlNode *parent) {
    if (!document_element(parent->children, NULL))
        return; /* most elements: an XPath costs more than reading them */
    const char *known = schema_once(log, (const char *)parent->name);
    xmlNode *next;
    for (xmlNode *c = document_element(parent->children, NULL); c; c = next) {
        next = document_element(c->next, NULL);
        if (!c->ns && schema_listed(known, (const char *)c->name)) {
            schema_prune(log, c);
            continue;
        }
        error_add(log->e, document_file(c), document_line(c),
                  "<%s>: no known element in <%s>; %s%s would be right", c->name, parent->name,
                  strchr(known, ',') ? "one of " : "", *known ? known : "leaving it out");
        xmlUnlinkNode(c);
        xmlFreeNode(c);
        log->d->valid = false;
    }
}

static void schema_unknown_attribute(const struct schema_log *log, const xmlNode *node,
                                     const char *attribute) {
    const char *element = (const char *)node->name;
    char *list = schema_attributes(log, element);
    xmlAttr *a = xmlHasProp((xmlNode *)node, (const xmlChar *)attribute);
    error_add(log->e, document_file(node), document_line(node),
              "%s/@%s%s: <%s> has no such attribute; %s%s%s", element, attribute,
              override_of(a) ? " (from --set)" : "", element,
              !*list              ? "it has none"
              : strchr(list, ',') ? "one of "
                                  : "",
              list, *list ? " would be right" : "");
    free(list);
}

/* An element that is not expected, or children that are missing. */
static void schema_content(const struct schema_log *log, const xmlNode *node, const char *message) {
    const char *element = (const char *)node->name;
    char *expected = schema_between(message, "( ", " )");
    const char *many = expected && strchr(expected, ',') ? "one of " : "";
    if (strstr(message, "Missing child"))
        error_add(log->e, document_file(node), document_line(node),
                  "<%s>: something is missing in it; %s%s would be right", element, many,
                  expected ? expected : "another element");
    else if (expected)
        error_add(log->e, document_file(node), document_line(node),
                  "<%s>: not expected here, in <%s>; %s%s would be right", element,
                  node->parent->name, many, expected);
    else
        error_add(log->e, document_file(node), document_line(node),
                  "<%s>: not expected here, in <%s>; nothing more, or a known element in its "
                  "place, would be right (docs/scenarios.md)",
                  element, node->parent->name);
    free(expected);
}

/* The name of the type of an element's attribute, that of tables.xsd first: types of dcsim.xsd
 * hardly refuse anything. Owned by the caller. */
static char *schema_type(const struct schema_log *log, const char *element, const char *attribute) {
    char *at = memory_print("xs:attribute[@name='%s']/@type", attribute);
    char *type = schema_known(log, 1, element, at, at);
    if (!*type) { /* of a base type */
        free(type);
        char *anywhere = memory_print("//%s", at);
        type = schema_select(log, 1, anywhere);
        free(anywhere);
    }
    type[strcspn(type, ",")] = 0;
    free(at);
    return type;
}

/* Keeps a refused value back (document_settle), once. */
static void schema_keep(struct schema_log *log, const xmlNode *node, const char *attribute,
                        const char *found, const char *right) {
    struct error *late = &log->d->late;
    char *text =
        memory_print("%s%s%s: found '%s'; %s would be right", (const char *)node->name,
                     attribute ? "/@" : "", attribute ? attribute : "", found ? found : "", right);
    bool known = false;
    for (size_t i = 0; i < late->count && !known; i++)
        known =
            late->entry[i].line == document_line(node) && strcmp(late->entry[i].text, text) == 0;
    if (!known)
        error_add(late, document_file(node), document_line(node), "%s", text);
    free(text);
}

/* A refused value, by a facet of its type or as a whole. */
static void schema_value(struct schema_log *log, const xmlNode *node, const char *attribute,
                         const char *message) {
    char *found = strstr(message, "[facet '") ? schema_between(message, "The value '", "'")
                                              : schema_between(message, ": '", "' is not a valid");
    char *type =
        attribute ? schema_type(log, (const char *)node->name, attribute) : memory_text("");
    const char *right = "a value as in docs/scenarios.md";
    for (size_t i = 0; i < sizeof schema_types / sizeof *schema_types; i++)
        if (strcmp(type, schema_types[i].type) == 0)
            right = schema_types[i].right;
    schema_keep(log, node, attribute, found, right);
    free(found);
    free(type);
}

static void schema_enumeration(struct schema_log *log, const xmlNode *node, const char *attribute,
                               const char *message) {
    char *found = schema_between(message, "The value '", "'");
    char *set = schema_between(message, "{", "}");
    char *right = memory_print("one of %s", set ? set : "the known ones");
    schema_keep(log, node, attribute, found, right);
    free(right);
    free(found);
    free(set);
}

static void schema_report(void *user, schema_xml_error *error) {
    struct schema_log *log = user;
    const xmlNode *node = error->node;
    if (!node || !error->message || strstr(error->message, ": Warning: "))
        return;
    if (node->type != XML_ELEMENT_NODE)
        node = node->parent;
    char *attribute = schema_between(error->message, "attribute '", "'");
    bool enumerated = log->enumerated;
    log->enumerated = false;
    if (error->code == XML_SCHEMAV_ELEMENT_CONTENT) {
        schema_content(log, node, error->message);
    } else if ((error->code == XML_SCHEMAV_CVC_COMPLEX_TYPE_3_2_1 ||
                error->code == XML_SCHEMAV_CVC_COMPLEX_TYPE_3_2_2) &&
               attribute) {
        schema_unknown_attribute(log, node, attribute);
    } else if (error->code == XML_SCHEMAV_CVC_COMPLEX_TYPE_4 && attribute) {
        error_add(log->e, document_file(node), document_line(node),
                  "%s/@%s: missing; <%s> must have it", node->name, attribute, node->name);
    } else if (error->code == XML_SCHEMAV_CVC_ENUMERATION_VALID) {
        schema_enumeration(log, node, attribute, error->message);
        log->enumerated = true;
    } else if (strstr(error->message, "is not a valid value of") ||
               strstr(error->message, "[facet '")) {
        if (!enumerated)
            schema_value(log, node, attribute, error->message);
    } else {
        const char *text = strstr(error->message, ": ");
        text = text ? text + 2 : error->message;
        error_add(log->e, document_file(node), document_line(node), "<%s>: %.*s", node->name,
                  (int)strcspn(text, "\n"), text);
    }
    free(attribute);
}

static void schema_silent(void *user, schema_xml_error *error) {
    (void)user;
    (void)error;
}

static bool schema_validate(struct schema_log *log, xmlSchema *schema) {
    xmlSchemaValidCtxt *context = xmlSchemaNewValidCtxt(schema);
    if (!context)
        return false;
    xmlSchemaSetValidStructuredErrors(context, (xmlStructuredErrorFunc)schema_report, log);
    log->d->valid = true;
    schema_prune(log, xmlDocGetRootElement(log->d->xml));
    xmlSchemaSetValidOptions(context, XML_SCHEMA_VAL_VC_I_CREATE);
    int status = xmlSchemaValidateDoc(context, log->d->xml);
    log->d->valid = log->d->valid && status == 0;
    xmlSchemaFreeValidCtxt(context);
    return status >= 0;
}

bool schema_check(struct document *d, struct error *e) {
    struct schema_log log = {.d = d, .e = e};
    char *path[2];
    for (int i = 0; i < 2; i++) {
        char *name = memory_print("dcsim:%s", schema_file[i]);
        path[i] = datadir_resolve(name, NULL);
        log.xsd[i] = xmlReadFile(path[i], NULL, XML_PARSE_NONET | XML_PARSE_NOERROR);
        free(name);
    }
    xmlSchemaParserCtxt *parser = xmlSchemaNewParserCtxt(path[0]);
    if (parser)
        xmlSchemaSetParserStructuredErrors(parser, (xmlStructuredErrorFunc)schema_silent, NULL);
    xmlSchema *schema = parser ? xmlSchemaParse(parser) : NULL;
    bool ok = schema && schema_validate(&log, schema);
    if (!ok)
        error_add(e, path[0], 0,
                  "the schema of scenarios cannot be used; DCSIM_DATADIR may name another folder "
                  "with dcsim's scenarios/ and models/");
    xmlSchemaFree(schema);
    xmlSchemaFreeParserCtxt(parser);
    for (size_t i = 0; i < log.knowns; i++) {
        free(log.known[i].element);
        free(log.known[i].children);
    }
    free(log.known);
    for (int i = 0; i < 2; i++) {
        xmlFreeDoc(log.xsd[i]);
        free(path[i]);
    }
    return ok;
}
