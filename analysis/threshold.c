/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/threshold.h"

#include <assert.h>
#include <math.h>

/* Tries a value and keeps what it says. False when the search is to end. */
static bool learn(threshold_trial *trial, void *user, double value, struct threshold *t) {
    switch (trial(user, value)) {
    case THRESHOLD_HOLDS:
        t->holds = value;
        return true;
    case THRESHOLD_FAILS:
        t->fails = value;
        return true;
    case THRESHOLD_STOP:
        break;
    }
    t->stopped = true;
    return false;
}

/* The next value from `value` by a factor of two, within the limits. */
static double step(const struct threshold_rule *r, double value, bool up) {
    if (up)
        return fmin(2.0 * value, r->high);
    value = fmax(0.5 * value, r->low);
    return r->whole ? floor(value) : value; /* low is whole, so not below it */
}

/* By factors of two until both ends are known, or there is no further to go. */
static bool bracket(const struct threshold_rule *r, threshold_trial *trial, void *user,
                    struct threshold *t) {
    double at = r->start;
    if (!learn(trial, user, at, t))
        return false;
    /* Towards where it fails when it holds, towards where it holds when it fails. */
    const bool up = isfinite(t->holds) ? !r->upward : r->upward;
    for (int i = 0; i < THRESHOLD_STEPS && (isnan(t->holds) || isnan(t->fails)); i++) {
        const double next = step(r, at, up);
        if (next == at)
            return false;
        at = next;
        if (!learn(trial, user, at, t))
            return false;
    }
    return isfinite(t->holds) && isfinite(t->fails);
}

static bool is_narrow(const struct threshold_rule *r, double low, double high) {
    return high <= (1.0 + r->tolerance) * low || (r->whole && high - low <= 1.0);
}

void threshold_find(const struct threshold_rule *r, threshold_trial *trial, void *user,
                    struct threshold *out) {
    assert(r->tolerance > 0.0 && r->low > 0.0 && r->start >= r->low && r->start <= r->high);
    *out = (struct threshold){.holds = NAN, .fails = NAN};
    if (!bracket(r, trial, user, out))
        return;
    for (;;) {
        const double low = fmin(out->holds, out->fails), high = fmax(out->holds, out->fails);
        if (is_narrow(r, low, high))
            return;
        double middle = sqrt(low) * sqrt(high);
        if (r->whole)
            middle = fmin(fmax(round(middle), low + 1.0), high - 1.0);
        /* Ends that are neighbours as numbers go: no tolerance brings them nearer. */
        if (!(middle > low && middle < high))
            return;
        if (!learn(trial, user, middle, out))
            return;
    }
}
