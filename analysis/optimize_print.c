/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/optimize_print.h"

#include "analysis/optimize.h"
#include "analysis/summary.h"

#include <math.h>
#include <string.h>

enum { CELL = 48 };

/* "1.234 +- 0.005". */
static const char *interval_text(char text[CELL], struct outcome value) {
    if (!isfinite(value.value))
        snprintf(text, CELL, "none");
    else if (isfinite(value.half) && value.half > 0.0)
        snprintf(text, CELL, "%.5g +- %.2g", value.value, value.half);
    else
        snprintf(text, CELL, "%.5g", value.value);
    return text;
}

static void print_aim(const struct optimize *z, const struct search *s, FILE *to) {
    const struct figure aim = objective_figure(&z->aim);
    fprintf(to, "%s\n\n%s %s (%s): %s\n", s->base.title, z->aim.least ? "Least" : "Most", aim.name,
            aim.unit, aim.long_name);
    for (size_t i = 0; i < z->aim.charges; i++) {
        const struct objective_charge *c = &z->aim.charge[i];
        const struct axis *a = &z->knobs.axis[c->axis];
        fprintf(to, "  charged: %g USD/h for each %s of %s away from %g\n", c->price,
                *a->unit == '\0' ? "unit" : a->unit, a->name, c->from);
    }
    if (z->aim.kind == OBJECTIVE_PER_DOLLAR || z->aim.kind == OBJECTIVE_DOLLARS)
        fprintf(to, "  money is the tariff's price of energy%s; the scenario states no capital\n",
                z->aim.charges > 0 ? " and what is charged above" : " alone");
    for (size_t p = 0; p < s->goal.parts; p++) {
        const struct goal_part *part = &s->goal.part[p];
        fprintf(to, "  kept: %s at %s %g\n", goal_figure(part).name,
                part->kind == GOAL_GOOD ? "least" : "most", part->limit);
    }
}

/* The settings of a point. */
static void print_settings(const struct optimize *z, size_t point, FILE *to) {
    for (size_t a = 0; a < z->knobs.axes; a++)
        fprintf(to, "  %14s", knobs_set(&z->knobs, point)[a].value);
}

static void print_row(const struct optimize *z, const struct search *s, size_t i, FILE *to) {
    char text[CELL];
    fprintf(to, "  %5zu", i);
    print_settings(z, i, to);
    fprintf(to, "  %24s", interval_text(text, optimize_value(z, s, i)));
    if (s->goal.parts > 0)
        fprintf(to, "  %s", search_verdict(s, z->first + i).met ? "met" : "missed");
    fputc('\n', to);
}

/* The points that were better than all before them: how the search went. */
static void print_path(const struct optimize *z, const struct search *s, FILE *to) {
    size_t best = 0;
    fprintf(to, "\n  point");
    for (size_t a = 0; a < z->knobs.axes; a++)
        fprintf(to, "  %14s", z->knobs.axis[a].name);
    fprintf(to, "  %24s%s\n", objective_figure(&z->aim).name, s->goal.parts > 0 ? "  goal" : "");
    for (size_t i = 0; i < z->knobs.points; i++) {
        if (i > 0 && !optimize_better(z, s, i, best))
            continue;
        best = i;
        print_row(z, s, i, to);
    }
}

/* "the best is 1.2 +- 0.03 less (-3.1 %)". */
static void print_gain(const struct optimize *z, const struct search *s, enum optimize_fresh over,
                       const char *text, FILE *to) {
    const struct outcome base = optimize_fresh(z, s, over), gain = optimize_gain(z, s, over);
    const struct outcome size = {fabs(gain.value), gain.half};
    char a[CELL], b[CELL];
    if (isnan(base.value) || isnan(gain.value)) {
        fprintf(to, "  %-24s  %24s  %s\n", text, "-",
                over == OPTIMIZE_AS_IS && z->aim.charges > 0
                    ? "with charges its knobs would have to be known"
                    : "");
        return;
    }
    fprintf(to, "  %-24s  %24s  the best is ", text, interval_text(a, base));
    if (gain.value == 0.0 && !(isfinite(gain.half) && gain.half > 0.0)) {
        fputs("the same\n", to);
        return;
    }
    fprintf(to, "%s %s", interval_text(b, size), gain.value < 0.0 ? "less" : "more");
    if (base.value != 0.0)
        fprintf(to, " (%+.3g %%)", 100.0 * gain.value / fabs(base.value));
    if (isfinite(gain.half) && size.value <= gain.half)
        fputs(", not known to differ from 0", to);
    fputc('\n', to);
}

static void print_end(const struct optimize *z, const struct search *s, FILE *to) {
    if (z->found.end == PATTERN_NARROW)
        fprintf(to, "Stopped: no neighbour at %.3g of a range is better (--tolerance)",
                2.0 * z->found.mesh);
    else
        fputs("Stopped: the next round would be beyond --runs", to);
    fprintf(to, "; %zu points in %zu rounds, %zu %s each\n", z->knobs.points, z->found.rounds,
            s->replications, s->replications == 1 ? "run" : "runs");
    for (size_t a = 0; a < z->knobs.axes; a++)
        if (knobs_at_end(&z->knobs, z->found.best, a))
            fprintf(to, "%s is at the end of its range: the range decided, not an optimum\n",
                    z->knobs.axis[a].name);
}

void optimize_print(const struct search *s, const void *optimize, FILE *to) {
    const struct optimize *z = optimize;
    const struct knobs *k = &z->knobs;
    char text[CELL];
    print_aim(z, s, to);
    print_path(z, s, to);
    fputs("\nBest: ", to);
    for (size_t a = 0; a < k->axes; a++)
        fprintf(to, "%s%s %s", a > 0 ? ", " : "", k->axis[a].name,
                knobs_set(k, z->found.best)[a].value);
    fputc('\n', to);
    print_end(z, s, to);
    fprintf(to, "\nOn random numbers that the search has not seen:\n  %-24s  %24s\n", "best",
            interval_text(text, optimize_fresh(z, s, OPTIMIZE_BEST)));
    print_gain(z, s, OPTIMIZE_START, "start (middle of ranges)", to);
    print_gain(z, s, OPTIMIZE_AS_IS, "scenario as it is", to);
    if (s->goal.parts > 0)
        fprintf(to, "  the best %s the goal there\n",
                search_verdict(s, z->fresh + OPTIMIZE_BEST).met ? "meets" : "misses");
}
