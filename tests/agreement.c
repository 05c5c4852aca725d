/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes docs/agreement.md on standard output: on how many random sites the diagnostic and the
 * marginal values name the same constraint, and those on which they do not (`make agreement`). */
#include "tests/agreement_site.h"

#include <stdio.h>
#include <stdlib.h>

enum { SITES = 200 };

/* Sums over the saturated sites whose rho over rho* is below `below`, and not below the last. */
struct bin {
    double below;
    int sites, agree, nodes;
    double power, k_eff, more; /* sums of values: P_IT, K_eff, nodes */
};
static const double edge[] = {0.6, 0.8, 0.9, 0.98, 1.02, 1.1, 1.25, 1.5, 1e9};
enum { BINS = sizeof edge / sizeof edge[0] };

static void bin_add(struct bin *bin, const struct agreement *a) {
    while (a->rho >= bin->below)
        bin++;
    bin->sites++;
    bin->agree += agreement_diagnosed(a) == agreement_valued(a);
    bin->nodes += agreement_diagnosed(a) == agreement_nodes(a);
    bin->power += a->power.value;
    bin->k_eff += a->k_eff.value;
    bin->more += a->nodes.value;
}

static void print_head(int saturated, int agree, int nodes) {
    printf(
        "# Diagnostic and marginal values\n\n"
        "Written by `make agreement`; `make check` does the same with fewer sites. %d random "
        "sites (tests/agreement_site.c), of which\n"
        "%d are saturated: demand binds for under %g %% of node-time. Each is run with its "
        "IT power (feed, or heat limit where that is\n"
        "the lower), its K_eff (by the clock) and its nodes up, the first quarter left out. "
        "What the values mean: [site.md](site.md).\n\n"
        "| names the same constraint as the sign of `rho - rho*` | sites | share |\n"
        "| --- | --- | --- |\n"
        "| the larger of the values of P_IT and K_eff | %d of %d | %.1f %% |\n"
        "| the larger of the values of P_IT and nodes on the same feed | %d of %d | %.1f %% |\n\n",
        SITES, saturated, 100 * AGREEMENT_DEMAND, agree, saturated, 100.0 * agree / saturated,
        nodes, saturated, 100.0 * nodes / saturated);
}

static void print_bins(const struct bin *bin) {
    printf(
        "By `rho / rho*`, which is the power ceiling over the compute ceiling; values are "
        "means:\n\n"
        "| rho / rho* | sites | same by K_eff | same by nodes | d ln Q / d ln P_IT | d ln Q / d ln "
        "K_eff | d ln Q / d ln nodes |\n| --- | --- | --- | --- | --- | --- | --- |\n");
    for (int i = 0; i < BINS; i++) {
        const double n = bin[i].sites;
        if (bin[i].sites == 0)
            continue;
        if (i + 1 < BINS)
            printf("| under %g ", bin[i].below);
        else
            printf("| above ");
        printf("| %d | %d | %d | %.2f | %.2f | %.2f |\n", bin[i].sites, bin[i].agree, bin[i].nodes,
               bin[i].power / n, bin[i].k_eff / n, bin[i].more / n);
    }
}

static void print_site(unsigned number, const struct agreement *a) {
    const char *reason = agreement_reason(a);
    printf("| %u | %s | %.2f | %.3f | %.3f +- %.3f | %.3f +- %.3f | %s |\n", number, a->text,
           a->ratio, a->rho, a->power.value, a->power.half, a->k_eff.value, a->k_eff.half,
           reason != NULL ? reason : "not known");
}

int main(void) {
    struct agreement *a = calloc(SITES, sizeof *a);
    struct bin bin[BINS] = {{0}};
    int saturated = 0, agree = 0, nodes = 0;
    if (a == NULL)
        return EXIT_FAILURE;
    for (int i = 0; i < BINS; i++)
        bin[i].below = edge[i];
    for (unsigned i = 0; i < SITES; i++) {
        agreement_run(i, &a[i]);
        if (!agreement_saturated(&a[i]))
            continue;
        saturated++;
        agree += agreement_diagnosed(&a[i]) == agreement_valued(&a[i]);
        nodes += agreement_diagnosed(&a[i]) == agreement_nodes(&a[i]);
        bin_add(bin, &a[i]);
    }
    print_head(saturated, agree, nodes);
    print_bins(bin);
    printf(
        "\nThe sites on which K_eff and the diagnostic part. P_IT is what feed and plant leave, "
        "over what all nodes draw at full power:\n\n"
        "| no. | site | P_IT | rho / rho* | d ln Q / d ln P_IT | d ln Q / d ln K_eff | reason |\n"
        "| --- | --- | --- | --- | --- | --- | --- |\n");
    for (unsigned i = 0; i < SITES; i++)
        if (agreement_saturated(&a[i]) && agreement_diagnosed(&a[i]) != agreement_valued(&a[i]))
            print_site(i, &a[i]);
    free(a);
    return fflush(stdout) == 0 && saturated >= 100 && agree >= 0.95 * saturated ? EXIT_SUCCESS
                                                                                : EXIT_FAILURE;
}
