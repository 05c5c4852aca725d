/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/experiment.h"

#include "config.h"

#include "analysis/journal.h"
#include "sim/engine/memory.h"
#include "sim/engine/ranks.h"
#include "sim/engine/window.h"
#include "sim/io/scenario.h"
#include "sim/io/sha256.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* -- One run ------------------------------------------------------------------------------------
 */

/* "//cooling/@pue=1.2, //feed/@limit=80 MW"; owned by the caller. */
static char *run_text(const struct experiment_run *run) {
    char *text = memory_text("");
    for (size_t i = 0; i < run->sets; i++) {
        char *longer = memory_print("%s%s%s=%s", text, i > 0 ? ", " : "", run->set[i].xpath,
                                    run->set[i].value);
        free(text);
        text = longer;
    }
    return text;
}

/* The scenario as run `index` has it, but for its seed. By one thread at a time. */
static bool load(const struct experiment *x, size_t index, struct scenario *s, struct error *e) {
    const struct experiment_run *run = &x->run[index];
    const size_t count = x->sets + run->sets;
    struct override *set = memory_new(count + 1, sizeof *set);
    if (x->sets > 0)
        memcpy(set, x->set, x->sets * sizeof *set);
    if (run->sets > 0)
        memcpy(set + x->sets, run->set, run->sets * sizeof *set);
    const bool loaded = scenario_load(s, x->scenario, set, count, e);
    free(set);
    if (!loaded && run->sets > 0) {
        char *text = run_text(run);
        error_add(e, NULL, 0, "so it is with %s", text);
        free(text);
    }
    return loaded;
}

bool experiment_check(const struct experiment *x, size_t index, struct error *e) {
    struct scenario s;
    if (!load(x, index, &s, e))
        return false;
    scenario_clear(&s);
    return true;
}

bool experiment_factor(const struct experiment *x, size_t index, double *factor, struct error *e) {
    const struct experiment_run *run = &x->run[index];
    struct scenario s;
    struct resource_trial trial;
    *factor = 1.0;
    if (!load(x, index, &s, e))
        return false;
    if (run->resource != RESOURCE_COUNT &&
        resource_scale(&s.site, run->resource, run->factor, &trial)) {
        *factor = trial.factor;
        resource_clear(&trial);
    }
    scenario_clear(&s);
    return true;
}

static void fill_none(struct outcome *out) {
    for (size_t i = 0; i < outcome_count(); i++)
        out[i] = (struct outcome){NAN, INFINITY};
}

/* An outcome that is its base's: no value of a run is below any number. */
static void fill_same(struct outcome *out) {
    for (size_t i = 0; i < outcome_count(); i++)
        out[i] = (struct outcome){-INFINITY, INFINITY};
}

static bool is_base_outcome(const struct outcome *out) {
    for (size_t i = 0; i < outcome_count(); i++)
        if (out[i].value != -INFINITY)
            return false;
    return true;
}

/* Runs the site with the run's resource scaled. */
static bool simulate_scaled(const struct experiment_run *run, const struct site_spec *site,
                            struct outcome *out, struct error *e) {
    struct result result;
    struct resource_trial trial;
    const bool scaled = run->resource != RESOURCE_COUNT;
    if (run->base != NULL && resource_idle(site, run->resource)) {
        fill_same(out);
        return true;
    }
    if (scaled && !resource_scale(site, run->resource, run->factor, &trial)) {
        fill_none(out);
        return true;
    }
    const bool ran = site_run(scaled ? &trial.site : site, NULL, NULL, &result, e);
    if (ran) {
        outcome_fill(&result, out);
        result_clear(&result);
    }
    if (scaled)
        resource_clear(&trial);
    return ran;
}

static bool simulate(const struct experiment_run *run, const struct site_spec *site,
                     struct outcome *out, struct error *e) {
    struct resource_trial more;
    if (!(run->demand > 1.0))
        return simulate_scaled(run, site, out, e);
    if (!resource_scale(site, RESOURCE_DEMAND, run->demand, &more)) {
        fill_none(out);
        return true;
    }
    const bool ran = simulate_scaled(run, &more.site, out, e);
    resource_clear(&more);
    return ran;
}

/* -- All of them --------------------------------------------------------------------------------
 */

/* A scenario as some runs have it, kept for the next of them: to read it takes as long as to
 * simulate minutes. */
struct kept {
    struct scenario scenario;
    const struct override *set; /* of those runs, and how many */
    size_t sets;
    bool loaded;
    int users; /* threads: a run only reads it */
};

struct work {
    const struct experiment *x;
    struct kept *kept; /* one for each thread */
    size_t keeps;
    experiment_progress *progress;
    void *user;
    struct outcome *out;
    struct journal journal;
    size_t *todo, todos; /* this rank's runs that are not in the journal */
    size_t own, done;    /* this rank's runs; those of them that have ended */
    int threads;         /* of one run */
    struct error *error;
    bool stopped, failed; /* failed: in a simulation; by one thread at a time */
};

/* What one thread hands to its turns alone. */
struct turn {
    struct work *work;
    size_t index;
    struct kept *kept;  /* NULL: the run is not to be done */
    struct error error; /* of the simulation */
    bool ended;
};

static bool is_of(const struct kept *k, const struct experiment_run *run) {
    return k->loaded && k->set == run->set && k->sets == run->sets;
}

/* The run's own, or else any that no thread uses. */
static struct kept *find_kept(const struct work *w, const struct experiment_run *run) {
    struct kept *any = NULL;
    for (size_t i = 0; i < w->keeps; i++) {
        struct kept *k = &w->kept[i];
        if (is_of(k, run))
            return k;
        if (k->users == 0)
            any = k;
    }
    return any;
}

static void turn_load(void *user) {
    struct turn *t = user;
    struct work *w = t->work;
    const struct experiment_run *run = &w->x->run[t->index];
    if (w->stopped)
        return;
    struct kept *k = find_kept(w, run);
    assert(k != NULL);
    if (k->loaded && !is_of(k, run)) {
        scenario_clear(&k->scenario);
        k->loaded = false;
    }
    if (!k->loaded)
        k->loaded = load(w->x, t->index, &k->scenario, w->error);
    k->set = run->set;
    k->sets = run->sets;
    k->users += k->loaded;
    w->stopped = !k->loaded;
    t->kept = k->loaded ? k : NULL;
}

static void turn_end(void *user) {
    struct turn *t = user;
    struct work *w = t->work;
    t->kept->users--;
    for (size_t i = 0; i < t->error.count; i++)
        error_add(w->error, t->error.entry[i].file, t->error.entry[i].line, "%s",
                  t->error.entry[i].text);
    error_clear(&t->error);
    if (!t->ended) {
        w->stopped = w->failed = true;
        return;
    }
    w->done++;
    if (w->x->journal != NULL)
        journal_put(&w->journal, t->index, w->out + t->index * outcome_count());
    if (w->journal.failure != NULL) /* rather than hours that a kill would take */
        w->stopped = true;
    if (w->progress != NULL && !w->progress(w->user, w->done, w->own))
        w->stopped = true;
}

static void work_item(void *user, size_t item) {
    struct work *w = user;
    struct turn t = {.work = w, .index = w->todo[item]};
    error_init(&t.error);
    window_alone(turn_load, &t);
    if (t.kept == NULL)
        return;
    const struct experiment_run *run = &w->x->run[t.index];
    struct site_spec site = t.kept->scenario.site;
    site.seed = (w->x->has_seed ? w->x->seed : site.seed) + run->replication;
    site.step_by_step = w->x->step_by_step;
    site.threads = w->threads;
    t.ended = simulate(run, &site, w->out + t.index * outcome_count(), &t.error);
    window_alone(turn_end, &t);
}

/* Goes on with a digest over more bytes. */
static void key_add(char key[65], const void *bytes, size_t size) {
    char digest[65];
    sha256_hex(bytes, size, digest);
    char *both = memory_print("%s%s", key, digest);
    sha256_hex(both, strlen(both), key);
    free(both);
}

/* What the scenario reads from files beside it, which its resolved text only names: weather,
 * traces. */
static void key_add_data(char key[65], const struct scenario *s) {
    const struct schedule *weather = &s->site.temperature;
    key_add(key, weather->time, weather->count * sizeof *weather->time);
    key_add(key, weather->value, weather->count * sizeof *weather->value);
    for (size_t i = 0; i < s->traces; i++) {
        const struct trace *trace = s->trace[i].trace;
        static_assert(sizeof *trace->request == sizeof(double) + 2 * sizeof(int32_t),
                      "no bytes between, which would be any");
        key_add(key, trace->request, trace->count * sizeof *trace->request);
    }
}

/* What tells the experiment from any other: the scenario resolved, the runs, the figures. */
static bool make_key(const struct experiment *x, char key[65], struct error *e) {
    struct scenario s;
    if (!scenario_load(&s, x->scenario, x->set, x->sets, e))
        return false;
    char *all =
        memory_print("dcsim %s, %zu figures, scenario %s, seed %" PRIu64 "%s\n", PACKAGE_VERSION,
                     outcome_count(), s.sha256, x->has_seed ? x->seed : s.site.seed,
                     x->step_by_step ? ", step by step" : "");
    sha256_hex(all, strlen(all), key);
    free(all);
    key_add_data(key, &s);
    scenario_clear(&s);
    for (size_t i = 0; i < x->runs; i++) {
        const struct experiment_run *run = &x->run[i];
        char *text = run_text(run);
        char *line = memory_print("%s %s %" PRIu64 " %d %.17g %.17g", key, text, run->replication,
                                  (int)run->resource, run->factor, run->demand);
        sha256_hex(line, strlen(line), key);
        free(line);
        free(text);
    }
    return true;
}

/* Whether all ranks have the same experiment: only then are their outcomes one result. */
static bool have_same_key(const struct experiment *x, const char key[65], struct error *e) {
    const bool same = ranks_same(key, 64);
    if (!same)
        error_add(
            e, x->scenario, 0,
            "found another scenario, or other tables, than on rank 0; the same files on every "
            "machine would be right");
    return ranks_agree(same, e);
}

/* Opens the journal, and takes from it what has been done. */
static bool resume(struct work *w) {
    const struct experiment *x = w->x;
    const size_t size = outcome_count() * sizeof *w->out;
    char key[65] = "";
    if (!ranks_agree(make_key(x, key, w->error), w->error) || !have_same_key(x, key, w->error))
        return false;
    if (x->journal == NULL)
        return true;
    if (!ranks_agree(journal_open(&w->journal, x->journal, ranks_index(), ranks_count(), key, size,
                                  x->runs, w->error),
                     w->error))
        return false;
    for (size_t i = 0; i < x->runs; i++) {
        const void *record = journal_get(&w->journal, i);
        if (record != NULL)
            memcpy(w->out + i * outcome_count(), record, size);
    }
    return true;
}

static void list_todo(struct work *w) {
    w->todo = memory_new(w->x->runs + 1, sizeof *w->todo);
    for (size_t i = 0; i < w->x->runs; i++) {
        if (ranks_of(i, ranks_count()) != ranks_index())
            continue;
        w->own++;
        if (w->x->journal == NULL || journal_get(&w->journal, i) == NULL)
            w->todo[w->todos++] = i;
    }
    w->done = w->own - w->todos;
}

/* This rank's runs. Whatever fails is told in w->error. */
static void run_own(struct work *w) {
    const struct experiment *x = w->x;
    const size_t before = w->error->count;
    const int threads = x->threads > 0 ? x->threads : window_threads();
    /* A run a thread; fewer runs than threads share them. */
    const bool wide = w->todos >= (size_t)threads;
    w->threads = wide ? 1 : threads;
    w->keeps = wide ? (size_t)threads : 1;
    w->kept = memory_new(w->keeps, sizeof *w->kept);
    window_run(wide ? threads : 1, w->todos, work_item, w);
    for (size_t i = 0; i < w->keeps; i++)
        if (w->kept[i].loaded)
            scenario_clear(&w->kept[i].scenario);
    free(w->kept);
    w->failed = w->failed || (w->stopped && w->error->count == before);
    if (w->stopped && w->error->count == before)
        error_add(w->error, NULL, 0, "stopped after %zu of %zu runs", w->done, w->own);
    if (w->journal.failure != NULL) {
        error_add(w->error, NULL, 0, "the journal could not be written: %s", w->journal.failure);
        w->failed = true;
    }
}

/* Every rank's outcomes to every rank. */
static void gather(const struct work *w) {
    struct ranks_share share;
    int *owner = memory_new(w->x->runs, sizeof *owner);
    const size_t size = outcome_count() * sizeof *w->out;
    for (size_t i = 0; i < w->x->runs; i++)
        owner[i] = ranks_of(i, ranks_count());
    ranks_share_init(&share, owner, w->x->runs);
    ranks_gather(&share, w->out, size, size);
    ranks_share_clear(&share);
    free(owner);
}

/* What was not made, from what was: bases have none. */
static void fill_from_bases(const struct experiment *x, struct outcome *out) {
    const size_t count = outcome_count();
    for (size_t i = 0; i < x->runs; i++) {
        if (x->run[i].base == NULL || !is_base_outcome(out + i * count))
            continue;
        const size_t base = (size_t)(x->run[i].base - x->run);
        assert(base < x->runs && x->run[base].base == NULL);
        memcpy(out + i * count, out + base * count, count * sizeof *out);
    }
}

bool experiment_do(const struct experiment *x, experiment_progress *progress, void *user,
                   struct outcome *out, struct error *e) {
    struct work w = {.x = x, .progress = progress, .user = user, .out = out, .error = e};
    const size_t before = e->count;
    bool good = resume(&w);
    if (good) {
        list_todo(&w);
        run_own(&w);
        good = ranks_agree(e->count == before, e);
    }
    if (good) {
        gather(&w);
        fill_from_bases(x, out);
    }
    if (x->journal != NULL)
        journal_close(&w.journal);
    if (x->failed != NULL)
        *x->failed = ranks_any(w.failed);
    free(w.todo);
    return good;
}
