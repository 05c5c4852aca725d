/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_WORKLOAD_ARRIVAL_H
#define SIM_WORKLOAD_ARRIVAL_H

/* An arrival process: the policy by which a source brings requests. A new process is one file with
 * one of these structs and one row of ARRIVAL_TABLE. */

#include "sim/workload/length.h"
#include "sim/workload/workload.h"

struct arrival {
    const char *name;    /* in scenarios */
    const char *summary; /* one line for `dcsim check` */
    /* Bytes of a source's own state. */
    size_t (*size)(const struct workload_spec *w);
    /* Prepares the state (zeroed) and the first request: s->next. */
    void (*open)(struct source *s, double share, uint64_t seed, uint64_t entity);
    /* Releases what open allocated; NULL when that is nothing. */
    void (*close)(struct source *s);
    /* Prepares the request after s->next, at its time or later. */
    void (*advance)(struct source *s);
    /* A request ended; NULL when the process does not care. */
    void (*ended)(struct source *s, simtime now);
};

struct source {
    const struct workload_spec *spec;
    struct request next;        /* time SIMTIME_NEVER: none (yet) */
    struct rng length;          /* stream of the lengths */
    struct rng process;         /* stream of the process: its gaps, thoughts or copies */
    struct length_pair lengths; /* of processes that do not bring their own */
    void *state;                /* the process's own; lies behind this struct */
};

/* All processes, in the order in which they are told to users. */
#define ARRIVAL_TABLE(ROW) ROW(poisson) ROW(gamma) ROW(closed) ROW(trace)

#define ARRIVAL_DECLARE(name) extern const struct arrival arrival_##name;
ARRIVAL_TABLE(ARRIVAL_DECLARE)
#undef ARRIVAL_DECLARE

/* The process of that name; NULL when there is none. */
const struct arrival *arrival_find(const char *name);

/* All names, separated by ", ". */
const char *arrival_names(void);

#endif
