/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/summary.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

const char *summary_si(char text[SUMMARY_TEXT], double value, const char *unit) {
    static const char *const prefix[] = {"p", "n", "u", "m", "", "k", "M", "G", "T", "P", "E", "Z"};
    enum { LOWEST = -4, HIGHEST = 7 };
    if (!isfinite(value)) {
        snprintf(text, SUMMARY_TEXT, "%s", isnan(value) ? "none" : "unlimited");
        return text;
    }
    char rounded[SUMMARY_TEXT]; /* first, so that 999.96 k becomes 1 M */
    snprintf(rounded, sizeof rounded, "%.3e", value);
    const char *exponent = strchr(rounded, 'e');
    int step = value == 0.0 ? 0 : (int)floor(strtod(exponent + 1, NULL) / 3.0);
    step = step < LOWEST ? LOWEST : step > HIGHEST ? HIGHEST : step;
    const char *letter = prefix[step - LOWEST];
    const bool apart = unit[0] != ' ' || letter[0] != '\0';
    snprintf(text, SUMMARY_TEXT, "%.4g%s%s%s", value * pow(10.0, -3.0 * step), apart ? " " : "",
             letter, unit);
    const size_t length = strlen(text);
    if (text[length - 1] == ' ') /* neither prefix nor unit */
        text[length - 1] = '\0';
    return text;
}

const char *summary_rate(char text[SUMMARY_TEXT], double per_second) {
    if (!(fabs(per_second) < 1.0))
        return summary_si(text, per_second, "/s");
    snprintf(text, SUMMARY_TEXT, "%.4g /s", per_second);
    return text;
}

const char *summary_duration(char text[SUMMARY_TEXT], double seconds) {
    if (!(seconds >= 120.0 && isfinite(seconds)))
        return summary_si(text, seconds, "s");
    if (seconds < 7200.0)
        snprintf(text, SUMMARY_TEXT, "%.4g min", seconds / 60.0);
    else if (seconds <= 172800.0)
        snprintf(text, SUMMARY_TEXT, "%.4g h", seconds / 3600.0);
    else
        snprintf(text, SUMMARY_TEXT, "%.4g d", seconds / 86400.0);
    return text;
}

/* Grams below a kilogram, tonnes from a thousand on. */
static const char *mass(char text[SUMMARY_TEXT], double kilograms) {
    if (kilograms >= 1000.0)
        return summary_si(text, kilograms / 1000.0, " t");
    if (!(kilograms >= 1.0))
        return summary_si(text, kilograms * 1000.0, "g");
    snprintf(text, SUMMARY_TEXT, "%.4g kg", kilograms);
    return text;
}

/* Litres below a cubic metre. */
static const char *volume(char text[SUMMARY_TEXT], double cubic_metres) {
    if (!(cubic_metres >= 1.0))
        return summary_si(text, cubic_metres * 1000.0, "L");
    snprintf(text, SUMMARY_TEXT, "%.4g m3", cubic_metres);
    return text;
}

static const char *money(char text[SUMMARY_TEXT], double dollars) {
    if (!isfinite(dollars))
        return summary_si(text, dollars, " USD");
    if (fabs(dollars) >= 1000.0)
        return summary_si(text, dollars, " USD");
    snprintf(text, SUMMARY_TEXT, "%.4g USD", dollars);
    return text;
}

static double value(const struct result *r, const char *name) {
    const struct figure *f = result_figure(r, name);
    return f == NULL ? NAN : f->value;
}

/* " +- 0.3 %" behind a figure that has an interval. */
static void print_interval(const struct result *r, const char *name, FILE *to) {
    const struct figure *f = result_figure(r, name);
    if (f == NULL || !f->has_interval || f->value == 0.0)
        return;
    const double half = 50.0 * (f->high - f->low) / fabs(f->value);
    if (isfinite(half))
        fprintf(to, " +- %.2g %%", half);
    else
        fputs(" +- unknown", to);
}

static void print_head(const struct site_spec *s, const struct result *r, FILE *to) {
    char a[SUMMARY_TEXT];
    const double nodes = value(r, "nodes");
    fprintf(to, "%s\n%s of %.0f node%s", s->title, summary_duration(a, s->horizon), nodes,
            nodes == 1.0 ? "" : "s");
    if (s->sample_every > 1)
        fprintf(to, "; 1 in %.4g simulated and scaled up, +- is the 95 %% interval",
                value(r, "sample_weight"));
    else
        fputs("; every request simulated", to);
    if (s->warmup > 0.0)
        fprintf(to, "; after a warm-up of %s", summary_duration(a, s->warmup));
    fputs("\n\n", to);
}

static void print_tokens(const struct result *r, FILE *to) {
    char a[SUMMARY_TEXT], b[SUMMARY_TEXT], c[SUMMARY_TEXT], d[SUMMARY_TEXT];
    const double done = value(r, "done_tokens"), good = value(r, "good_tokens");
    fprintf(to, "Produced     %s", summary_si(a, value(r, "Q_token"), " tokens"));
    print_interval(r, "Q_token", to);
    fprintf(to, ", %s on average\n", summary_si(b, value(r, "token_rate_mean"), " tokens/s"));
    fprintf(to, "  good       %s", summary_si(a, good, " tokens"));
    print_interval(r, "good_tokens", to);
    /* A request's tokens are good when it ends, those of the warm-up too, so that they may be more
     * than were produced, but never more than those of all that ended. */
    if (done > 0.0)
        fprintf(to, ", %.1f %% of the tokens of ended requests: within the targets",
                100.0 * good / done);
    fprintf(to, "\n  requests   %s done, %s in flight at the end, %s rejected, %s preemptions\n",
            summary_si(a, value(r, "requests_done"), ""),
            summary_si(b, value(r, "requests_in_flight"), ""),
            summary_si(c, value(r, "requests_rejected"), ""),
            summary_si(d, value(r, "preemptions"), ""));
}

static void print_energy(const struct result *r, FILE *to) {
    char a[SUMMARY_TEXT], b[SUMMARY_TEXT], c[SUMMARY_TEXT];
    fprintf(to, "Energy       %s IT", summary_si(a, value(r, "e_tok"), "J/token"));
    print_interval(r, "e_tok", to);
    fprintf(to, ", %s facility", summary_si(b, value(r, "e_tok_site"), "J/token"));
    print_interval(r, "e_tok_site", to);
    fprintf(to, ", PUE %.4g\n", value(r, "PUE"));
    fprintf(to, "  price      %s energy, %s CO2", money(b, value(r, "cost_per_million_tokens")),
            mass(a, value(r, "carbon_per_million_tokens")));
    if (isfinite(value(r, "water")))
        fprintf(to, ", %s water", volume(a, value(r, "water_per_million_tokens")));
    fprintf(to, " per M tokens (%s, %s)\n", money(b, value(r, "cost")),
            mass(c, value(r, "carbon")));
}

static void print_power(const struct result *r, FILE *to) {
    char a[SUMMARY_TEXT], b[SUMMARY_TEXT], c[SUMMARY_TEXT];
    const double over = value(r, "overshoot_energy"), heat = value(r, "heat_overshoot_energy");
    const double limit = value(r, "feed_limit_mean"), mean = value(r, "site_power_mean");
    fprintf(to, "  power      %s mean, %s peak; feed %s", summary_si(a, mean, "W"),
            summary_si(b, value(r, "site_power_peak"), "W"), summary_si(c, limit, "W"));
    if (isfinite(limit))
        fprintf(to, ", %.1f %% of it used", 100.0 * mean / limit);
    if (over > 0.0)
        fprintf(to, "\n  overshoot  %s above the feed's limit within %s, %.2g %% of the energy\n",
                summary_si(a, over, "J"), summary_duration(b, value(r, "overshoot_time")),
                100.0 * over / value(r, "site_energy"));
    else
        fputs(", never exceeded\n", to);
    if (heat > 0.0)
        fprintf(to, "             %s of IT energy above the plant's heat limit\n",
                summary_si(a, heat, "J"));
}

/* One constraint: its share, as a bar, and what it means. */
static void print_share(enum binding constraint, double share, FILE *to) {
    static const char *const text[BINDING_COUNT] = {
        [BINDING_DEMAND] = "no more requests to serve",
        [BINDING_COMPUTE] = "batches full, FLOP/s set the pace",
        [BINDING_MEMORY] = "batches full, bandwidth sets the pace",
        [BINDING_KV] = "no KV memory for more requests",
        [BINDING_FEED] = "slowed to keep the feed's limit",
        [BINDING_COOLING] = "slowed to keep the heat limit",
        [BINDING_RACK] = "slowed by the rack's limit",
        [BINDING_NODE] = "slowed by the node's own cap"};
    enum { WIDTH = 24 };
    char bar[WIDTH + 1];
    memset(bar, '.', WIDTH);
    memset(bar, '#', (size_t)lrint(fmin(share, 1.0) * WIDTH));
    bar[WIDTH] = '\0';
    fprintf(to, "  %-8s %5.1f %%  %s  %s\n", binding_name[constraint], 100.0 * share, bar,
            text[constraint]);
}

/* The largest share first; those that would print as 0.0 % are left out. */
static void print_binding(const struct result *r, FILE *to) {
    bool seen[BINDING_COUNT] = {false};
    fputs("\nWhat kept nodes from producing more, as a share of their time\n", to);
    for (int place = 0; place < BINDING_COUNT; place++) {
        int most = -1;
        for (int b = 0; b < BINDING_COUNT; b++)
            if (!seen[b] && (most < 0 || r->binding_share[b] > r->binding_share[most]))
                most = b;
        seen[most] = true;
        if (r->binding_share[most] >= 0.0005)
            print_share((enum binding)most, r->binding_share[most], to);
    }
}

static void print_verdict(const char *convention, double rho, double star, FILE *to) {
    fprintf(to, "  %-9s  ", convention);
    if (!(isfinite(rho) && isfinite(star)) || star <= 0.0) {
        fputs("rho or rho* has no value\n", to);
        return;
    }
    fprintf(to, "rho %.4g %c rho* %.4g pJ/FLOP: %s is scarce, by %.2g %%\n", rho * 1e12,
            rho < star ? '<' : '>', star * 1e12, rho < star ? "power" : "compute",
            100.0 * fabs(rho / star - 1.0));
}

static void print_crossings(const struct result *r, enum result_convention convention, FILE *to) {
    enum { SHOWN = 3 };
    char at[SUMMARY_TEXT];
    size_t count = 0;
    for (size_t i = 0; i < r->crossings; i++) {
        const struct result_crossing *c = &r->crossing[i];
        if (c->convention != convention)
            continue;
        if (count < SHOWN)
            fprintf(to, "%s%s from %s", count > 0 ? ", " : "             crosses over: ",
                    c->direction > 0 ? "compute" : "power", summary_duration(at, c->time));
        count++;
    }
    if (count > SHOWN)
        fprintf(to, ", ... (%zu in all)", count);
    fputs(count > 0 ? "\n" : "             never crosses over\n", to);
}

static void print_ceilings(const struct result *r, FILE *to) {
    char a[SUMMARY_TEXT];
    const double over = value(r, "U_over_one_time"), star = value(r, "rho_star");
    fprintf(to, "\nUtilisation  U = %.3f, tokens over the lower of both ceilings", value(r, "U"));
    if (over > 0.0)
        fprintf(to, "\n             above 1 for %s: targets missed, or the noise of single ticks",
                summary_duration(a, over));
    fputs("\nCeilings     rho = IT power available / K_eff; rho* = e_tok / c_tok at the operating "
          "point\n",
          to);
    print_verdict("realized", value(r, "rho"), star, to);
    print_crossings(r, RESULT_REALIZED, to);
    print_verdict("peak", value(r, "rho_peak"), star, to);
    print_crossings(r, RESULT_PEAK, to);
}

/* Writes the target that all groups share. */
static const char *target_text(char text[SUMMARY_TEXT], const struct site_spec *s,
                               enum cell_latency which) {
    double common = INFINITY;
    for (size_t g = 0; g < s->groups; g++) {
        const struct cell_spec *group = &s->group[g];
        const double target = which == CELL_TTFT ? group->target_ttft : group->target_tpot;
        if (g > 0 && target != common)
            return "by group";
        common = target;
    }
    return isinf(common) ? "none" : summary_si(text, common, "s");
}

static void print_latency(const struct site_spec *s, const struct result *r, FILE *to) {
    static const struct {
        const char *name, *text;
        enum cell_latency which;
    } rows[] = {{"TTFT", "to the first token", CELL_TTFT},
                {"TPOT", "per token after it", CELL_TPOT}};
    fputs("\nLatency      p50        p90        p99        target\n", to);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct sketch *sketch = &r->latency[rows[i].which];
        char a[SUMMARY_TEXT], b[SUMMARY_TEXT], c[SUMMARY_TEXT], d[SUMMARY_TEXT];
        fprintf(to, "  %-10s %-10s %-10s %-10s %-10s %s\n", rows[i].name,
                summary_si(a, sketch_quantile(sketch, 0.5), "s"),
                summary_si(b, sketch_quantile(sketch, 0.9), "s"),
                summary_si(c, sketch_quantile(sketch, 0.99), "s"), target_text(d, s, rows[i].which),
                rows[i].text);
    }
}

void summary_print(const struct site_spec *s, const struct result *r, FILE *to) {
    print_head(s, r, to);
    print_tokens(r, to);
    print_energy(r, to);
    print_power(r, to);
    print_binding(r, to);
    print_ceilings(r, to);
    print_latency(s, r, to);
}

void summary_cost(double requests, double seconds, int ranks, int threads, FILE *to) {
    char a[SUMMARY_TEXT], b[SUMMARY_TEXT], of[32] = "";
    if (ranks > 1)
        snprintf(of, sizeof of, "%d ranks of ", ranks);
    fprintf(to, "\n%s simulated in %.1f s with %s%d thread%s: %s\n",
            summary_si(a, requests, " requests"), seconds, of, threads, threads == 1 ? "" : "s",
            summary_si(b, requests / seconds, " requests/s"));
}
