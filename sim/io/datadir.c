/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _XOPEN_SOURCE 700 /* realpath */
#include "sim/io/datadir.h"

#include "sim/engine/memory.h"

#include <dirent.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Whether `folder` holds dcsim's data: the schema is there. */
static bool is_data(const char *folder) {
    char *schema = memory_print("%s/scenarios/dcsim.xsd", folder);
    const bool found = access(schema, R_OK) == 0;
    free(schema);
    return found;
}

/* `place`, relative to the folder of the running program, if it holds data; else NULL. */
static char *beside_program(const char *place) {
    char program[PATH_MAX];
    const ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    if (length <= 0)
        return NULL;
    program[length] = '\0';
    char *slash = strrchr(program, '/');
    if (slash == NULL)
        return NULL;
    *slash = '\0';
    char *beside = memory_print("%s/%s", program, place);
    char *real = is_data(beside) ? realpath(beside, NULL) : NULL;
    free(beside);
    return real;
}

char *datadir(void) {
    const char *set = getenv("DCSIM_DATADIR");
    if (set && *set)
        return memory_text(set);
    char *beside = beside_program("dcsim-data");
    if (beside == NULL)
        beside = beside_program("../dcsim-data");
    return beside != NULL ? beside : memory_text(DCSIM_DATADIR);
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
