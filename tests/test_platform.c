/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fails when memory is not divided between weights, reserve and KV as stated, when heads or
 * attention weights are copied the wrong number of times among GPUs, or when a mixture of experts
 * does not read the expected number of distinct experts. */
#include "models/platform.h"
#include "tests/models_fixture.h"

#include <limits.h>
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

static void test_memory(void **state) {
    (void)state;
    const struct platform p = fixture_platform(&fixture_llama_70b, &fixture_h100, PRECISION_FP16,
                                               PRECISION_FP16, PLATFORM_ATTENTION_TENSOR);
    /* 8 * 80 GB * 0.9 - 141.1 GB = 434.9 GB in blocks of 16 * 327,680 B = 5,242,880 B. */
    assert_close("weights", p.weight_bytes, 141104775168.0, 1e-15);
    assert_close("pool", p.kv_pool_bytes, 576e9 - 141104775168.0, 1e-15);
    assert_int_equal(platform_kv_blocks(&p, 16, 256), 82949);
    assert_true(isinf(p.window) && p.kv_sequence_bytes == 0);

    struct platform_spec spec = {.llm = &fixture_llama_70b,
                                 .hardware = &fixture_h100,
                                 .engine = &fixture_engine,
                                 .gpus = 1,
                                 .memory_reserve = -1};
    struct platform small; /* 141 GB on 80 GB */
    platform_make(&spec, &small);
    assert_true(small.kv_pool_bytes < 0);
    assert_int_equal(platform_kv_blocks(&small, 16, 256), 0);
    /* 4.15625 bits for the linear matrices, 16 for embedding and head: 39.8 GB do fit. */
    spec.weights = PRECISION_INT4;
    spec.memory_reserve = 0.05;
    platform_make(&spec, &small);
    assert_close("pool", small.kv_pool_bytes,
                 76e9 - (0.51953125 * 68451041280.0 + 2 * 2101346304.0), 1e-15);
}

static void test_windowed_memory(void **state) {
    (void)state;
    const struct platform p = fixture_platform(&fixture_gpt_oss, &fixture_h100, PRECISION_FP8,
                                               PRECISION_FP8, PLATFORM_ATTENTION_TENSOR);
    /* 18 windowed layers keep 128 positions of 36,864 B: 4,718,592 B a sequence. */
    assert_true(p.window == 128);
    assert_close("sequence", p.kv_sequence_bytes, 4718592, 1e-15);
    const double pool = p.kv_pool_bytes - 256 * 4718592.0;
    assert_int_equal(platform_kv_blocks(&p, 16, 256), (long)floor(pool / (16 * 36864.0)));
    assert_int_equal(platform_kv_blocks(&p, 16, 1000000), 0);

    struct llm m = fixture_gpt_oss; /* no layer sees everything: blocks bind nobody */
    m.window_layers = m.layers;
    const struct platform q = fixture_platform(&m, &fixture_h100, PRECISION_FP8, PRECISION_FP8,
                                               PLATFORM_ATTENTION_TENSOR);
    assert_int_equal(platform_kv_blocks(&q, 16, 256), INT_MAX);
}

/* Sparse attention keeps the KV of all positions and reads few; recurrent state counts by sequence,
 * once however many GPUs share it. */
static void test_sparse_and_state_memory(void **state) {
    (void)state;
    struct llm m = fixture_deepseek_v3;
    m.sparse_positions = 2048;
    m.sparse_flop = 16512;
    m.sparse_bytes = 132;
    struct platform p =
        fixture_platform(&m, &fixture_h200, PRECISION_FP8, PRECISION_FP16, PLATFORM_ATTENTION_DATA);
    assert_true(p.window == 2048 && p.kv_sequence_bytes == 0);
    assert_close("read of all", p.bytes_kv, 61 * 132, 1e-15);
    assert_close("read of some", p.bytes_kv_windowed, 70272, 1e-15);
    assert_close("kept", p.kv_stored_bytes, 61 * 132 + 70272, 1e-15);
    assert_int_equal(platform_kv_blocks(&p, 16, 256),
                     (long)floor(p.kv_pool_bytes / (16 * (61 * 132 + 70272.0))));

    m = fixture_llama_70b;
    m.attention_layers = 20;
    m.linear_layers = 60;
    m.linear_state = 1e6;
    m.kv_heads = 2;
    p = fixture_platform(&m, &fixture_h100, PRECISION_FP16, PRECISION_FP16,
                         PLATFORM_ATTENTION_TENSOR);
    assert_close("state", p.kv_sequence_bytes, 60e6, 1e-15);
    assert_close("kv", p.kv_stored_bytes, 4 * 2 * 20 * 2 * 128 * 2.0, 1e-15);
}

static void test_copies(void **state) {
    (void)state;
    struct llm m = fixture_llama_70b;
    m.kv_heads = 2; /* on 8 GPUs: each head 4 times */
    struct platform p = fixture_platform(&m, &fixture_h100, PRECISION_FP16, PRECISION_FP16,
                                         PLATFORM_ATTENTION_TENSOR);
    assert_close("kv", p.bytes_kv, 4 * 2 * 80 * 2 * 128 * 2.0, 1e-15);
    assert_close("weights", p.weight_bytes, 2 * m.params_total, 1e-15);

    /* MLA: 8 copies of the latent, or one and the attention weights on every GPU. */
    const struct llm *d = &fixture_deepseek_v3;
    p = fixture_platform(d, &fixture_h200, PRECISION_FP8, PRECISION_FP8, PLATFORM_ATTENTION_TENSOR);
    assert_close("kv", p.bytes_kv, 8 * 70272.0, 1e-15);
    p = fixture_platform(d, &fixture_h200, PRECISION_FP8, PRECISION_FP8, PLATFORM_ATTENTION_DATA);
    assert_close("kv", p.bytes_kv, 70272.0, 1e-15);
    assert_close("weights", p.weight_bytes, 671025397760.0 + 7 * 11413422080.0, 1e-15);
    assert_close("read", platform_weight_bytes(&p, 1e9), p.weight_bytes, 1e-12);
}

/* Expected distinct experts hit by T tokens, each taking k of E at random: against the probability
 * that an expert is missed, multiplied out token by token. */
static void test_expected_experts(void **state) {
    (void)state;
    const struct llm *m = &fixture_deepseek_v3;
    const struct platform p =
        fixture_platform(m, &fixture_h200, PRECISION_FP8, PRECISION_FP8, PLATFORM_ATTENTION_TENSOR);
    const double expert = m->expert_layers * m->params_expert;
    const double shared = m->params_total - 256 * expert;
    double missed = 1;
    for (int t = 0; t <= 300; t++) {
        assert_close("experts", platform_weight_bytes(&p, t), shared + 256 * (1 - missed) * expert,
                     1e-12);
        missed *= 1 - 8.0 / 256;
    }
    assert_close("one token", platform_weight_bytes(&p, 1), shared + 8 * expert, 1e-12);

    struct llm all = *m; /* every expert at every token */
    all.experts_per_token = all.experts;
    const struct platform q = fixture_platform(&all, &fixture_h200, PRECISION_FP8, PRECISION_FP8,
                                               PLATFORM_ATTENTION_TENSOR);
    assert_close("all", platform_weight_bytes(&q, 1), m->params_total, 1e-15);
    assert_close("none", platform_weight_bytes(&q, 0), shared, 1e-12);
}

static void test_rates(void **state) {
    (void)state;
    /* FP4 weights and arithmetic on an H100: computed in FP8, with FP8's efficiency. */
    const struct platform p = fixture_platform(&fixture_llama_70b, &fixture_h100, PRECISION_FP4,
                                               PRECISION_FP4, PLATFORM_ATTENTION_TENSOR);
    assert_close("peak", p.compute_peak, 8 * 1978e12, 1e-15);
    assert_close("rate", p.compute_rate, 8 * 1978e12 * 0.60, 1e-15);
    assert_close("memory", p.memory_rate, 8 * 3.35e12 * 0.73, 1e-15);
    assert_close("weights", p.weight_bytes, 0.5 * 70552387584.0, 1e-15);
    assert_close("limit", p.power_limit, 8 * 689.5, 1e-15);
}

int main(void) {
    const struct CMUnitTest test[] = {
        cmocka_unit_test(test_memory),
        cmocka_unit_test(test_windowed_memory),
        cmocka_unit_test(test_sparse_and_state_memory),
        cmocka_unit_test(test_copies),
        cmocka_unit_test(test_expected_experts),
        cmocka_unit_test(test_rates),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("platform", test, NULL, NULL);
}
