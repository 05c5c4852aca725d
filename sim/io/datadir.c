/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _XOPEN_SOURCE 700 /* realpath */

#include "sim/io/datadir.h"

#include "sim/engine/memory.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool datadir_is_folder(const char *path) {
    struct stat s;
    return stat(path, &s) == 0 && S_ISDIR(s.st_mode);
}

/* Whether `path` is a data folder; it is written to `out` in any case, made absolute if it can be.
 */
static bool datadir_try(const char *path, char *out, size_t size) {
    char real[PATH_MAX], part[PATH_MAX + 16];
    if (realpath(path, real) == NULL)
        snprintf(real, sizeof real, "%s", path);
    if ((size_t)snprintf(out, size, "%s", real) >= size)
        return false;
    snprintf(part, sizeof part, "%s/models", real);
    if (!datadir_is_folder(part))
        return false;
    snprintf(part, sizeof part, "%s/scenarios", real);
    return datadir_is_folder(part);
}

/* The folder of the running program, without a final slash; false where /proc does not tell. */
static bool datadir_program(char *out, size_t size) {
    const ssize_t length = readlink("/proc/self/exe", out, size - 1);
    if (length <= 0)
        return false;
    out[length] = '\0';
    char *slash = strrchr(out, '/');
    if (slash == NULL)
        return false;
    *slash = '\0';
    return true;
}

bool datadir_find(char *out, size_t size) {
    const char *wanted = getenv("DCSIM_DATADIR");
    if (wanted != NULL && wanted[0] != '\0')
        return datadir_try(wanted, out, size);

    char program[PATH_MAX], beside[PATH_MAX + 32];
    if (datadir_program(program, sizeof program)) {
        static const char *const places[] = {"dcsim-data", "../dcsim-data"};
        for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
            snprintf(beside, sizeof beside, "%s/%s", program, places[i]);
            if (datadir_try(beside, out, size))
                return true;
        }
    }
    return datadir_try(DCSIM_DATADIR, out, size);
}

char *datadir_resolve(const char *name, const char *from) {
    static const char scheme[] = "dcsim:";
    if (strncmp(name, scheme, sizeof scheme - 1) == 0) {
        char folder[DATADIR_SIZE];
        datadir_find(folder, sizeof folder); /* when there is none, opening the path will tell */
        return memory_print("%s/%s", folder, name + sizeof scheme - 1);
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
    char root[DATADIR_SIZE];
    datadir_find(root, sizeof root);
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
    return list;
}

char *datadir_measured(void) {
    char root[DATADIR_SIZE];
    datadir_find(root, sizeof root);
    char *path = memory_print("%s/measured", root);
    if (datadir_is_folder(path))
        return path;
    free(path);
    return memory_print("%s/tests/measured", root);
}
