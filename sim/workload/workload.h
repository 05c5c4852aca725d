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

enum length_kind { LENGTH_FIXED, LENGTH_EXPONENTIAL, LENGTH_LOGNORMAL, LENGTH_UNIFORM };

/* One marginal distribution of a number of tokens: rounded to whole tokens, clipped to [low, high].
 * LENGTH_EXPONENTIAL is geometric with the stated mean (memoryless in whole tokens).
 * LENGTH_UNIFORM takes each whole number in [low, high] alike often; its mean is their middle,
 * `mean` is not read, and `high` must be finite. */
struct length_spec {
    enum length_kind kind;
    double mean;      /* tokens, before rounding and clipping */
    double cv;        /* standard deviation over mean (lognormal) */
    double low, high; /* tokens, 1 <= low <= high; high may be INFINITY */
};

/* How a trace is brought to a site's size (docs/workloads.md, W.7 to W.10). */
enum trace_scaling {
    /* Each cell replays the whole trace, for ever, at the trace's own rate; `rate` is not used. A
     * source with less than a cell's share (a sampled run) keeps each request with probability
     * share * cells. */
    TRACE_REPEAT,
    /* As many copies as the source's peak rate asks for, each request kept with the probability
     * that makes the sum follow `rate`. The copies' offsets are random; only that of the first is
     * trace_offset's matter. */
    TRACE_SUPERPOSE
};

struct arrival; /* policy: poisson, gamma, closed, trace (sim/workload/arrival.h) */

struct workload_spec {
    const struct arrival *arrival;
    struct schedule rate; /* requests/s over time, all cells of the group together */
    double cv;            /* gamma: coefficient of variation of the gaps */
    double clients;       /* closed loop: over all cells of the group */
    double think;         /* closed loop: mean think time in s, exponential; 0: none */
    double stagger;       /* closed loop: s over which the clients' first sendings are spread */
    double frontend;      /* closed loop: s from a client's sending until the scheduler knows */
    const struct trace *trace; /* arrivals and/or lengths; NULL when neither is a trace */
    enum trace_scaling scaling;
    bool trace_offset; /* start each cell's replay at a random offset; else at its
                          first request */
    double cells;      /* TRACE_REPEAT: cells of the group, each of which has a share
                          of 1 / cells when it is simulated whole; 0: keep all */
    bool empirical;    /* lengths drawn jointly from the trace */
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
 * Poisson, gamma: the process is in its steady state at time 0. Closed loop: round(clients * share)
 * clients, at least one, all ready at time 0. `*s` has source_size bytes, zeroed, and may not move;
 * *w must outlive it. May allocate; released with source_close. */
void source_open(struct source *s, const struct workload_spec *w, double share, uint64_t seed,
                 uint64_t entity);
void source_close(struct source *s);

/* Time of the next request, SIMTIME_NEVER when there is none (yet): all clients of a closed loop
 * wait, or nothing more comes before SIMTIME_HORIZON_MAX. */
simtime source_peek(const struct source *s);

/* Takes the next request; only when source_peek is not SIMTIME_NEVER. Times never decrease. */
void source_take(struct source *s, struct request *out);

/* Closed loop: a request of this source ended (done or rejected) at `now`; its client thinks, then
 * sends the next. No effect on open workloads. A client sends nothing before its request ends. */
void source_ended(struct source *s, simtime now);

/* Moments of the lengths, for the operating point before anything was seen: from the trace, or from
 * 65,536 draws of a fixed stream. */
void workload_lengths(const struct workload_spec *w, struct lengths *out);

/* Tokens, prompt and output together, of the longest request that there can be: the trace's
 * longest, or the sum of both distributions' bounds (LENGTH_MAX each where none is stated). */
double workload_longest(const struct workload_spec *w);

/* Mean requests/s over [from, to] s, 0 <= from < to, of the whole group; NAN for a closed loop.
 * With TRACE_REPEAT, that of `cells` copies of the trace. */
double workload_mean_rate(const struct workload_spec *w, double from, double to, double cells);

#endif
