/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ANALYSIS_JOURNAL_H
#define ANALYSIS_JOURNAL_H

/* A journal of an experiment: the record of each run that has ended, on the disk as soon as it has,
 * so that a killed experiment goes on where it was. One file, that is only appended to; a record
 * that was cut off is not there. Several writers (ranks) have a file each and read all. Records are
 * bytes of this machine's kind: a journal is no result and does not travel. */

#include "sim/engine/error.h"

#include <stdint.h>

struct journal {
    char *path;            /* prefix of the files' names; owned */
    int writer;            /* this one */
    int file;              /* descriptor; -1: none */
    size_t size, count;    /* bytes of a record; records that there can be */
    unsigned char *record; /* count * size, of those that are there; owned */
    bool *there;           /* count; owned */
    char *failure;         /* why the disk took no more; NULL: it did; owned */
};

/* Opens the journal of `count` records of `size` bytes that belong to the experiment which `key`
 * (64 hexadecimal digits) tells from any other. Its files are `path`.0, `path`.1, ..., one for each
 * of `writers`, perhaps more from earlier; all are read, `path`.`writer` is made where it is not
 * there. False, with a message in *e and *j empty, when one of them is no journal or that of
 * another experiment, or cannot be made. */
bool journal_open(struct journal *j, const char *path, int writer, int writers, const char *key,
                  size_t size, size_t count, struct error *e);

/* The record of run `i`; NULL when it is not there. */
const void *journal_get(const struct journal *j, size_t i);

/* Appends the record of run `i`, and has it on the disk before it returns; a failure is kept in
 * j->failure, and nothing more is written. Not to be called by two threads at once. */
void journal_put(struct journal *j, size_t i, const void *record);

/* Closes it; its files stay. An empty (zeroed) journal is allowed. */
void journal_close(struct journal *j);

/* Removes the files of the journal at `path`, by one writer when all have closed it. */
void journal_remove(const char *path);

#endif
