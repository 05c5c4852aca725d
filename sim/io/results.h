/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_IO_RESULTS_H
#define SIM_IO_RESULTS_H

/* The result file: one HDF5 file a run, in the layout of docs/results.md, whose names are a
 * contract; and the summary as JSON under the same names. */

#include "sim/engine/error.h"
#include "sim/io/h5out.h"
#include "sim/site/result.h"

#include <stdint.h>
#include <stdio.h>

/* What the file says of its making. */
struct results_meta {
    const char *title, *version, *scenario_sha256, *command, *scenario_xml;
    uint64_t seed;
};

/* Whether a result can be written at `path`, as outfile_probe finds it; a file there that is not
 * HDF5 (a scenario, a trace) may not be replaced. False with a message in *e, so that a long run
 * does not fail at its end. */
bool results_probe(const char *path, struct error *e);

/* Writes the file under a temporary name beside `path`, and gives it its name when it is complete:
 * a killed run leaves nothing under that name. False with a message in *e, and no file left. The
 * attribute `created` is the time of SOURCE_DATE_EPOCH where that is set. */
bool results_write(const char *path, const struct result *r, const struct results_meta *m,
                   struct error *e);

/* The same for other files of results (a sweep): the attributes of the root that say of the file's
 * making; and the end of a file that was made with h5out, closed and put at `path` as results_write
 * does. */
void results_root(struct h5out *o, hid_t root, const struct results_meta *m);
bool results_end(const char *path, struct h5out *o, struct error *e);

/* Prints the summary as one JSON object. False when `to` does not take it. */
bool results_json(const struct result *r, FILE *to);

/* "ttft", ...: names of the latencies, of groups in the file and of objects in JSON; and the
 * quantiles that are given of each. */
extern const char *const results_latency_name[CELL_LATENCY_COUNT];
enum { RESULTS_QUANTILES = 3 };
extern const double results_quantile[RESULTS_QUANTILES];

#endif
