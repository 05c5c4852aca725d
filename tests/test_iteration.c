/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fails when an iteration's FLOP, bytes or time part from those worked by hand (Llama-3.1-70B on
 * eight H100), when the run that follows is not affine in the iteration's index with the slopes of
 * the batch described anew, or when chunks do not add up to the whole prompt. */
#include "models/iteration.h"
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

/* Llama-3.1-70B, FP16, tensor-parallel over 8 H100, 32 sequences decoding at 2048 positions.
 *
 * FLOP per token
 *   matrices    a layer: attention 2 * 8192 * 8192 + 2 * 8192 * 1024   =       150,994,944
 *                        feed-forward 3 * 8192 * 28672                 =       704,643,072
 *               N_linear = 80 * 855,638,016                            =    68,451,041,280
 *               2 N_linear                                             =   136,902,082,560
 *   head        2 * 8192 * 128256                                      =     2,101,346,304
 *   attention   4 * 80 * 64 * 128 * 2048 = 2,621,440 * 2048            =     5,368,709,120
 *   sum                                                                =   144,372,137,984
 *   32 tokens                                                          = 4,619,908,415,488
 * Bytes
 *   weights     2 (N_linear + 2 d V + norms) = 2 * 70,552,387,584      =   141,104,775,168
 *   KV a token  2 * 80 * 8 * 128 * 2                                   =           327,680
 *   read        32 * 2048 * 327,680                                    =    21,474,836,480
 *   written     32 * 327,680                                           =        10,485,760
 *   sum                                                                =   162,590,097,408
 * Time
 *   compute     4,619,908,415,488 / (8 * 989e12 * 0.72)                = 0.81098830459498932 ms
 *   memory      162,590,097,408 / (8 * 3.35e12 * 0.73)                 = 8.3106776430177873 ms
 *   all-reduce  160 (30 us + 2 * 7/8 * 32 * 8192 * 2 B / 365 GB/s)
 *               = 160 (30 us + 917,504 / 365e9 s)                      = 5.2021935342465757 ms
 *   engine      1 ms + 80 * 10 us + 32 * 5 us                          = 1.96 ms
 *   iteration   memory + all-reduce + engine                           = 15.472871177264364 ms */
static void test_llama_70b_on_8_h100(void **state) {
    (void)state;
    const struct platform p = fixture_platform(&fixture_llama_70b, &fixture_h100, PRECISION_FP16,
                                               PRECISION_FP16, PLATFORM_ATTENTION_TENSOR);
    const struct batch b = {.decoding = 32, .context = 32 * 2048, .emitted = 32, .sequences = 32};
    struct iteration it;
    iteration_describe(&p, &b, &it);

    assert_close("FLOP per token", it.flop / 32, 144372137984.0, 1e-12);
    assert_close("FLOP", it.flop, 4619908415488.0, 1e-12);
    assert_close("KV bytes per token", p.bytes_kv, 327680.0, 1e-12);
    assert_close("bytes", it.bytes, 162590097408.0, 1e-12);
    assert_close("compute", it.flop / p.compute_rate, 0.81098830459498932e-3, 1e-12);
    assert_close("memory", it.bytes / p.memory_rate, 8.3106776430177873e-3, 1e-12);
    assert_close("overhead", it.overhead, 7.1621935342465757e-3, 1e-12);
    assert_close("iteration", iteration_time(&p, &it, 0, 1), 15.472871177264364e-3, 1e-12);

    /* One iteration on, each sequence sees and reads one position more. */
    assert_close("FLOP step", it.flop_step, 32 * 2621440.0, 1e-12);
    assert_close("bytes step", it.bytes_step, 32 * 327680.0, 1e-12);

    /* At a twentieth of the frequency compute takes twenty times as long and sets the time. */
    assert_close("slow", iteration_time(&p, &it, 0, 0.05),
                 20 * 0.81098830459498932e-3 + 7.1621935342465757e-3, 1e-12);
}

/* Iteration k of a run is the batch as it stands k iterations later. */
static void test_run_is_affine(void **state) {
    (void)state;
    const struct llm *const m[] = {&fixture_llama_70b, &fixture_deepseek_v3, &fixture_gpt_oss};
    for (size_t i = 0; i < 3; i++) {
        const struct platform p = fixture_platform(m[i], &fixture_h200, PRECISION_FP8,
                                                   PRECISION_FP8, PLATFORM_ATTENTION_DATA);
        /* Two decoders, one below the window, one far above; a long prompt in chunks of 500. */
        const double first = 40, second = 3000, c = 500, past = 1000;
        struct batch b = {.decoding = 2, .chunk = c, .emitted = 2, .sequences = 3};
        struct iteration run, now;
        for (int k = 0; k < 50; k++) {
            const double x = first + k, y = second + k, q = past + c * k;
            b.context = x + y;
            b.windowed = fmin(x, p.window) + fmin(y, p.window);
            b.below_window = (x < p.window) + (y < p.window);
            b.chunk_pairs = c * q + c * (c + 1) / 2;
            b.chunk_pairs_windowed = isinf(p.window) ? 0 : c * p.window;
            b.chunk_reads = q;
            b.chunk_reads_windowed = isinf(p.window) ? 0 : p.window;
            b.pairs_step = c * c;
            b.reads_step = c;
            iteration_describe(&p, &b, k == 0 ? &run : &now);
            if (k == 0)
                continue;
            assert_close("FLOP", run.flop + k * run.flop_step, now.flop, 1e-12);
            assert_close("bytes", run.bytes + k * run.bytes_step, now.bytes, 1e-12);
            assert_close("time", iteration_time(&p, &run, k, 0.8), iteration_time(&p, &now, 0, 0.8),
                         1e-12);
        }
    }
}

/* A prompt in chunks of any size is the same work as in one. */
static void test_chunks_add_up(void **state) {
    (void)state;
    const struct platform p = fixture_platform(&fixture_deepseek_v3, &fixture_h200, PRECISION_FP8,
                                               PRECISION_FP8, PLATFORM_ATTENTION_DATA);
    const double prompt = 5000;
    for (double size = 137; size <= prompt; size *= 2.3) {
        double flop = 0;
        for (double past = 0; past < prompt;) {
            const double c = floor(fmin(size, prompt - past));
            const struct batch b = {.chunk = c,
                                    .chunk_pairs = c * past + c * (c + 1) / 2,
                                    .chunk_reads = past,
                                    .emitted = past + c == prompt,
                                    .sequences = 1};
            struct iteration it;
            iteration_describe(&p, &b, &it);
            flop += it.flop;
            past += c;
        }
        assert_close("prompt", flop, llm_flop_request(&fixture_deepseek_v3, prompt, 1), 1e-12);
    }
}

/* The weights are read once an iteration, whatever the batch; a mixture's reads grow with it. */
static void test_weights_are_shared_by_the_batch(void **state) {
    (void)state;
    struct platform p = fixture_platform(&fixture_llama_70b, &fixture_h100, PRECISION_FP16,
                                         PRECISION_FP16, PLATFORM_ATTENTION_TENSOR);
    struct iteration one, many;
    struct batch b = {.decoding = 1, .context = 1, .emitted = 1, .sequences = 1};
    iteration_describe(&p, &b, &one);
    b.decoding = 8;
    b.context = 8;
    iteration_describe(&p, &b, &many);
    assert_close("dense", many.bytes - one.bytes, 7 * 2 * 327680.0, 1e-9);

    p = fixture_platform(&fixture_deepseek_v3, &fixture_h200, PRECISION_FP8, PRECISION_FP8,
                         PLATFORM_ATTENTION_DATA);
    iteration_describe(&p, &b, &many);
    assert_close("mixture", many.bytes, platform_weight_bytes(&p, 8) + 8 * 2 * 70272.0, 1e-12);
}

int main(void) {
    const struct CMUnitTest test[] = {
        cmocka_unit_test(test_llama_70b_on_8_h100),
        cmocka_unit_test(test_run_is_affine),
        cmocka_unit_test(test_chunks_add_up),
        cmocka_unit_test(test_weights_are_shared_by_the_batch),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("iteration", test, NULL, NULL);
}
