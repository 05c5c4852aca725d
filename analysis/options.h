/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ANALYSIS_OPTIONS_H
#define ANALYSIS_OPTIONS_H

/* The command line, read: which command, on which scenario, with which options. */

#include "sim/engine/error.h"
#include "sim/io/override.h"

#include <stdint.h>

enum options_command {
    OPTIONS_RUN,
    OPTIONS_MARGINAL,
    OPTIONS_SWEEP,
    OPTIONS_SENSITIVITY,
    OPTIONS_CAPACITY,
    OPTIONS_SIZE,
    OPTIONS_OPTIMIZE,
    OPTIONS_TRAJECTORY,
    OPTIONS_CHECK,
    OPTIONS_EXPLAIN,
    OPTIONS_CALIBRATE,
    OPTIONS_VALIDATE,
    OPTIONS_COMPARE,
    OPTIONS_COMMANDS, /* how many take words */
    OPTIONS_HELP,
    OPTIONS_VERSION
};

/* What calibrate leaves out, a group at a time. */
enum options_leave_out {
    OPTIONS_LEAVE_NOTHING,
    OPTIONS_LEAVE_LLM,
    OPTIONS_LEAVE_HARDWARE,
    OPTIONS_LEAVE_ENGINE
};

/* Texts in the order given; the array is owned, the texts are argv's. */
struct options_list {
    const char **text;
    size_t count;
};

struct options {
    enum options_command command;
    const char *scenario; /* path; NULL with OPTIONS_HELP, OPTIONS_VERSION, OPTIONS_CALIBRATE,
                             OPTIONS_VALIDATE, OPTIONS_COMPARE, explain --paper */
    char **word;          /* calibrate, validate: files of measured points; compare: two results;
                             of argv */
    size_t words;
    const char *output;   /* -o; NULL: none given */
    struct override *set; /* --set, in order; owned */
    size_t sets;
    bool has_seed;
    uint64_t seed;
    int threads; /* 0: as many as there are processors */
    char *text;  /* the command without what cannot change a result, for the result file; owned */
    bool json, quiet, step_by_step, paper;
    enum options_leave_out leave_out;
    struct options_list without;     /* calibrate */
    const char *markdown, *held_out; /* validate: --markdown, --held-out; NULL: not given */
    struct options_list vary;        /* axes (analysis/axis.h) */
    bool zip;
    const char *design; /* sweep; NULL: not given */
    const char *of;     /* sweep, sensitivity: figures to print; NULL: not given */
    const char *method; /* sensitivity (analysis/sensitivity_plan.h); NULL: not given */
    int replications;   /* 1 unless given; of searches and trajectories OPTIONS_MORE_REPLICATIONS */
    /* capacity, size, optimize (docs/search.md); numbers are NAN when not given. */
    double good, overshoot;          /* --good, --overshoot: shares */
    double tolerance;                /* --tolerance */
    struct options_list at_most;     /* --at-most */
    struct options_list charge;      /* optimize: --charge */
    const char *maximise, *minimise; /* optimize; NULL: not given */
    int runs;                        /* optimize: at most so many; 0: not given */
    const char *csv;                 /* trajectory: --csv; NULL: not given */
};

/* Runs of each point of a search: the fewest that tell their own spread from nothing. */
enum { OPTIONS_MORE_REPLICATIONS = 3 };

/* Reads argv (which may be reordered). False when it makes no sense, with messages in *e. */
bool options_read(struct options *o, int argc, char **argv, struct error *e);
void options_clear(struct options *o);

/* The text of --help. */
extern const char options_help[];

#endif
