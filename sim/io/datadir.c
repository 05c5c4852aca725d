/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _POSIX_C_SOURCE 200809L
#include "sim/io/datadir.h"

#include "sim/engine/memory.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef DCSIM_DATADIR
#define DCSIM_DATADIR ""
#endif
#ifndef DCSIM_SOURCEDIR
#define DCSIM_SOURCEDIR "."
#endif

char *datadir(void) {
    const char *set = getenv("DCSIM_DATADIR");
    if (set && *set)
        return memory_text(set);
    char *schema = memory_print("%s/scenarios/dcsim.xsd", DCSIM_DATADIR);
    bool installed = access(schema, R_OK) == 0;
    free(schema);
    return memory_text(installed ? DCSIM_DATADIR : DCSIM_SOURCEDIR);
}

char *datadir_resolve(const char *name, const char *from) {
    static const char scheme[] = "dcsim:";
    if (strncmp(name, scheme, sizeof scheme - 1) == 0) {
        char *folder = datadir();
        char *path = memory_print("%s/%s", folder, name + sizeof scheme - 1);
        free(folder);
        return path;
    }
    const char *slash = from ? strrchr(from, '/') : NULL;
    if (*name == '/' || !slash)
        return memory_text(name);
    return memory_print("%.*s%s", (int)(slash - from + 1), from, name);
}

static int datadir_is_table(const struct dirent *d) {
    size_t length = strlen(d->d_name);
    return length > 4 && d->d_name[0] != '.' && strcmp(d->d_name + length - 4, ".xml") == 0;
}

/* By bytes, not by locale: messages are the same everywhere. */
static int datadir_order(const struct dirent **a, const struct dirent **b) {
    return strcmp((*a)->d_name, (*b)->d_name);
}

char *datadir_tables(const char *folder) {
    char *root = datadir();
    char *path = memory_print("%s/%s", root, folder);
    struct dirent **entry = NULL;
    int count = scandir(path, &entry, datadir_is_table, datadir_order);
    char *list = memory_text("");
    for (int i = 0; i < count; i++) {
        char *longer = memory_print("%s%s%.*s", list, i ? ", " : "",
                                    (int)strlen(entry[i]->d_name) - 4, entry[i]->d_name);
        free(list);
        list = longer;
        free(entry[i]);
    }
    free(entry);
    free(path);
    free(root);
    return list;
}
