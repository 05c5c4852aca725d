/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fails when a trial of a measured point is not the run that was measured: when one client's times
 * are not those of its iterations one by one, copies do not add up, a cap is not kept, a batch is
 * not one prompt and then decoding, an offline run leaves room in its batch, lengths are not drawn,
 * or memory is kept for windows that no sequence fills. */
#include "analysis/measured_format.h"
#include "analysis/trial.h"
#include "models/power.h"
#include "sim/io/library.h"
#include "sim/measure/sketch.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct library *library;
static struct trial_tables tables;
static struct serving_engine engine;

static int set_up(void **state) {
    (void)state;
    struct error e;
    error_init(&e);
    library = library_new(&e);
    if (library == NULL)
        return -1;
    tables = (struct trial_tables){library_llm(library, "Llama-3.1-70B", &e),
                                   library_hardware(library, "H100-SXM", &e),
                                   library_engine(library, "vLLM", &e)};
    if (error_any(&e))
        return -1;
    /* With what passes before a request is known, whatever the table says of it. */
    engine = *tables.engine;
    engine.ons = 0;
    engine.overhead.request = 0.02;
    engine.overhead.prompt_token = 5e-6;
    tables.engine = &engine;
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    library_free(library);
    return 0;
}

/* 70B in FP8 on four GPUs, prompts of 1,000 and outputs of 200 tokens. */
static struct measured_point point(double clients) {
    struct measured_point p = measured_point_empty("test", 1);
    p.gpus = 4;
    p.weights = PRECISION_FP8;
    p.kv = PRECISION_FP16;
    p.prompt = 1000;
    p.output = 200;
    p.clients = clients;
    return p;
}

static struct trial run(const struct measured_point *p) {
    struct platform platform;
    struct trial t;
    trial_platform(p, &tables, &platform);
    if (!trial_run(p, &tables, &platform, &t))
        fail_msg("%s", t.failed);
    return t;
}

static void near(double found, double expected, double tolerance) {
    if (!(fabs(found - expected) <= tolerance * fabs(expected)))
        fail_msg("%.12g found, %.12g expected", found, expected);
}

/* One client: a prefill, then one iteration a token at the context that it has by then. Rate and
 * power are of a window whose ends are found to a 64th of a round, of 64. */
static void test_one_client(void **state) {
    (void)state;
    const struct measured_point p = point(1);
    const struct trial t = run(&p);
    struct platform platform;
    struct iteration it;
    struct power_state power;
    trial_platform(&p, &tables, &platform);
    iteration_describe(&platform,
                       &(struct batch){.chunk = 1000,
                                       .chunk_pairs = 1000 * 1001 / 2.0,
                                       .chunk_pairs_windowed = 0,
                                       .emitted = 1,
                                       .sequences = 1},
                       &it);
    const double prefill = iteration_time(&it, 0, 1);
    power_free(&platform, &it, &power);
    double energy = prefill * (power_gpus(&power) - platform.power_static), decode = 0;
    for (int k = 1; k < 200; k++) {
        iteration_describe(
            &platform,
            &(struct batch){.decoding = 1, .context = 1000 + k, .emitted = 1, .sequences = 1}, &it);
        const double time = iteration_time(&it, 0, 1);
        power_free(&platform, &it, &power);
        energy += time * (power_gpus(&power) - platform.power_static);
        decode += time;
    }
    const double frontend = platform.time_request + platform.time_prompt * 1000;
    const double round = frontend + prefill + decode;
    energy += round * platform.power_static;
    near(t.ttft, frontend + prefill, 1e-9);
    near(t.tpot, decode / 199, 1e-9);
    near(t.itl_p50, decode / 199, 0.01 + SKETCH_ERROR);
    near(t.token_rate, 200 / round, 1e-3);
    near(t.gpu_power, energy / round, 2e-3); /* power holds while the batch does */
    near(t.e_tok, energy / 200, 2e-3);
    near(t.e_tok * t.token_rate, t.gpu_power, 1e-9);
    assert_true(t.requests >= 64);
}

/* Copies share the clients and add their rates and power; each is the same. */
static void test_copies(void **state) {
    (void)state;
    struct measured_point p = point(16);
    const struct trial one = run(&p);
    p.copies = 2;
    p.clients = 32;
    const struct trial two = run(&p);
    assert_true(two.ttft == one.ttft && two.tpot == one.tpot && two.e_tok == one.e_tok);
    assert_true(two.token_rate == 2 * one.token_rate && two.gpu_power == 2 * one.gpu_power);
    assert_true(two.clients == 32 && one.clients == 16);
    /* Eight GPUs are a whole node: nothing idles beside the two copies. */
    const struct hardware *h = tables.hardware;
    near(two.wall_power, h->host_power + (1 + h->host_slope) * two.gpu_power, 1e-12);
    near(one.wall_power, h->host_power + (1 + h->host_slope) * (one.gpu_power + 4 * h->power_idle),
         1e-12);
}

/* More clients: more tokens, each slower and cheaper. */
static void test_load(void **state) {
    (void)state;
    struct trial last = {0};
    for (double clients = 1; clients <= 256; clients *= 4) {
        const struct measured_point p = point(clients);
        const struct trial t = run(&p);
        if (clients > 1)
            assert_true(t.token_rate > last.token_rate && t.tpot > last.tpot &&
                        t.e_tok < last.e_tok);
        near(t.running, clients, 0.1); /* some are on their way to the scheduler */
        last = t;
    }
}

static void test_cap(void **state) {
    (void)state;
    struct measured_point p = point(128);
    const struct trial whole = run(&p);
    p.cap = 350;
    const struct trial capped = run(&p);
    assert_true(whole.gpu_power > 4 * 350);
    assert_true(capped.gpu_power <= 4 * 350 * (1 + 1e-9));
    assert_true(capped.tpot > whole.tpot && capped.token_rate < whole.token_rate);
    p.cap = 1e6; /* what does not bind changes nothing */
    const struct trial loose = run(&p);
    assert_true(loose.tpot == whole.tpot && loose.gpu_power == whole.gpu_power);
}

/* A batch: every prompt in one iteration, so all first tokens come at once; then only decoding. */
static void test_batch(void **state) {
    (void)state;
    struct measured_point p = point(16);
    p.kind = MEASURED_BATCH;
    const struct trial t = run(&p);
    struct platform platform;
    struct iteration it;
    trial_platform(&p, &tables, &platform);
    iteration_describe(
        &platform,
        &(struct batch){
            .chunk = 16000, .chunk_pairs = 16 * 1000 * 1001 / 2.0, .emitted = 16, .sequences = 16},
        &it);
    near(t.ttft, iteration_time(&it, 0, 1) + platform.time_request + platform.time_prompt * 1000,
         1e-9);
    double decode = 0;
    for (int k = 1; k < 200; k++) {
        iteration_describe(
            &platform,
            &(struct batch){
                .decoding = 16, .context = 16.0 * (1000 + k), .emitted = 16, .sequences = 16},
            &it);
        decode += iteration_time(&it, 0, 1);
    }
    near(t.tpot, decode / 199, 1e-9);
}

/* Offline: the batch is as large as the engine takes, or as the memory does. */
static void test_offline(void **state) {
    (void)state;
    struct measured_point p = point(NAN);
    p.kind = MEASURED_OFFLINE;
    p.prompt = p.output = 50;
    near(run(&p).running, (double)tables.engine->max_seqs, 0.02);
    p.prompt = p.output = 8000;
    struct platform platform;
    trial_platform(&p, &tables, &platform);
    const double fit = platform.kv_pool_bytes / (12000 * platform.kv_stored_bytes);
    assert_true(fit < 0.5 * (double)tables.engine->max_seqs);
    near(run(&p).running, fit, 0.15);
}

/* Drawn lengths have the stated mean, so the work is the same; the clients come apart. */
static void test_spread(void **state) {
    (void)state;
    struct measured_point p = point(32);
    const struct trial apart = run(&p);
    p.requests = 1e9; /* all begin at once: with lengths that are alike they stay together */
    const struct trial fixed = run(&p);
    assert_true(apart.ttft < 0.5 * fixed.ttft);
    near(apart.token_rate, fixed.token_rate, 0.05);
    p.spread = 1.0 / 9;
    const struct trial drawn = run(&p);
    near(drawn.token_rate, fixed.token_rate, 0.05);
    assert_true(drawn.tpot != fixed.tpot && drawn.ttft != fixed.ttft);
    assert_true(drawn.ttft < fixed.ttft); /* prompts no longer wait for each other */
    const struct trial again = run(&p);
    assert_memory_equal(&drawn, &again, sizeof drawn);
}

/* First tokens of a measurement of so many requests: those of the beginning, when all prompts come
 * at once, weigh the less the more requests there are. Nothing else depends on it. */
static void test_requests(void **state) {
    (void)state;
    struct measured_point p = point(16);
    p.prompt = 4000;
    p.requests = 1e9;
    const struct trial steady = run(&p);
    struct platform platform;
    struct iteration it;
    trial_platform(&p, &tables, &platform);
    iteration_describe(
        &platform, &(struct batch){.chunk = 4000, .chunk_pairs = 4000 * 4001 / 2.0, .emitted = 1},
        &it);
    const double prompt = iteration_time(&it, 0, 1);
    p.requests = 16;
    const struct trial first = run(&p);
    near(first.ttft, 8.5 * prompt, 0.2); /* the k-th of 16 waits for k prompts */
    p.requests = 160;
    const struct trial ten = run(&p);
    assert_true(steady.ttft < ten.ttft && ten.ttft < 0.9 * first.ttft);
    p.requests = 1600;
    near(run(&p).ttft, steady.ttft + 0.1 * (ten.ttft - steady.ttft), 1e-3);
    assert_true(first.tpot == ten.tpot);
    near(ten.tpot, steady.tpot, 0.01);
}

/* Llama-4 keeps 36 windows of 8192 positions, 147,456 B each: 1.2 GB a sequence, of which four H100
 * hold some 50. Of 1,200 positions it is 0.18 GB, and 96 clients run together, as they really did;
 * in spread lengths too, of up to 1,800. */
static void test_window(void **state) {
    (void)state;
    struct error e;
    error_init(&e);
    const struct trial_tables before = tables;
    tables.llm = library_llm(library, "Llama-4-Scout", &e);
    assert_non_null(tables.llm);
    struct measured_point p = point(96);
    p.weights = PRECISION_FP16;
    struct platform platform;
    trial_platform(&p, &tables, &platform);
    assert_true(platform.kv_pool_bytes < 96 * 8192 * 147456.0);
    assert_true(platform.kv_pool_bytes > 96 * 1800 * (147456.0 + 49152));
    near(run(&p).running, 96, 0.01);
    p.spread = 0.5;
    near(run(&p).running, 96, 0.01);
    /* Whole windows where they are filled. */
    p.spread = 0;
    p.prompt = 20000;
    const double fit = platform.kv_pool_bytes / (8192 * 147456.0 + 20100 * 49152.0);
    near(run(&p).running, fit, 0.05);
    tables = before;
}

static void test_refused(void **state) {
    (void)state;
    struct platform platform;
    struct trial t;
    struct measured_point p = point(1);
    trial_platform(&p, &tables, &platform);
    p.prompt = NAN;
    assert_false(trial_run(&p, &tables, &platform, &t));
    assert_string_equal(t.failed, "lengths or clients are not stated");
    assert_true(isnan(t.tpot));
    p.prompt = 1e7;
    assert_false(trial_run(&p, &tables, &platform, &t));
    assert_string_equal(t.failed, "the request or batch does not fit the KV memory by the tables");
    /* Beyond the context that the model was made for, but it was measured. */
    p.prompt = 140000;
    assert_true(p.prompt > tables.llm->context_max);
    assert_true(trial_run(&p, &tables, &platform, &t));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_client), cmocka_unit_test(test_copies),
        cmocka_unit_test(test_load),       cmocka_unit_test(test_cap),
        cmocka_unit_test(test_batch),      cmocka_unit_test(test_offline),
        cmocka_unit_test(test_spread),     cmocka_unit_test(test_requests),
        cmocka_unit_test(test_window),     cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
