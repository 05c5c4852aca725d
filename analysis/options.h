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
    OPTIONS_CHECK,
    OPTIONS_EXPLAIN,
    OPTIONS_CALIBRATE,
    OPTIONS_VALIDATE,
    OPTIONS_COMPARE,
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

struct options {
    enum options_command command;
    const char *scenario; /* path; NULL with OPTIONS_HELP, OPTIONS_VERSION, OPTIONS_CALIBRATE,
                             OPTIONS_VALIDATE, OPTIONS_COMPARE, explain --paper */
    char **data;          /* calibrate, validate: files of measured points; compare: two results;
                             of argv */
    size_t datas;
    enum options_leave_out leave_out;
    const char *without[16]; /* calibrate: --without, in order */
    size_t withouts;
    const char *output;              /* -o; NULL: none given */
    const char *markdown, *held_out; /* validate: --markdown, --held-out; NULL: not given */
    struct override *set;            /* --set, in order; owned */
    size_t sets;
    bool has_seed;
    uint64_t seed;
    int threads; /* 0: as many as there are processors */
    bool json, quiet, step_by_step, paper;
};

/* Reads argv (which may be reordered). False when it makes no sense, with messages in *e. */
bool options_read(struct options *o, int argc, char **argv, struct error *e);
void options_clear(struct options *o);

/* The text of --help. */
extern const char options_help[];

#endif
