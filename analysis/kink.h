/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ANALYSIS_KINK_H
#define ANALYSIS_KINK_H

/* Where a function that is known at a few points crosses zero, when its slope may change just
 * there. ln(rho / rho*) is such a one: on the side where power is short, rho* is taken at the
 * frequency that the power carries, and falls too. A chord over the step that holds the crossing is
 * then off by more than the noise; each side on its own is smooth. */

#include <stdbool.h>
#include <stddef.h>

enum { KINK_POINTS = 3 }; /* of a side, at most */

struct kink {
    double place; /* of the crossing */
    double error; /* by how much it may be off */
};

/* Where one side by itself leads to zero: Lagrange's polynomial of x over y through its `count` (2
 * or 3) points, the nearest to zero first. False when it leads out of [low, high], or when |y| does
 * not grow away from zero. The error is what the third point changes; with two, INFINITY. */
bool kink_side(const double *x, const double *y, size_t count, double low, double high,
               struct kink *out);

/* The crossing between x[at - 1] and x[at] of `count` points (x rising, y finite but for -INFINITY;
 * y[at - 1] and y[at] of different sign, or one of them 0). Each side with two or three points is
 * carried on to zero by itself (Lagrange's polynomial of x over y), and counts where it leads into
 * the step: the place is their mean, the error half their distance and what the third point
 * changes. With neither it is the chord's, and may be anywhere in the step. */
struct kink kink_find(const double *x, const double *y, size_t count, size_t at);

#endif
