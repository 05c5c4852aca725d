/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _DEFAULT_SOURCE /* fsync, ftruncate */
#include "analysis/journal.h"

#include "sim/engine/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { KEY = 64, MODE = 0666 };

/* What a file begins with. */
struct header {
    char magic[16];
    char key[KEY];
    uint64_t size, count;
};
static const char magic[16] = "dcsim journal 1";

/* What stands before each record's bytes. */
struct entry {
    uint64_t index, hash; /* hash: of index and bytes, so that half a record is none */
};

/* FNV-1a. */
static uint64_t hash_of(uint64_t index, const unsigned char *bytes, size_t size) {
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < sizeof index; i++)
        hash = (hash ^ ((index >> (8 * i)) & 0xff)) * 0x100000001b3u;
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ bytes[i]) * 0x100000001b3u;
    return hash;
}

static struct header header_of(const struct journal *j, const char *key) {
    struct header h = {.size = j->size, .count = j->count};
    memcpy(h.magic, magic, sizeof h.magic);
    memcpy(h.key, key, KEY);
    return h;
}

/* Reads `size` bytes unless the file ends before. */
static bool read_whole(int file, void *bytes, size_t size) {
    size_t done = 0;
    while (done < size) {
        const ssize_t n = read(file, (char *)bytes + done, size - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        done += (size_t)n;
    }
    return true;
}

static bool write_whole(int file, const void *bytes, size_t size) {
    size_t done = 0;
    while (done < size) {
        const ssize_t n = write(file, (const char *)bytes + done, size - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        done += (size_t)n;
    }
    return true;
}

/* Takes the records of an open file in; *end is where the last whole one ends, 0 when there is but
 * the beginning of a header. False when it is not a file of this journal. */
static bool take(struct journal *j, int file, const char *key, off_t *end) {
    const struct header wanted = header_of(j, key);
    struct header found;
    const off_t length = lseek(file, 0, SEEK_END);
    const size_t there = length < (off_t)sizeof found ? (size_t)length : sizeof found;
    *end = 0;
    if (length < 0 || lseek(file, 0, SEEK_SET) != 0 || !read_whole(file, &found, there) ||
        memcmp(&found, &wanted, there) != 0)
        return false;
    if (there < sizeof found)
        return true;
    *end = sizeof found;
    struct entry entry;
    unsigned char *bytes = memory_new(j->size, 1);
    while (read_whole(file, &entry, sizeof entry) && read_whole(file, bytes, j->size) &&
           entry.index < j->count && entry.hash == hash_of(entry.index, bytes, j->size)) {
        memcpy(j->record + entry.index * j->size, bytes, j->size);
        j->there[entry.index] = true;
        *end += (off_t)(sizeof entry + j->size);
    }
    free(bytes);
    return true;
}

static char *file_name(const char *path, int writer) {
    return memory_print("%s.%d", path, writer);
}

static void add_foreign(const char *name, struct error *e) {
    error_add(e, name, 0,
              "found a file that is no journal of this experiment: another scenario, other axes, "
              "seeds or options, or another dcsim; remove it to begin anew, or name another result "
              "with -o");
}

/* Reads the file of another writer; true also when there is none, and then *more is false. */
static bool read_other(struct journal *j, int writer, const char *key, bool *more,
                       struct error *e) {
    char *name = file_name(j->path, writer);
    const int file = open(name, O_RDONLY | O_CLOEXEC);
    off_t end;
    *more = file >= 0;
    bool good = file < 0 || take(j, file, key, &end);
    if (!good)
        add_foreign(name, e);
    if (file >= 0)
        close(file);
    free(name);
    return good;
}

/* Opens this writer's file, and cuts off what is not a whole record. */
static bool open_own(struct journal *j, const char *key, struct error *e) {
    char *name = file_name(j->path, j->writer);
    const struct header header = header_of(j, key);
    off_t end;
    j->file = open(name, O_RDWR | O_CREAT | O_CLOEXEC, MODE);
    bool good = j->file >= 0;
    if (!good)
        error_add(e, name, 0, "cannot be made: %s", strerror(errno));
    else if (!take(j, j->file, key, &end)) {
        add_foreign(name, e);
        good = false;
    } else if (ftruncate(j->file, end) != 0 || lseek(j->file, end, SEEK_SET) < 0 ||
               (end == 0 && !write_whole(j->file, &header, sizeof header))) {
        error_add(e, name, 0, "cannot be written: %s", strerror(errno));
        good = false;
    }
    free(name);
    return good;
}

bool journal_open(struct journal *j, const char *path, int writer, int writers, const char *key,
                  size_t size, size_t count, struct error *e) {
    *j = (struct journal){.path = memory_text(path),
                          .writer = writer,
                          .file = -1,
                          .size = size,
                          .count = count,
                          .record = memory_new(count + 1, size),
                          .there = memory_new(count + 1, sizeof *j->there)};
    bool good = true, more = true;
    for (int i = 0; good && (more || i < writers); i++)
        if (i != writer)
            good = read_other(j, i, key, &more, e);
    if (good && open_own(j, key, e))
        return true;
    journal_close(j);
    return false;
}

const void *journal_get(const struct journal *j, size_t i) {
    return j->there[i] ? j->record + i * j->size : NULL;
}

void journal_put(struct journal *j, size_t i, const void *record) {
    memcpy(j->record + i * j->size, record, j->size);
    j->there[i] = true;
    if (j->failure != NULL)
        return;
    const struct entry entry = {i, hash_of(i, record, j->size)};
    if (!write_whole(j->file, &entry, sizeof entry) || !write_whole(j->file, record, j->size) ||
        fsync(j->file) != 0)
        j->failure = memory_print("%s.%d: %s", j->path, j->writer, strerror(errno));
}

void journal_close(struct journal *j) {
    if (j->path != NULL && j->file >= 0)
        close(j->file);
    free(j->path);
    free(j->record);
    free(j->there);
    free(j->failure);
    *j = (struct journal){.file = -1};
}

void journal_remove(const char *path) {
    bool more = true;
    for (int i = 0; more; i++) {
        char *name = file_name(path, i);
        more = unlink(name) == 0;
        free(name);
    }
}
