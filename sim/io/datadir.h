/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_IO_DATADIR_H
#define SIM_IO_DATADIR_H

/* Where dcsim's own files lie: schema, tables, example scenarios, weather. A name
 * "dcsim:models/..." is looked up there. */

/* The data directory, owned by the caller. The first of: the environment variable DCSIM_DATADIR;
 * `dcsim-data`, which configure makes in the build folder, beside the running program or one folder
 * above it, where it holds the schema (a dcsim that is not installed); $(datadir)/dcsim, as
 * configured. */
char *datadir(void);

/* The path that `name` means, owned by the caller: below the data directory for "dcsim:...", as it
 * is when absolute, else relative to the folder of the file `from` (NULL: the working folder). */
char *datadir_resolve(const char *name, const char *from);

/* Names of the tables NAME.xml in `folder` of the data directory ("models/hardware"), sorted, as
 * "A, B, C"; an empty text when there is none. Owned by the caller. */
char *datadir_tables(const char *folder);

#endif
