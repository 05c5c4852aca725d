/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_IO_SCENARIO_H
#define SIM_IO_SCENARIO_H

/* A scenario: a site as a user's file states it (docs/scenarios.md), with everything that the
 * site's specification points to. */

#include "sim/io/course.h"
#include "sim/io/override.h"
#include "sim/site/site.h"

struct trace;

struct scenario {
    struct site_spec site; /* threads and step_by_step are left for the command line */
    char *name, *title;
    char *resolved_xml;   /* tables, overrides and defaults included: loads to the same site */
    char sha256[65];      /* of resolved_xml */
    struct course course; /* over years; windows 0: none is stated */
    double design_load;   /* W of IT power at load share 1 of the cooling's knots */
    /* What site points to. */
    struct cell_spec *group; /* site.groups of them */
    struct hardware **hardware;
    struct llm **llm;
    struct serving_engine **engine;
    char **text; /* names of groups */
    struct scenario_trace {
        char *path;
        struct trace *trace;
    } * trace; /* each file once */
    size_t hardwares, llms, engines, texts, traces;
};

/* Loads the scenario at `path` with `sets` overrides. False when there is any mistake; then all
 * that could be found are in *e, and *s is empty. Not to be called by two threads at once. */
bool scenario_load(struct scenario *s, const char *path, const struct override *set, size_t sets,
                   struct error *e);

/* Frees everything. An empty (zeroed) scenario is allowed. */
void scenario_clear(struct scenario *s);

#endif
