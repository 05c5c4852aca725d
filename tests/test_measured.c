/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fails when a row of the published measurements becomes another point than the one worked out by
 * hand, when a rule leaves out other rows than it should, or when the number of points that count
 * changes for a pair of hardware and engine. */
#define _XOPEN_SOURCE 700 /* mkstemp, mkdtemp, setenv */
#include "analysis/measured.h"
#include "sim/engine/memory.h"
#include "sim/io/datadir.h"
#include "sim/io/library.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct measured read_data(const char *name) {
    struct measured m = {0};
    struct error e;
    error_init(&e);
    char *folder = datadir_measured(), *path = memory_print("%s/%s", folder, name);
    if (!measured_read(&m, path, &e))
        fail_msg("%s:%ld: %s", path, e.entry[0].line, e.entry[0].text);
    assert_false(error_any(&e));
    free(path);
    free(folder);
    return m;
}

static void screen(struct measured *m) {
    struct error e;
    error_init(&e);
    struct library *l = library_new(&e);
    if (l == NULL || !measured_screen(m, l, &e))
        fail_msg("%s:%ld: %s", e.entry[0].file, e.entry[0].line, e.entry[0].text);
    library_free(l);
}

/* Points of a text. */
static struct measured read_text(const char *text) {
    char path[] = "/tmp/test_measuredXXXXXX";
    const int fd = mkstemp(path);
    assert_true(fd >= 0);
    FILE *f = fdopen(fd, "w");
    fputs(text, f);
    assert_int_equal(fclose(f), 0);
    struct measured m = {0};
    struct error e;
    error_init(&e);
    if (!measured_read(&m, path, &e))
        fail_msg("%ld: %s", e.entry[0].line, e.entry[0].text);
    remove(path);
    return m;
}

/* The point of a line of the file. */
static const struct measured_point *at_line(const struct measured *m, long line) {
    for (size_t i = 0; i < m->count; i++)
        if (m->point[i].line == line)
            return &m->point[i];
    fail_msg("no point of line %ld", line);
    return NULL;
}

static void assert_near(double a, double b) {
    if (!(fabs(a - b) <= 1e-12 * fabs(b)))
        fail_msg("found %.17g instead of %.17g", a, b);
}

static size_t count_excluded(const struct measured *m, const char *reason) {
    size_t n = 0;
    for (size_t i = 0; i < m->count; i++)
        n += m->point[i].excluded != NULL && strcmp(m->point[i].excluded, reason) == 0;
    return n;
}

static size_t count_used(const struct measured *m, const char *hardware, const char *engine) {
    size_t n = 0;
    for (size_t i = 0; i < m->count; i++)
        n += m->point[i].excluded == NULL && strcmp(m->point[i].hardware, hardware) == 0 &&
             strcmp(m->point[i].engine, engine) == 0;
    return n;
}

struct count {
    const char *a, *b; /* hardware, engine; or the reason alone */
    size_t count;
};

static void assert_counts(const struct measured *m, const struct count *used, size_t n,
                          const struct count *excluded, size_t k) {
    size_t all = 0;
    for (size_t i = 0; i < n; i++) {
        all += used[i].count;
        if (count_used(m, used[i].a, used[i].b) != used[i].count)
            fail_msg("%s, %s: %zu points", used[i].a, used[i].b,
                     count_used(m, used[i].a, used[i].b));
    }
    for (size_t i = 0; i < k; i++) {
        all += excluded[i].count;
        if (count_excluded(m, excluded[i].a) != excluded[i].count)
            fail_msg("%s: %zu points", excluded[i].a, count_excluded(m, excluded[i].a));
    }
    assert_int_equal(all, m->count);
}

/* Counts that hold whatever the tables say: before the screening. */
static void test_serving_counts(void **state) {
    (void)state;
    static const struct count used[] = {
        {"H100-SXM", "TensorRT-LLM-1.0", 353},
        {"H100-SXM", "TensorRT-LLM", 9},
        {"B200", "TensorRT-LLM", 104},
        {"B200", "TensorRT-LLM-2025", 47},
        {"H200-SXM", "TensorRT-LLM-2025", 110},
        {"H200-SXM", "TensorRT-LLM", 2},
        {"B200", "SGLang", 62},
        {"B200", "SGLang-2025", 51},
        {"H100-SXM", "vLLM", 138},
        {"H100-SXM", "SGLang", 84},
        {"H200-SXM", "vLLM", 81},
        {"B200", "vLLM", 66},
        {"H200-SXM", "SGLang", 61},
        {"GB200-NVL72", "TensorRT-LLM", 21},
    };
    static const struct count excluded[] = {
        {"prefill and decode on separate machines", NULL, 1289},
        {"speculative decoding, not labelled by the source", NULL, 182},
        {"repeated row", NULL, 137},
        {"GPUs summed over prefill and decode workers", NULL, 55},
        {"most clients wait outside the engine, for a limit not stated", NULL, 9},
    };
    struct measured m = read_data("serving_points.csv.gz");
    assert_int_equal(m.count, 2861);
    assert_counts(&m, used, sizeof used / sizeof *used, excluded,
                  sizeof excluded / sizeof *excluded);

    /* Those that memory forbids, as the rows themselves show: tables may change what fits. */
    screen(&m);
    assert_int_equal(count_excluded(&m, "faster than memory allows at the stated concurrency"), 2);
    assert_non_null(at_line(&m, 575)->excluded);
    assert_non_null(at_line(&m, 576)->excluded);
    measured_clear(&m);
    assert_null(m.point);
}

/* A row of InferenceX: lengths, requests, precision of MXFP4 on Hopper. */
static void test_serving_inferencex(void **state) {
    (void)state;
    struct measured m = read_data("serving_points.csv.gz");
    const struct measured_point *p = at_line(&m, 644);
    assert_string_equal(p->source, "serving_points");
    assert_string_equal(p->hardware, "H100-SXM");
    assert_string_equal(p->engine, "vLLM");
    assert_string_equal(p->version, "0.18.0");
    assert_string_equal(p->llm, "gpt-oss-120b");
    assert_string_equal(p->published, "openai/gpt-oss-120b");
    assert_string_equal(p->date, "2026-03-27");
    assert_null(p->excluded);
    assert_int_equal(p->kind, MEASURED_CLOSED_LOOP);
    assert_int_equal(p->gpus, 4);
    assert_int_equal(p->copies, 1);
    assert_int_equal(p->attention, PLATFORM_ATTENTION_TENSOR);
    assert_false(p->expert_parallel);
    assert_int_equal(p->weights, PRECISION_FP4);
    assert_int_equal(p->kv, PRECISION_FP16);
    assert_near(p->prompt, 921.6);
    assert_near(p->output, 921.6);
    assert_near(p->spread, 1.0 / 9);
    assert_near(p->clients, 64);
    assert_near(p->requests, 640);
    assert_near(p->ttft, 0.11637971163581824);
    assert_near(p->tpot, 0.00970410476229945);
    assert_true(isnan(p->gpu_power) && isnan(p->cap) && isnan(p->itl_p50));

    /* The same measurement again. */
    assert_string_equal(at_line(&m, 1902)->excluded, "repeated row");
    assert_near(at_line(&m, 1902)->tpot, p->tpot);
    measured_clear(&m);
}

/* Rows of aiconfigurator's own, and what the parallel widths mean. */
static void test_serving_layouts(void **state) {
    (void)state;
    struct measured m = read_data("serving_points.csv.gz");
    const struct measured_point *p = at_line(&m, 2); /* NVFP4, tp 4, moe_ep 4 */
    assert_int_equal(p->gpus, 4);
    assert_true(p->expert_parallel);
    assert_int_equal(p->weights, PRECISION_FP4);
    assert_int_equal(p->kv, PRECISION_FP8);
    assert_near(p->prompt, 4000);
    assert_near(p->spread, 0);
    assert_near(p->clients, 224);
    assert_true(isnan(p->requests));
    assert_string_equal(p->llm, "DeepSeek-R1-NVFP4"); /* the checkpoint's own table */
    assert_string_equal(p->engine, "TensorRT-LLM");   /* measured in 2026 */

    p = at_line(&m, 9); /* 416 clients, 13 a GPU: 32 GPUs in replicas of 2 */
    assert_int_equal(p->gpus, 2);
    assert_int_equal(p->copies, 16);
    p = at_line(&m, 575); /* no concurrency: batch_size */
    assert_near(p->clients, 48);
    assert_int_equal(p->weights, PRECISION_FP8);
    assert_int_equal(p->kv, PRECISION_FP16);
    p = at_line(&m, 150); /* FP8 under TensorRT-LLM */
    assert_int_equal(p->kv, PRECISION_FP8);
    p = at_line(&m, 1558); /* wip, DeepSeek, NVFP4 */
    assert_int_equal(p->gpus, 8);

    /* tp 64 = 8 x 8 is 8 GPUs, tp 4 = 2 x 2 is 2, as their ids say; aiconfigurator's own 2 x 2 is
     * 4. */
    assert_int_equal(at_line(&m, 2031)->gpus, 8);
    assert_int_equal(at_line(&m, 2037)->gpus, 4);
    assert_int_equal(at_line(&m, 2038)->gpus, 2);
    size_t data = 0, square = 0;
    for (size_t i = 0; i < m.count; i++) {
        p = &m.point[i];
        if (p->excluded != NULL)
            continue;
        assert_true(p->gpus <= 8);
        data += p->attention == PLATFORM_ATTENTION_DATA;
        square += p->expert_parallel && p->gpus == 4 && strcmp(p->version, "1.3.0rc1") == 0 &&
                  strcmp(p->llm, "gpt-oss-120b") == 0;
    }
    assert_int_equal(data, 17);
    assert_int_equal(square, 2);
    measured_clear(&m);
}

/* The faster of two measurements of one configuration drafted, the slower did not. */
static void test_serving_speculative(void **state) {
    (void)state;
    struct measured m = read_data("serving_points.csv.gz");
    size_t found = 0;
    for (size_t i = 0; i < m.count; i++) {
        const struct measured_point *p = &m.point[i];
        if (strcmp(p->engine, "SGLang") != 0 || strcmp(p->llm, "DeepSeek-V3") != 0 ||
            (p->excluded != NULL && strcmp(p->excluded, "repeated row") == 0))
            continue;
        found += p->speculative;
        if (fabs(p->tpot - 5.761149619971996e-3) < 1e-9 ||
            fabs(p->tpot - 20.412559205842623e-3) < 1e-9)
            assert_true(p->speculative);
        if (fabs(p->tpot - 8.641253357352321e-3) < 1e-9)
            assert_false(p->speculative);
    }
    assert_int_equal(found, 11);
    measured_clear(&m);
}

static void test_mlenergy(void **state) {
    (void)state;
    static const struct count used[] = {{"B200", "vLLM-0.11", 342}, {"H100-SXM", "vLLM-0.11", 322}};
    struct measured m = read_data("mlenergy_v3.csv.gz");
    assert_int_equal(m.count, 664);
    assert_counts(&m, used, 2, NULL, 0);
    const struct measured_point *p = at_line(&m, 2);
    assert_string_equal(p->llm, "Qwen3-14B");
    assert_string_equal(p->task, "gpqa");
    assert_string_equal(p->version, "0.11.1");
    assert_int_equal(p->weights, PRECISION_FP16);
    assert_true(isnan(p->prompt) && isnan(p->ttft));
    assert_near(p->output, 7026.242424242424);
    assert_near(p->clients, 7.997300215982722);
    assert_near(p->tpot, 7.997300215982722 / 234.06050523961807);
    assert_near(p->itl_p50, 0.03362808651581872);
    assert_near(p->token_rate, 234.06050523961807);
    assert_near(p->gpu_power, 319.7883095908309);
    assert_near(p->e_tok, 1.3662634337367148);
    assert_string_equal(at_line(&m, 400)->llm, "Qwen3-32B"); /* Qwen3-VL-32B-Instruct */

    size_t data = 0, fp8 = 0, fp4 = 0;
    for (size_t i = 0; i < m.count; i++) {
        p = &m.point[i];
        fp8 += p->weights == PRECISION_FP8;
        fp4 += p->weights == PRECISION_FP4;
        if (p->attention != PLATFORM_ATTENTION_DATA)
            continue;
        data++;
        assert_string_equal(p->llm, "Qwen3-Coder-480B-A35B");
        assert_true(p->expert_parallel && p->copies == 1 && p->gpus >= 4);
    }
    assert_int_equal(data, 16);
    assert_int_equal(fp8, 131);
    assert_int_equal(fp4, 39);
    measured_clear(&m);
}

static void test_splitwise(void **state) {
    (void)state;
    static const struct count used[] = {{"H100-SXM", "vLLM", 285}};
    static const struct count excluded[] = {{"repeated row", NULL, 30}};
    struct measured m = read_data("splitwise_llama2_70b_h100.csv");
    assert_counts(&m, used, 1, excluded, 1);
    const struct measured_point *p = at_line(&m, 2);
    assert_int_equal(p->kind, MEASURED_BATCH);
    assert_string_equal(p->llm, "Llama-2-70B");
    assert_int_equal(p->gpus, 2);
    assert_near(p->clients, 1);
    assert_near(p->prompt, 512);
    assert_near(p->output, 128);
    assert_near(p->ttft, 0.08539954997831956);
    assert_near(p->tpot, 0.03697136075164404);
    assert_near(p->ttft + 127 * p->tpot, 4.780762365437112); /* e2e_time: 4.784 s */
    measured_clear(&m);
}

static void test_mlperf(void **state) {
    (void)state;
    struct measured m = read_data("mlperf.csv.gz");
    assert_int_equal(m.count, 566);
    static const struct count excluded[] = {
        {"no table for this hardware", NULL, 197},
        {"server scenario: the rate is set by latency limits", NULL, 195},
        {"no table for this engine", NULL, 15},
        {"several nodes", NULL, 14},
        {"board with more power than the table's", NULL, 4},
    };
    static const struct count used[] = {
        {"B200", "TensorRT-LLM", 29},
        {"H200-SXM", "TensorRT-LLM", 28},
        {"H100-SXM", "TensorRT-LLM", 24},
        {"MI325X", "vLLM", 16},
        {"MI355X", "vLLM", 13},
        {"MI300X", "vLLM", 12},
        {"B300", "TensorRT-LLM", 12},
        {"GB200-NVL72", "TensorRT-LLM", 2},
        {"GB300-NVL72", "TensorRT-LLM", 2},
        {"L40S", "TensorRT-LLM", 1},
        {"L40S", "vLLM", 1},
        {"H100-SXM", "vLLM", 1},
    };
    assert_counts(&m, used, sizeof used / sizeof *used, excluded,
                  sizeof excluded / sizeof *excluded);
    const struct measured_point *p = at_line(&m, 80); /* H200 x 8, MaxQ */
    assert_int_equal(p->kind, MEASURED_OFFLINE);
    assert_int_equal(p->gpus, 8);
    assert_int_equal(p->copies, 0);
    assert_int_equal(p->weights, PRECISION_FP8);
    assert_near(p->output, 294);
    assert_near(p->token_rate, 25262.1);
    assert_near(p->wall_power, 6153);
    assert_near(p->cap, 500);
    assert_true(isnan(p->prompt) && isnan(p->clients));
    assert_string_equal(at_line(&m, 2)->hardware, "MI300X");
    assert_string_equal(at_line(&m, 2)->engine, "vLLM");

    /* The layout: a 70B in FP8 leaves an H200 room, so each GPU is a replica. */
    screen(&m);
    assert_null(p->excluded);
    assert_int_equal(p->gpus, 1);
    assert_int_equal(p->copies, 8);
    for (size_t i = 0; i < m.count; i++)
        if (m.point[i].excluded == NULL)
            assert_true(m.point[i].copies >= 1);
    measured_clear(&m);
}

/* Published points of machines that the tables cannot have, and those just within. */
static void test_impossible(void **state) {
    (void)state;
    struct measured m =
        read_text("hardware,n_gpu,model,scenario,gpu_cap_w,tokens_s,rel_throughput,wall_w,class\n"
                  "H200 SXM,8,llama2-70b fp8,offline,199,9,1,,primary\n"
                  "H200 SXM,8,llama2-70b fp8,offline,200,9,1,,primary\n"
                  "H200 SXM,8,llama2-70b fp8,offline,700,9,1,,primary\n"
                  "H200 SXM,8,llama2-70b fp8,offline,701,9,1,,primary\n"
                  "H200 SXM,16,llama2-70b fp8,offline,700,8,1,,primary\n");
    screen(&m);
    static const char cap[] = "cap that the board cannot be set to by the tables";
    assert_string_equal(m.point[0].excluded, cap);
    assert_null(m.point[1].excluded);
    assert_null(m.point[2].excluded);
    assert_string_equal(m.point[3].excluded, cap);
    assert_string_equal(m.point[4].excluded, "several nodes");
    measured_clear(&m);
}

static void test_capcurve(void **state) {
    (void)state;
    static const struct count used[] = {{"H200-SXM", "TensorRT-LLM", 2}, {"MI355X", "vLLM", 2}};
    static const struct count excluded[] = {
        {"server scenario: the rate is set by latency limits", NULL, 5},
        {"not a measurement of one configuration", NULL, 3},
        {"board with more power than the table's", NULL, 1},
        {"lengths not stated", NULL, 1},
    };
    struct measured m = read_data("power_cap_curves.csv");
    assert_counts(&m, used, 2, excluded, 4);
    assert_near(at_line(&m, 2)->cap, 500);
    assert_true(isnan(at_line(&m, 2)->wall_power)); /* mlperf.csv has it */
    assert_near(at_line(&m, 10)->token_rate, 81870);
    assert_int_equal(at_line(&m, 10)->weights, PRECISION_FP4);
    assert_string_equal(at_line(&m, 8)->llm, "GPT-J-6B");
    measured_clear(&m);
}

/* Every column of our own format, and its defaults. */
static void test_own(void **state) {
    (void)state;
    struct measured m = read_text(
        "# a comment\n\n"
        "hardware,engine,version,llm,published,task,date,kind,gpus,copies,attention,"
        "expert_parallel,speculative,weights,kv,prompt_tokens,output_tokens,spread,clients,"
        "requests,cap_W,ttft_s,tpot_s,itl_p50_s,token_rate_per_s,gpu_power_W,wall_power_W,e_tok_J\n"
        "B200,vLLM,1.0,Kimi-K2,\"K2, \"\"base\"\"\",chat,2026-01-02,batch,8,2,data,yes,no,FP8,FP8,"
        "100,200,0.1,16,160,700,0.5,0.02,0.019,800,4000,6000,5\r\n"
        "H100-SXM,SGLang,,Qwen3-8B,,,,,1,,,,,BF16,,,64,,4,,,,0.01,,,,,\n"
        "H100-SXM,SGLang,,Qwen3-8B,,,,offline,8,0,,,,INT8,,,64,,,,,,,,9000,,,\n"
        "H100-SXM,SGLang,,Qwen3-8B,,,,,1,,,,yes,FP16,,,64,,8,,,,0.01,,,,,\n"
        "H100-SXM,vLLM,,Kimi-K2,,,,,1,,,,,FP16,,,64,,8,,,,0.01,,,,,\n"
        "H100-SXM,vLLM,,Qwen3-8B,,,,,1,,,,,FP16,,,64,,8,,,,0.001,,,,,\n");
    assert_int_equal(m.count, 6);
    const struct measured_point *p = &m.point[0];
    assert_int_equal(p->line, 4);
    assert_string_equal(p->source, "dcsim");
    assert_string_equal(p->published, "K2, \"base\"");
    assert_string_equal(p->task, "chat");
    assert_string_equal(p->date, "2026-01-02");
    assert_int_equal(p->kind, MEASURED_BATCH);
    assert_true(p->gpus == 8 && p->copies == 2 && p->attention == PLATFORM_ATTENTION_DATA);
    assert_true(p->expert_parallel && !p->speculative);
    assert_true(p->weights == PRECISION_FP8 && p->kv == PRECISION_FP8);
    const double figures[][2] = {
        {p->prompt, 100},      {p->output, 200},    {p->spread, 0.1},     {p->clients, 16},
        {p->cap, 700},         {p->requests, 160},  {p->ttft, 0.5},       {p->tpot, 0.02},
        {p->e_tok, 5},         {p->itl_p50, 0.019}, {p->token_rate, 800}, {p->gpu_power, 4000},
        {p->wall_power, 6000},
    };
    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++)
        assert_near(figures[i][0], figures[i][1]);
    p = &m.point[1];
    assert_int_equal(p->kind, MEASURED_CLOSED_LOOP);
    assert_true(p->gpus == 1 && p->copies == 1 && p->spread == 0 && isnan(p->prompt));
    assert_true(p->weights == PRECISION_FP16 && p->kv == PRECISION_FP16);
    assert_int_equal(m.point[2].copies, 0);
    assert_string_equal(m.point[3].excluded, "speculative decoding");

    screen(&m);
    assert_null(m.point[1].excluded);
    assert_string_equal(m.point[4].excluded, "the model does not fit the GPUs by the tables");
    assert_string_equal(m.point[5].excluded, /* 16 GB in 1 ms */
                        "faster than memory allows at the stated concurrency");
    measured_clear(&m);
}

/* The least TPOT against closed form: all clients run, or as many as the pool or max_seqs admit. */
static void test_tpot_min(void **state) {
    (void)state;
    struct platform platform = {.bytes_shared = 8e9,
                                .bytes_kv = 1e5,
                                .window = INFINITY,
                                .kv_pool_bytes = 2e10,
                                .memory_peak = 1e12};
    struct measured_point p = {.prompt = 900, .output = 200, .clients = 64, .copies = 2};
    assert_near(measured_tpot_min(&p, &platform, 1024), (8e9 + 32 * 1e8) / 1e12);
    p.copies = 1;
    p.clients = 1000; /* the pool holds 200 */
    assert_near(measured_tpot_min(&p, &platform, 1024), (8e9 + 2e10) / 1e12);
    assert_near(measured_tpot_min(&p, &platform, 50), (8e9 + 50 * 1e8) / 1e12);
    p.prompt = NAN;
    p.clients = 10;
    assert_near(measured_tpot_min(&p, &platform, 1024), (8e9 + 10 * 1e7) / 1e12);
    p.clients = NAN;
    assert_true(isnan(measured_tpot_min(&p, &platform, 1024)));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_serving_counts),  cmocka_unit_test(test_serving_inferencex),
        cmocka_unit_test(test_serving_layouts), cmocka_unit_test(test_serving_speculative),
        cmocka_unit_test(test_mlenergy),        cmocka_unit_test(test_splitwise),
        cmocka_unit_test(test_mlperf),          cmocka_unit_test(test_capcurve),
        cmocka_unit_test(test_impossible),      cmocka_unit_test(test_own),
        cmocka_unit_test(test_tpot_min),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
