/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/summary.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

const char *summary_si(char text[SUMMARY_TEXT], double value, const char *unit) {
    static const char *const prefix[] = {"p", "n", "u", "m", "", "k", "M", "G", "T", "P", "E", "Z"};
    int at = 4;
    double shown = value;
    if (isfinite(value) && value != 0.0) {
        const int step = (int)floor(log10(fabs(value)) / 3.0 + 1e-9);
        at = 4 + (step < -4 ? -4 : step > 7 ? 7 : step);
        shown = value * pow(10.0, -3.0 * (at - 4));
    }
    const bool apart = unit[0] != ' ' || prefix[at][0] != '\0';
    snprintf(text, SUMMARY_TEXT, "%.4g%s%s%s", shown, apart ? " " : "", prefix[at], unit);
    const size_t length = strlen(text);
    if (text[length - 1] == ' ') /* neither prefix nor unit */
        text[length - 1] = '\0';
    return text;
}

static double value(const struct result *r, const char *name) {
    const struct figure *f = result_figure(r, name);
    return f == NULL ? NAN : f->value;
}

/* "+- 0.3 %" behind a figure that has an interval. */
static void print_interval(const struct result *r, const char *name, FILE *to) {
    const struct figure *f = result_figure(r, name);
    if (f != NULL && f->has_interval && isfinite(f->high - f->low) && f->value != 0.0)
        fprintf(to, " +- %.2g %%", 50.0 * (f->high - f->low) / fabs(f->value));
}

static void print_head(const struct site_spec *s, const struct result *r, FILE *to) {
    fprintf(to, "%s\n", s->title);
    fprintf(to, "%.4g h of %.0f nodes", s->horizon / 3600.0, value(r, "nodes"));
    if (s->sample_every > 1)
        fprintf(to, ", 1 in %.4g simulated; +- is the 95 %% interval of that sample",
                value(r, "sample_weight"));
    fputs("\n\n", to);
}

static void print_tokens(const struct result *r, FILE *to) {
    char a[SUMMARY_TEXT], b[SUMMARY_TEXT];
    const double tokens = value(r, "Q_token"), good = value(r, "good_tokens");
    fprintf(to, "tokens        %s", summary_si(a, tokens, " tokens"));
    print_interval(r, "Q_token", to);
    fprintf(to, "  (%s);  good %.1f %%\n", summary_si(b, value(r, "token_rate_mean"), " tokens/s"),
            100.0 * good / tokens);
    fprintf(to, "requests      %s done", summary_si(a, value(r, "requests_done"), ""));
    fprintf(to, ", %s in flight at the end, %s rejected;",
            summary_si(a, value(r, "requests_in_flight"), ""),
            summary_si(b, value(r, "requests_rejected"), ""));
    fprintf(to, " %s preemptions\n", summary_si(a, value(r, "preemptions"), ""));
    fprintf(to, "energy        %.4g J/token IT", value(r, "e_tok"));
    print_interval(r, "e_tok", to);
    fprintf(to, ", %.4g J/token facility", value(r, "e_tok_site"));
    print_interval(r, "e_tok_site", to);
    fprintf(to, ";  %s/token\n", summary_si(a, value(r, "c_tok"), "FLOP"));
}

static void print_power(const struct result *r, FILE *to) {
    char a[SUMMARY_TEXT], b[SUMMARY_TEXT], c[SUMMARY_TEXT];
    const double over = value(r, "overshoot_energy"), site = value(r, "site_energy");
    fprintf(to, "site power    %s mean, %s peak of %s feed;  PUE %.4g\n",
            summary_si(a, value(r, "site_power_mean"), "W"),
            summary_si(b, value(r, "site_power_peak"), "W"),
            summary_si(c, value(r, "feed_limit_mean"), "W"), value(r, "PUE"));
    if (over > 0.0)
        fprintf(to, "over limit    %s in %.4g s, %.2g %% of the energy\n", summary_si(a, over, "J"),
                value(r, "overshoot_time"), 100.0 * over / site);
    fprintf(to, "price         %.4g USD and %.4g kg CO2 per million tokens (energy only)\n",
            value(r, "cost_per_million_tokens"), value(r, "carbon_per_million_tokens"));
}

static void print_verdict(const char *convention, double rho, double star, FILE *to) {
    fprintf(to, "  K_eff %-8s rho %.4g, rho* %.4g pJ/FLOP: %s is scarce at the operating point\n",
            convention, rho * 1e12, star * 1e12, rho < star ? "power" : "compute");
}

static void print_binding(const struct result *r, FILE *to) {
    enum { WIDTH = 40 };
    fputs("\nwhat bound, as a share of node-time\n", to);
    for (int b = 0; b < BINDING_COUNT; b++) {
        const double share = r->binding_share[b];
        if (share < 0.0005)
            continue;
        char bar[WIDTH + 1];
        const int length = (int)lrint(share * WIDTH);
        memset(bar, '#', (size_t)length);
        bar[length] = '\0';
        fprintf(to, "  %-8s %5.1f %%  %s\n", binding_name[b], 100.0 * share, bar);
    }
}

static void print_crossings(const struct result *r, FILE *to) {
    enum { SHOWN = 4 };
    if (r->crossings == 0) {
        fputs("  no crossover: rho - rho* keeps its sign\n", to);
        return;
    }
    fprintf(to, "  %zu crossovers:", r->crossings);
    for (size_t i = 0; i < r->crossings && i < SHOWN; i++) {
        const struct result_crossing *c = &r->crossing[i];
        fprintf(to, "%s %.2f h to %s (%s)", i > 0 ? "," : "", c->time / 3600.0,
                c->direction > 0 ? "compute" : "power", result_convention_name[c->convention]);
    }
    fputs(r->crossings > SHOWN ? ", ...\n" : "\n", to);
}

static void print_latency(const struct result *r, FILE *to) {
    static const struct {
        const char *name;
        enum cell_latency which;
    } rows[] = {{"TTFT", CELL_TTFT}, {"TPOT", CELL_TPOT}};
    fputs("\nlatency       p50        p90        p99\n", to);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct sketch *s = &r->latency[rows[i].which];
        char a[SUMMARY_TEXT], b[SUMMARY_TEXT], c[SUMMARY_TEXT];
        fprintf(to, "  %-10s  %-10s %-10s %-10s\n", rows[i].name,
                summary_si(a, sketch_quantile(s, 0.5), "s"),
                summary_si(b, sketch_quantile(s, 0.9), "s"),
                summary_si(c, sketch_quantile(s, 0.99), "s"));
    }
}

void summary_print(const struct site_spec *s, const struct result *r, FILE *to) {
    print_head(s, r, to);
    print_tokens(r, to);
    print_power(r, to);
    fprintf(to, "\nutilisation   U = %.3f: rate over the lower ceiling", value(r, "U"));
    const double over = value(r, "U_over_one_time");
    fprintf(to, over > 0.0 ? " (above 1 for %.4g s, while targets were missed)\n" : "\n", over);
    print_verdict("realized", value(r, "rho"), value(r, "rho_star"), to);
    print_verdict("peak", value(r, "rho_peak"), value(r, "rho_star"), to);
    print_crossings(r, to);
    print_binding(r, to);
    print_latency(r, to);
}

void summary_cost(double requests, double seconds, int threads, FILE *to) {
    char a[SUMMARY_TEXT], b[SUMMARY_TEXT];
    fprintf(to, "\n%s simulated in %.1f s with %d thread%s: %s\n",
            summary_si(a, requests, " requests"), seconds, threads, threads == 1 ? "" : "s",
            summary_si(b, requests / seconds, " requests/s"));
}
