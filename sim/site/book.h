/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_SITE_BOOK_H
#define SIM_SITE_BOOK_H

/* The site's books: each control period's figures from what its cells did, and their sums over the
 * horizon (docs/site.md). Sums are compensated, so that the parts of the ledger add to the site's
 * energy whatever the number of periods. */

#include "sim/measure/ledger.h"
#include "sim/site/ceiling.h"
#include "sim/site/crossing.h"
#include "sim/site/site.h"

/* Batches in time, for the intervals of a sampled run that has too few cells. */
#define BOOK_BATCHES 20

/* An excess over a limit up to this share of it is rounding, not overshoot. */
#define BOOK_ROUNDING 1e-9

struct book {
    const struct site_spec *spec;
    struct ledger_sum part[RESULT_LEDGER_COUNT], it_energy, site_energy; /* J */
    struct ledger_sum overshoot_energy, overshoot_time;                  /* J, s: feed */
    struct ledger_sum heat_energy;            /* J of IT energy above the heat limit */
    struct ledger_sum cost, carbon, water;    /* USD, kg, m3 */
    struct ledger_sum available, limit;       /* J: it_power_available and feed_limit over time */
    struct ledger_sum binding[BINDING_COUNT]; /* node-seconds */
    double site_peak;                         /* W, highest mean of a period */
    double over_one;                          /* s with U > 1 */
    struct crossing crossing;
    struct cell_tick batch[BOOK_BATCHES]; /* scaled to the site */
};

/* Adds `weight` times `from` to `into`, field by field. */
void book_add(struct cell_tick *into, const struct cell_tick *from, double weight);

/* IT energy (J) of a cell's tick: the sum of its parts. */
double book_it_energy(const struct cell_tick *tick);

void book_init(struct book *b, const struct site_spec *spec);

/* Begins the books anew where the warm-up ends. What stays is the last difference rho - rho*, so
 * that a crossover in the first period of the horizon is seen. */
void book_restart(struct book *b);

/* Closes the period [from, to) s after the run began, in which the site's nodes did `sum` (scaled
 * to the site): adds it to the books and fills `row`, COLUMN_COUNT values. `groups` ceilings are
 * read, and may be made sharper. */
void book_close(struct book *b, double from, double to, const struct cell_tick *sum,
                struct ceiling *group, double *row);

#endif
