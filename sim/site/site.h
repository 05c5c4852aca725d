/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_SITE_SITE_H
#define SIM_SITE_SITE_H

/* A site: feed, cooling plant, power manager and groups of cells, and the loop that runs them from
 * control tick to control tick (DESIGN 6). The specification is immutable; a run's state and result
 * are its own, so that several runs can live in one process. */

#include "sim/engine/error.h"
#include "sim/serving/cell.h"
#include "sim/site/cooling.h"
#include "sim/site/result.h"

struct capping; /* policy: none, uniform, proportional (sim/site/capping.h) */

struct site_spec {
    const char *title;
    double horizon, tick; /* s */
    double warmup; /* s simulated before the horizon begins, a whole number of ticks; nothing of
                      it is reported but what is in flight when it ends */
    uint64_t seed;
    long sample_every; /* k: 1 is a full run */
    int threads;       /* 0: as many as OpenMP offers */
    bool spread;       /* its cells over all ranks (sim/engine/ranks.h); else all in this process */
    bool step_by_step;
    struct schedule feed_limit;  /* W */
    struct schedule temperature; /* K, outdoor dry bulb */
    struct schedule price;       /* USD/J */
    struct schedule carbon;      /* kg/J */
    struct cooling cooling;
    const struct capping *capping;
    double capping_floor; /* proportional: share of a node's dynamic range that every node gets
                             whatever its demand, before the rest is divided */
    const struct cell_spec *group;
    size_t groups;
};

/* Called by the run after each window, for a progress bar: simulated seconds so far and requests
 * completed. Returns false to stop the run early (it then fails). */
typedef bool site_progress(void *user, double simulated, double requests);

/* When the run ends (s after it began): schedules are read, and cells run, from 0 to here. */
static inline double site_end(const struct site_spec *s) {
    return s->warmup + s->horizon;
}

/* Runs the site over its warm-up and horizon; times of the result count from the begin of the
 * horizon. Fills *out (to be released with result_clear); false when the run
 * was stopped or failed, with a message in *e. The same spec gives the same bytes of *out for any
 * number of threads. Where the cells are spread, every rank runs the same spec at the same time,
 * from the thread that began the ranks, and gets the same *out; progress must answer alike on all.
 */
bool site_run(const struct site_spec *s, site_progress *progress, void *user, struct result *out,
              struct error *e);

/* What of each group is simulated: every sample_every-th cell where the group has that many cells,
 * else fewer nodes in each; nothing, with weight 1, of a group without cells. */
struct site_sample {
    long cells, nodes, stride; /* simulated cells, nodes in each; index step between cells */
    double weight;             /* nodes in the group per simulated node */
};
void site_sample(const struct site_spec *s, size_t group, struct site_sample *out);

/* Nodes and nameplate power of the whole site. */
double site_nodes(const struct site_spec *s);
double site_power_idle(const struct site_spec *s); /* W, IT, all nodes idle */

/* Whether the feed, at some time of the run, carries the site with every node idle: one that never
 * does is none that a site could have. *least (W; may be NULL) is the least that such a site draws
 * at the times that were looked at. */
bool site_feed_carries(const struct site_spec *s, double *least);

double site_power_full(const struct site_spec *s); /* W, IT, all nodes at full power or own cap */

#endif
