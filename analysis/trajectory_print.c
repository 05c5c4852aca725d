/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/trajectory_print.h"

#include "analysis/summary.h"
#include "sim/io/date.h"

#include <ctype.h>
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

/* small: of a window whose queue grows. */
static void print_mark(enum binding b, bool small, bool colour, FILE *to) {
    const int letter = small ? tolower((unsigned char)mark[b].letter) : mark[b].letter;
    if (colour)
        fprintf(to, "\033[%sm%c\033[0m", mark[b].colour, letter);
    else
        fputc(letter, to);
}

/* -- Periods ------------------------------------------------------------------------------------
 */

/* A column: a figure, what it is divided by, its width and digits (0: as a whole number). */
static const struct column {
    const char *name, *head, *unit;
    double scale;
    int width, digits;
} column[] = {
    {"token_rate_mean", "tokens", "M/s", 1e6, 6, 4},
    {"token_rate_full", "if full", "M/s", 1e6, 7, 4},
    {"e_tok", "IT", "J/tok", 1, 6, 3},
    {"e_tok_site", "site", "J/tok", 1, 6, 3},
    {"PUE", "PUE", "", 1, 5, 3},
    {"nodes", "nodes", "", 1, 6, 0},
    {"feed_limit_mean", "feed", "MW", 1e6, 5, 3},
    {"site_power_mean", "drawn", "MW", 1e6, 5, 3},
    {"cost_per_million_tokens", "cost", "$/Mtok", 1, 6, 3},
    {"carbon_per_million_tokens", "CO2e", "g/Mtok", 1e-3, 6, 3},
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

/* Width of the column that has a letter for each window. */
static int letters_width(const struct trajectory_table *t) {
    return t->windows > 4 ? (int)t->windows : 4;
}

static void print_head(const struct trajectory_table *t, FILE *to) {
    const int hours = letters_width(t);
    fprintf(to, "\n%-7s", "");
    for (int c = 0; c < COLUMNS; c++)
        fprintf(to, " %*s", column[c].width, column[c].head);
    fprintf(to, " %5s %-*s %-11s %-11s %s\n%-7s", "rho/", hours, "by", "binding", " value of",
            " if full", "period");
    for (int c = 0; c < COLUMNS; c++)
        fprintf(to, " %*s", column[c].width, column[c].unit);
    fprintf(to, " %5s %-*s %-11s %5s %5s %5s %5s\n", "rho*", hours, "hour", "", "feed", "nodes",
            "power", "K_eff");
}

static void print_value(double value, FILE *to) {
    if (isfinite(value))
        fprintf(to, " %5.2f", fabs(value) < 0.005 ? 0.0 : value);
    else
        fprintf(to, " %5s", "-");
}

/* The constraint with the largest share, coloured. */
static void print_binding(const struct trajectory_table *t, size_t period, bool colour, FILE *to) {
    const enum binding most = trajectory_binding(t, period);
    const struct outcome *share = &trajectory_cell(t, period, "binding_share_demand")[most];
    print_mark(most, false, colour, to);
    fprintf(to, " %3.0f", 100.0 * share->value);
    if (isfinite(share->half))
        fprintf(to, " +-%2.0f %%", ceil(100.0 * share->half));
    else
        fputs(" %      ", to);
}

static void print_period(const struct trajectory_table *t, size_t period, bool colour, FILE *to) {
    char name[COURSE_NAME];
    const bool all = period == t->periods;
    fprintf(to, "%-7s", all ? "all" : course_name(t->course, period, name));
    for (int c = 0; c < COLUMNS; c++)
        print_number(trajectory_cell(t, period, column[c].name)->value, &column[c], to);
    fprintf(to, " %5.2f ",
            trajectory_cell(t, period, "rho")->value /
                trajectory_cell(t, period, "rho_star")->value);
    for (size_t w = 0; w < t->windows && !all; w++)
        print_mark(trajectory_window_binding(t, period, w),
                   trajectory_window_overloaded(t, period, w), colour, to);
    fprintf(to, "%*s ", letters_width(t) - (all ? 0 : (int)t->windows), "");
    print_binding(t, period, colour, to);
    if (!all) {
        for (int v = 0; v < TRAJECTORY_VALUES; v++)
            print_value(trajectory_marginal(t, period, (enum trajectory_value)v)->value, to);
    }
    fputc('\n', to);
}

static void print_legend(const struct trajectory_table *t, bool colour, FILE *to) {
    bool grows = false;
    fputs("binding:", to);
    for (int b = 0; b < BINDING_COUNT; b++) {
        bool seen = false;
        for (size_t p = 0; p < t->periods; p++) {
            seen = seen || trajectory_binding(t, p) == (enum binding)b;
            for (size_t w = 0; w < t->windows; w++) {
                seen = seen || trajectory_window_binding(t, p, w) == (enum binding)b;
                grows = grows || trajectory_window_overloaded(t, p, w);
            }
        }
        if (!seen)
            continue;
        fputc(' ', to);
        print_mark((enum binding)b, false, colour, to);
        fprintf(to, " %s", binding_name[b]);
    }
    if (grows)
        fputs("; small: the queue grows, good tokens and latencies are of how long was simulated",
              to);
    fputs(
        "\nvalue of: % more tokens for 1 % more feed, or nodes on the same feed; if full: with so "
        "much demand\nthat the site is full, tokens, and their value of IT power and K_eff\n",
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
    [TRAJECTORY_MARGINAL] = "values in a full site",
    [TRAJECTORY_INVEST] = "feed or nodes more wanted",
};

/* A date; where periods in between tell nothing, the two that it lies between. */
static void print_crossing(const struct trajectory_table *t, const struct crossover *c, FILE *to) {
    char date[DATE_TEXT], name[COURSE_NAME];
    if (c->after - c->before > 1) {
        fprintf(to, "between %s ", course_name(t->course, c->before, name));
        fprintf(to, "and %s", course_name(t->course, c->after, name));
    } else {
        fprintf(to, "%s", date_text(date, t->course->from + lround(c->time)));
        if (c->half == 0.0)
            fputs(" (a step)", to);
        else if (isfinite(c->half))
            fprintf(to, " +- %.0f d", ceil(c->half));
    }
    fprintf(to, " to %s", c->direction > 0 ? "compute" : "power");
}

/* What a method says where it does not cross. */
static void print_verdict(const struct trajectory_table *t, enum trajectory_method m, FILE *to) {
    double value = NAN;
    size_t decided = 0;
    for (size_t p = 0; p < t->periods; p++) {
        const double here = trajectory_difference(t, p, m).value;
        decided += isfinite(here) != 0;
        value = isfinite(here) ? here : value;
    }
    fputs(value > 0.0   ? "none: compute is the scarcer"
          : value < 0.0 ? "none: power is the scarcer"
                        : "none: neither would bring more tokens",
          to);
    if (decided > 0 && decided < t->periods)
        fprintf(to, " in %zu of %zu periods; in the others neither would bring more", decided,
                t->periods);
    else if (decided > 0)
        fputs(" throughout", to);
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

/* How far the two ceilings, and the two marginal values, are apart in periods [first, end) at most:
 * where either is close, both methods may part. */
static void print_reason(const struct trajectory_table *t, size_t first, size_t end, FILE *to) {
    double apart = 0.0, demand = 0.0;
    for (size_t p = first; p < end; p++) {
        const double ratio =
            trajectory_cell(t, p, "rho")->value / trajectory_cell(t, p, "rho_star")->value;
        apart = fmax(apart, fabs(ratio - 1.0));
        demand = fmax(demand, trajectory_cell(t, p, "demand_share_full")->value);
    }
    fprintf(to, "  There the two ceilings are within %.0f %% of each other: ", 100.0 * apart);
    fputs("rho and rho* are of the mean of a\n  period, at one operating point; caps slow "
          "iterations with prompts in them first, and the\n  hot hours of a period before the cool "
          "ones, so that both values are above 0 for a while.\n",
          to);
    if (demand > TRAJECTORY_DECIDED)
        fprintf(
            to,
            "  Demand still binds %.0f %% of node-time in a full site: a higher saturation would "
            "be right.\n",
            100.0 * demand);
}

/* The dates of both methods side by side; where they differ by more than a period, why. */
static void print_difference(const struct trajectory_table *t, FILE *to) {
    const struct crossover *a = t->crossing[TRAJECTORY_RHO], *b = t->crossing[TRAJECTORY_MARGINAL];
    const size_t as = t->crossings[TRAJECTORY_RHO], bs = t->crossings[TRAJECTORY_MARGINAL];
    if (as != bs) {
        fprintf(to, "\n  rho says %zu crossover%s, values in a full site %zu.\n", as,
                as == 1 ? "" : "s", bs);
        const size_t first = as > 0 ? a[0].before : b[0].before;
        const size_t last = as > 0 ? a[as - 1].after : b[bs - 1].after;
        print_reason(t, first, last + 1, to);
        return;
    }
    for (size_t i = 0; i < as; i++) {
        const double days = b[i].time - a[i].time;
        const size_t first = a[i].before < b[i].before ? a[i].before : b[i].before;
        const size_t last = a[i].after > b[i].after ? a[i].after : b[i].after;
        fprintf(to, "\n  To %s: values in a full site say it %.0f day%s %s than rho.\n",
                a[i].direction > 0 ? "compute" : "power", fabs(days),
                lround(fabs(days)) == 1 ? "" : "s", days < 0.0 ? "earlier" : "later");
        if (last - first > 2 || a[i].direction != b[i].direction)
            print_reason(t, first, last + 1, to);
        else if (fabs(days) <= a[i].half + b[i].half)
            fputs("  That is within their intervals.\n", to);
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
