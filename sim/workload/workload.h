/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_WORKLOAD_WORKLOAD_H
#define SIM_WORKLOAD_WORKLOAD_H

/* A workload: when requests arrive and how long they are. The specification is immutable and
 * shared; each cell has a `source` of its own, with its own random streams, so that cells are
 * independent and a cell's requests do not depend on which other cells are simulated. */

#include "models/operating_point.h"
#include "sim/engine/rng.h"
#include "sim/engine/schedule.h"
#include "sim/engine/simtime.h"

struct trace_request {
    double time;            /* s since the trace's first request */
    int32_t prompt, output; /* tokens, each at least 1 */
};

struct trace {
    struct trace_request *request; /* in order of time; owned */
    size_t count;                  /* at least 2 */
    double length; /* s: last time plus one mean gap, the period when it is repeated */
};

enum length_kind { LENGTH_FIXED, LENGTH_EXPONENTIAL, LENGTH_LOGNORMAL };

/* One marginal distribution of a number of tokens: rounded to whole tokens, clipped to [low, high].
 * LENGTH_EXPONENTIAL is geometric with the stated mean (memoryless in whole tokens). */
struct length_spec {
    enum length_kind kind;
    double mean; /* tokens, before clipping */
    double cv;   /* standard deviation over mean (lognormal) */
    double low, high;
};

enum trace_scaling {
    TRACE_REPEAT,   /* each cell replays the trace at its own rate from a random offset, for ever */
    TRACE_SUPERPOSE /* copies with random offsets, thinned to the rate asked for */
};

struct arrival; /* policy: poisson, gamma, closed, trace (sim/workload/arrival.h) */

struct workload_spec {
    const struct arrival *arrival;
    struct schedule rate;      /* requests/s over time, all cells of the group together */
    double cv;                 /* gamma: coefficient of variation of the gaps */
    double clients;            /* closed loop: over all cells of the group */
    double think;              /* closed loop: mean think time in s, exponential; 0: none */
    const struct trace *trace; /* arrivals and/or lengths; NULL when neither is a trace */
    enum trace_scaling scaling;
    bool trace_offset;                 /* start each cell's replay at a random offset */
    bool empirical;                    /* lengths drawn jointly from the trace */
    struct length_spec prompt, output; /* used when not empirical and arrivals are no trace */
};

struct request {
    simtime time;
    int32_t prompt, output; /* tokens, each at least 1 */
};

struct source; /* the state of one cell's arrivals */

/* Memory for one source of this specification. */
size_t source_size(const struct workload_spec *w);

/* A source that brings `share` (0..1] of the group's demand, with the streams of (seed, entity).
 * Closed loop: round(clients * share) clients, at least one, all ready at time 0. `*s` has
 * source_size bytes, zeroed. May allocate; released with source_close. */
void source_open(struct source *s, const struct workload_spec *w, double share, uint64_t seed,
                 uint64_t entity);
void source_close(struct source *s);

/* Time of the next request, SIMTIME_NEVER when there is none (yet). */
simtime source_peek(const struct source *s);

/* Takes the next request; only when source_peek is not SIMTIME_NEVER. Times never decrease. */
void source_take(struct source *s, struct request *out);

/* Closed loop: a request of this source ended (done or rejected) at `now`; its client thinks, then
 * sends the next. No effect on open workloads. A client sends nothing before its request ends. */
void source_ended(struct source *s, simtime now);

/* Moments of the lengths, for the operating point before anything was seen: from the trace, or from
 * 65,536 draws of a fixed stream. */
void workload_lengths(const struct workload_spec *w, struct lengths *out);

/* Mean requests/s over [0, horizon] of the whole group; NAN for a closed loop. With
 * TRACE_REPEAT, `cells` copies of the trace. */
double workload_mean_rate(const struct workload_spec *w, double horizon, double cells);

#endif
