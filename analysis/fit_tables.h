/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ANALYSIS_FIT_TABLES_H
#define ANALYSIS_FIT_TABLES_H

/* A fit as tables: those of the data folder, with the fitted coefficients, their source and the day
 * of the fit in place of what stood there. */

#include "analysis/fit.h"

/* Writes FOLDER/hardware/NAME.xml and FOLDER/serving_engine/NAME.xml for all hardware and engines
 * of the fit, and FOLDER/prompts.csv with the prompts that a source does not state. `data` names
 * the measured points, `day` is YYYY-MM-DD. False with messages in *e; files written before the
 * failure stay. */
bool fit_write_tables(const struct fit *f, const char *folder, const char *data, const char *day,
                      struct error *e);

#endif
