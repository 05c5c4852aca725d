/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes docs/agreement.md on standard output: on how many random sites the diagnostic and the
 * marginal values name the same constraint, and those on which they do not (`make agreement`). Its
 * arguments are the random streams that sites are drawn from. */
#include "sim/engine/memory.h"
#include "sim/engine/window.h"
#include "tests/agreement_site.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    SITES = 200,     /* of each stream */
    STREAMS_MAX = 8, /* columns of a table */
    SATURATED = 100  /* of all sites; with fewer the shares say little */
};

#define BAR 0.95 /* the share of saturated sites that must agree */

/* 97.5 % point of the normal distribution. */
#define NORMAL 1.959963984540054

/* Counts over saturated sites, and of those on which the larger of the values of P_IT and K_eff is
 * named right. */
struct tally {
    int saturated, decided;
    int agree, agree_decided;     /* by the diagnostic */
    int compute, compute_decided; /* by what always says compute */
    int nodes; /* the diagnostic names the larger of the values of P_IT and nodes */
};

/* Sums over the saturated sites whose rho over rho* is below `below`, and not below the last. */
struct bin {
    double below;
    int sites, agree, decided, nodes;
    double power, k_eff, more; /* sums of values: P_IT, K_eff, nodes */
};
static const double edge[] = {0.6, 0.8, 0.9, 0.98, 1.02, 1.1, 1.25, 1.5, 1e9};
enum { BINS = sizeof edge / sizeof edge[0] };

/* Below this rho over rho* power is short by more than what lengths and prompts can hide. */
#define SHORT 0.9

struct survey {
    uint64_t stream[STREAMS_MAX];
    size_t streams;
    struct agreement *site; /* SITES of each stream, one stream after the other; owned */
};

/* -- Sites --------------------------------------------------------------------------------------
 */

/* Reads the streams; false when they are none, or no numbers. */
static bool survey_read(struct survey *s, int count, char **text) {
    if (count < 1 || count > STREAMS_MAX)
        return false;
    for (s->streams = 0; s->streams < (size_t)count; s->streams++) {
        char *end;
        const long stream = strtol(text[s->streams], &end, 10);
        if (stream < 0 || end == text[s->streams] || *end != '\0')
            return false;
        s->stream[s->streams] = (uint64_t)stream;
    }
    return true;
}

static void survey_site(void *user, size_t index) {
    struct survey *s = user;
    agreement_run(s->stream[index / SITES], (unsigned)(index % SITES), &s->site[index]);
}

static void tally_add(struct tally *t, const struct agreement *a) {
    const bool same = agreement_diagnosed(a) == agreement_valued(a);
    if (!agreement_saturated(a))
        return;
    t->saturated++;
    t->decided += agreement_decided(a);
    t->agree += same;
    t->agree_decided += same && agreement_decided(a);
    t->compute += !agreement_valued(a);
    t->compute_decided += !agreement_valued(a) && agreement_decided(a);
    t->nodes += agreement_diagnosed(a) == agreement_nodes(a);
}

/* Of each stream, and after them of all. */
static void count_all(const struct survey *s, struct tally *t) {
    for (size_t i = 0; i < s->streams * SITES; i++) {
        tally_add(&t[i / SITES], &s->site[i]);
        tally_add(&t[s->streams], &s->site[i]);
    }
}

static void bin_add(struct bin *bin, const struct agreement *a) {
    while (a->rho >= bin->below)
        bin++;
    bin->sites++;
    bin->agree += agreement_diagnosed(a) == agreement_valued(a);
    bin->decided += agreement_decided(a);
    bin->nodes += agreement_diagnosed(a) == agreement_nodes(a);
    bin->power += a->power.value;
    bin->k_eff += a->k_eff.value;
    bin->more += a->nodes.value;
}

/* -- The page -----------------------------------------------------------------------------------
 */

static void print_head(const struct survey *s, const struct tally *all) {
    printf("# Diagnostic and marginal values\n\n"
           "Written by `make agreement`; `make check` does the same with fewer sites, and "
           "`tests/agreement STREAM...` with those of other random\n"
           "streams. %zu random sites (tests/agreement_site.c), %d from each of the streams",
           s->streams * SITES, SITES);
    for (size_t i = 0; i < s->streams; i++)
        printf("%s %llu", i > 0 ? "," : "", (unsigned long long)s->stream[i]);
    printf(
        ", of which %d are saturated: demand binds for under\n"
        "%g %% of node-time. Each is run with its IT power (feed, or heat limit where that is the "
        "lower), its K_eff (by the clock) and its\n"
        "nodes up, the first quarter left out. What the values mean: [site.md](site.md).\n\n",
        all->saturated, 100 * AGREEMENT_DEMAND);
}

/* A row of counts, one for each stream and one for all, and the shares that they are of `of`. */
static void print_row(const struct survey *s, const char *text, const struct tally *t,
                      int (*count)(const struct tally *), int (*of)(const struct tally *)) {
    printf("| %s |", text);
    for (size_t i = 0; i <= s->streams; i++) {
        const int n = count(&t[i]), all = of(&t[i]);
        if (all > 0)
            printf(" %d of %d, %.1f %% |", n, all, 100.0 * n / all);
        else
            printf(" none |");
    }
    printf("\n");
}

static int saturated(const struct tally *t) {
    return t->saturated;
}
static int decided(const struct tally *t) {
    return t->decided;
}
static int agree(const struct tally *t) {
    return t->agree;
}
static int agree_decided(const struct tally *t) {
    return t->agree_decided;
}
static int agree_rest(const struct tally *t) {
    return t->agree - t->agree_decided;
}
static int rest(const struct tally *t) {
    return t->saturated - t->decided;
}
static int compute(const struct tally *t) {
    return t->compute;
}
static int compute_decided(const struct tally *t) {
    return t->compute_decided;
}
static int nodes(const struct tally *t) {
    return t->nodes;
}

static void print_counts(const struct survey *s, const struct tally *t) {
    printf("| names the constraint of the larger of the values of P_IT and K_eff |");
    for (size_t i = 0; i < s->streams; i++)
        printf(" stream %llu |", (unsigned long long)s->stream[i]);
    printf(" all |\n| --- |");
    for (size_t i = 0; i <= s->streams; i++)
        printf(" --- |");
    printf("\n");
    print_row(s, "the sign of `rho - rho*`", t, agree, saturated);
    print_row(s, "the same, on decided sites", t, agree_decided, decided);
    print_row(s, "the same, on the others", t, agree_rest, rest);
    print_row(s, "to say \"compute\" always", t, compute, saturated);
    print_row(s, "the same, on decided sites", t, compute_decided, decided);
    print_row(s, "(with nodes on the same feed in place of K_eff:) the sign of `rho - rho*`", t,
              nodes, saturated);
}

/* The ends of Wilson's 95 % interval of a share, %. */
static void share_interval(int count, int of, double *low, double *high) {
    const double n = of, p = count / n, z = NORMAL * NORMAL / n;
    const double middle = (p + z / 2) / (1 + z);
    const double half = sqrt(z * (p * (1 - p) + z / 4)) / (1 + z);
    *low = 100 * (middle - half);
    *high = 100 * (middle + half);
}

/* The mean value of K_eff over saturated sites that are short of power. */
static double short_k_eff(const struct survey *s) {
    double sum = 0;
    int sites = 0;
    for (size_t i = 0; i < s->streams * SITES; i++)
        if (agreement_saturated(&s->site[i]) && s->site[i].rho < SHORT) {
            sum += s->site[i].k_eff.value;
            sites++;
        }
    return sites > 0 ? sum / sites : NAN;
}

/* What the counts say, and what they do not. */
static void print_meaning(const struct survey *s, const struct tally *all) {
    double low, high;
    share_interval(all->agree, all->saturated, &low, &high);
    printf("\nOf all sites that can be drawn so, the sign names the same constraint on %.1f to "
           "%.1f %% (95 %% interval, Wilson). A site is *decided*\n"
           "when its two values differ by more than their 95 %% intervals (the root of the sum of "
           "both squares); on the others it is partly\n"
           "chance which value comes out larger, whatever the diagnostic says.\n\n",
           low, high);
    printf("What this tests: to a node under a cap a higher highest frequency means nothing, so "
           "that K_eff by the clock has a value of about 0\n"
           "there by construction (%.2f in the mean, where rho is below %g rho*). The table asks "
           "whether the diagnostic, which knows operating\n"
           "points and no caps, tells that nodes are capped. It does not compare two things that "
           "one may buy: of feed and nodes on the same\n"
           "feed the sign names the one with the larger value on %.1f %%, by structure, because "
           "under a cap more nodes at a lower frequency\n"
           "mostly still make more tokens ([site.md](site.md), the diagnostic's two sides).\n\n",
           short_k_eff(s), SHORT, 100.0 * all->nodes / all->saturated);
}

static void print_bins(const struct survey *s) {
    struct bin bin[BINS] = {{0}};
    for (int i = 0; i < BINS; i++)
        bin[i].below = edge[i];
    for (size_t i = 0; i < s->streams * SITES; i++)
        if (agreement_saturated(&s->site[i]))
            bin_add(bin, &s->site[i]);
    printf("By `rho / rho*`, which is the power ceiling over the compute ceiling; values are "
           "means:\n\n"
           "| rho / rho* | sites | decided | same by K_eff | same by nodes | d ln Q / d ln P_IT | "
           "d ln Q / d ln K_eff | d ln Q / d ln nodes |\n"
           "| --- | --- | --- | --- | --- | --- | --- | --- |\n");
    for (int i = 0; i < BINS; i++) {
        const double n = bin[i].sites;
        if (bin[i].sites == 0)
            continue;
        if (i + 1 < BINS)
            printf("| under %g ", bin[i].below);
        else
            printf("| above ");
        printf("| %d | %d | %d | %d | %.2f | %.2f | %.2f |\n", bin[i].sites, bin[i].decided,
               bin[i].agree, bin[i].nodes, bin[i].power / n, bin[i].k_eff / n, bin[i].more / n);
    }
}

static void print_parting(const struct survey *s) {
    printf("\nThe sites on which K_eff and the diagnostic part. P_IT is what feed and plant leave, "
           "over what all nodes draw at full power:\n\n"
           "| stream, no. | site | P_IT | rho / rho* | d ln Q / d ln P_IT | d ln Q / d ln K_eff | "
           "decided | reason |\n"
           "| --- | --- | --- | --- | --- | --- | --- | --- |\n");
    for (size_t i = 0; i < s->streams * SITES; i++) {
        const struct agreement *a = &s->site[i];
        const char *reason = agreement_reason(a);
        if (!agreement_saturated(a) || agreement_diagnosed(a) == agreement_valued(a))
            continue;
        printf("| %llu, %zu | %s | %.2f | %.3f | %.3f +- %.3f | %.3f +- %.3f | %s | %s |\n",
               (unsigned long long)s->stream[i / SITES], i % SITES, a->text, a->ratio, a->rho,
               a->power.value, a->power.half, a->k_eff.value, a->k_eff.half,
               agreement_decided(a) ? "yes" : "no", reason != NULL ? reason : "not known");
    }
}

int main(int count, char **text) {
    struct survey s = {.streams = 0};
    struct tally tally[STREAMS_MAX + 1] = {{0}};
    if (!survey_read(&s, count - 1, text + 1)) {
        fprintf(stderr, "agreement: one to %d random streams, as in 1 2 3, would be right\n",
                STREAMS_MAX);
        return 2;
    }
    s.site = memory_new(s.streams * SITES, sizeof *s.site);
    window_run(window_threads(), s.streams * SITES, survey_site, &s);
    count_all(&s, tally);
    const struct tally *all = &tally[s.streams];
    const bool good = all->saturated >= SATURATED && all->agree >= BAR * all->saturated;
    if (all->saturated > 0) {
        print_head(&s, all);
        print_counts(&s, tally);
        print_meaning(&s, all);
        print_bins(&s);
        print_parting(&s);
    }
    free(s.site);
    return fflush(stdout) == 0 && good ? EXIT_SUCCESS : EXIT_FAILURE;
}
