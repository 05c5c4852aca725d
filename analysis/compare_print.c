/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/compare.h"

#include "analysis/quantity.h"
#include "analysis/summary.h"
#include "sim/engine/memory.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* -- Numbers ----------------------------------------------------------------------------------- */

enum { NUMBER = 48 };

/* "1.642", or with a half width as many digits as that tells: "1.6420 +- 0.0009". */
static const char *number(char text[NUMBER], double value, double half, bool sign) {
    enum { MOST = 6 };
    const char *plus = sign && value > 0.0 ? "+" : "";
    if (isnan(value))
        snprintf(text, NUMBER, "none");
    else if (isinf(value))
        snprintf(text, NUMBER, "%sunlimited", value < 0.0 ? "-" : plus);
    else if (isfinite(half) && half > 0.0) {
        /* Two digits of the half width, but no more than the value's own 7. */
        const double place =
            fmax(floor(log10(half)) - 1.0, floor(log10(fabs(value) + half)) - MOST);
        const int digits = place < 0.0 ? (int)fmin(-place, 12.0) : 0;
        if (fabs(value) < 0.5 * pow(10.0, -digits)) { /* no -0.00 */
            value = 0.0;
            plus = "";
        }
        snprintf(text, NUMBER, "%s%.*f +- %.*f", plus, digits, value, digits, half);
    } else
        snprintf(text, NUMBER, fabs(value) >= 999.95 ? "%s%.0f" : "%s%.4g", plus, value);
    return text;
}

/* Whether the scenario alone says what a figure is, so that chance has no part in it. */
static bool is_given(const char *name) {
    static const char *const given[] = {"horizon", "nodes", "sample_weight", "feed_limit_mean"};
    for (size_t i = 0; i < sizeof given / sizeof given[0]; i++)
        if (strcmp(given[i], name) == 0)
            return true;
    return false;
}

static const char *verdict_text(const struct compare_row *r) {
    switch (r->verdict) {
    case COMPARE_SAME:
        return "same";
    case COMPARE_WITHIN:
        return "not significant";
    case COMPARE_UNKNOWN:
        return is_given(r->name) ? "" : "?";
    case COMPARE_BEYOND:
        break;
    }
    return "";
}

/* Prints columns without blanks at the end. */
static void print_columns(const char *const *text, FILE *to) {
    static const int width[] = {26, 12, 19, 19, 23, 17, 0};
    enum { COLUMNS = sizeof width / sizeof width[0] };
    int last = COLUMNS - 1;
    while (last > 0 && text[last][0] == '\0')
        last--;
    fputs("  ", to);
    for (int i = 0; i < last; i++)
        fprintf(to, "%-*s ", width[i], text[i]);
    fprintf(to, "%s\n", text[last]);
}

static void print_head_row(FILE *to) {
    static const char *const head[] = {"", "unit", "A", "B", "B - A", "%", ""};
    print_columns(head, to);
}

static void print_row(const struct compare *c, const struct compare_row *r, FILE *to) {
    char a[NUMBER], b[NUMBER], difference[NUMBER], relative[NUMBER], marked[NUMBER + 2];
    const struct quantity_unit unit =
        quantity_unit(r->unit, r->whole, fmax(fabs(r->a), fabs(r->b)));
    const bool same = r->verdict == COMPARE_SAME;
    const bool alone = c->pairing.method != PAIRING_NONE && !r->paired && isfinite(r->half);
    number(a, r->a * unit.factor, r->half_a * unit.factor, false);
    number(b, r->b * unit.factor, r->half_b * unit.factor, false);
    number(difference, r->difference * unit.factor, r->half * unit.factor, true);
    number(relative, 100.0 * r->relative, 100.0 * r->relative_half, true);
    snprintf(marked, sizeof marked, "%s%s", difference, alone ? " ~" : "");
    const char *const text[] = {r->name,
                                unit.text,
                                a,
                                b,
                                same ? "" : marked,
                                same || !isfinite(r->relative) ? "" : relative,
                                verdict_text(r)};
    print_columns(text, to);
}

/* -- Head -------------------------------------------------------------------------------------- */

static double value(const struct saved *s, const char *name) {
    const struct saved_figure *f = saved_figure(s, name);
    return f == NULL ? NAN : f->value;
}

static void print_run(char letter, const struct saved *s, FILE *to) {
    char length[SUMMARY_TEXT];
    const double weight = value(s, "sample_weight"), nodes = value(s, "nodes");
    fprintf(to, "%c  %s: %s\n   %s of %.0f node%s, ", letter, s->path, s->title,
            summary_duration(length, value(s, "horizon")), nodes, nodes == 1.0 ? "" : "s");
    if (weight > 1.0)
        fprintf(to, "1 in %.4g simulated", weight);
    else
        fputs("every request simulated", to);
    fprintf(to, "; seed %" PRId64 "; final state %s\n", s->seed, s->state_hash);
}

static void print_pairing(const struct compare *c, FILE *to) {
    static const char *const what[] = {[PAIRING_CELLS] = "paired cell by cell",
                                       [PAIRING_TIMES] = "paired period by period",
                                       [PAIRING_NONE] = "not paired"};
    fprintf(to, "\nDifferences with 95 %% intervals, %s:\n%s.\n", what[c->pairing.method],
            c->pairing.reason);
    if (c->pairing.method == PAIRING_TIMES)
        fputs("The intervals of so few cells are wide: up to 3 times what they need be.\n", to);
    fputs("No mark: more than chance. ?: not known, for want of an interval.\n", to);
    if (strcmp(c->a->version, c->b->version) != 0)
        fprintf(to, "Written by different versions of dcsim: %s and %s.\n", c->a->version,
                c->b->version);
    if (value(c->a, "horizon") != value(c->b, "horizon"))
        fputs("The horizons differ: hold rates and what is per token against each other, "
              "not totals.\n",
              to);
}

/* -- Summary ----------------------------------------------------------------------------------- */

struct section {
    const char *title;
    const char *const *name; /* ends with NULL */
};

static const char *const production[] = {"Q_token",
                                         "token_rate_mean",
                                         "good_tokens",
                                         "prompt_tokens",
                                         "requests_arrived",
                                         "requests_done",
                                         "requests_rejected",
                                         "requests_in_flight",
                                         "preemptions",
                                         "iterations",
                                         NULL};
static const char *const energy[] = {"e_tok",
                                     "e_tok_site",
                                     "PUE",
                                     "it_energy",
                                     "site_energy",
                                     "site_power_mean",
                                     "site_power_peak",
                                     "feed_limit_mean",
                                     "overshoot_energy",
                                     "overshoot_time",
                                     "heat_overshoot_energy",
                                     NULL};
static const char *const money[] = {"cost_per_million_tokens",
                                    "carbon_per_million_tokens",
                                    "water_per_million_tokens",
                                    "cost",
                                    "carbon",
                                    "water",
                                    NULL};
static const char *const ceilings[] = {"U",     "U_over_one_time", "rho",   "rho_peak", "rho_star",
                                       "K_eff", "K_peak",          "c_tok", "flop",     NULL};
static const char *const extent[] = {"horizon", "nodes", "sample_weight", "requests_simulated",
                                     NULL};

static const struct section sections[] = {{"Tokens and requests", production},
                                          {"Energy and power", energy},
                                          {"Money, carbon, water", money},
                                          {"Work and ceilings", ceilings},
                                          {"Extent of the run", extent}};
enum { SECTIONS = sizeof sections / sizeof sections[0] };

static bool is_in(const struct section *s, const char *name) {
    for (const char *const *n = s->name; *n != NULL; n++)
        if (strcmp(*n, name) == 0)
            return true;
    return false;
}

static const struct compare_row *find_row(const struct compare_rows *rows, const char *name) {
    for (size_t i = 0; i < rows->count; i++)
        if (strcmp(rows->row[i].name, name) == 0)
            return &rows->row[i];
    return NULL;
}

/* Figures that no section knows, as another version may have them. */
static void print_others(const struct compare *c, FILE *to) {
    bool any = false;
    for (size_t i = 0; i < c->figures.count; i++) {
        bool known = false;
        for (int s = 0; s < SECTIONS; s++)
            known = known || is_in(&sections[s], c->figures.row[i].name);
        if (known)
            continue;
        fputs(any ? "" : "\nOther figures\n", to);
        print_row(c, &c->figures.row[i], to);
        any = true;
    }
}

/* Whether neither run has a value: water that no scenario states. */
static bool is_empty(const struct compare_row *r) {
    return isnan(r->a) && isnan(r->b);
}

static void print_figures(const struct compare *c, FILE *to) {
    bool any = false;
    for (int s = 0; s < SECTIONS; s++) {
        fprintf(to, "\n%s\n", sections[s].title);
        if (s == 0)
            print_head_row(to);
        for (const char *const *name = sections[s].name; *name != NULL; name++) {
            const struct compare_row *r = find_row(&c->figures, *name);
            if (r == NULL || is_empty(r))
                continue;
            print_row(c, r, to);
            any = any || (!r->paired && isfinite(r->half) && r->verdict != COMPARE_SAME);
        }
    }
    print_others(c, to);
    if (any && c->pairing.method != PAIRING_NONE)
        fputs("  ~ not paired: the results do not hold it by cell\n", to);
}

/* -- Latency, binding, ledger ------------------------------------------------------------------ */

static void print_rows(const struct compare *c, const char *title, const struct compare_rows *rows,
                       FILE *to) {
    fprintf(to, "\n%s\n", title);
    for (size_t i = 0; i < rows->count; i++)
        if (!is_empty(&rows->row[i]) && (rows->row[i].a != 0.0 || rows->row[i].b != 0.0))
            print_row(c, &rows->row[i], to);
}

static void print_share(const struct compare_row *r, FILE *to) {
    char a[NUMBER], b[NUMBER], difference[NUMBER];
    snprintf(a, sizeof a, "%.1f", 100.0 * r->a);
    snprintf(b, sizeof b, "%.1f", 100.0 * r->b);
    snprintf(difference, sizeof difference, "%+.1f points", 100.0 * r->difference);
    const bool same = r->verdict == COMPARE_SAME;
    const char *const text[] = {r->name, "%", a, b, same ? "" : difference, "", verdict_text(r)};
    print_columns(text, to);
}

/* The largest share of either first; those that would print as 0.0 % are left out. */
static void print_binding(const struct compare *c, FILE *to) {
    const struct compare_rows *rows = &c->binding;
    bool *shown = memory_new(rows->count + 1, sizeof *shown);
    fputs("\nWhat kept nodes from producing more, as a share of their time\n", to);
    for (;;) {
        const struct compare_row *most = NULL;
        double best = 0.0005;
        for (size_t i = 0; i < rows->count; i++) {
            const double share = fmax(rows->row[i].a, rows->row[i].b);
            if (!shown[i] && share >= best) {
                most = &rows->row[i];
                best = share;
            }
        }
        if (most == NULL)
            break;
        shown[most - rows->row] = true;
        print_share(most, to);
    }
    free(shown);
}

/* -- Crossings and scenario -------------------------------------------------------------------- */

static void print_crossings_of(char letter, const struct saved *s, const char *convention,
                               FILE *to) {
    enum { SHOWN = 4 };
    char at[SUMMARY_TEXT];
    size_t count = 0;
    fprintf(to, "  %-9s  %c  ", convention, letter);
    for (size_t i = 0; i < s->crossings; i++) {
        const struct saved_crossing *x = &s->crossing[i];
        if (strcmp(x->convention, convention) != 0)
            continue;
        if (count < SHOWN)
            fprintf(to, "%s%s from %s", count > 0 ? ", " : "",
                    x->direction > 0.0 ? "compute" : "power", summary_duration(at, x->time));
        count++;
    }
    if (count > SHOWN)
        fprintf(to, ", ... (%zu in all)", count);
    fputs(count > 0 ? "\n" : "never\n", to);
}

static void print_crossings(const struct compare *c, FILE *to) {
    fputs("\nCrossovers: which of power and compute is scarce, by K_eff realized and peak\n", to);
    for (int i = RESULT_REALIZED; i <= RESULT_PEAK; i++) {
        print_crossings_of('A', c->a, result_convention_name[i], to);
        print_crossings_of('B', c->b, result_convention_name[i], to);
    }
}

/* A value, cut where it is long: some are lists. */
static const char *short_text(char text[NUMBER], const char *value) {
    enum { SHOWN = 36 };
    const bool cut = strlen(value) > SHOWN;
    snprintf(text, NUMBER, "%.*s%s", cut ? SHOWN - 3 : SHOWN, value, cut ? "..." : "");
    return text;
}

static void print_difference(const struct difference *d, FILE *to) {
    char a[NUMBER], b[NUMBER];
    if (d->element)
        fprintf(to, "  %-52s only in %c\n", d->xpath, d->a != NULL ? 'A' : 'B');
    else
        fprintf(to, "  %-52s %s -> %s\n", d->xpath, short_text(a, d->a == NULL ? "(none)" : d->a),
                short_text(b, d->b == NULL ? "(none)" : d->b));
}

static void print_scenario(const struct compare *c, FILE *to) {
    enum { SHOWN = 30 };
    const struct differences *d = &c->scenario;
    if (d->count == 0) {
        fprintf(to, "\nThe scenarios do not differ in anything that is run%s.\n",
                strcmp(c->a->state_hash, c->b->state_hash) == 0 ? "; both ended in the same state"
                                                                : "");
        return;
    }
    fprintf(to, "\nThe scenarios differ in %zu place%s, A -> B\n", d->count,
            d->count == 1 ? "" : "s");
    for (size_t i = 0; i < d->count && i < SHOWN; i++)
        print_difference(&d->one[i], to);
    if (d->count > SHOWN)
        fprintf(to, "  ... and %zu more (--json has all)\n", d->count - SHOWN);
}

void compare_print(const struct compare *c, FILE *to) {
    print_run('A', c->a, to);
    print_run('B', c->b, to);
    print_pairing(c, to);
    print_scenario(c, to);
    print_figures(c, to);
    print_binding(c, to);
    print_crossings(c, to);
    print_rows(c, "Latency (a quantile is known to 1 part in 128)", &c->latency, to);
    print_rows(c, "Energy by where it went", &c->ledger, to);
}
