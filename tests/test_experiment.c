/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _XOPEN_SOURCE 700
/* Fails when outcomes depend on threads or on a kill in between, when a run is not that of `dcsim
 * run` with its overrides and seed, when runs of one replication have different random numbers or
 * two replications the same, when a trial of a resource is not resource_scale's, when a journal is
 * taken up after anything that matters has changed, or when a wrong override is not told by name.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "analysis/experiment.h"
#include "analysis/journal.h"
#include "sim/engine/memory.h"
#include "sim/io/scenario.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Two nodes for 20 s, weather from a file, no heat limit. */
static const char site[] =
    "<scenario name='site' horizon='20 s' seed='40'>\n"
    " <site><feed limit='30 kW'/><weather file='weather.csv'/><cooling pue='1.3'/></site>\n"
    " <cells name='chat' count='2' nodes='1'>\n"
    "  <node hardware='H100-SXM'/>\n"
    "  <replica llm='Llama-3.1-8B' engine='vLLM' gpus='8'/>\n"
    "  <workload>\n"
    "   <arrivals process='poisson' rate='20 /s'/>\n"
    "   <prompt distribution='lognormal' mean='500' cv='1'/>\n"
    "   <output distribution='exponential' mean='100'/>\n"
    "  </workload>\n"
    " </cells>\n"
    "</scenario>\n";

static void write_text(const char *name, const char *text) {
    FILE *f = fopen(name, "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

static void write_weather(const char *degrees) {
    char text[100];
    snprintf(text, sizeof text, "hour_of_year,temperature_c\n0,%s\n1,20\n", degrees);
    write_text("weather.csv", text);
}

static int enter_folder(void **state) {
    char *folder = memory_text("/tmp/test_experiment.XXXXXX");
    if (mkdtemp(folder) == NULL || chdir(folder) != 0)
        return -1;
    *state = folder;
    write_text("site.xml", site);
    write_weather("10");
    return 0;
}

static int leave_folder(void **state) {
    journal_remove("j");
    int status = remove("site.xml") + remove("weather.csv");
    status += chdir("/") == 0 ? rmdir(*state) : -1;
    free(*state);
    return status;
}

/* Three values of PUE, two replications: run i has value i / 2, replication i % 2. */
enum { VALUES = 3, RUNS = 2 * VALUES };

static char pue_path[] = "//cooling/@pue";
static char pue_text[VALUES][8] = {"1.1", "1.4", "1.9"};

struct made {
    struct override set[VALUES];
    struct experiment_run run[RUNS];
    struct experiment x;
};

static void make(struct made *m) {
    for (int v = 0; v < VALUES; v++)
        m->set[v] = (struct override){.xpath = pue_path, .value = pue_text[v]};
    for (size_t i = 0; i < RUNS; i++)
        m->run[i] = (struct experiment_run){
            .set = &m->set[i / 2], .sets = 1, .replication = i % 2, .resource = RESOURCE_COUNT};
    m->x = (struct experiment){.scenario = "site.xml", .threads = 1, .run = m->run, .runs = RUNS};
}

static struct outcome *new_outcomes(void) {
    return memory_new(RUNS * outcome_count(), sizeof(struct outcome));
}

static struct outcome *done(const struct experiment *x, experiment_progress *progress, void *user) {
    struct outcome *out = new_outcomes();
    struct error e;
    error_init(&e);
    if (!experiment_do(x, progress, user, out, &e))
        fail_msg("%s", e.count > 0 ? e.entry[0].text : "false without a message");
    assert_false(error_any(&e));
    return out;
}

static double value_of(const struct outcome *out, size_t run, const char *name) {
    const long figure = outcome_find(name);
    assert_true(figure >= 0);
    return out[run * outcome_count() + (size_t)figure].value;
}

static void same(const struct outcome *a, const struct outcome *b, size_t runs) {
    assert_memory_equal(a, b, runs * outcome_count() * sizeof *a);
}

static void test_threads(void **state) {
    (void)state;
    struct made m;
    make(&m);
    struct outcome *one = done(&m.x, NULL, NULL);
    static const int threads[] = {2, 4, 2 * RUNS};
    for (size_t i = 0; i < sizeof threads / sizeof threads[0]; i++) {
        m.x.threads = threads[i];
        struct outcome *more = done(&m.x, NULL, NULL);
        same(one, more, RUNS);
        free(more);
    }
    /* Step by step is the same but for rounding: it is passed on. */
    m.x.step_by_step = true;
    struct outcome *steps = done(&m.x, NULL, NULL);
    for (size_t i = 0; i < RUNS; i++)
        assert_true(value_of(steps, i, "Q_token") == value_of(one, i, "Q_token"));
    free(steps);
    free(one);
}

/* The outcome of one run by itself, the scenario loaded here. */
static struct outcome *alone(const char *pue, uint64_t seed, enum resource resource, double factor,
                             double *real) {
    struct override set = {.xpath = pue_path, .value = (char[8]){0}};
    struct scenario s;
    struct resource_trial trial;
    struct result r;
    struct error e;
    strcpy(set.value, pue);
    error_init(&e);
    assert_true(scenario_load(&s, "site.xml", &set, 1, &e));
    s.site.seed = seed;
    s.site.threads = 1;
    const bool scaled = resource != RESOURCE_COUNT;
    if (scaled) {
        assert_true(resource_scale(&s.site, resource, factor, &trial));
        *real = trial.factor;
    }
    assert_true(site_run(scaled ? &trial.site : &s.site, NULL, NULL, &r, &e));
    struct outcome *out = memory_new(outcome_count(), sizeof *out);
    outcome_fill(&r, out);
    result_clear(&r);
    if (scaled)
        resource_clear(&trial);
    scenario_clear(&s);
    return out;
}

/* The scenario's seed is 40. */
static void test_runs_and_seeds(void **state) {
    (void)state;
    struct made m;
    double real;
    make(&m);
    struct outcome *out = done(&m.x, NULL, NULL);
    for (size_t i = 0; i < RUNS; i++) {
        struct outcome *one = alone(pue_text[i / 2], 40 + i % 2, RESOURCE_COUNT, 1.0, &real);
        same(out + i * outcome_count(), one, 1);
        free(one);
    }
    /* The feed binds at the highest PUE alone; the requests are the same. */
    for (size_t i = 2; i < RUNS; i++)
        assert_true(value_of(out, i, "requests_arrived") ==
                    value_of(out, i % 2, "requests_arrived"));
    assert_true(value_of(out, 0, "requests_arrived") != value_of(out, 1, "requests_arrived"));
    assert_true(value_of(out, 4, "site_energy") > value_of(out, 0, "site_energy"));
    /* A seed given is the first replication's. */
    m.x.has_seed = true;
    m.x.seed = 41;
    struct outcome *other = done(&m.x, NULL, NULL);
    for (size_t v = 0; v < VALUES; v++)
        same(other + 2 * v * outcome_count(), out + (2 * v + 1) * outcome_count(), 1);
    free(other);
    /* What the experiment sets, a run sets after it. */
    char high[] = "1.99";
    const struct override before = {.xpath = pue_path, .value = high};
    make(&m);
    m.x.set = &before;
    m.x.sets = 1;
    m.run[1].sets = 0;
    other = done(&m.x, NULL, NULL);
    same(other, out, 1);
    struct outcome *one = alone(high, 41, RESOURCE_COUNT, 1.0, &real);
    same(other + outcome_count(), one, 1);
    free(one);
    free(other);
    free(out);
}

static void test_resources(void **state) {
    (void)state;
    struct made m;
    struct error e;
    double factor, real;
    error_init(&e);
    make(&m);
    static const enum resource which[RUNS] = {RESOURCE_COUNT, RESOURCE_DEMAND,  RESOURCE_COOLING,
                                              RESOURCE_FEED,  RESOURCE_COMPUTE, RESOURCE_NODES};
    for (size_t i = 0; i < RUNS; i++) {
        m.run[i].set = &m.set[0];
        m.run[i].replication = 0;
        m.run[i].resource = which[i];
        m.run[i].factor = 1.25;
    }
    struct outcome *out = done(&m.x, NULL, NULL);
    for (size_t i = 0; i < RUNS; i++) {
        assert_true(experiment_factor(&m.x, i, &factor, &e));
        if (which[i] == RESOURCE_COOLING) { /* the site has no heat limit */
            assert_true(factor == 1.0);
            for (size_t f = 0; f < outcome_count(); f++) {
                assert_true(isnan(out[i * outcome_count() + f].value));
                assert_true(isinf(out[i * outcome_count() + f].half));
            }
            continue;
        }
        struct outcome *one = alone(pue_text[0], 40, which[i], 1.25, &real);
        same(out + i * outcome_count(), one, 1);
        assert_true(factor == (which[i] == RESOURCE_COUNT ? 1.0 : real));
        free(one);
    }
    /* A quarter more demand; more nodes as a smaller rest. */
    const double arrived = value_of(out, 0, "requests_arrived");
    assert_true(fabs(value_of(out, 1, "requests_arrived") / arrived - 1.25) < 0.15);
    assert_true(fabs(value_of(out, 5, "requests_arrived") / arrived - 0.8) < 0.15);
    free(out);
}

/* -- The journal --------------------------------------------------------------------------------
 */

struct count {
    size_t calls, first, last, stop; /* stop: when so many are done; 0: never */
};

/* Where the feed carries all at full power a trial of more feed is its base's outcome, and what it
 * would be anyhow; where it does not, the trial is made. */
static void test_base(void **state) {
    (void)state;
    static char path[] = "//feed/@limit", ample[] = "30 kW", scarce[] = "9 kW";
    struct override set[2] = {{.xpath = path, .value = ample}, {.xpath = path, .value = scarce}};
    struct experiment_run run[RUNS];
    for (size_t i = 0; i < RUNS; i++)
        run[i] = (struct experiment_run){.set = &set[i / 3],
                                         .sets = 1,
                                         .resource = i % 3 > 0 ? RESOURCE_FEED : RESOURCE_COUNT,
                                         .factor = 1.01,
                                         .base = i % 3 == 1 ? &run[i - 1] : NULL};
    const struct experiment x = {.scenario = "site.xml", .threads = 2, .run = run, .runs = RUNS};
    struct outcome *out = done(&x, NULL, NULL);
    const size_t count = outcome_count();
    same(out, out + count, 1);
    assert_true(value_of(out, 1, "feed_limit_mean") == 30e3);
    static const char *const of[] = {"Q_token", "good_tokens", "it_energy", "binding_share_demand"};
    for (size_t i = 0; i < sizeof of / sizeof of[0]; i++)
        assert_true(value_of(out, 1, of[i]) == value_of(out, 2, of[i]));
    same(out + 4 * count, out + 5 * count, 1);
    assert_true(value_of(out, 4, "it_energy") > value_of(out, 3, "it_energy"));
    free(out);
}

static bool count_runs(void *user, size_t runs_done, size_t runs) {
    struct count *c = user;
    assert_int_equal(runs, RUNS);
    c->first = c->calls == 0 ? runs_done : c->first;
    c->last = runs_done;
    c->calls++;
    return runs_done != c->stop;
}

static void test_resume(void **state) {
    (void)state;
    struct made m;
    make(&m);
    struct outcome *whole = done(&m.x, NULL, NULL), *out = new_outcomes();
    bool failed = false;
    m.x.journal = "j";
    m.x.failed = &failed;
    for (size_t stop = 1; stop <= 3; stop++) {
        struct error e;
        struct count c = {.stop = stop};
        error_init(&e);
        journal_remove("j");
        assert_false(experiment_do(&m.x, count_runs, &c, out, &e));
        assert_true(failed);
        assert_int_equal(c.calls, stop);
        assert_non_null(strstr(e.entry[0].text, "stopped after"));
        error_clear(&e);
        c = (struct count){0};
        m.x.threads = 2; /* another number of threads goes on as well */
        struct outcome *rest = done(&m.x, count_runs, &c);
        assert_false(failed);
        assert_int_equal(c.first, stop + 1);
        assert_int_equal(c.last, RUNS);
        same(whole, rest, RUNS);
        free(rest);
        m.x.threads = 1;
    }
    struct count c = {0}; /* all is there */
    struct outcome *again = done(&m.x, count_runs, &c);
    assert_int_equal(c.calls, 0);
    same(whole, again, RUNS);
    free(again);
    journal_remove("j");
    free(out);
    free(whole);
}

/* Whether the journal of the first experiment is refused to this one. */
static void is_refused(const struct experiment *x) {
    struct outcome *out = new_outcomes();
    struct error e;
    error_init(&e);
    assert_false(experiment_do(x, NULL, NULL, out, &e));
    assert_int_equal(e.count, 1);
    assert_non_null(strstr(e.entry[0].text, "no journal of this experiment"));
    error_clear(&e);
    free(out);
}

static void test_other_experiment(void **state) {
    (void)state;
    struct made m, other;
    char kilowatts[] = "31 kW", feed_path[] = "//feed/@limit";
    const struct override feed = {.xpath = feed_path, .value = kilowatts};
    make(&m);
    m.x.journal = "j";
    free(done(&m.x, NULL, NULL));
#define OTHER(change)                                                                              \
    make(&other);                                                                                  \
    other.x.journal = "j";                                                                         \
    change;                                                                                        \
    is_refused(&other.x)
    OTHER((other.x.set = &feed, other.x.sets = 1));
    OTHER((other.x.has_seed = true, other.x.seed = 41));
    OTHER(other.x.step_by_step = true);
    OTHER(other.x.runs--);
    OTHER(other.run[3].replication = 7);
    OTHER(other.run[3].set = &other.set[0]);
    OTHER((other.run[3].resource = RESOURCE_FEED, other.run[3].factor = 1.01));
    write_weather("11");
    OTHER((void)0);
    write_weather("10");
#undef OTHER
    /* The scenario's seed, given; and all is there. */
    struct count c = {0};
    m.x.has_seed = true;
    m.x.seed = 40;
    free(done(&m.x, count_runs, &c));
    assert_int_equal(c.calls, 0);
    journal_remove("j");
}

static void test_mistakes(void **state) {
    (void)state;
    struct made m;
    char low[] = "0.9";
    const struct override wrong = {.xpath = pue_path, .value = low};
    struct outcome *out = new_outcomes();
    struct error e;
    bool failed = true;
    make(&m);
    m.x.failed = &failed;
    m.run[3].set = &wrong;
    error_init(&e);
    assert_true(experiment_check(&m.x, 2, &e));
    assert_false(experiment_check(&m.x, 3, &e));
    error_clear(&e);
    for (m.x.threads = 1; m.x.threads <= 4; m.x.threads++) {
        assert_false(experiment_do(&m.x, NULL, NULL, out, &e));
        assert_false(failed); /* but mistaken */
        assert_true(e.count >= 2);
        assert_non_null(strstr(e.entry[0].text, "0.9"));
        assert_string_equal(e.entry[e.count - 1].text, "so it is with //cooling/@pue=0.9");
        error_clear(&e);
    }
    make(&m);
    m.x.scenario = "absent.xml";
    assert_false(experiment_do(&m.x, NULL, NULL, out, &e));
    assert_true(error_any(&e));
    error_clear(&e);
    free(out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_threads),  cmocka_unit_test(test_runs_and_seeds),
        cmocka_unit_test(test_base),     cmocka_unit_test(test_resources),
        cmocka_unit_test(test_resume),   cmocka_unit_test(test_other_experiment),
        cmocka_unit_test(test_mistakes),
    };
    return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
