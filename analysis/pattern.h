/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ANALYSIS_PATTERN_H
#define ANALYSIS_PATTERN_H

/* Pattern search: the best point of a cube by comparing points alone, without slopes, which noise
 * would spoil. Around the best point so far the neighbours at one mesh size along each axis are
 * tried, all of them; where one is better the best of them is moved to, and the same step is tried
 * once more from there; else the mesh is halved. (Hooke and Jeeves 1961, J. ACM 8, 212-229; Torczon
 * 1997, SIAM J. Optim. 7, 1-25, whose rule that the mesh only shrinks where no neighbour is better
 * is what makes it converge; Kolda, Lewis and Torczon 2003, SIAM Review 45, 385-482.) */

#include <stdbool.h>
#include <stddef.h>

struct pattern_rule {
    size_t axes;
    double mesh;      /* of the start, a share of an axis */
    double tolerance; /* the search ends when the mesh would be smaller */
    size_t points;    /* ... or after so many, before a round that would go beyond it */
};

/* Tries `count` points at once: share[i * axes + a] in [0, 1]. index[i] gets the number that the
 * trial knows point i by; points that are the same to it get the same number, and are no better
 * than each other. *fresh: how many it had not seen before. False ends the search. */
typedef bool pattern_trial(void *user, const double *share, size_t count, size_t *index,
                           size_t *fresh);

/* Whether the point of number `a` is better than that of `b`. */
typedef bool pattern_better(void *user, size_t a, size_t b);

enum pattern_end { PATTERN_NARROW, PATTERN_SPENT, PATTERN_STOPPED };

struct pattern {
    enum pattern_end end; /* why it ended: the mesh, the number of points, the trial */
    size_t best;          /* its number */
    double mesh;          /* the last */
    size_t points, rounds;
};

/* `share` is the start, and then the best point. */
void pattern_search(const struct pattern_rule *r, double *share, pattern_trial *trial,
                    pattern_better *better, void *user, struct pattern *out);

#endif
