/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_IO_DOCUMENT_H
#define SIM_IO_DOCUMENT_H

/* A scenario as an XML document: parsed, composed by XInclude, completed with the tables that it
 * names, overridden, validated. Every element knows the file it came from. The network is never
 * touched, and nothing but local files and "dcsim:" is opened. */

#include "sim/engine/error.h"
#include "sim/io/override.h"

#include <libxml/tree.h>

struct document {
    xmlDoc *xml;
    char **file; /* names of the files read, each once; elements point to them; owned */
    size_t files;
    bool valid;        /* the schema found nothing */
    struct error late; /* values that the schema refused: kept back, for who reads them says it
                          better (document_settle) */
};

/* Reads `path`. False when there is no document to go on with; true when there is one, though there
 * may be messages in *e, and `valid` may be false. Not to be called by two threads at once: libxml2
 * keeps its loader globally. */
bool document_open(struct document *d, const char *path, const struct override *set, size_t sets,
                   struct error *e);
void document_close(struct document *d);

/* Adds to *e what the schema said of values at lines of which *e says nothing yet. */
void document_settle(const struct document *d, struct error *e);

/* The file and line that an element came from. */
const char *document_file(const xmlNode *element);
long document_line(const xmlNode *element);

/* The document as text, overrides and the schema's defaults included; owned by the caller. */
char *document_text(const struct document *d);

/* The kinds of table a scenario may name, and where it does. */
struct document_table {
    const char *element; /* of the table: "hardware" */
    const char *folder;  /* in the data directory: "models/hardware" */
    const char *user;    /* the element that names it: "node" */
    const char *attribute;
};
enum { DOCUMENT_TABLES = 5 };
extern const struct document_table document_table[DOCUMENT_TABLES];

/* The element of a table by kind and name; NULL when there is none. */
xmlNode *document_find(const struct document *d, const char *element, const char *name);

/* The name of an attribute's owner; NULL when it has none. Points into the document. */
const char *document_name(const xmlNode *element);

/* Next element at or after `node` among its siblings with that name (NULL: any). */
xmlNode *document_element(xmlNode *node, const char *name);

#endif
