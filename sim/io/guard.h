/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_IO_GUARD_H
#define SIM_IO_GUARD_H

/* A trial of something that may crash, in a process of its own. For HDF5, which trusts lengths that
 * a broken file states (1.10.8 does so for texts). */

#include <stdbool.h>

/* Runs work(user) in a child process, whose messages go nowhere. False when the child crashed; true
 * when work returned, or when no child could be made. A child that computes for more than
 * GUARD_SECONDS counts as crashed. Not to be called while threads run. */
enum { GUARD_SECONDS = 20 };
bool guard_try(void (*work)(void *user), void *user);

#endif
