/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/search.h"

#include "analysis/study.h"
#include "analysis/summary.h"
#include "sim/engine/memory.h"
#include "sim/engine/ranks.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

bool search_open(struct search *s, const struct options *o, bool all, struct error *e) {
    *s = (struct search){.o = o, .replications = (size_t)o->replications};
    goal_read(&s->goal, o, all, e);
    if (!scenario_load(&s->base, o->scenario, o->set, o->sets, e))
        return false;
    s->seed = o->has_seed ? o->seed : s->base.site.seed;
    return !error_any(e);
}

void search_close(struct search *s) {
    scenario_clear(&s->base);
    free(s->run);
    free(s->refused);
    s->run = NULL;
    s->refused = NULL;
    s->points = 0;
}

/* -- Running ------------------------------------------------------------------------------------
 */

static struct experiment_run run_of(const struct search_point *p, size_t replication) {
    return (struct experiment_run){.set = p->set,
                                   .sets = p->sets,
                                   .replication = p->first + replication,
                                   .resource = p->resource,
                                   .factor = p->factor};
}

bool search_check(struct search *s, const struct search_point *point, struct error *e) {
    const struct experiment_run run = run_of(point, 0);
    const struct experiment x = study_experiment(s->o, &run, 1, &s->failed);
    return experiment_check(&x, 0, e);
}

/* The same, and why not is nobody's mistake. Of a resource, whether there can be so much of it. */
static bool is_taken(struct search *s, const struct search_point *p) {
    struct error why;
    struct resource_trial trial;
    assert(p->sets == 0 || p->resource == RESOURCE_COUNT);
    if (p->resource != RESOURCE_COUNT) {
        if (!resource_scale(&s->base.site, p->resource, p->factor, &trial))
            return false;
        resource_clear(&trial);
        return true;
    }
    error_init(&why);
    const bool taken = p->sets == 0 || search_check(s, p, &why);
    error_clear(&why);
    return taken;
}

/* Counts on through the stages of a search, whose end is not known. */
static bool show_progress(void *user, size_t done, size_t runs) {
    struct search *s = user;
    return progress_runs(&s->progress, s->runs + done, s->runs + runs);
}

/* Room for more points, none of them run. */
static void add_points(struct search *s, size_t count) {
    const size_t records = s->replications * outcome_count(), points = s->points + count;
    s->run = memory_resize(s->run, points * records, sizeof *s->run);
    s->refused = memory_resize(s->refused, points, sizeof *s->refused);
    for (size_t i = s->points * records; i < points * records; i++)
        s->run[i] = (struct outcome){NAN, INFINITY};
    s->points = points;
}

bool search_run(struct search *s, const struct search_point *point, size_t count, struct error *e) {
    const size_t first = s->points, records = s->replications * outcome_count();
    struct experiment_run *run = memory_new(count * s->replications + 1, sizeof *run);
    struct outcome *out = memory_new(count * records + 1, sizeof *out);
    size_t runs = 0;
    add_points(s, count);
    for (size_t i = 0; i < count; i++) {
        s->refused[first + i] = !is_taken(s, &point[i]);
        for (size_t r = 0; r < s->replications && !s->refused[first + i]; r++)
            run[runs++] = run_of(&point[i], r);
    }
    const struct experiment x = study_experiment(s->o, run, runs, &s->failed);
    const bool done = runs == 0 || experiment_do(&x, show_progress, s, out, e);
    const struct outcome *from = out;
    for (size_t i = 0; done && i < count; i++) {
        if (s->refused[first + i])
            continue;
        memcpy(s->run + (first + i) * records, from, records * sizeof *from);
        from += records;
    }
    s->runs += runs;
    free(out);
    free(run);
    return done;
}

/* -- What is known of a point -------------------------------------------------------------------
 */

const struct outcome *search_runs(const struct search *s, size_t point) {
    assert(point < s->points);
    return s->run + point * s->replications * outcome_count();
}

struct goal_verdict search_verdict(const struct search *s, size_t point) {
    if (s->refused[point])
        return (struct goal_verdict){.sure = true, .excess = INFINITY};
    return goal_judge_all(&s->goal, search_runs(s, point), s->replications);
}

bool search_silent(const struct search *s, size_t point) {
    return goal_silent(search_runs(s, point), s->replications);
}

struct outcome search_figure(const struct search *s, size_t point, const char *name) {
    const long figure = outcome_find(name);
    assert(figure >= 0);
    return outcome_mean(search_runs(s, point), (size_t)figure, s->replications);
}

enum binding search_binding(const struct search *s, size_t point) {
    enum binding most = 0;
    double best = -1.0;
    for (enum binding b = 0; b < BINDING_COUNT; b++) {
        const struct outcome share =
            outcome_mean(search_runs(s, point), outcome_binding(b), s->replications);
        if (share.value > best) {
            best = share.value;
            most = b;
        }
    }
    return most;
}

/* -- The command around it ----------------------------------------------------------------------
 */

/* By one rank. */
static bool report(const struct search *s, const struct search_command *c, const void *user,
                   const char *path, double seconds, struct error *e) {
    const struct results_meta meta = study_meta(s->o, &s->base);
    const char *xml = s->base.resolved_xml;
    struct h5out out;
    h5out_open(&out);
    const hid_t root = h5out_group(&out, "/");
    results_root(&out, root, &meta);
    h5out_whole(&out, root, "replications", (int64_t)s->replications);
    h5out_names(&out, root, "scenario", "the resolved scenario, before any change", &xml, 0, NULL);
    h5out_leave(&out, root);
    c->file(s, user, &out);
    if (!results_end(path, &out, e))
        return false;
    if (!s->o->quiet) {
        char text[SUMMARY_TEXT];
        c->print(s, user, stdout);
        printf("\nresults in %s\n", path);
        fflush(stdout);
        fprintf(stderr, "%zu runs in %s\n", s->runs, summary_duration(text, seconds));
    }
    return true;
}

static enum run_status work_and_report(struct search *s, const struct search_command *c, void *user,
                                       const char *path, struct error *e) {
    const bool first = ranks_index() == 0;
    progress_start(&s->progress, stderr, 0.0, !s->o->quiet && first);
    const bool found = c->work(s, user, e);
    const double seconds = progress_end(&s->progress);
    /* What went wrong in a run is known to the rank that ran it alone, what is wrong with the
     * scenario to all. */
    if (!ranks_agree(found || !error_any(e), e))
        return s->failed ? RUN_FAILED : RUN_MISTAKE;
    return ranks_agree(!first || report(s, c, user, path, seconds, e), e) ? RUN_DONE : RUN_FAILED;
}

enum run_status search_command(const struct search_command *c, void *user, const struct options *o,
                               struct error *e) {
    struct search s;
    enum run_status status = RUN_MISTAKE;
    char *path = run_output(o, c->suffix);
    if (ranks_agree(search_open(&s, o, c->all, e), e) &&
        ranks_agree(ranks_index() > 0 || results_probe(path, e), e))
        status = work_and_report(&s, c, user, path, e);
    free(path);
    search_close(&s);
    return status;
}
