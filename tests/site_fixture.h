/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_SITE_FIXTURE_H
#define TESTS_SITE_FIXTURE_H

/* A site of cells that are not simulated but made up: power and tokens follow from a few numbers,
 * so that a test knows what the site must make of them. site_fixture.c defines every function of
 * sim/serving/cell.h (and workload_lengths), in place of the library's. */

#include "sim/site/site.h"

/* What a made-up cell does; how it is told so: through cell_spec.serving engine's pointer. */
struct fixture_cell {
    struct serving_engine engine; /* first: cell_spec.engine points to it */
    double load;                  /* mean share of its dynamic range that a node wants */
    double swing, period;         /* amplitude and period (s) of a sine in that share */
    double cell_spread;           /* standard deviation of a factor per cell */
    double noise;                 /* standard deviation per node and period */
    double node_tokens;           /* tokens/s of a node at full power */
    double lag;                   /* s of a period before a new cap acts */
    double prompt, output;        /* lengths of its requests, until `turn` */
    double turn, prompt_then;     /* s; and the prompts from there on */
};

/* A site of one group: `cells` cells of `nodes` nodes of 8 H100, Llama 70B. 100 s of 1 s periods,
 * PUE 1.25, ample feed, 20 degC, no tariff, capping "none". Release with fixture_site_clear. */
void fixture_site(struct site_spec *s, struct cell_spec *group, struct fixture_cell *cell,
                  long cells, long nodes);
void fixture_site_clear(struct site_spec *s);

/* Replaces a schedule by a constant, or by `count` knots. */
void fixture_constant(struct schedule *s, double value);
void fixture_knots(struct schedule *s, const double *time, const double *value, size_t count,
                   bool linear);

/* Replaces PUE by a curve (of 2 to 5 knots) or a surface that scales with the site's power. */
void fixture_cooling(struct site_spec *s, enum cooling_kind kind, double base);

#endif
