/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/engine/memory.h"
#include "sim/io/datadir.h"
#include "sim/io/scenario_impl.h"
#include "sim/io/table.h"

#include <stdlib.h>
#include <string.h>

/* The element of the table that `user`/@`attribute` names; NULL after a mistake. */
static const xmlNode *scenario_table(struct reader *r, const xmlNode *user, const char *element,
                                     const char *attribute) {
    const char *name = attribute_text(user, attribute);
    if (!name) {
        r->failed = true;
        return NULL;
    }
    const xmlNode *table = document_find(r->document, element, name);
    if (table)
        return table;
    /* The known ones: dcsim's own, then those in <tables>. */
    const char *folder = "";
    for (int i = 0; i < DOCUMENT_TABLES; i++)
        if (strcmp(document_table[i].element, element) == 0)
            folder = document_table[i].folder;
    char *list = datadir_tables(folder);
    xmlNode *root = xmlDocGetRootElement(r->document->xml);
    xmlNode *tables = document_element(root->children, "tables");
    for (xmlNode *t = tables ? tables->children : NULL; (t = document_element(t, element));
         t = t->next)
        if (document_name(t) && !strstr(list, document_name(t))) {
            char *longer = memory_print("%s%s%s", list, *list ? ", " : "", document_name(t));
            free(list);
            list = longer;
        }
    attribute_error(r, user, attribute,
                    "found '%s', which is no known <%s>; one of %s would be "
                    "right",
                    name, element, *list ? list : "those in <tables>");
    free(list);
    return NULL;
}

/* Reads each table once and keeps it, also one with mistakes: they are told once, and r->failed
 * tells of them. */
#define SCENARIO_TABLE(type, kind, element, attribute, list, count, read)                          \
    const struct type *scenario_##kind(struct reader *r, const xmlNode *user,                      \
                                       struct scenario *s) {                                       \
        const xmlNode *table = scenario_table(r, user, element, attribute);                        \
        if (!table)                                                                                \
            return NULL;                                                                           \
        const char *name = attribute_text(table, "name");                                          \
        for (size_t i = 0; i < s->count; i++)                                                      \
            if (strcmp(s->list[i]->name, name) == 0)                                               \
                return s->list[i];                                                                 \
        s->list = memory_resize(s->list, s->count + 1, sizeof *s->list);                           \
        struct type *t = s->list[s->count++] = memory_new(1, sizeof *t);                           \
        read(r, table, t);                                                                         \
        return t;                                                                                  \
    }

SCENARIO_TABLE(hardware, hardware, "hardware", "hardware", hardware, hardwares, table_hardware)
SCENARIO_TABLE(llm, llm, "llm", "llm", llm, llms, table_llm)
SCENARIO_TABLE(serving_engine, engine, "serving_engine", "engine", engine, engines, table_engine)
