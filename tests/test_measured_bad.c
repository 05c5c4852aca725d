/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fails when a broken file of measurements is taken, when its mistakes lack the line, what was
 * found, or what would be right, or when points of a broken file stay behind. */
#define _XOPEN_SOURCE 700 /* mkstemp, mkdtemp, setenv */
#include "analysis/measured.h"
#include "sim/engine/memory.h"
#include "sim/io/library.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include <cmocka.h>

#define OWN  "hardware,engine,llm,gpus,weights,output_tokens,clients,tpot_s,kind,spread,attention\n"
#define GOOD "B200,vLLM,Qwen3-8B,1,FP8,64,4,0.01,,,\n"
#define SERVING                                                                                    \
    "id,silicon_data_source,backend,backend_version,model_path,system,mode,isl,osl,gemm_quant_"    \
    "mode,"                                                                                        \
    "batch_size,tp_size,pp_size,attention_dp_size,moe_ep_size,silicon_ttft_ms,"                    \
    "silicon_tpot_ms\n"
#define MLENERGY                                                                                   \
    "model,task,weight_precision,gpu,num_gpus,ep,dp,avg_batch_size,avg_output_len,avg_power_w,"    \
    "energy_per_token_j,out_tok_per_s,itl_p50_ms\n"
#define MLPERF                                                                                     \
    "source,hardware,n_gpu,model,precision,output_len,batch,tokens_s,tokens_s_per_gpu,"            \
    "wall_power_w,notes\n"
#define CAPCURVE "hardware,n_gpu,model,scenario,gpu_cap_w,tokens_s,rel_throughput,wall_w,class\n"
#define SPLITWISE                                                                                  \
    "model,hardware,prompt_size,batch_size,token_size,prompt_time,token_time,tensor_parallel\n"

/* A text, and what its first mistake must say at which line. */
static const struct {
    const char *text;
    long line;
    const char *says[3];
} cases[] = {
    {"", 0, {"found no line", "names the columns"}},
    {"# nothing\n\n", 0, {"found no line"}},
    {"a,b\n1,2\n", 1, {"no known format", "'a'", "serving_points (silicon_data_source, "}},
    {"1.0,2.0\n", 1, {"no known format", "'1.0'", "dcsim (llm, engine, output_tokens)"}},
    {"\nllm,engine,output_tokens,gpus,weights\n", 2, {"column missing", "'dcsim'", "'hardware'"}},
    {"model,prompt_time,token_time\n", 1, {"column missing", "'splitwise'", "'hardware'"}},
    {"silicon_data_source,silicon_tpot_ms\n", 1, {"column missing", "'id'"}},
    {"hardware,llm,hardware\n", 1, {"'hardware' twice"}},
    {"gpu_power_w," OWN, 1, {"column 'gpu_power_w'", "'gpu_power_W' would be right"}},
    {"Prompt_token," OWN, 1, {"column 'Prompt_token'", "'prompt_tokens' would be right"}},
    {"colour," OWN, 1, {"column 'colour'", "one of hardware, ", ", spread, prompt_tokens, "}},
    {OWN, 1, {"no record", "at least one"}},
    {OWN GOOD "B200,vLLM,Qwen3-8B\n", 3, {"found 3 fields; 11"}},
    {OWN GOOD "B200,\"vLLM,Qwen3-8B,1,FP8,64,4,0.01,,,\n", 3, {"not closed"}},
    {OWN "B200,\"v\"LLM,Qwen3-8B,1,FP8,64,4,0.01,,,\n", 2, {"not closed"}},
    {OWN GOOD "B200,vLLM,Qwen3-8B,1,FP8,64,four,0.01,,,\n",
     3,
     {"clients: found 'four'", "a number above 0"}},
    {OWN "B200,vLLM,Qwen3-8B,1,FP8,64,4,nan,,,\n", 2, {"tpot_s: found 'nan'", "a number above 0"}},
    {OWN "B200,vLLM,Qwen3-8B,1,FP8,64,4,-1,,,\n", 2, {"tpot_s: found '-1'"}},
    {OWN "B200,vLLM,Qwen3-8B,1,FP8,64,4,1e999,,,\n", 2, {"tpot_s: found '1e999'"}},
    {OWN "B200,vLLM,Qwen3-8B,1,FP8,64,4,0x1,,,\n", 2, {"tpot_s: found '0x1'"}},
    {OWN "B200,vLLM,Qwen3-8B,1,FP8,64,4,,,,\n", 2, {"tpot_s: found ''", "one measured figure"}},
    {OWN "B200,vLLM,Qwen3-8B,1,FP8,64,,0.01,,,\n", 2, {"clients: found ''", "the concurrency"}},
    {OWN "B200,vLLM,Qwen3-8B,1,FP8,,4,0.01,,,\n", 2, {"output_tokens: found ''"}},
    {OWN "B200,vLLM,Qwen3-8B,0,FP8,64,4,0.01,,,\n", 2, {"gpus: found '0'", "a whole number"}},
    {OWN "B200,vLLM,Qwen3-8B,1.5,FP8,64,4,0.01,,,\n", 2, {"gpus: found '1.5'"}},
    {OWN "B200,vLLM,Qwen3-8B,,FP8,64,4,0.01,,,\n", 2, {"gpus: found ''"}},
    {OWN "B200,vLLM,Qwen3-8B,1,FP9,64,4,0.01,,,\n", 2, {"weights: found 'FP9'", "FP16, FP8"}},
    {OWN "B200,vLLM,Qwen3-8B,1,,64,4,0.01,,,\n", 2, {"weights: found ''"}},
    {OWN "B200,,Qwen3-8B,1,FP8,64,4,0.01,,,\n", 2, {"engine: found ''", "the name of a table"}},
    {OWN "B200,vLLM,Qwen3-8B,1,FP8,64,4,0.01,open,,\n", 2, {"kind: found 'open'", "closed_loop"}},
    {OWN "B200,vLLM,Qwen3-8B,1,FP8,64,4,0.01,,1,\n", 2, {"spread: found '1'", "below 1"}},
    {OWN "B200,vLLM,Qwen3-8B,1,FP8,64,4,0.01,,,heads\n", 2, {"attention: found 'heads'"}},
    {OWN "B200-with-a-name-that-is-far-longer-than-any-table-may-have-in-dcsim-x,vLLM,Q,1,FP8,64,4,"
         "0.01,,,\n",
     2,
     {"hardware: found", "at most 63 bytes"}},
    {SERVING "i,x=1,vllm,1,Qwen/Qwen3-8B,h100_sxm,agg,abc,64,fp8,4,1,1,1,1,10,10\n",
     2,
     {"isl: found 'abc'"}},
    {SERVING "i,x=1,vllm,1,Qwen/Qwen3-8B,h100_sxm,agg,64,64,fp6,4,1,1,1,1,10,10\n",
     2,
     {"gemm_quant_mode: found 'fp6'", "fp8_block"}},
    {SERVING "i,silicon_concurrency=many,vllm,1,Q,h100_sxm,agg,64,64,fp8,4,1,1,1,1,10,10\n",
     2,
     {"silicon_concurrency=many", "silicon_concurrency=N"}},
    {SERVING "i,x=1,vllm,1,Q,h100_sxm,agg,64,64,fp8,,1,1,1,1,10,10\n", 2, {"batch_size: found ''"}},
    {SERVING "i,x=1,vllm,1,Q,h100_sxm,agg,64,64,fp8,4,two,1,1,1,10,10\n", 2, {"tp_size: found"}},
    {SERVING "i,x=1,vllm,1,Q,h100_sxm,agg,64,64,fp8,4,99999,1,99999,1,10,10\n",
     2,
     {"tp_size: found '99999'"}},
    {SERVING "i,x=1,vllm,1,Q,h100_sxm,agg,64,64,fp8,4,1,1,1,1,10,\n", 2, {"silicon_tpot_ms: fou"}},
    {MLENERGY "Qwen3-8B,chat,int9,B200,1,1,1,8,100,300,1,200,30\n",
     2,
     {"weight_precision: found 'int9'"}},
    {MLENERGY "Qwen3-8B,chat,fp8,B200,3,1,2,8,100,300,1,200,30\n", 2, {"dp: found '2'", "divisor"}},
    {MLENERGY "Qwen3-8B,chat,fp8,B200,1,1,1,8,100,much,1,200,30\n", 2, {"avg_power_w: found 'mu"}},
    {MLPERF "v,NVIDIA L40S,8,llama2-70b,fp64,294,offline,9,1,,x\n", 2, {"precision: found 'fp64'"}},
    {MLPERF "v,NVIDIA L40S,8,llama2-70b,fp8,294,burst,9,1,,x\n", 2, {"batch: found 'burst'"}},
    {MLPERF "v,NVIDIA L40S,8,llama2-70b,fp8,294,offline,,1,,x\n", 2, {"tokens_s: found ''"}},
    {CAPCURVE "H200 SXM,8,llama2-70b fp8,offline,any,9,1,,primary\n",
     2,
     {"gpu_cap_w: found 'any'"}},
    {CAPCURVE "H200 SXM,8,llama2-70b,offline,500,9,1,,primary\n", 2, {"model: found 'llama2-70b'"}},
    {CAPCURVE "H200 SXM,8,llama2-70b fp8,x,500,9,1,,primary\n", 2, {"scenario: found 'x'"}},
    {SPLITWISE "llama2-70b,h100-80gb,512,1,128,fast,37,2\n", 2, {"prompt_time: found 'fast'"}},
};

/* Records that are read, but that the tables refuse. */
static const struct {
    const char *text;
    const char *says[3];
} refused[] = {
    {"h200-sxm,vLLM,Qwen3-8B,1,FP8,64,4,0.01,", {"hardware: found 'h200-sxm'", "; 'H200-SXM' wou"}},
    {"H200,vLLM,Qwen3-8B,1,FP8,64,4,0.01,", {"hardware: found 'H200'", "; 'H200-SXM' would be"}},
    {"TPU,vLLM,Qwen3-8B,1,FP8,64,4,0.01,", {"'TPU', which is no table; one of A100-SXM-80GB, B2"}},
    {"../hardware/B200,vLLM,Qwen3-8B,1,FP8,64,4,0.01,", {"no table; 'B200' would be right"}},
    {"B200,VLLM,Qwen3-8B,1,FP8,64,4,0.01,", {"engine: found 'VLLM'", "; 'vLLM' would be right"}},
    {"B200,trtllm,Qwen3-8B,1,FP8,64,4,0.01,", {"engine: found 'trtllm'", "; 'TensorRT-LLM' would"}},
    {"B200,None,Qwen3-8B,1,FP8,64,4,0.01,", {"'None', which is no table; one of SGLang-2025, "}},
    {"B200,vLLM,qwen3-8b,1,FP8,64,4,0.01,", {"llm: found 'qwen3-8b'", "; 'Qwen3-8B' would be rig"}},
    {"B200,vLLM,Qwen3-8BB,1,FP8,64,4,0.01,",
     {"llm: found 'Qwen3-8BB'", "; 'Qwen3-8B', or another"}},
    {"B200,vLLM,meta-llama/Llama-3.1-8B-Instruct,1,FP8,64,4,0.01,", {"; 'Llama-3.1-8B' would"}},
    {"B200,vLLM,deepseek-ai/DeepSeek-R1,8,FP8,64,4,0.01,", {"; 'DeepSeek-R1' would be right"}},
    {"B200,vLLM,Qwen3-8B,9,FP8,64,4,0.01,", {"gpus: found '9'", "at most 8, as a node of B200"}},
    {"B200,vLLM,Qwen3-8B,1e9,FP8,64,4,0.01,", {"gpus: found '1000000000'", "at most 8"}},
    {"B200,vLLM,Qwen3-8B,1,FP8,64,4,0.01,1", {"cap_W: found '1'", "from 286 to 1000 W"}},
    {"B200,vLLM,Qwen3-8B,1,FP8,64,4,0.01,285.9", {"cap_W: found '285.9'", "B200 can be set to"}},
    {"B200,vLLM,Qwen3-8B,1,FP8,64,4,0.01,5000", {"cap_W: found '5000'", "from 286 to 1000 W"}},
};

static char path[] = "/tmp/test_measured_badXXXXXX";

static void write_file(const void *text, size_t length) {
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, length, f), length);
    assert_int_equal(fclose(f), 0);
}

static int setup(void **state) {
    (void)state;
    const int fd = mkstemp(path);
    return fd < 0 ? -1 : close(fd);
}

static int teardown(void **state) {
    (void)state;
    return remove(path);
}

static void test_mistakes(void **state) {
    (void)state;
    struct measured m = {0};
    struct error e;
    error_init(&e);
    write_file(OWN GOOD, strlen(OWN GOOD));
    assert_true(measured_read(&m, path, &e));
    assert_int_equal(m.count, 1);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        write_file(cases[i].text, strlen(cases[i].text));
        if (measured_read(&m, path, &e))
            fail_msg("taken: %s", cases[i].text);
        assert_int_equal(m.count, 1); /* as it was */
        assert_true(error_any(&e));
        assert_string_equal(e.entry[0].file, path);
        if (e.entry[0].line != cases[i].line)
            fail_msg("%s: line %ld: %s", cases[i].text, e.entry[0].line, e.entry[0].text);
        for (size_t k = 0; k < 3 && cases[i].says[k] != NULL; k++)
            if (strstr(e.entry[0].text, cases[i].says[k]) == NULL)
                fail_msg("%s: no '%s' in: %s", cases[i].text, cases[i].says[k], e.entry[0].text);
        error_clear(&e);
    }
    measured_clear(&m);
}

/* Names that no table has, and GPUs and caps that the hardware cannot have, are told with file and
 * line, whether the point counts or not. */
static void test_refused(void **state) {
    (void)state;
    struct error e;
    error_init(&e);
    struct library *l = library_new(&e);
    assert_non_null(l);
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        for (int kind = 0; kind < 2; kind++) {
            struct measured m = {0};
            char *text = memory_print(
                "hardware,engine,llm,gpus,weights,output_tokens,clients,tpot_s,cap_W,kind\n"
                "B200,vLLM,Qwen3-8B,8,FP8,64,4,0.01,286,\nB200,vLLM,Qwen3-8B,8,FP8,64,4,0.02,1000,"
                "\n"
                "%s,%s\n",
                refused[i].text, kind == 1 ? "server" : "");
            write_file(text, strlen(text));
            free(text);
            assert_true(measured_read(&m, path, &e));
            if (measured_screen(&m, l, &e))
                fail_msg("taken: %s", refused[i].text);
            assert_int_equal(e.count, 1);
            assert_string_equal(e.entry[0].file, path);
            assert_int_equal(e.entry[0].line, 4);
            for (size_t k = 0; k < 3 && refused[i].says[k] != NULL; k++)
                if (strstr(e.entry[0].text, refused[i].says[k]) == NULL)
                    fail_msg("no '%s' in: %s", refused[i].says[k], e.entry[0].text);
            error_clear(&e);
            measured_clear(&m);
        }
    library_free(l);
}

/* All mistakes of a file are told at once, but not thousands. */
static void test_many(void **state) {
    (void)state;
    struct measured m = {0};
    struct error e;
    error_init(&e);
    char *text = memory_text(OWN);
    for (int i = 0; i < 100; i++) {
        char *longer = memory_print("%sB200,vLLM,Q,x,FP8,64,4,0.01,,,\n", text);
        free(text);
        text = longer;
    }
    write_file(text, strlen(text));
    assert_false(measured_read(&m, path, &e));
    assert_int_equal(e.count, 20);
    assert_int_equal(e.entry[19].line, 21);
    assert_int_equal(m.count, 0);
    free(text);
    error_clear(&e);
    measured_clear(&m);
}

/* A file that is not there, a folder, and gzip data that end too early. */
static void test_unreadable(void **state) {
    (void)state;
    struct measured m = {0};
    struct error e;
    error_init(&e);
    assert_false(measured_read(&m, "/nonexistent/x.csv", &e));
    assert_non_null(strstr(e.entry[0].text, "cannot be opened: No such file"));
    error_clear(&e);
    assert_false(measured_read(&m, "/tmp", &e));
    assert_true(error_any(&e));
    error_clear(&e);

    gzFile z = gzopen(path, "wb");
    assert_non_null(z);
    assert_true(gzputs(z, OWN) > 0);
    for (int i = 0; i < 2000; i++)
        assert_true(gzprintf(z, "B200,vLLM,Qwen3-8B,1,FP8,64,%d,0.01,,,\n", i * 7919 % 65521 + 1) >
                    0);
    assert_int_equal(gzclose(z), Z_OK);
    assert_true(measured_read(&m, path, &e));
    assert_int_equal(m.count, 2000);
    char bytes[4096];
    FILE *f = fopen(path, "rb");
    const size_t length = fread(bytes, 1, sizeof bytes, f);
    fclose(f);
    write_file(bytes, length);
    assert_false(measured_read(&m, path, &e));
    assert_true(error_any(&e));
    assert_int_equal(m.count, 2000);
    error_clear(&e);
    measured_clear(&m);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mistakes),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_many),
        cmocka_unit_test(test_unreadable),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
