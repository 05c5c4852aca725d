/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/marginal.h"

#include "analysis/summary.h"
#include "sim/engine/memory.h"
#include "sim/measure/interval.h"
#include "sim/site/resource.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Which tokens are compared. */
enum which { TOKENS, GOOD, WHICH_COUNT };

static double cell_tokens(const struct result_cell *c, enum which which) {
    return c->weight * (which == TOKENS ? c->tokens : c->good_tokens);
}

/* Half width of the ratio of trial's tokens to base's, over cells: linearised (Cochran, Sampling
 * Techniques, section 6.4), the spread of trial - ratio * base among the cells of each group;
 * groups are independent, so their variances add. INFINITY when a group has too few cells. */
static double half_by_cells(const struct result *base, const struct result *trial, double ratio,
                            enum which which) {
    double *rest = memory_new(base->cells + 1, sizeof *rest);
    double square = 0.0, all = 0.0;
    for (size_t from = 0, to; from < base->cells; from = to) {
        for (to = from; to < base->cells && base->cell[to].group == base->cell[from].group; to++) {
            const double before = cell_tokens(&base->cell[to], which);
            rest[to - from] = cell_tokens(&trial->cell[to], which) - ratio * before;
            all += before;
        }
        const size_t n = to - from;
        const double half =
            n < MARGINAL_CELLS ? INFINITY : interval_mean(rest, n, 0.95).half * (double)n;
        square += half * half;
    }
    free(rest);
    return sqrt(square) / all;
}

/* The same over control periods, which are not independent: what a trial brings earlier or later
 * moves from one to another. */
static double half_by_times(const struct result *base, const struct result *trial, double ratio,
                            enum which which) {
    static const char *const column_name[WHICH_COUNT] = {"token_rate", "good_token_rate"};
    const struct series *s = &base->series;
    size_t column = 0;
    while (column < s->columns && strcmp(s->column[column].name, column_name[which]) != 0)
        column++;
    assert(column < s->columns && trial->series.rows == s->rows);
    double *rest = memory_new(s->rows + 1, sizeof *rest), all = 0.0;
    for (size_t i = 0; i < s->rows; i++) {
        const double before = series_value(s, i, column);
        rest[i] = series_value(&trial->series, i, column) - ratio * before;
        all += before;
    }
    const double half = interval_series(rest, s->rows, 0.95).half * (double)s->rows / all;
    free(rest);
    return half;
}

/* d ln tokens / d ln resource and its half width. */
static double value_of(const struct result *base, const struct result *trial,
                       const struct resource_trial *what, enum which which, double *half) {
    double before = 0.0, after = 0.0;
    for (size_t i = 0; i < base->cells; i++) {
        before += cell_tokens(&base->cell[i], which);
        after += cell_tokens(&trial->cell[i], which);
    }
    const double ratio = after / before, step = log(what->factor);
    double width = half_by_cells(base, trial, ratio, which);
    if (!isfinite(width))
        width = half_by_times(base, trial, ratio, which);
    *half = isfinite(width) ? fabs(width / ratio / step) : INFINITY;
    return before > 0.0 && after > 0.0 ? log(what->gain * ratio) / step + 0.0 : NAN; /* no -0 */
}

/* The value in the measure that is asked for besides: dQ / dt dR = (Q / t R) d ln Q / d ln R. */
static void value_more(const struct result *base, const struct resource_trial *what,
                       struct result_marginal *m) {
    static const struct figure table[RESOURCE_COUNT] = {
        [RESOURCE_FEED] = {.name = "token_rate_per_MW",
                           .unit = "token/s/MW",
                           .long_name = "tokens/s by one more MW of the feed's limit"},
        [RESOURCE_NODES] = {.name = "token_rate_per_node",
                            .unit = "token/s",
                            .long_name = "tokens/s by one more node on the same feed and plant"},
        [RESOURCE_CLOCK] = {.name = "K_eff",
                            .unit = "1",
                            .long_name = "d ln Q_token / d ln K_eff, by the clock"},
    };
    const double rate = result_figure(base, "token_rate_mean")->value;
    double by = 0.0;
    if (what->resource == RESOURCE_FEED)
        by = rate * 1e6 / result_figure(base, "feed_limit_mean")->value;
    else if (what->resource == RESOURCE_NODES)
        by = rate / result_figure(base, "nodes")->value;
    else if (what->resource == RESOURCE_CLOCK)
        by = log(what->factor) / log(what->k_eff);
    m->more = table[what->resource];
    m->more.value = m->tokens * by;
    m->more.has_interval = isfinite(m->tokens_half * by) && isfinite(m->more.value);
    m->more.low = (m->tokens - m->tokens_half) * by;
    m->more.high = (m->tokens + m->tokens_half) * by;
}

/* Passes progress on, with what the runs before have done. */
struct stage {
    site_progress *progress;
    void *user;
    double seconds, requests; /* of the runs before */
    double last;              /* requests of this one so far */
};

static bool stage_step(void *user, double simulated, double requests) {
    struct stage *s = user;
    s->last = requests;
    return s->progress == NULL ||
           s->progress(s->user, s->seconds + simulated, s->requests + requests);
}

static bool run_one(const struct resource_trial *what, struct stage *stage, struct result *base,
                    struct error *e) {
    struct result trial;
    if (!site_run(&what->site, stage_step, stage, &trial, e))
        return false;
    assert(trial.cells == base->cells);
    struct result_marginal *m = &base->marginal[base->marginals++];
    m->resource = resource_name[what->resource];
    m->factor = what->factor;
    m->tokens = value_of(base, &trial, what, TOKENS, &m->tokens_half);
    m->good = value_of(base, &trial, what, GOOD, &m->good_half);
    value_more(base, what, m);
    result_clear(&trial);
    return true;
}

bool marginal_run(const struct site_spec *site, site_progress *progress, void *user,
                  struct result *base, struct error *e) {
    const struct figure *simulated = result_figure(base, "requests_simulated");
    struct stage stage = {.progress = progress, .user = user, .seconds = site_end(site)};
    stage.requests = simulated != NULL ? simulated->value : 0.0;
    base->marginal = memory_new(RESOURCE_COUNT, sizeof *base->marginal);
    base->marginals = 0;
    bool ran = true;
    for (int r = 0; r < RESOURCE_COUNT && ran; r++) {
        struct resource_trial trial;
        if (!resource_scale(site, (enum resource)r, MARGINAL_FACTOR, &trial))
            continue;
        ran = run_one(&trial, &stage, base, e);
        resource_clear(&trial);
        stage.seconds += site_end(site);
        stage.requests += stage.last;
    }
    return ran;
}

int marginal_runs(const struct site_spec *site) {
    int runs = 0;
    for (int r = 0; r < RESOURCE_COUNT; r++) {
        struct resource_trial trial;
        if (!resource_scale(site, (enum resource)r, MARGINAL_FACTOR, &trial))
            continue;
        resource_clear(&trial);
        runs++;
    }
    return runs;
}

/* -- Print --------------------------------------------------------------------------------------
 */

static const char *resource_text(const char *name) {
    static const char *const text[RESOURCE_COUNT] = {
        [RESOURCE_DEMAND] = "requests",
        [RESOURCE_FEED] = "feed limit",
        [RESOURCE_COOLING] = "heat limit of the plant",
        [RESOURCE_CAP] = "power that each node may draw",
        [RESOURCE_COMPUTE] = "FLOP/s of each node",
        [RESOURCE_BANDWIDTH] = "HBM bandwidth of each node",
        [RESOURCE_MEMORY] = "HBM capacity of each node",
        [RESOURCE_NODES] = "nodes, on the same feed and plant",
        [RESOURCE_CLOCK] = "highest frequency of GPUs, at its power",
        [RESOURCE_PUE] = "PUE: below 0, less of it brings more",
    };
    for (int r = 0; r < RESOURCE_COUNT; r++)
        if (strcmp(resource_name[r], name) == 0)
            return text[r];
    return "";
}

/* Values below this print as 0: three digits are shown. */
#define SHOWN 0.0005

/* Whether the interval holds 0, so that not even the sign is known; not where nothing changed. */
static bool is_lost(double value, double half) {
    return isfinite(half) && half > 0.0 && fabs(value) <= half;
}

/* "0.953 +- 0.012", the value in at least `width` places. */
static const char *value_text(char text[SUMMARY_TEXT], int width, double value, double half) {
    if (fabs(value) < SHOWN) /* no -0.000 */
        value = 0.0;
    if (!isfinite(value))
        snprintf(text, SUMMARY_TEXT, "none");
    else if (isfinite(half))
        snprintf(text, SUMMARY_TEXT, "%*.3f +- %.3f", width, value, half);
    else
        snprintf(text, SUMMARY_TEXT, "%*.3f", width, value);
    return text;
}

static void print_value(double value, double half, FILE *to) {
    char text[SUMMARY_TEXT];
    fprintf(to, "  %-16s", value_text(text, 6, value, half));
}

/* The resource with the most of it, among those not yet `shown`; NULL when there is none. */
static const struct result_marginal *largest(const struct result *r, enum which which,
                                             const bool *shown) {
    const struct result_marginal *most = NULL;
    double best = -INFINITY;
    for (size_t i = 0; i < r->marginals; i++) {
        const struct result_marginal *m = &r->marginal[i];
        const double value = which == TOKENS ? m->tokens : m->good;
        if (shown[i] || (most != NULL && !(value > best)))
            continue;
        most = m;
        best = isfinite(value) ? value : -INFINITY;
    }
    return most;
}

/* What would help first of all, unless nothing does; more PUE never would. */
static void print_verdict(const struct result *r, enum which which, const char *text, FILE *to) {
    bool shown[RESOURCE_COUNT] = {false};
    for (size_t i = 0; i < r->marginals; i++)
        shown[i] = strcmp(r->marginal[i].resource, resource_name[RESOURCE_PUE]) == 0;
    const struct result_marginal *m = largest(r, which, shown);
    const double value = m == NULL ? NAN : which == TOKENS ? m->tokens : m->good;
    const double half = m == NULL ? NAN : which == TOKENS ? m->tokens_half : m->good_half;
    if (!(value >= SHOWN))
        fprintf(to, "No resource alone would bring more %s.\n", text);
    else if (is_lost(value, half))
        fprintf(to,
                "More %s would come of more %s first: %.3g %% +- %.2g %% for 1 %%, not known from "
                "0.\n",
                text, m->resource, value, half);
    else
        fprintf(to, "More %s would come of more %s first: %.3g %% for 1 %%.\n", text, m->resource,
                value);
}

static void print_steps(const struct result *base, FILE *to) {
    for (size_t i = 0; i < base->marginals; i++) {
        const struct result_marginal *m = &base->marginal[i];
        if (m->factor > MARGINAL_FACTOR)
            fprintf(to, "%s: by %.3g %%, the least that changes whole clients\n", m->resource,
                    100.0 * (m->factor - 1.0));
    }
}

static const struct result_marginal *find(const struct result *r, enum resource resource) {
    for (size_t i = 0; i < r->marginals; i++)
        if (strcmp(r->marginal[i].resource, resource_name[resource]) == 0)
            return &r->marginal[i];
    return NULL;
}

/* "One more node brings 107.2 tokens/s +- 30.21 tokens/s."; or that it is not known. */
static void print_rate(const char *what, const struct result_marginal *m, FILE *to) {
    char value[SUMMARY_TEXT], half[SUMMARY_TEXT], high[SUMMARY_TEXT];
    if (m == NULL || !isfinite(m->more.value))
        return;
    if (m->more.has_interval && is_lost(m->tokens, m->tokens_half)) {
        fprintf(to, "What one more %s brings is not known from 0: between %s and %s (%s).\n", what,
                summary_si(half, m->more.low, ""), summary_si(high, m->more.high, " tokens/s"),
                summary_si(value, m->more.value, ""));
        return;
    }
    fprintf(to, "One more %s brings %s", what, summary_si(value, m->more.value, " tokens/s"));
    if (m->more.has_interval && m->more.high > m->more.low)
        fprintf(to, " +- %s", summary_si(half, 0.5 * (m->more.high - m->more.low), " tokens/s"));
    fputs(".\n", to);
}

/* "of K_eff: 0.953 +- 0.012 %", and whether that may be nothing. */
static void print_side(const char *what, double value, double half, FILE *to) {
    char text[SUMMARY_TEXT];
    fprintf(to, "%s: %s %%%s", what, value_text(text, 0, value, half),
            is_lost(value, half) ? " (not known from 0)" : "");
}

/* What a MW and a node bring; and the diagnostic with its two sides. */
static void print_sides(const struct result *r, FILE *to) {
    const struct result_marginal *feed = find(r, RESOURCE_FEED), *clock = find(r, RESOURCE_CLOCK),
                                 *cooling = find(r, RESOURCE_COOLING);
    const double rho = result_figure(r, "rho")->value, star = result_figure(r, "rho_star")->value;
    print_rate("MW of feed", feed, to);
    print_rate("node", find(r, RESOURCE_NODES), to);
    if (feed == NULL || clock == NULL || !isfinite(clock->more.value))
        return;
    /* Half widths of both add: their runs drew the same random numbers. */
    const double power = feed->tokens + (cooling != NULL ? cooling->tokens : 0.0);
    const double half = feed->tokens_half + (cooling != NULL ? cooling->tokens_half : 0.0);
    fprintf(to,
            "%s would bind first under full load: rho is %.3g of rho*. More tokens for 1 %% more\n",
            rho < star ? "Power" : "Compute", rho / star);
    print_side("of K_eff", clock->more.value,
               clock->more.has_interval ? 0.5 * (clock->more.high - clock->more.low) : INFINITY,
               to);
    fputs("; ", to);
    print_side("of power from feed and plant", power, half, to);
    fputc('\n', to);
}

void marginal_print(const struct site_spec *site, const struct result *base, FILE *to) {
    char length[SUMMARY_TEXT], tokens[SUMMARY_TEXT];
    bool shown[RESOURCE_COUNT] = {false};
    const struct figure *q = result_figure(base, "Q_token");
    assert(base->marginals <= RESOURCE_COUNT && q != NULL);
    fprintf(to,
            "%s\n%s, %s\n\n"
            "Marginal values: %% more tokens for 1 %% more of a resource, with 95 %% intervals\n"
            "(d ln Q / d ln R; each by a run of its own on the same random numbers)\n\n"
            "  %-10s  %-16s  good tokens\n",
            site->title, summary_duration(length, site->horizon),
            summary_si(tokens, q->value, " tokens"), "resource", "tokens");
    for (size_t i = 0; i < base->marginals; i++) {
        const struct result_marginal *m = largest(base, TOKENS, shown);
        shown[m - base->marginal] = true;
        fprintf(to, "  %-10s", m->resource);
        print_value(m->tokens, m->tokens_half, to);
        print_value(m->good, m->good_half, to);
        fprintf(to, "  %s\n", resource_text(m->resource));
    }
    fputc('\n', to);
    print_steps(base, to);
    print_sides(base, to);
    print_verdict(base, TOKENS, "tokens", to);
    print_verdict(base, GOOD, "good tokens", to);
}
