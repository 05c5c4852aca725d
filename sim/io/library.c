/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/library.h"

#include "sim/engine/memory.h"
#include "sim/io/datadir.h"
#include "sim/io/table.h"

#include <libxml/parser.h>
#include <libxml/xmlerror.h>
#include <libxml/xmlschemas.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#if LIBXML_VERSION >= 21200
typedef const xmlError library_xml_error;
#else
typedef xmlError library_xml_error;
#endif

/* One table that was asked for. */
struct entry {
    enum library_kind kind;
    char *name, *path; /* owned */
    bool right;
    union {
        struct hardware hardware;
        struct llm llm;
        struct serving_engine engine;
    } table;
};

struct library {
    char *folder;         /* the data folder; owned */
    struct entry **entry; /* owned, each by itself, so that tables stay where they are */
    size_t count;
    struct units *units;
    xmlSchema *schema;
};

/* Element and folder of each kind; the same as a scenario's. */
static const struct document_table *place(enum library_kind kind) {
    static const char *const element[LIBRARY_KINDS] = {
        [LIBRARY_HARDWARE] = "hardware",
        [LIBRARY_LLM] = "llm",
        [LIBRARY_ENGINE] = "serving_engine",
    };
    int i = 0;
    while (strcmp(document_table[i].element, element[kind]) != 0)
        i++;
    return &document_table[i];
}

/* Where libxml2's findings go while a file is read. */
struct log {
    const char *path;
    struct error *e;
    bool any;
};

static void report(void *user, library_xml_error *error) {
    struct log *log = user;
    if (error->level == XML_ERR_WARNING || error->message == NULL)
        return;
    log->any = true;
    error_add(log->e, log->path, error->line, "%.*s", (int)strcspn(error->message, "\n"),
              error->message);
}

static xmlSchema *read_schema(const char *folder, struct error *e) {
    char *path = memory_print("%s/models/tables.xsd", folder);
    struct log log = {path, e, false};
    xmlSchemaParserCtxt *parser = xmlSchemaNewParserCtxt(path);
    xmlSchema *schema = NULL;
    if (parser != NULL) {
        xmlSchemaSetParserStructuredErrors(parser, (xmlStructuredErrorFunc)report, &log);
        schema = xmlSchemaParse(parser);
        xmlSchemaFreeParserCtxt(parser);
    }
    if (schema == NULL && !log.any)
        error_add(e, path, 0, "the schema of tables cannot be read");
    free(path);
    return schema;
}

struct library *library_new(struct error *e) {
    char folder[DATADIR_SIZE];
    if (!datadir_find(folder, sizeof folder)) {
        error_add(e, folder, 0,
                  "is no folder with dcsim's data, 'models' and 'scenarios'; DCSIM_DATADIR may "
                  "name one");
        return NULL;
    }
    struct library *l = memory_new(1, sizeof *l);
    l->folder = memory_text(folder);
    l->units = units_new(e);
    l->schema = l->units != NULL ? read_schema(folder, e) : NULL;
    if (l->schema == NULL) {
        library_free(l);
        return NULL;
    }
    return l;
}

void library_free(struct library *l) {
    if (l == NULL)
        return;
    for (size_t i = 0; i < l->count; i++) {
        free(l->entry[i]->name);
        free(l->entry[i]->path);
        free(l->entry[i]);
    }
    free(l->entry);
    free(l->folder);
    if (l->units != NULL)
        units_free(l->units);
    if (l->schema != NULL)
        xmlSchemaFree(l->schema);
    free(l);
}

/* Path of a table; owned by the caller. */
static char *path_of(const struct library *l, enum library_kind kind, const char *name) {
    return memory_print("%s/%s/%s.xml", l->folder, place(kind)->folder, name);
}

bool library_has(const struct library *l, enum library_kind kind, const char *name) {
    if (*name == '\0' || *name == '.' || strpbrk(name, "/\\") != NULL)
        return false;
    char *path = path_of(l, kind, name);
    struct stat s;
    const bool there = stat(path, &s) == 0 && S_ISREG(s.st_mode);
    free(path);
    return there;
}

char *library_names(const struct library *l, enum library_kind kind) {
    (void)l; /* its folder is the data folder */
    return datadir_tables(place(kind)->folder);
}

/* Every element knows its file (sim/io/document.h). */
static void mark(xmlNode *element, char *path) {
    element->_private = path;
    for (xmlNode *c = element->children; (c = document_element(c, NULL)) != NULL; c = c->next)
        mark(c, path);
}

/* Validates the document and reads the table from it. */
static void read_element(const struct library *l, struct entry *t, xmlDoc *xml, struct log *log) {
    xmlNode *root = xmlDocGetRootElement(xml);
    const char *element = place(t->kind)->element;
    if (strcmp((const char *)root->name, element) != 0) {
        error_add(log->e, t->path, document_line(root), "found <%s>; <%s> would be right here",
                  (const char *)root->name, element);
        return;
    }
    mark(root, t->path);
    xmlSchemaValidCtxt *validator = xmlSchemaNewValidCtxt(l->schema);
    if (validator == NULL)
        return;
    xmlSchemaSetValidStructuredErrors(validator, (xmlStructuredErrorFunc)report, log);
    xmlSchemaSetValidOptions(validator, XML_SCHEMA_VAL_VC_I_CREATE);
    struct document d = {.xml = xml, .valid = xmlSchemaValidateDoc(validator, xml) == 0};
    xmlSchemaFreeValidCtxt(validator);
    if (!d.valid)
        return;
    struct reader r = {.document = &d, .units = l->units, .e = log->e};
    switch (t->kind) {
    case LIBRARY_HARDWARE:
        table_hardware(&r, root, &t->table.hardware);
        break;
    case LIBRARY_LLM:
        table_llm(&r, root, &t->table.llm);
        break;
    case LIBRARY_ENGINE:
    case LIBRARY_KINDS:
        table_engine(&r, root, &t->table.engine);
        break;
    }
    t->right = !r.failed;
}

static void read_table(const struct library *l, struct entry *t, struct error *e) {
    struct log log = {t->path, e, false};
    xmlStructuredErrorFunc handler = xmlStructuredError;
    void *user = xmlStructuredErrorContext;
    xmlSetStructuredErrorFunc(&log, (xmlStructuredErrorFunc)report);
    xmlDoc *xml = xmlReadFile(t->path, NULL, XML_PARSE_NONET | XML_PARSE_BIG_LINES);
    if (xml != NULL && xmlDocGetRootElement(xml) != NULL)
        read_element(l, t, xml, &log);
    else if (!log.any)
        error_add(e, t->path, 0, "cannot be read as XML");
    if (xml != NULL)
        xmlFreeDoc(xml);
    xmlSetStructuredErrorFunc(user, handler);
}

/* The entry, read if need be; NULL with a message. */
static const struct entry *find(struct library *l, enum library_kind kind, const char *name,
                                struct error *e) {
    for (size_t i = 0; i < l->count; i++)
        if (l->entry[i]->kind == kind && strcmp(l->entry[i]->name, name) == 0) {
            if (!l->entry[i]->right)
                error_add(e, l->entry[i]->path, 0, "is no right table, as told before");
            return l->entry[i]->right ? l->entry[i] : NULL;
        }
    if (!library_has(l, kind, name)) {
        char *known = library_names(l, kind);
        error_add(e, NULL, 0, "found '%s', which is no known <%s>; one of %s would be right", name,
                  place(kind)->element, known);
        free(known);
        return NULL;
    }
    struct entry *t = memory_new(1, sizeof *t);
    t->kind = kind;
    t->name = memory_text(name);
    t->path = path_of(l, kind, name);
    l->entry = memory_resize(l->entry, l->count + 1, sizeof *l->entry);
    l->entry[l->count++] = t;
    read_table(l, t, e);
    return t->right ? t : NULL;
}

const struct hardware *library_hardware(struct library *l, const char *name, struct error *e) {
    const struct entry *t = find(l, LIBRARY_HARDWARE, name, e);
    return t != NULL ? &t->table.hardware : NULL;
}

const struct llm *library_llm(struct library *l, const char *name, struct error *e) {
    const struct entry *t = find(l, LIBRARY_LLM, name, e);
    return t != NULL ? &t->table.llm : NULL;
}

const struct serving_engine *library_engine(struct library *l, const char *name, struct error *e) {
    const struct entry *t = find(l, LIBRARY_ENGINE, name, e);
    return t != NULL ? &t->table.engine : NULL;
}
