/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_WORKLOAD_ARRIVAL_H
#define SIM_WORKLOAD_ARRIVAL_H

/* An arrival process: the policy by which a source brings requests. A new process is one file with
 * one of these structs and one row in arrival.c. */

#include "sim/workload/workload.h"

struct arrival {
    const char *name;    /* in scenarios */
    const char *summary; /* one line for `dcsim check` */
    /* Bytes of a source's own state. */
    size_t (*size)(const struct workload_spec *w);
    /* Prepares the state (zeroed) and the first request: s->next. */
    void (*open)(struct source *s, double share, uint64_t seed, uint64_t entity);
    void (*close)(struct source *s);
    /* Prepares the request after s->next. */
    void (*advance)(struct source *s);
    /* A request ended; NULL when the process does not care. */
    void (*ended)(struct source *s, simtime now);
};

struct source {
    const struct workload_spec *spec;
    struct request next; /* time SIMTIME_NEVER: none (yet) */
    struct rng length;   /* stream of the lengths */
    struct rng gap;      /* stream of the process */
    void *state;         /* the process's own; lies behind this struct */
};

extern const struct arrival arrival_poisson;
extern const struct arrival arrival_gamma;
extern const struct arrival arrival_closed;
extern const struct arrival arrival_trace;

/* The process of that name; NULL when there is none. */
const struct arrival *arrival_find(const char *name);

/* All names, separated by ", ". */
const char *arrival_names(void);

#endif
