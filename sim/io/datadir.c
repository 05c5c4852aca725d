/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _XOPEN_SOURCE 700 /* realpath */

#include "sim/io/datadir.h"

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
