/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/edge_print.h"

#include "analysis/summary.h"
#include "sim/engine/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CELL = 48 };

void edge_print_goal(const struct search *s, FILE *to) {
    fprintf(to, "%s\n\nThe goal, judged by the mean of %zu %s:\n", s->base.title, s->replications,
            s->replications == 1 ? "run" : "runs with random numbers common to all points");
    for (size_t i = 0; i < s->goal.parts; i++) {
        const struct goal_part *p = &s->goal.part[i];
        const struct figure f = goal_figure(p);
        fprintf(to, "  %-14s at %s %g%s%s: %s\n", f.name, p->kind == GOAL_GOOD ? "least" : "most",
                p->limit, strcmp(f.unit, "1") == 0 ? "" : " ",
                strcmp(f.unit, "1") == 0 ? "" : f.unit, f.long_name);
    }
}

/* A value of the edge: a factor and nodes plainly, the rest with its unit. */
static const char *value_text(char text[CELL], const struct edge *g, double value) {
    char si[SUMMARY_TEXT];
    if (g->kind == EDGE_DEMAND)
        snprintf(text, CELL, "x %.4g", value);
    else if (g->kind == EDGE_FEED)
        snprintf(text, CELL, "%s", summary_si(si, value, "W"));
    else if (g->kind == EDGE_NODES)
        snprintf(text, CELL, "%.0f", value);
    else
        snprintf(text, CELL, "%.6g%s%.20s", value, *g->axis->unit == '\0' ? "" : " ",
                 g->axis->unit);
    return text;
}

/* "0.9912 +- 0.0005". */
static void interval_text(char text[CELL], const struct outcome *value) {
    if (!isfinite(value->value))
        snprintf(text, CELL, "none");
    else if (isfinite(value->half) && value->half > 0.0)
        snprintf(text, CELL, "%.4g +- %.1g", value->value, value->half);
    else
        snprintf(text, CELL, "%.4g", value->value);
}

static double request_rate(const struct search *s, size_t point) {
    return search_figure(s, point, "requests_arrived").value /
           search_figure(s, point, "horizon").value;
}

static void print_row(const struct edge *g, const struct search *s, size_t i, FILE *to) {
    const size_t point = g->first + i;
    char text[CELL], requests[SUMMARY_TEXT], tokens[SUMMARY_TEXT];
    fprintf(to, "  %12s", value_text(text, g, g->value[i]));
    if (s->refused[point]) {
        fprintf(to, "  the scenario cannot be so: missed\n");
        return;
    }
    fprintf(to, "  %11s  %11s", summary_rate(requests, request_rate(s, point)),
            summary_rate(tokens, search_figure(s, point, "token_rate_mean").value));
    for (size_t p = 0; p < s->goal.parts; p++) {
        struct goal_verdict v;
        goal_judge(&s->goal.part[p], search_runs(s, point), s->replications, &v);
        interval_text(text, &v.mean);
        fprintf(to, "  %17s", text);
    }
    const struct goal_verdict all = search_verdict(s, point);
    fprintf(to, "  %-7s  %s%s\n", binding_name[search_binding(s, point)],
            all.met ? "met" : "missed", all.sure || s->replications == 1 ? "" : ", not surely");
}

/* The next point in the order of values after `last`; g->points when there is none. */
static size_t next_point(const struct edge *g, double last) {
    size_t next = g->points;
    for (size_t i = 0; i < g->points; i++)
        if (g->value[i] > last && (next == g->points || g->value[i] < g->value[next]))
            next = i;
    return next;
}

static void print_table(const struct edge *g, const struct search *s, FILE *to) {
    fprintf(to, "\n  %12s  %11s  %11s", edge_name(g), "requests", "tokens");
    for (size_t p = 0; p < s->goal.parts; p++)
        fprintf(to, "  %17s", goal_figure(&s->goal.part[p]).name);
    fputs("  binding  goal\n", to);
    double last = -INFINITY;
    for (size_t i = next_point(g, last); i < g->points; i = next_point(g, last)) {
        print_row(g, s, i, to);
        last = g->value[i];
    }
}

/* "good_share, queue_growth": the parts of the goal that a point missed. */
static void print_missed(const struct search *s, size_t point, FILE *to) {
    const char *comma = "";
    if (s->refused[point])
        fputs("the scenario cannot be so", to);
    for (size_t p = 0; p < s->goal.parts && !s->refused[point]; p++) {
        struct goal_verdict v;
        goal_judge(&s->goal.part[p], search_runs(s, point), s->replications, &v);
        if (v.met)
            continue;
        fprintf(to, "%s%s", comma, goal_figure(&s->goal.part[p]).name);
        comma = ", ";
    }
}

/* ", good_share 0.9902": never good tokens a second, of which there may be more than tokens, since
 * those of a request all count when it ends, also those that it got during the warm-up. */
static void print_good(const struct search *s, size_t point, FILE *to) {
    for (size_t p = 0; p < s->goal.parts; p++) {
        struct goal_verdict v;
        if (s->goal.part[p].kind != GOAL_GOOD)
            continue;
        goal_judge(&s->goal.part[p], search_runs(s, point), s->replications, &v);
        if (isfinite(v.mean.value))
            fprintf(to, ", good_share %.4g", v.mean.value);
    }
}

/* What it is like where the goal is met. */
static void print_met(const struct edge *g, const struct search *s, FILE *to) {
    const size_t point = (size_t)edge_met(g);
    char requests[SUMMARY_TEXT], tokens[SUMMARY_TEXT], energy[SUMMARY_TEXT];
    fprintf(to, "There: %s, %s", summary_si(requests, request_rate(s, point), " requests/s"),
            summary_si(tokens, search_figure(s, point, "token_rate_mean").value, " tokens/s"));
    print_good(s, point, to);
    const double e_tok = search_figure(s, point, "e_tok_site").value;
    if (isfinite(e_tok))
        fprintf(to, ", %s of the site a token", summary_si(energy, e_tok, "J"));
    fprintf(to, "; binding: %s\n", binding_name[search_binding(s, point)]);
    const char *line = g->set[point - g->first];
    fputs(*line != '\0' ? "It is" : "", to);
    while (*line != '\0') {
        const size_t length = strcspn(line, "\n");
        fprintf(to, " --set '%.*s'", (int)length, line);
        line += length + (line[length] == '\n');
        fputs(*line == '\0' ? "\n" : "", to);
    }
}

static const char *what(const struct edge *g) {
    static const char *const text[] = {[EDGE_DEMAND] = "Largest demand that meets",
                                       [EDGE_NODES] = "Fewest nodes that meet",
                                       [EDGE_FEED] = "Smallest feed that meets"};
    return g->kind == EDGE_AXIS ? "Least value that meets" : text[g->kind];
}

/* What the search as a whole found, and where it did not find an edge why not. */
static void print_found(const struct edge *g, const struct search *s, FILE *to) {
    const long met = edge_met(g), missed = edge_missed(g);
    char a[CELL], b[CELL];
    fputc('\n', to);
    if (met < 0) {
        fprintf(to, "%s the goal: none found, %s to %s; missed there: ", what(g),
                g->kind == EDGE_DEMAND ? "down" : "up", value_text(a, g, g->value[g->points - 1]));
        print_missed(s, g->first + g->points - 1, to);
        if (g->hopeless)
            fprintf(to, ". %s of it brings nothing", g->kind == EDGE_DEMAND ? "Less" : "More");
        fputc('\n', to);
        return;
    }
    fprintf(to, "%s the goal: %s", what(g), value_text(a, g, g->value[(size_t)met - g->first]));
    if (missed < 0) {
        fputs(", the last that was tried: none missed it\n", to);
    } else {
        fprintf(to, "; %s misses it by ", value_text(b, g, g->value[(size_t)missed - g->first]));
        print_missed(s, (size_t)missed, to);
        fputc('\n', to);
    }
    print_met(g, s, to);
}

/* Whether the replications of every point came out alike, as those of a replayed trace do. */
static bool seeds_are_idle(const struct search *s) {
    for (size_t p = 0; p < s->points; p++)
        if (!s->refused[p] && !outcome_same(search_runs(s, p), s->replications))
            return false;
    return true;
}

/* What is beyond chance. */
static void print_sure(const struct edge *g, const struct search *s, FILE *to) {
    const double met = edge_sure(g, s, true), missed = edge_sure(g, s, false);
    const bool demand = g->kind == EDGE_DEMAND;
    char text[CELL];
    if (s->replications == 1) {
        fputs("One run a point: no intervals; --replications tells how sure this is\n", to);
        return;
    }
    if (seeds_are_idle(s)) {
        fputs("All replications came out the same (a replayed trace?): the seeds change nothing, "
              "so that\n"
              "nothing tells how sure this is\n",
              to);
        return;
    }
    fputs("By 95 % intervals surely met ", to);
    if (isnan(met))
        fputs("nowhere", to);
    else
        fprintf(to, "%s %s", demand ? "up to" : "from", value_text(text, g, met));
    fputs(", surely missed ", to);
    if (isnan(missed))
        fputs("nowhere\n", to);
    else
        fprintf(to, "%s %s\n", demand ? "from" : "up to", value_text(text, g, missed));
}

static bool is_whole(const struct edge *g) {
    return g->kind == EDGE_NODES || (g->kind == EDGE_AXIS && g->axis->whole);
}

void edge_print(const struct edge *g, const struct search *s, FILE *to) {
    print_table(g, s, to);
    print_found(g, s, to);
    print_sure(g, s, to);
    if (edge_met(g) >= 0 && edge_missed(g) >= 0)
        fprintf(to, "Stopped after %zu points, with the ends %sat most %.3g %% apart\n", g->points,
                is_whole(g) ? "next to each other or " : "", 100.0 * g->tolerance);
}
