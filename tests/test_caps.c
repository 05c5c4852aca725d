/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fails when the tables that come with dcsim, simulated, leave the curves that were measured: what
 * a cap of 71 % of the limit leaves of batch work (MLPerf: 0.79 to 0.84 of throughput on H200 and
 * MI355X) and of small-batch decode (all but 3 %), an idle node's power at the wall (2.37 to 2.41
 * kW of 8xH200) and its power at caps of 500 W (6.15 kW); or when more cap brings fewer tokens. */
#include "analysis/measured_format.h"
#include "analysis/trial.h"
#include "sim/io/library.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static struct library *library;

static int set_up(void **state) {
    (void)state;
    struct error e;
    error_init(&e);
    library = library_new(&e);
    return library == NULL ? -1 : 0;
}

static int tear_down(void **state) {
    (void)state;
    library_free(library);
    return 0;
}

static struct trial run(const struct measured_point *p) {
    struct error e;
    error_init(&e);
    const struct trial_tables tables = {library_llm(library, p->llm, &e),
                                        library_hardware(library, p->hardware, &e),
                                        library_engine(library, p->engine, &e)};
    assert_false(error_any(&e));
    struct platform platform;
    struct trial t;
    trial_platform(p, &tables, &platform);
    if (!trial_run(p, &tables, &platform, &t))
        fail_msg("%s", t.failed);
    return t;
}

/* MLPerf's Llama-2-70B: one GPU a replica, eight of them, as much as they take. */
static struct measured_point batch_work(const char *hardware, const char *engine,
                                        enum precision weights) {
    struct measured_point p = measured_point_empty("test", 1);
    snprintf(p.hardware, sizeof p.hardware, "%s", hardware);
    snprintf(p.engine, sizeof p.engine, "%s", engine);
    snprintf(p.llm, sizeof p.llm, "%s", "Llama-2-70B");
    p.kind = MEASURED_OFFLINE;
    p.gpus = 1;
    p.copies = 8;
    p.weights = weights;
    p.kv = PRECISION_FP8;
    p.prompt = 294;
    p.output = 294;
    p.spread = 0.5;
    return p;
}

static double left_by_cap(struct measured_point p, double cap) {
    const double whole = run(&p).token_rate;
    p.cap = cap;
    const double capped = run(&p).token_rate;
    print_message("# %s at %.0f W: %.3f of throughput\n", p.hardware, cap, capped / whole);
    return capped / whole;
}

static void test_batch_work(void **state) {
    (void)state;
    const double h200 = left_by_cap(batch_work("H200-SXM", "TensorRT-LLM", PRECISION_FP8), 500);
    const double mi355x = left_by_cap(batch_work("MI355X", "vLLM", PRECISION_FP4), 1000);
    assert_true(h200 > 0.79 && h200 < 0.84);
    assert_true(mi355x > 0.79 && mi355x < 0.84);
}

/* Decode of few sequences draws less than the cap, or little more. */
static void test_small_batch(void **state) {
    (void)state;
    struct measured_point p = batch_work("H200-SXM", "TensorRT-LLM", PRECISION_FP8);
    p.kind = MEASURED_CLOSED_LOOP;
    p.copies = 1;
    p.clients = 8;
    p.prompt = 128;
    p.output = 1024;
    assert_true(left_by_cap(p, 500) > 0.97);
}

static void test_more_cap_more_tokens(void **state) {
    (void)state;
    struct measured_point p = batch_work("H200-SXM", "TensorRT-LLM", PRECISION_FP8);
    double before = 0;
    for (double cap = 200; cap <= 700; cap += 50) {
        p.cap = cap;
        const struct trial t = run(&p);
        assert_true(t.token_rate >= before);
        assert_true(t.gpu_power <= 8 * cap * (1 + 1e-9));
        before = t.token_rate;
    }
}

static void test_node(void **state) {
    (void)state;
    struct error e;
    error_init(&e);
    const struct hardware *h = library_hardware(library, "H200-SXM", &e);
    const double idle = h->host_power + (1 + h->host_slope) * 8 * h->power_idle;
    assert_true(idle > 2300 && idle < 2500);
    struct measured_point p = batch_work("H200-SXM", "TensorRT-LLM", PRECISION_FP8);
    p.cap = 500;
    const double loaded = run(&p).wall_power;
    print_message("# 8xH200: idle %.0f W, at caps of 500 W %.0f W\n", idle, loaded);
    assert_true(fabs(loaded / 6150 - 1) < 0.01);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_batch_work),
        cmocka_unit_test(test_small_batch),
        cmocka_unit_test(test_more_cap_more_tokens),
        cmocka_unit_test(test_node),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
