/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fails when the FLOP or KV bytes of a token under MHA, GQA, MLA, windowed, sparse or linear
 * attention part from the figures worked by hand, or when the closed form of a request is not the
 * sum over its tokens. */
#include "models/llm.h"
#include "tests/models_fixture.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void assert_close(const char *what, double found, double expected, double tolerance) {
    if (!(fabs(found - expected) <= tolerance * fabs(expected)))
        fail_msg("%s: %.17g, expected %.17g", what, found, expected);
}

static double decode(const struct llm *m, double seen) {
    const struct llm_attention_work a = llm_attention_decode(m);
    return llm_flop_token(m) + llm_flop_head(m) + a.full * seen +
           a.windowed * fmin(seen, llm_window(m));
}

/* GFLOP per decoded token at a context, printed to 0.1: 4 n h_q d_h = 2,621,440 for the 65B and the
 * 70B, 2 * 61 * 128 * (2 * 512 + 64) = 16,990,208 for DeepSeek-V3, 4 * 36 * 64 * 64 = 589,824 for
 * gpt-oss-120b, half of it over at most 128 positions. */
static void test_decode_flop(void **state) {
    (void)state;
    const struct {
        const struct llm *m;
        double seen, gflop;
    } known[] = {
        {&fixture_llama_65b, 1024, 132.7},   {&fixture_llama_65b, 8192, 151.5},
        {&fixture_llama_70b, 1024, 141.7},   {&fixture_llama_70b, 8192, 160.5},
        {&fixture_llama_70b, 131072, 482.6}, {&fixture_deepseek_v3, 1024, 90.6},
        {&fixture_deepseek_v3, 8192, 212.4}, {&fixture_deepseek_v3, 131072, 2300.2},
        {&fixture_gpt_oss, 1024, 10.6},      {&fixture_gpt_oss, 8192, 12.7},
        {&fixture_gpt_oss, 131072, 48.95},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (fabs(decode(known[i].m, known[i].seen) / 1e9 - known[i].gflop) > 0.0501)
            fail_msg("%s at %g: %.3f GFLOP, expected %.1f", known[i].m->name, known[i].seen,
                     decode(known[i].m, known[i].seen) / 1e9, known[i].gflop);
    assert_true(llm_attention_decode(&fixture_llama_70b).full == 2621440);
    assert_true(llm_attention_decode(&fixture_deepseek_v3).full == 16990208);
    assert_true(llm_attention_decode(&fixture_gpt_oss).full == 294912);
    assert_true(llm_attention_decode(&fixture_gpt_oss).windowed == 294912);
    /* Prefill: MLA is not absorbed, 2 * 61 * 128 * (128 + 64 + 128); the others as in decode. */
    assert_true(llm_attention_prefill(&fixture_deepseek_v3).full == 4997120);
    assert_true(llm_attention_prefill(&fixture_llama_70b).full == 2621440);
}

static void test_kv_bytes(void **state) {
    (void)state;
    /* 2 * 80 * 64 * 128 * 2; 2 * 80 * 8 * 128 * 2; 61 * (512 + 64) * 2; 2 * 18 * 8 * 64 * 2. */
    assert_true(llm_kv_bytes(&fixture_llama_65b, PRECISION_FP16) == 2621440);
    assert_true(llm_kv_bytes(&fixture_llama_70b, PRECISION_FP16) == 327680);
    assert_true(llm_kv_bytes(&fixture_llama_70b, PRECISION_FP8) == 163840);
    /* 20 bits of scale and zero for each 128 elements of 4. */
    assert_true(llm_kv_bytes(&fixture_llama_70b, PRECISION_INT4) == 163840 * 532 / 1024.0);
    assert_true(llm_kv_bytes(&fixture_deepseek_v3, PRECISION_FP16) == 70272);
    assert_true(llm_kv_bytes(&fixture_gpt_oss, PRECISION_FP16) == 36864);
    assert_true(llm_kv_bytes_windowed(&fixture_gpt_oss, PRECISION_FP16) == 36864);
    assert_true(llm_kv_bytes_windowed(&fixture_llama_70b, PRECISION_FP16) == 0);
    /* MQA: one head's keys and values. */
    struct llm m = fixture_llama_70b;
    m.attention = LLM_MQA;
    m.kv_heads = 1;
    assert_true(llm_kv_bytes(&m, PRECISION_FP16) == 40960);
}

/* DeepSeek-V3.2: V3 with an indexer of 64 heads of 128, that keeps 128 + 4 bytes a position. */
static struct llm sparse_model(void) {
    struct llm m = fixture_deepseek_v3;
    m.sparse_positions = 2048;
    m.sparse_flop = 2 * 64 * 129;
    m.sparse_bytes = 132;
    return m;
}

/* 48 layers, of which 12 attend and 36 carry 2 MB of state. */
static struct llm linear_model(void) {
    struct llm m = fixture_llama_70b;
    m.layers = 48;
    m.attention_layers = 12;
    m.linear_layers = 36;
    m.linear_state = 2e6;
    m.linear_flop = 3e6;
    return m;
}

static void test_sparse_attention(void **state) {
    (void)state;
    const struct llm m = sparse_model();
    /* The indexer sees every position, 61 * 16,512; the attention 2048 of them, absorbed. */
    assert_true(llm_window(&m) == 2048);
    assert_true(llm_attention_decode(&m).full == 1007232);
    assert_true(llm_attention_decode(&m).windowed == 16990208);
    assert_true(llm_attention_prefill(&m).full == 1007232);
    assert_true(llm_attention_prefill(&m).windowed == 16990208);
    /* Read of every position 61 * 132 B, of the chosen ones 61 * 576 * 2 B; both kept of all. */
    assert_true(llm_kv_bytes(&m, PRECISION_FP16) == 8052);
    assert_true(llm_kv_bytes(&m, PRECISION_FP8) == 8052);
    assert_true(llm_kv_bytes_windowed(&m, PRECISION_FP16) == 70272);
    assert_true(llm_kv_bytes_stored(&m, PRECISION_FP16) == 78324);
    assert_true(llm_kv_bytes_stored_windowed(&m, PRECISION_FP16) == 0);
}

static void test_linear_layers(void **state) {
    (void)state;
    const struct llm m = linear_model();
    assert_true(llm_attention_decode(&m).full == 4 * 12 * 64 * 128);
    assert_true(llm_kv_bytes(&m, PRECISION_FP16) == 2 * 12 * 8 * 128 * 2);
    assert_true(llm_kv_bytes_stored(&m, PRECISION_FP16) == llm_kv_bytes(&m, PRECISION_FP16));
    assert_true(llm_state_bytes(&m) == 72e6);
    assert_true(llm_flop_token(&m) == 2 * m.params_linear + 108e6);
    assert_true(llm_state_bytes(&fixture_llama_70b) == 0);
    assert_true(isinf(llm_window(&m)));
    /* Windowed layers are some of those with attention. */
    struct llm w = m;
    w.window = 100;
    w.window_layers = 9;
    assert_true(llm_kv_bytes(&w, PRECISION_FP16) == 2 * 3 * 8 * 128 * 2);
    assert_true(llm_kv_bytes_stored(&w, PRECISION_FP16) == 2 * 3 * 8 * 128 * 2);
    assert_true(llm_kv_bytes_stored_windowed(&w, PRECISION_FP16) == 2 * 9 * 8 * 128 * 2);
}

static void test_quantised(void **state) {
    (void)state;
    struct llm m = fixture_gpt_oss; /* all but 2 * 201,088 * 2880, the embedding and the head */
    assert_true(llm_params_quantised(&m) == 116788838400 - 1158266880);
    m.quantised = LLM_QUANTISED_MLP;
    assert_true(llm_params_quantised(&m) == 116788838400 - 1158266880 - 955514880);
    m.quantised = LLM_QUANTISED_EXPERTS; /* 36 * 128 * 24,883,200 */
    assert_true(llm_params_quantised(&m) == 114661785600);
    m = fixture_llama_70b;
    assert_true(llm_params_quantised(&m) == m.params_linear);
}

/* Every token of a request, one after another. */
static double request_by_tokens(const struct llm *m, int prompt, int output) {
    const struct llm_attention_work p = llm_attention_prefill(m), d = llm_attention_decode(m);
    double flop = 0;
    for (int i = 1; i <= prompt; i++)
        flop += llm_flop_token(m) + p.full * i + p.windowed * fmin(i, llm_window(m));
    flop += llm_flop_head(m); /* the prompt's last token emits the first */
    for (int i = 1; i < output; i++)
        flop += llm_flop_token(m) + llm_flop_head(m) + d.full * (prompt + i) +
                d.windowed * fmin(prompt + i, llm_window(m));
    return flop;
}

static void test_request_is_the_sum_over_tokens(void **state) {
    (void)state;
    const struct llm sparse = sparse_model(), linear = linear_model();
    const struct llm *const m[] = {&fixture_llama_65b,
                                   &fixture_llama_70b,
                                   &fixture_deepseek_v3,
                                   &fixture_gpt_oss,
                                   &sparse,
                                   &linear};
    const int prompt[] = {1, 50, 127, 128, 129, 2000}, output[] = {1, 2, 60, 300};
    for (size_t i = 0; i < sizeof m / sizeof *m; i++)
        for (size_t j = 0; j < 6; j++)
            for (size_t k = 0; k < 4; k++) {
                const double sum = request_by_tokens(m[i], prompt[j], output[k]);
                assert_close("request", llm_flop_request(m[i], prompt[j], output[k]), sum, 1e-12);
                assert_close("c_tok", llm_c_tok(m[i], prompt[j], output[k]), sum / output[k],
                             1e-12);
            }
}

int main(void) {
    const struct CMUnitTest test[] = {
        cmocka_unit_test(test_decode_flop),
        cmocka_unit_test(test_kv_bytes),
        cmocka_unit_test(test_sparse_attention),
        cmocka_unit_test(test_linear_layers),
        cmocka_unit_test(test_quantised),
        cmocka_unit_test(test_request_is_the_sum_over_tokens),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("llm", test, NULL, NULL);
}
