/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_IO_OUTFILE_H
#define SIM_IO_OUTFILE_H

/* A file that appears under its name only when it is complete: its bytes go to a temporary name in
 * the same folder, to the disk, and then take the name in one step. A link is followed; what it
 * points to is replaced. */

#include "sim/engine/error.h"

/* Whether outfile_write can write `path`, found out by making the temporary file and removing it.
 * False with a message in *e when the name is empty or too long, its folder takes no file, or what
 * is there is a folder, a device, or a file that may not be written. */
bool outfile_probe(const char *path, struct error *e);

/* Whether files can be made in the folder `path`, or it can be made, found out by doing so and
 * removing them. False with a message in *e. */
bool outfile_probe_folder(const char *path, struct error *e);

/* Whether both paths mean the same file, be it there or not: through links, or written another
 * way. */
bool outfile_same(const char *a, const char *b);

/* Writes `size` bytes. False with a message in *e; what stood under `path` is then untouched, and
 * the temporary file is gone. */
bool outfile_write(const char *path, const void *bytes, size_t size, struct error *e);

#endif
