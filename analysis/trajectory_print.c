/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/trajectory_print.h"

#include "analysis/summary.h"
#include "sim/io/date.h"

#include <math.h>
#include <string.h>

/* One letter and one colour of the terminal's for each constraint; like kinds are alike: grey for
 * demand, blue and cyan for compute and memory, red and yellow for power and heat. */
static const struct {
    char letter;
    const char *colour;
} mark[BINDING_COUNT] = {
    [BINDING_DEMAND] = {'D', "90"}, [BINDING_COMPUTE] = {'C', "34"},
    [BINDING_MEMORY] = {'M', "36"}, [BINDING_KV] = {'K', "35"},
    [BINDING_FEED] = {'F', "31"},   [BINDING_COOLING] = {'L', "33"},
    [BINDING_RACK] = {'R', "1;31"}, [BINDING_NODE] = {'N', "1;33"},
};

static void print_mark(enum binding b, bool colour, FILE *to) {
    if (colour)
        fprintf(to, "\033[%sm%c\033[0m", mark[b].colour, mark[b].letter);
    else
        fputc(mark[b].letter, to);
}

/* -- Periods ------------------------------------------------------------------------------------
 */

/* A column: a figure, what it is divided by, its width and digits (0: as a whole number). */
static const struct column {
    const char *name, *head, *unit;
    double scale;
    int width, digits;
} column[] = {
    {"token_rate_mean", "tokens", "M/s", 1e6, 8, 4},
    {"e_tok", "IT", "J/tok", 1, 7, 3},
    {"e_tok_site", "site", "J/tok", 1, 7, 3},
    {"PUE", "PUE", "", 1, 6, 4},
    {"nodes", "nodes", "", 1, 7, 0},
    {"feed_limit_mean", "feed", "MW", 1e6, 6, 4},
    {"site_power_mean", "drawn", "MW", 1e6, 6, 4},
    {"cost_per_million_tokens", "cost", "$/Mtok", 1, 8, 3},
    {"carbon_per_million_tokens", "CO2e", "kg/Mtok", 1, 8, 3},
};
enum { COLUMNS = sizeof column / sizeof column[0] };

static void print_number(double value, const struct column *c, FILE *to) {
    if (isfinite(value) && c->digits == 0)
        fprintf(to, " %*.0f", c->width, value / c->scale);
    else if (isfinite(value))
        fprintf(to, " %*.*g", c->width, c->digits, value / c->scale);
    else
        fprintf(to, " %*s", c->width, "-");
}

static void print_head(const struct trajectory_table *t, FILE *to) {
    const int hours = t->windows > 5 ? (int)t->windows : 5;
    fprintf(to, "\n%-8s", "");
    for (int c = 0; c < COLUMNS; c++)
        fprintf(to, " %*s", column[c].width, column[c].head);
    fprintf(to, " %7s  %-*s  %-14s  %s\n%-8s", "rho /", hours, "by", "binding", "value of 1 %",
            "period");
    for (int c = 0; c < COLUMNS; c++)
        fprintf(to, " %*s", column[c].width, column[c].unit);
    fprintf(to, " %7s  %-*s  %-14s  %6s %6s %6s\n", "rho*", hours, "hour", "of node-time", "power",
            "K_eff", "nodes");
}

static void print_value(double value, FILE *to) {
    if (isfinite(value))
        fprintf(to, " %6.2f", fabs(value) < 0.005 ? 0.0 : value);
    else
        fprintf(to, " %6s", "-");
}

/* The constraint with the largest share, coloured. */
static void print_binding(const struct trajectory_table *t, size_t period, bool colour, FILE *to) {
    const enum binding most = trajectory_binding(t, period);
    const double share = trajectory_cell(t, period, "binding_share_demand")[most].value;
    print_mark(most, colour, to);
    fprintf(to, " %-7s %3.0f %%", binding_name[most], 100.0 * share);
}

static void print_period(const struct trajectory_table *t, size_t period, bool colour, FILE *to) {
    char name[COURSE_NAME];
    const bool all = period == t->periods;
    fprintf(to, "%-8s", all ? "all" : course_name(t->course, period, name));
    for (int c = 0; c < COLUMNS; c++)
        print_number(trajectory_cell(t, period, column[c].name)->value, &column[c], to);
    fprintf(to, " %7.3g  ",
            trajectory_cell(t, period, "rho")->value /
                trajectory_cell(t, period, "rho_star")->value);
    for (size_t w = 0; w < t->windows && !all; w++)
        print_mark(trajectory_window_binding(t, period, w), colour, to);
    const size_t letters = all ? 0 : t->windows, room = t->windows > 5 ? t->windows : 5;
    fprintf(to, "%*s  ", (int)(room - letters), "");
    print_binding(t, period, colour, to);
    if (!all) {
        fputs(" ", to);
        for (int v = 0; v < TRAJECTORY_VALUES; v++)
            print_value(trajectory_marginal(t, period, (enum trajectory_value)v)->value, to);
    }
    fputc('\n', to);
}

static void print_legend(const struct trajectory_table *t, bool colour, FILE *to) {
    fputs("binding:", to);
    for (int b = 0; b < BINDING_COUNT; b++) {
        bool seen = false;
        for (size_t p = 0; p < t->periods && !seen; p++) {
            seen = trajectory_binding(t, p) == (enum binding)b;
            for (size_t w = 0; w < t->windows; w++)
                seen = seen || trajectory_window_binding(t, p, w) == (enum binding)b;
        }
        if (!seen)
            continue;
        fputc(' ', to);
        print_mark((enum binding)b, colour, to);
        fprintf(to, " %s", binding_name[b]);
    }
    fputs("\nvalue of 1 %: % more tokens for 1 % more IT power (feed), K_eff (clock), nodes on the "
          "same "
          "feed\n",
          to);
}

/* -- Totals -------------------------------------------------------------------------------------
 */

static void print_total(const struct trajectory_table *t, const char *name, const char *text,
                        const char *unit, double scale, FILE *to) {
    const struct outcome *c = trajectory_cell(t, t->periods, name);
    char value[SUMMARY_TEXT];
    if (!isfinite(c->value))
        return;
    fprintf(to, "  %-24s %s", text, summary_si(value, c->value * scale, unit));
    if (isfinite(c->half) && c->value != 0.0)
        fprintf(to, " +- %.2g %%", 100.0 * c->half / fabs(c->value));
    fputc('\n', to);
}

static void print_totals(const struct trajectory_table *t, FILE *to) {
    char from[DATE_TEXT], until[DATE_TEXT];
    fprintf(to, "\nFrom %s to %s\n", date_text(from, t->course->from),
            date_text(until, t->course->to));
    print_total(t, "Q_token", "output tokens", " tokens", 1, to);
    print_total(t, "site_energy", "energy from the feed", "Wh", 1.0 / 3600.0, to);
    print_total(t, "e_tok", "IT energy per token", "J", 1, to);
    print_total(t, "e_tok_site", "site energy per token", "J", 1, to);
    print_total(t, "cost", "cost of electricity", " USD", 1, to);
    print_total(t, "carbon", "CO2e of electricity", "g", 1000, to);
    print_total(t, "water", "water on site", " m3", 1, to);
}

/* -- Crossovers ---------------------------------------------------------------------------------
 */

static const char *const method_text[TRAJECTORY_METHODS] = {
    [TRAJECTORY_RHO] = "rho against rho*",
    [TRAJECTORY_PEAK] = "the same at peak K_eff",
    [TRAJECTORY_MARGINAL] = "value of power and K_eff",
    [TRAJECTORY_INVEST] = "value of feed and nodes",
};

static void print_crossing(const struct trajectory_table *t, const struct crossover *c, FILE *to) {
    char date[DATE_TEXT];
    fprintf(to, "%s", date_text(date, t->course->from + lround(c->time)));
    if (isfinite(c->half))
        fprintf(to, " +- %.0f d", c->half);
    fprintf(to, " to %s", c->direction > 0 ? "compute" : "power");
}

/* What a method says where it does not cross. */
static void print_verdict(const struct trajectory_table *t, enum trajectory_method m, FILE *to) {
    double value = NAN;
    for (size_t p = 0; p < t->periods && !isfinite(value); p++)
        value = trajectory_difference(t, p, m).value;
    fputs(value > 0.0   ? "none: compute is the scarcer throughout"
          : value < 0.0 ? "none: power is the scarcer throughout"
                        : "none: neither would bring more tokens",
          to);
}

static void print_method(const struct trajectory_table *t, enum trajectory_method m, FILE *to) {
    fprintf(to, "  %-26s ", method_text[m]);
    for (size_t i = 0; i < t->crossings[m]; i++) {
        fputs(i > 0 ? ", " : "", to);
        print_crossing(t, &t->crossing[m][i], to);
    }
    if (t->crossings[m] == 0)
        print_verdict(t, m, to);
    fputc('\n', to);
}

/* What there is to say of periods [first, end) in which rho and marginal values part. */
static void print_reason(const struct trajectory_table *t, size_t first, size_t end, FILE *to) {
    double demand = 0.0;
    size_t idle = 0;
    for (size_t p = first; p < end; p++) {
        demand += trajectory_cell(t, p, "binding_share_demand")->value / (double)(end - first);
        idle += !trajectory_decided(t, p, TRAJECTORY_MARGINAL);
    }
    fprintf(to,
            "  Nodes there wait for demand %.0f %% of the time; in %zu of %zu periods neither side "
            "would bring\n  0.1 %% more tokens for 1 %% more of it. rho compares what the site "
            "could make with full batches,\n  marginal values what the demand that there was would "
            "have got (docs/trajectory.md).\n",
            100.0 * demand, idle, end - first);
}

/* The dates of both methods side by side; where they differ by more than a period, why. */
static void print_difference(const struct trajectory_table *t, FILE *to) {
    const struct crossover *a = t->crossing[TRAJECTORY_RHO], *b = t->crossing[TRAJECTORY_MARGINAL];
    const size_t as = t->crossings[TRAJECTORY_RHO], bs = t->crossings[TRAJECTORY_MARGINAL];
    if (as != bs) {
        fprintf(to, "\n  rho says %zu crossover%s, marginal values %zu.\n", as, as == 1 ? "" : "s",
                bs);
        print_reason(t, 0, t->periods, to);
        return;
    }
    for (size_t i = 0; i < as; i++) {
        const double days = b[i].time - a[i].time;
        const size_t first = a[i].before < b[i].before ? a[i].before : b[i].before;
        const size_t last = a[i].after > b[i].after ? a[i].after : b[i].after;
        fprintf(to, "\n  %s: marginal values say it %.0f days %s than rho.\n",
                a[i].direction > 0 ? "To compute" : "To power", fabs(days),
                days < 0.0 ? "earlier" : "later");
        if (last - first > 2 || a[i].direction != b[i].direction)
            print_reason(t, first, last + 1, to);
        else
            fputs("  That is within the periods between which both are interpolated.\n", to);
    }
}

void trajectory_print(const struct trajectory_table *t, const char *title, bool colour, FILE *to) {
    char length[SUMMARY_TEXT];
    fprintf(to, "%s\n%zu periods of %zu day%s by %zu window%s of %s, %zu replication%s\n", title,
            t->periods, t->days, t->days == 1 ? "" : "s", t->windows, t->windows == 1 ? "" : "s",
            summary_duration(length, t->horizon), t->replications, t->replications == 1 ? "" : "s");
    print_head(t, to);
    for (size_t p = 0; p <= t->periods; p++)
        print_period(t, p, colour, to);
    print_legend(t, colour, to);
    print_totals(t, to);
    fputs("\nCrossovers between power and compute as the scarcer\n", to);
    for (int m = 0; m < TRAJECTORY_METHODS; m++)
        print_method(t, (enum trajectory_method)m, to);
    print_difference(t, to);
}
