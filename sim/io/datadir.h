/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_IO_DATADIR_H
#define SIM_IO_DATADIR_H

/* The folder that holds dcsim's own data: `scenarios/` with the schema and examples, `models/` with
 * the tables. The same layout in the source tree and installed. */

#include <stdbool.h>
#include <stddef.h>

/* Bytes that hold any path of a data folder. */
#define DATADIR_SIZE 4096

/* Writes the folder's absolute path, without a final slash, to `out` (`size` bytes). The first of
 * these that has a folder `models` and a folder `scenarios` in it:
 *   1. the environment variable DCSIM_DATADIR;
 *   2. `dcsim-data`, which configure makes in the build folder, beside the running program or one
 *      folder above it (a test program): a dcsim that is not installed;
 *   3. $(datadir)/dcsim, as configured: an installed one.
 * DCSIM_DATADIR, when set and not empty, is used or nothing is. Returns false when there is none;
 * then `out` holds the folder that was looked for last, for the message. */
bool datadir_find(char *out, size_t size);

/* The path that `name` means, owned by the caller: below the data folder for "dcsim:...", as it is
 * when absolute, else relative to the folder of the file `from` (NULL: the working folder). */
char *datadir_resolve(const char *name, const char *from);

/* Names of the tables NAME.xml in `folder` of the data folder ("models/hardware"), sorted, as
 * "A, B, C"; an empty text when there is none. Owned by the caller. */
char *datadir_tables(const char *folder);

/* The folder of measured points (docs/measured.md): `measured` of the data folder, or
 * `tests/measured` where the data folder is a source tree. Owned by the caller; whether it is there
 * is for opening a file to tell. */
char *datadir_measured(void);

#endif
