/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/run.h"

#include "config.h"

#include "analysis/marginal.h"
#include "analysis/progress.h"
#include "analysis/summary.h"
#include "sim/engine/memory.h"
#include "sim/engine/ranks.h"
#include "sim/engine/window.h"
#include "sim/io/results.h"

#include <gsl/gsl_errno.h>
#include <hdf5.h>
#include <stdlib.h>
#include <string.h>

void run_handlers(void) {
    gsl_set_error_handler_off();
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
}

char *run_output(const struct options *o, const char *suffix) {
    if (o->output != NULL)
        return memory_text(o->output);
    const char *slash = strrchr(o->scenario, '/');
    const char *name = slash == NULL ? o->scenario : slash + 1;
    const char *dot = strrchr(name, '.');
    const size_t length = dot == NULL || dot == name ? strlen(name) : (size_t)(dot - name);
    return memory_print("%.*s%s.h5", (int)length, name, suffix);
}

static bool report(const struct options *o, const struct scenario *s, const struct result *r,
                   const char *path, double seconds) {
    if (o->json)
        return results_json(r, stdout);
    if (o->quiet)
        return true;
    if (o->command == OPTIONS_MARGINAL)
        marginal_print(&s->site, r, stdout);
    else
        summary_print(&s->site, r, stdout);
    printf("\nresults in %s; final state %016llx\n", path, (unsigned long long)r->state_hash);
    fflush(stdout);
    const struct figure *simulated = result_figure(r, "requests_simulated");
    summary_cost(simulated == NULL ? 0.0 : simulated->value, seconds, ranks_count(),
                 s->site.threads > 0 ? s->site.threads : window_threads(), stderr);
    return true;
}

/* The run, and for marginal values those beside it; false with nothing left in *r. */
static bool run_all(const struct options *o, const struct scenario *s, struct progress *p,
                    struct result *r, struct error *e) {
    if (!site_run(&s->site, progress_step, p, r, e))
        return false;
    if (o->command != OPTIONS_MARGINAL || marginal_run(&s->site, progress_step, p, r, e))
        return true;
    result_clear(r);
    return false;
}

/* Writes and prints a result. */
static bool publish(const struct options *o, const struct scenario *s, const struct result *r,
                    const char *path, double seconds, struct error *e) {
    const struct results_meta meta = {.title = s->title,
                                      .version = PACKAGE_VERSION,
                                      .scenario_sha256 = s->sha256,
                                      .command = o->text,
                                      .scenario_xml = s->resolved_xml,
                                      .seed = s->site.seed};
    return results_write(path, r, &meta, e) && report(o, s, r, path, seconds);
}

enum run_status run_scenario(const struct options *o, const struct scenario *s, struct error *e) {
    const bool first = ranks_index() == 0;
    char *path = run_output(o, "");
    enum run_status status = RUN_MISTAKE;
    struct progress progress;
    struct result result;
    if (ranks_agree(!first || results_probe(path, e), e)) {
        status = RUN_FAILED;
        const int more = o->command == OPTIONS_MARGINAL ? marginal_runs(&s->site) : 0;
        progress_start(&progress, stderr, site_end(&s->site) * (1.0 + more), first && !o->quiet);
        const bool ran = run_all(o, s, &progress, &result, e);
        const double seconds = progress_end(&progress);
        if (ranks_agree(ran && (!first || publish(o, s, &result, path, seconds, e)), e))
            status = RUN_DONE;
        if (ran)
            result_clear(&result);
    }
    free(path);
    return status;
}
