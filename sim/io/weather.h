/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_IO_WEATHER_H
#define SIM_IO_WEATHER_H

/* An hourly file of outdoor temperatures: lines that begin with '#' are remarks, then the header
 * `hour_of_year,temperature_c`, then one hour a line. Straight lines between hours; after the last
 * hour and one more, the file begins again. */

#include "sim/engine/error.h"
#include "sim/engine/schedule.h"

/* Reads the file into a schedule of K whose time 0 is `start` seconds into the file's year. False,
 * with all mistakes of the file in *e, when it cannot. *out is then empty. */
bool weather_load(struct schedule *out, const char *path, double start, struct error *e);

#endif
