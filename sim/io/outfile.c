/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _XOPEN_SOURCE 700
#include "sim/io/outfile.h"

#include "sim/engine/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The names of one file; all owned. */
struct names {
    char *target; /* with links followed */
    char *folder;
    char *part; /* the temporary name */
};

static void names_make(struct names *n, const char *path) {
    char *real = realpath(path, NULL);
    n->target = memory_text(real == NULL ? path : real);
    free(real);
    const char *slash = strrchr(n->target, '/');
    const char *name = slash == NULL ? n->target : slash + 1;
    if (slash == NULL)
        n->folder = memory_text(".");
    else if (slash == n->target)
        n->folder = memory_text("/");
    else
        n->folder = memory_print("%.*s", (int)(slash - n->target), n->target);
    n->part = memory_print("%s/.%s.%ld.part", n->folder, name, (long)getpid());
}

static void names_clear(struct names *n) {
    free(n->target);
    free(n->folder);
    free(n->part);
}

/* Opens the temporary file, empty; not through a link that someone laid there. */
static int part_open(const struct names *n) {
    return open(n->part, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666);
}

/* What is wrong with the target as it is now; NULL when it may be replaced. */
static const char *target_fault(const struct names *n) {
    struct stat s;
    const size_t length = strlen(n->target);
    if (length == 0 || n->target[length - 1] == '/')
        return "found no file name; the name of a result file would be right";
    if (stat(n->target, &s) != 0)
        return NULL;
    if (S_ISDIR(s.st_mode))
        return "found a folder; the name of a result file would be right";
    if (!S_ISREG(s.st_mode))
        return "found a device, pipe or socket; the name of a result file would be right";
    if (access(n->target, W_OK) != 0)
        return "cannot be written: found a file that is read-only; another name would be right";
    return NULL;
}

bool outfile_probe(const char *path, struct error *e) {
    struct names n;
    names_make(&n, path);
    const char *fault = target_fault(&n);
    bool good = fault == NULL;
    if (!good)
        error_add(e, path, 0, "%s", fault);
    else {
        const int file = part_open(&n);
        good = file >= 0 && close(file) == 0 && unlink(n.part) == 0;
        if (!good)
            error_add(e, path, 0,
                      "cannot be written: no file of that name can be made in '%s' (%s); another "
                      "name or folder would be right",
                      n.folder, strerror(errno));
    }
    names_clear(&n);
    return good;
}

bool outfile_probe_folder(const char *path, struct error *e) {
    const bool made = mkdir(path, 0777) == 0;
    if (!made && errno != EEXIST) {
        error_add(e, path, 0, "cannot be made: %s; another folder would be right", strerror(errno));
        return false;
    }
    struct names n;
    char *inside = memory_print("%s/dcsim", path);
    names_make(&n, inside);
    const int file = part_open(&n);
    const bool good = file >= 0 && close(file) == 0 && unlink(n.part) == 0;
    if (!good)
        error_add(e, path, 0, "no file can be made in it (%s); another folder would be right",
                  strerror(errno));
    names_clear(&n);
    free(inside);
    if (made)
        rmdir(path);
    return good;
}

/* The path with its folder's links followed; owned by the caller. */
static char *full_path(const struct names *n) {
    const char *slash = strrchr(n->target, '/');
    char *folder = realpath(n->folder, NULL);
    char *path = memory_print("%s/%s", folder != NULL ? folder : n->folder,
                              slash != NULL ? slash + 1 : n->target);
    free(folder);
    return path;
}

bool outfile_same(const char *a, const char *b) {
    struct stat one, two;
    if (stat(a, &one) == 0 && stat(b, &two) == 0)
        return one.st_dev == two.st_dev && one.st_ino == two.st_ino;
    struct names first, second;
    names_make(&first, a);
    names_make(&second, b);
    char *left = full_path(&first), *right = full_path(&second);
    const bool same = strcmp(left, right) == 0;
    free(left);
    free(right);
    names_clear(&first);
    names_clear(&second);
    return same;
}

/* All bytes, however many calls that takes. */
static bool write_all(int file, const char *bytes, size_t size) {
    while (size > 0) {
        const ssize_t written = write(file, bytes, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return false;
        bytes += written;
        size -= (size_t)written;
    }
    return true;
}

bool outfile_write(const char *path, const void *bytes, size_t size, struct error *e) {
    struct names n;
    names_make(&n, path);
    const char *fault = target_fault(&n);
    if (fault != NULL) {
        error_add(e, path, 0, "%s", fault);
        names_clear(&n);
        return false;
    }
    const int file = part_open(&n);
    bool done = file >= 0 && write_all(file, bytes, size) && fsync(file) == 0;
    int reason = errno; /* of the first failure */
    if (file >= 0 && close(file) != 0 && done) {
        reason = errno;
        done = false;
    }
    if (done && rename(n.part, n.target) != 0) {
        reason = errno;
        done = false;
    }
    if (!done) {
        error_add(e, path, 0, "cannot be written: %s", strerror(reason));
        if (file >= 0)
            unlink(n.part);
    }
    names_clear(&n);
    return done;
}
