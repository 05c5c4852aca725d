/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fails when memory is not divided between weights, reserve and KV as stated, when heads or
 * attention weights are copied the wrong number of times among GPUs, when a mixture of experts does
 * not read the expected number of distinct experts, when weights stand in another format than
 * stated, or when an engine's overheads are not those of the hardware, the model and the number of
 * GPUs; or when more is set aside for windowed layers than a sequence can have. */
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
    assert_int_equal(platform_kv_blocks(&p, 16, 256, INFINITY), 82949);
    assert_true(isinf(p.window) && platform_sequence_bytes(&p, 16, INFINITY) == 0);

    struct platform_spec spec = {.llm = &fixture_llama_70b,
                                 .hardware = &fixture_h100,
                                 .engine = &fixture_engine,
                                 .gpus = 1,
                                 .memory_reserve = -1};
    struct platform small; /* 141 GB on 80 GB */
    platform_make(&spec, &small);
    assert_true(small.kv_pool_bytes < 0);
    assert_int_equal(platform_kv_blocks(&small, 16, 256, INFINITY), 0);
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
    assert_close("sequence", platform_sequence_bytes(&p, 16, INFINITY), 4718592, 1e-15);
    const double pool = p.kv_pool_bytes - 256 * 4718592.0;
    assert_int_equal(platform_kv_blocks(&p, 16, 256, INFINITY), (long)floor(pool / (16 * 36864.0)));
    assert_int_equal(platform_kv_blocks(&p, 16, 1000000, INFINITY), 0);

    struct llm m = fixture_gpt_oss; /* no layer sees everything: blocks bind nobody */
    m.window_layers = m.layers;
    const struct platform q = fixture_platform(&m, &fixture_h100, PRECISION_FP8, PRECISION_FP8,
                                               PLATFORM_ATTENTION_TENSOR);
    assert_int_equal(platform_kv_blocks(&q, 16, 256, INFINITY), INT_MAX);
}

/* A sequence never fills a window that is longer than itself. 3 kB a windowed position, 1 kB of
 * others, a window of 8192, blocks of 16: requests of 1000 positions take 63 blocks, 1008 * 3 kB =
 * 3.024 MB of the windowed layers, where whole windows are 24.576 MB. Ten of them leave 969.76 and
 * 754.24 MB of 1 GB, in blocks of 16 kB. */
static void test_window_unfilled(void **state) {
    (void)state;
    struct platform p = {
        .kv_pool_bytes = 1e9, .kv_stored_bytes = 1000, .kv_windowed_stored = 3000, .window = 8192};
    assert_true(platform_sequence_bytes(&p, 16, 1000) == 3024000);
    assert_true(platform_sequence_bytes(&p, 16, 1008) == 3024000);
    assert_true(platform_sequence_bytes(&p, 16, 1009) == 3072000);
    assert_true(platform_sequence_bytes(&p, 1, 1000) == 3000000);
    assert_true(platform_sequence_bytes(&p, 16, 8192) == 24576000);
    assert_true(platform_sequence_bytes(&p, 16, 8193) == 24576000);
    assert_true(platform_sequence_bytes(&p, 16, INFINITY) == 24576000);
    assert_int_equal(platform_kv_blocks(&p, 16, 10, 1000), 60610);
    assert_int_equal(platform_kv_blocks(&p, 16, 10, INFINITY), 47140);
    /* Forty whole windows fit, 330 sequences of 1000 positions do. */
    assert_true(platform_kv_blocks(&p, 16, 40, INFINITY) > 0);
    assert_int_equal(platform_kv_blocks(&p, 16, 41, INFINITY), 0);
    assert_int_equal(platform_kv_blocks(&p, 16, 330, 1000), 130);
    assert_int_equal(platform_kv_blocks(&p, 16, 331, 1000), 0);
    p.state_stored = 1e6; /* recurrent state is kept however short */
    assert_true(platform_sequence_bytes(&p, 16, 1000) == 4024000);
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
    assert_true(p.window == 2048 && platform_sequence_bytes(&p, 16, INFINITY) == 0);
    assert_close("read of all", p.bytes_kv, 61 * 132, 1e-15);
    assert_close("read of some", p.bytes_kv_windowed, 70272, 1e-15);
    assert_close("kept", p.kv_stored_bytes, 61 * 132 + 70272, 1e-15);
    assert_int_equal(platform_kv_blocks(&p, 16, 256, INFINITY),
                     (long)floor(p.kv_pool_bytes / (16 * (61 * 132 + 70272.0))));

    m = fixture_llama_70b;
    m.attention_layers = 20;
    m.linear_layers = 60;
    m.linear_state = 1e6;
    m.kv_heads = 2;
    p = fixture_platform(&m, &fixture_h100, PRECISION_FP16, PRECISION_FP16,
                         PLATFORM_ATTENTION_TENSOR);
    assert_close("state", platform_sequence_bytes(&p, 16, INFINITY), 60e6, 1e-15);
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
    /* Embedding and head, 7168 * 129280 each, in 16 bits; the embedding is not read. */
    const double table = 926679040.0;
    assert_close("weights", p.weight_bytes, 671025397760.0 + 2 * table + 7 * 11413422080.0, 1e-15);
    assert_close("read", platform_weight_bytes(&p, 1e9), p.weight_bytes - 2 * table, 1e-12);
}

/* Expected distinct experts hit by T tokens, each taking k of E at random: against the probability
 * that an expert is missed, multiplied out token by token. */
static void test_expected_experts(void **state) {
    (void)state;
    const struct llm *m = &fixture_deepseek_v3;
    const struct platform p =
        fixture_platform(m, &fixture_h200, PRECISION_FP8, PRECISION_FP8, PLATFORM_ATTENTION_TENSOR);
    const double expert = m->expert_layers * m->params_expert;
    /* The head in 16 bits, and no embedding: 7168 * 129280 bytes more and less. */
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
    all.params_linear += 248 * expert;
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
    assert_close("weights", p.weight_bytes, 0.5625 * 68451041280.0 + 2 * 2101346304.0, 1e-15);
    /* Attention runs in FP16, so its products count for 1978 * 0.60 / (989 * 0.45) of FLOP. */
    assert_close("attention", p.cost_prefill, 4 * 80 * 64 * 128 * (2 * 0.60 / 0.45), 1e-15);
    assert_close("attention as it is", p.flop_prefill, 4 * 80 * 64 * 128, 1e-15);
    assert_close("limit", p.power_limit, 8 * 689.5, 1e-15);
}

/* A format runs as it is where the hardware has it; else its weights are widened to FP16, unless
 * the scenario says otherwise. */
static void test_math(void **state) {
    (void)state;
    assert_int_equal(platform_math(&fixture_h100, PRECISION_FP8), PRECISION_FP8);
    assert_int_equal(platform_math(&fixture_h100, PRECISION_FP4), PRECISION_FP16);
    assert_int_equal(platform_math(&fixture_h100, PRECISION_INT4), PRECISION_FP16);
    assert_int_equal(platform_math(&fixture_b200, PRECISION_FP4), PRECISION_FP4);
    assert_int_equal(platform_math(&fixture_b200, PRECISION_FP16), PRECISION_FP16);
}

/* What is quantised: all linear matrices, all but attention's, experts alone; and the bits that the
 * model states hold for its own format only. */
static void test_weight_formats(void **state) {
    (void)state;
    struct llm m = fixture_gpt_oss;
    /* Of params_total, 36 * 128 * 24,883,200 are of experts and 2 * 2880 * 201088 of the two
     * tables; attention has 955,514,880. */
    const double experts = 36 * 128 * 24883200.0, tables = 2 * 2880 * 201088.0;
    const double attention = 955514880.0, rest = m.params_total - experts - tables - attention;
    const double expected[] = {
        [LLM_QUANTISED_LINEAR] = 0.5625 * (experts + attention + rest) + 2 * tables,
        [LLM_QUANTISED_MLP] = 0.5625 * (experts + rest) + 2 * (attention + tables),
        [LLM_QUANTISED_EXPERTS] = 0.5625 * experts + 2 * (attention + rest + tables),
    };
    for (int q = LLM_QUANTISED_LINEAR; q <= LLM_QUANTISED_EXPERTS; q++) {
        m.quantised = (enum llm_quantised)q;
        m.native_precision = PRECISION_FP8;
        m.weight_bits = 9; /* of another format than the replica's */
        struct platform p = fixture_platform(&m, &fixture_b200, PRECISION_FP4, PRECISION_FP4,
                                             PLATFORM_ATTENTION_TENSOR);
        assert_close("weights", p.weight_bytes, expected[q], 1e-12);
    }
    m.native_precision = PRECISION_FP4;
    m.weight_bits = 4.25;
    const struct platform p = fixture_platform(&m, &fixture_b200, PRECISION_FP4, PRECISION_FP4,
                                               PLATFORM_ATTENTION_TENSOR);
    assert_close("as published", p.weight_bytes,
                 0.53125 * experts + 2 * (attention + rest + tables), 1e-12);

    m = fixture_llama_70b; /* one table for both ends: nothing stands there that is not read */
    m.params_total -= m.width * m.vocabulary;
    const struct platform tied = fixture_platform(&m, &fixture_h100, PRECISION_FP16, PRECISION_FP16,
                                                  PLATFORM_ATTENTION_TENSOR);
    assert_close("tied", tied.weight_bytes, tied.bytes_shared, 1e-15);
    assert_close("tied", tied.weight_bytes, 2 * m.params_total, 1e-15);
}

/* 1 ms + 80 * 10 us of the engine and, for each of 160 all-reduces, 1.2 * 30 us for eight GPUs and
 * log2(G) / 3 of that for others; 0.9 * 2 (G - 1) / G * 16384 B / 365 GB/s a token. */
static void test_overheads(void **state) {
    (void)state;
    static const struct {
        int gpus;
        double latencies, volumes;
    } cases[] = {{1, 0, 0}, {2, 1.0 / 3, 1}, {4, 2.0 / 3, 1.5}, {8, 1, 1.75}, {16, 4.0 / 3, 1.875}};
    struct platform p;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct platform_spec spec = fixture_spec(&fixture_llama_70b, &fixture_h100, PRECISION_FP16,
                                                 PRECISION_FP16, PLATFORM_ATTENTION_TENSOR);
        spec.gpus = cases[i].gpus;
        platform_make(&spec, &p);
        assert_close("iteration", p.time_iteration, 1.8e-3 + 160 * cases[i].latencies * 36e-6,
                     1e-14);
        assert_close("token", p.time_token, 160 * 0.9 * cases[i].volumes * 16384 / 365e9, 1e-14);
        assert_close("sequence", p.time_sequence, 5e-6, 1e-15);
        spec.attention = PLATFORM_ATTENTION_DATA;
        platform_make(&spec, &p);
        assert_close("sequence", p.time_sequence, 5e-6 / cases[i].gpus, 1e-15);
    }
    assert_close("request", p.time_request, 20e-3, 1e-15);
    assert_close("prompt", p.time_prompt, 10e-6, 1e-15);

    /* 61 layers of 10 us, 6 us more each for MLA, 58 of them 4 us more for experts. */
    p = fixture_platform(&fixture_deepseek_v3, &fixture_h200, PRECISION_FP8, PRECISION_FP8,
                         PLATFORM_ATTENTION_DATA);
    assert_close("mixture, MLA", p.time_iteration,
                 1e-3 + 61 * 10e-6 + 61 * 6e-6 + 58 * 4e-6 + 122 * 36e-6, 1e-14);
    p = fixture_platform(&fixture_gpt_oss, &fixture_h200, PRECISION_FP8, PRECISION_FP8,
                         PLATFORM_ATTENTION_DATA);
    assert_close("mixture", p.time_iteration, 1e-3 + 36 * 10e-6 + 36 * 4e-6 + 72 * 36e-6, 1e-14);
}

/* An engine's coefficients on the hardware that it names, all of them; on others the general ones.
 */
static void test_overhead_of_hardware(void **state) {
    (void)state;
    struct serving_engine e = fixture_engine;
    e.ons = 2;
    e.on[0] = (struct engine_on){"H10", {.experts_compute = 1}}; /* the beginning of a name */
    e.on[1] = (struct engine_on){"H200",
                                 {.iteration = 5e-3,
                                  .sequence = 7e-6,
                                  .request = 1e-3,
                                  .prompt_token = 2e-6,
                                  .experts = {0.3, 0.2, 0.1},
                                  .experts_compute = 0.5}};
    assert_ptr_equal(serving_engine_overhead(&e, "H200"), &e.on[1].overhead);
    assert_ptr_equal(serving_engine_overhead(&e, "H100"), &e.overhead);
    assert_ptr_equal(serving_engine_overhead(&e, "h200"), &e.overhead);
    struct platform_spec spec = fixture_spec(&fixture_deepseek_v3, &fixture_h200, PRECISION_FP8,
                                             PRECISION_FP8, PLATFORM_ATTENTION_TENSOR);
    struct platform p;
    spec.engine = &e;
    platform_make(&spec, &p);
    assert_close("iteration", p.time_iteration, 5e-3, 1e-15);
    assert_true(p.time_token == 0);
    assert_close("sequence", p.time_sequence, 7e-6, 1e-15);
    assert_close("request", p.time_request, 1e-3, 1e-15);
    assert_close("prompt", p.time_prompt, 2e-6, 1e-15);
    assert_close("experts", p.load_experts, 256 * 58 * 44040192.0 * 0.85 / 0.2, 1e-15);
    assert_close("products", p.cost_token, 30526537728.0 + 40869298176.0 / 0.5, 1e-15);
    spec.hardware = &fixture_h100;
    platform_make(&spec, &p);
    assert_close("request", p.time_request, 20e-3, 1e-15);
}

int main(void) {
    const struct CMUnitTest test[] = {
        cmocka_unit_test(test_memory),
        cmocka_unit_test(test_windowed_memory),
        cmocka_unit_test(test_window_unfilled),
        cmocka_unit_test(test_sparse_and_state_memory),
        cmocka_unit_test(test_copies),
        cmocka_unit_test(test_expected_experts),
        cmocka_unit_test(test_rates),
        cmocka_unit_test(test_math),
        cmocka_unit_test(test_weight_formats),
        cmocka_unit_test(test_overheads),
        cmocka_unit_test(test_overhead_of_hardware),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("platform", test, NULL, NULL);
}
