/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fails when an iteration's FLOP, bytes or any term of its time part from those worked by hand
 * (Llama-3.1-70B on eight H100; DeepSeek-V3 on eight H200, decoding and prefilling, with whole
 * experts on each GPU), when that spread is not the one of random routing, when weights of experts
 * or recurrent state are read at another rate than stated or weigh otherwise in power, when the run
 * that follows is not affine in the iteration's index with the slopes of the batch described anew,
 * or when chunks do not add up to the whole prompt. */
#include "models/iteration.h"
#include "tests/models_fixture.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static double uniform(uint64_t *s) {
    *s ^= *s >> 12;
    *s ^= *s << 25;
    *s ^= *s >> 27;
    return (double)((*s * 2685821657736338717u) >> 11) * 0x1p-53;
}

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
 *   weights     2 (N_linear + d V), the input embedding looked up      =   139,003,428,864
 *   KV a token  2 * 80 * 8 * 128 * 2                                   =           327,680
 *   read        32 * 2048 * 327,680                                    =    21,474,836,480
 *   written     32 * 327,680                                           =        10,485,760
 *   sum                                                                =   160,488,751,104
 * Time
 *   matrices    32 * 136,902,082,560 / (8 * 989e12 * 0.72)             = 0.76902641590832494 ms
 *   head        32 * 2,101,346,304 / (8 * 989e12 * 0.72)               = 0.011803990023592854 ms
 *   compute                                                            = 0.78083040593191779 ms
 *   attention   products 171,798,691,840 / (8 * 989e12 * 0.45) = 0.048 ms, shorter than its reads
 *               reads 21,474,836,480 / (8 * 3.35e12 * 0.65)            = 1.2327690287026406 ms
 *   weights     139,003,428,864 / (8 * 3.35e12 * 0.73)                 = 7.1050617902269474 ms
 *   written     10,485,760 / (8 * 3.35e12 * 0.65)                      = 0.00060193800229621124 ms
 *   memory                                                             = 8.338432756931885 ms
 *   all-reduce  160 (1.2 * 30 us + 0.9 * 2 * 7/8 * 32 * 8192 * 2 B / 365 GB/s)
 *               = 160 (36 us + 825,753.6 / 365e9 s)                    = 6.1219741808219178 ms
 *   engine      1 ms + 80 * 10 us + 32 * 5 us                          = 1.96 ms
 *   iteration   compute + memory + all-reduce + engine                 = 17.20123734368572 ms */
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
    assert_close("bytes", it.bytes, 160488751104.0, 1e-12);
    assert_close("compute", it.compute, 0.78083040593191779e-3, 1e-12);
    assert_close("memory", it.memory, 8.338432756931885e-3, 1e-12);
    assert_close("overhead", it.overhead, 8.0819741808219187e-3, 1e-12);
    assert_close("iteration", iteration_time(&it, 0, 1), 17.20123734368572e-3, 1e-12);

    /* One iteration on, each sequence sees and reads one position more; its products hide behind
     * its reads: 32 * 327,680 / (8 * 3.35e12 * 0.65) s. */
    assert_close("FLOP step", it.flop_step, 32 * 2621440.0, 1e-12);
    assert_true(it.compute_step == 0);
    assert_close("memory step", it.memory_step, 0.60193800229621124e-6, 1e-12);

    /* At a twentieth of the frequency compute takes twenty times as long, and nothing else does:
     * 15.616608118638356 + 8.338432756931885 + 8.0819741808219187 ms. */
    assert_close("slow", iteration_time(&it, 0, 0.05), 32.037015056392157e-3, 1e-12);
    assert_close("slow, later", iteration_time(&it, 1000, 0.05),
                 32.037015056392157e-3 + 1000 * 0.60193800229621124e-6, 1e-12);
}

/* DeepSeek-V3, FP8, on 8 H200, attention by sequences: 64 sequences decoding at 4096 positions.
 *
 * Parameters
 *   experts     a layer's 44,040,192, 58 layers                        =     2,554,331,136
 *   F_experts   2 * 8 * 2,554,331,136                                  =    40,869,298,176 FLOP
 *   F_dense     2 * 35,697,917,952 - F_experts                         =    30,526,537,728 FLOP
 *   shared      35,697,917,952 - 8 * 2,554,331,136 + 2 * 7168 * 129280 (16 bits)
 *               + 7 * 11,413,422,080 (attention's, on the other GPUs)  =    97,010,581,504 B
 *   routed      256 * 2,554,331,136                                    =   653,908,770,816 B
 * Time, the products at 8 * 1978e12 * 0.60, attention's at 8 * 989e12 * 0.45 FLOP/s
 *   dense       64 * F_dense                                           = 0.20577376291203235 ms
 *   experts     64 * F_experts / 0.7                                   = 0.39356057755308391 ms
 *   head        64 * 2 * 7168 * 129280                                 = 0.012493145129760701 ms
 *   attention   a = 2 * 61 * 128 (2 * 512 + 64) = 16,990,208; products 64 * 4096 a
 *                                                                      = 1.2509496365442085 ms
 *               longer than its reads 64 * 4096 * 70,272 / (8 * 4.8e12 * 0.8) = 0.59965 ms,
 *               shorter than those of eight copies (attention by heads), 4.7972351999999996 ms
 *   compute                                                            = 1.8627771221390854 ms
 *   shared      97,010,581,504 / (8 * 4.8e12 * 0.85)                   = 2.9721379137254904 ms
 *   routed      q = 1 - (31/32)^64 = 0.868915967521525 of them / (8 * 4.8e12 * 0.5)
 *                                                                      = 29.593321472103945 ms
 *   written     64 * 70,272 / (8 * 4.8e12 * 0.8)                       = 0.0001464 ms
 *   memory                                                             = 32.565605785829434 ms
 *   all-reduce  122 (36 us + 0.9 * 2 * 7/8 * 64 * 7168 * 2 B / 365 GB/s) = 4.8750092975342468 ms
 *   engine      1 ms + 61 * 10 us + 58 * 4 us + 61 * 6 us              = 2.208 ms
 *   sequences   64 * 5 us / 8                                          = 0.04 ms
 *   iteration                                                          = 41.551392205502767 ms */
static void test_deepseek_v3_on_8_h200(void **state) {
    (void)state;
    const struct batch b = {.decoding = 64, .context = 64 * 4096, .emitted = 64, .sequences = 64};
    struct platform p = fixture_platform(&fixture_deepseek_v3, &fixture_h200, PRECISION_FP8,
                                         PRECISION_FP8, PLATFORM_ATTENTION_DATA);
    struct iteration it;
    iteration_describe(&p, &b, &it);
    assert_close("compute", it.compute, 1.8627771221390854e-3, 1e-12);
    assert_close("compute step", it.compute_step, 0.30540762610942591e-6, 1e-12);
    assert_close("memory", it.memory, 32.565605785829434e-3, 1e-12);
    assert_true(it.memory_step == 0); /* it hides behind the products */
    assert_close("overhead", it.overhead, 7.1230092975342468e-3, 1e-12);
    assert_close("iteration", iteration_time(&it, 0, 1), 41.551392205502767e-3, 1e-12);
    /* What is counted does not hide: attention's products and reads are both there. */
    assert_close("bytes", it.bytes,
                 97010581504.0 + 0.868915967521525 * 653908770816.0 + 64 * 4097 * 70272.0, 1e-12);
    assert_close("FLOP step", it.flop_step, 64 * 16990208.0, 1e-12);

    /* By heads: the reads of eight copies are longer, and no attention weights are repeated:
     * 32.565605785829434 - 7 * 11,413,422,080 / (8 * 4.8e12 * 0.85) s
     * + 8 * 0.59965439999999995 + 7 * 0.0001464 ms. */
    p = fixture_platform(&fixture_deepseek_v3, &fixture_h200, PRECISION_FP8, PRECISION_FP8,
                         PLATFORM_ATTENTION_TENSOR);
    iteration_describe(&p, &b, &it);
    assert_close("compute by heads", it.compute, 1.8627771221390854e-3 - 1.2509496365442085e-3,
                 1e-12);
    assert_close("memory by heads", it.memory, 34.916134334849046e-3, 1e-12);
    assert_true(it.compute_step == 0);
    assert_close("memory step", it.memory_step, 8 * 64 * 70272 / (8 * 4.8e12 * 0.8), 1e-12);
}

/* A chunk of 1000 prompt tokens after 500, the last of its prompt, the same machine.
 *   pairs       500 * 1000 + 1000 * 1001 / 2                           =         1,000,500
 *   matrices    1000 (F_dense + F_experts / 0.7) / (8 * 1978e12 * 0.6) = 9.3645990697674413 ms
 *   head        2 * 7168 * 129280, one token's                         = 0.00019520539265251096 ms
 *   attention   a = 2 * 61 * 128 (128 + 64 + 128) = 4,997,120; pairs a / (8 * 989e12 * 0.45)
 *                                                                      = 1.4042294573643412 ms
 *   KV          500 read and 1000 written, 70,272 B / (8 * 4.8e12 * 0.8) = 0.00343125 ms
 *   memory      shared + all but 1.6e-14 of the routed experts + KV    = 37.033317643724938 ms */
static void test_chunk(void **state) {
    (void)state;
    const struct platform p = fixture_platform(&fixture_deepseek_v3, &fixture_h200, PRECISION_FP8,
                                               PRECISION_FP8, PLATFORM_ATTENTION_DATA);
    struct batch b = {.chunk = 1000,
                      .chunk_pairs = 1000500,
                      .chunk_reads = 500,
                      .pairs_step = 1000 * 1000.0,
                      .reads_step = 1000,
                      .emitted = 1,
                      .sequences = 1};
    struct iteration it, first;
    iteration_describe(&p, &b, &it);
    assert_close("compute", it.compute,
                 9.3645990697674413e-3 + 0.00019520539265251096e-3 + 1.4042294573643412e-3, 1e-12);
    assert_close("memory", it.memory, 37.033317643724938e-3, 1e-12);
    assert_close("compute step", it.compute_step, 1e6 * 4997120 / (8 * 989e12 * 0.45), 1e-12);
    assert_close("memory step", it.memory_step, 1e3 * 70272 / (8 * 4.8e12 * 0.8), 1e-12);
    b.chunk_reads = 0;
    iteration_describe(&p, &b, &first);
    assert_close("KV read", it.memory - first.memory, 0.00343125e-3 / 3, 1e-9);
}

/* Whole experts on each GPU, the batch of test_deepseek_v3_on_8_h200: the largest of eight normal
 * draws is z = 1.4342001596863794 (Blom: the quantile of (8 - 3/8) / (8 + 1/4)).
 *   products    64 + z sqrt(64 * 8 / 8) = 75.473601277491036 tokens    = 0.464116157949696009 ms
 *   reads       s = q + z sqrt(q (1 - q) 8 / 256) = 0.954481441980376  = 32.507488879795372 ms
 *   iteration   41.551392205502767 and what both have grown by         = 44.5361151935908063 ms */
static void test_experts_in_parallel(void **state) {
    (void)state;
    struct platform_spec spec = fixture_spec(&fixture_deepseek_v3, &fixture_h200, PRECISION_FP8,
                                             PRECISION_FP8, PLATFORM_ATTENTION_DATA);
    const struct batch b = {.decoding = 64, .context = 64 * 4096, .emitted = 64, .sequences = 64};
    struct platform p;
    struct iteration even, it;
    platform_make(&spec, &p);
    iteration_describe(&p, &b, &even);
    spec.experts = PLATFORM_EXPERTS_PARALLEL;
    platform_make(&spec, &p);
    iteration_describe(&p, &b, &it);
    assert_close("products", it.compute,
                 1.8627771221390854e-3 + 0.464116157949696009e-3 - 0.39356057755308391e-3, 1e-12);
    assert_close("reads", it.memory,
                 32.565605785829434e-3 + 32.507488879795372e-3 - 29.593321472103945e-3, 1e-12);
    assert_close("iteration", iteration_time(&it, 0, 1), 44.5361151935908063e-3, 1e-12);
    /* It costs time, not work. */
    assert_true(it.flop == even.flop && it.bytes == even.bytes && it.overhead == even.overhead);

    /* At most all experts of the slowest GPU; and one GPU has nobody to wait for. */
    for (double q = 0; q <= 1; q += 0.01) {
        const double most = platform_expert_share_most(&p, q);
        assert_true(most >= q && most <= 1);
    }
    assert_true(platform_expert_share_most(&p, 0.97) == 1);
    assert_true(platform_expert_share_most(&p, 0) == 0);
    struct platform alone, sole;
    spec.gpus = 1;
    platform_make(&spec, &alone);
    spec.experts = PLATFORM_EXPERTS_TENSOR;
    platform_make(&spec, &sole);
    iteration_describe(&alone, &b, &it);
    iteration_describe(&sole, &b, &even);
    assert_true(iteration_time(&it, 0, 1) == iteration_time(&even, 0, 1));
    /* A model without experts has none to spread. */
    spec = fixture_spec(&fixture_llama_70b, &fixture_h100, PRECISION_FP16, PRECISION_FP16,
                        PLATFORM_ATTENTION_TENSOR);
    spec.experts = PLATFORM_EXPERTS_PARALLEL;
    platform_make(&spec, &p);
    iteration_describe(&p, &b, &it);
    assert_true(isfinite(it.compute) && isfinite(it.memory) && p.cost_token_root == 0);
}

/* Counts what the fullest of 8 GPUs gets when each of `tokens` tokens draws 8 of 256 experts, 32 to
 * a GPU; means over many iterations, of tokens (as if spread evenly) and of the share of experts
 * hit. */
static void draw_experts(uint64_t *s, int tokens, double *work, double *share) {
    enum { DRAWS = 4000 };
    *work = *share = 0;
    for (int n = 0; n < DRAWS; n++) {
        bool hit[256] = {false};
        int count[8] = {0}, distinct[8] = {0}, most = 0, most_hit = 0;
        for (int t = 0; t < tokens; t++) {
            int expert[8];
            for (int k = 0; k < 8; k++) {
                bool again = true;
                while (again) {
                    expert[k] = (int)(256 * uniform(s));
                    again = false;
                    for (int i = 0; i < k; i++)
                        again = again || expert[i] == expert[k];
                }
                const int gpu = expert[k] / 32;
                count[gpu]++;
                distinct[gpu] += !hit[expert[k]];
                hit[expert[k]] = true;
            }
        }
        for (int g = 0; g < 8; g++) {
            most = count[g] > most ? count[g] : most;
            most_hit = distinct[g] > most_hit ? distinct[g] : most_hit;
        }
        *work += most / (double)DRAWS;
        *share += most_hit / 32.0 / DRAWS;
    }
}

/* Equations 2.2 and 2.6 against experts drawn at random, as they are routed: what they add for the
 * fullest GPU is within an eighth of what is seen. */
static void test_imbalance_is_that_of_random_routing(void **state) {
    (void)state;
    struct platform_spec spec = fixture_spec(&fixture_deepseek_v3, &fixture_h200, PRECISION_FP8,
                                             PRECISION_FP8, PLATFORM_ATTENTION_DATA);
    spec.experts = PLATFORM_EXPERTS_PARALLEL;
    struct platform p;
    platform_make(&spec, &p);
    uint64_t s = 20240607;
    for (int tokens = 8; tokens <= 128; tokens *= 4) {
        double work, share;
        draw_experts(&s, tokens, &work, &share);
        const double more = p.cost_token_root * 0.7 / p.flop_experts * sqrt(tokens);
        assert_close("tokens of the fullest", more, work - tokens, 0.125);
        const double even = platform_expert_share(&p, tokens);
        assert_close("experts of the fullest", platform_expert_share_most(&p, even) - even,
                     share - even, 0.125);
    }
}

/* Weights of experts are read at the engine's share of bandwidth for their width, the others at the
 * hardware's; an engine that states none reads them like the others. */
static void test_experts_have_a_bandwidth_of_their_own(void **state) {
    (void)state;
    static const struct {
        enum precision weights;
        double bytes, share;
    } cases[] = {{PRECISION_FP16, 2, 0.6},
                 {PRECISION_FP8, 1, 0.5},
                 {PRECISION_INT8, 1, 0.5},
                 {PRECISION_FP4, 0.5625, 0.4},
                 {PRECISION_INT4, 0.51953125, 0.4}};
    const struct llm *m = &fixture_gpt_oss;
    const double experts = 36 * 24883200.0, head = 2 * 2880.0 * 201088;
    const struct batch b = {.decoding = 1, .emitted = 1, .sequences = 1};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct platform_spec spec = fixture_spec(m, &fixture_b200, cases[i].weights, PRECISION_FP16,
                                                 PLATFORM_ATTENTION_TENSOR);
        struct serving_engine plain = fixture_engine;
        struct platform p;
        struct iteration it;
        platform_make(&spec, &p);
        iteration_describe(&p, &b, &it);
        /* One token: 4 of 128 experts; its own KV, 2 * 36 * 8 * 64 * 2 B, is written. */
        const double rate = 8 * 7.7e12, kv = 73728 / (rate * 0.75);
        const double others =
            ((m->params_linear - 4 * experts) * cases[i].bytes + head) / (rate * 0.83);
        const double routed = 4 * experts * cases[i].bytes / rate;
        assert_close("own", it.memory, others + routed / cases[i].share + kv, 1e-12);
        for (int k = 0; k < ENGINE_EXPERTS_COUNT; k++)
            plain.overhead.experts[k] = 0;
        spec.engine = &plain;
        platform_make(&spec, &p);
        iteration_describe(&p, &b, &it);
        assert_close("as the others", it.memory, others + routed / 0.83 + kv, 1e-12);
    }
}

/* 60 layers with 1 MB of state each: every decoder reads and writes 60 MB, at the efficiency of
 * state; prompts keep theirs on the chip. */
static void test_recurrent_state(void **state) {
    (void)state;
    struct llm m = fixture_llama_70b;
    m.attention_layers = 20;
    const struct batch decode = {.decoding = 7, .context = 700, .emitted = 7, .sequences = 7};
    const struct batch prefill = {.chunk = 7, .chunk_pairs = 28, .emitted = 1, .sequences = 1};
    struct iteration without[2], with[2];
    for (int i = 0; i < 2; i++) {
        m.linear_layers = i * 60;
        m.linear_state = 1e6;
        const struct platform p = fixture_platform(&m, &fixture_h100, PRECISION_FP16,
                                                   PRECISION_FP16, PLATFORM_ATTENTION_TENSOR);
        iteration_describe(&p, &decode, i ? &with[0] : &without[0]);
        iteration_describe(&p, &prefill, i ? &with[1] : &without[1]);
    }
    assert_close("bytes", with[0].bytes - without[0].bytes, 7 * 120e6, 1e-9);
    assert_close("memory", with[0].memory - without[0].memory, 7 * 120e6 / (8 * 3.35e12 * 0.5),
                 1e-9);
    assert_true(with[0].memory_step == without[0].memory_step);
    assert_true(with[1].bytes == without[1].bytes && with[1].memory == without[1].memory);
}

/* FLOP and bytes of routed experts count 1.25 times for 8 bits (1.1 for 16, 1.4 for 4) in u_c, u_m;
 * not in what is counted as done. */
static void test_experts_weigh_more_in_power(void **state) {
    (void)state;
    static const enum precision weights[] = {PRECISION_FP16, PRECISION_FP8, PRECISION_FP4};
    static const double weight[] = {1.1, 1.25, 1.4}, bytes[] = {2, 1, 0.5625};
    const struct batch b = {.decoding = 64, .context = 64 * 4096, .emitted = 64, .sequences = 64};
    for (int i = 0; i < 3; i++) {
        const struct platform p = fixture_platform(&fixture_deepseek_v3, &fixture_b200, weights[i],
                                                   PRECISION_FP8, PLATFORM_ATTENTION_DATA);
        struct iteration it;
        iteration_describe(&p, &b, &it);
        const double read = 0.868915967521525 * 653908770816.0 * bytes[i];
        assert_close("FLOP", it.power_flop - it.flop, (weight[i] - 1) * 64 * 40869298176.0, 1e-11);
        assert_close("bytes", it.power_bytes - it.bytes, (weight[i] - 1) * read, 1e-11);
    }
    const struct platform p = fixture_platform(&fixture_llama_70b, &fixture_h100, PRECISION_FP16,
                                               PRECISION_FP16, PLATFORM_ATTENTION_TENSOR);
    struct iteration it;
    iteration_describe(&p, &b, &it);
    assert_true(it.power_flop == it.flop && it.power_bytes == it.bytes);
}

/* Iteration k of a run is the batch as it stands k iterations later. */
static void test_run_is_affine(void **state) {
    (void)state;
    struct llm hybrid = fixture_llama_70b;
    hybrid.attention_layers = 20;
    hybrid.linear_layers = 60;
    hybrid.linear_state = 1e6;
    hybrid.linear_flop = 1e6;
    const struct llm *const m[] = {&fixture_llama_70b, &fixture_deepseek_v3, &fixture_gpt_oss,
                                   &hybrid};
    for (int i = 0; i < 8; i++) {
        struct platform_spec spec = fixture_spec(m[i % 4], &fixture_h200, PRECISION_FP8,
                                                 PRECISION_FP8, PLATFORM_ATTENTION_DATA);
        spec.experts = i < 4 ? PLATFORM_EXPERTS_TENSOR : PLATFORM_EXPERTS_PARALLEL;
        struct platform p;
        platform_make(&spec, &p);
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
            assert_close("compute", run.compute + k * run.compute_step, now.compute, 1e-12);
            assert_close("memory", run.memory + k * run.memory_step, now.memory, 1e-12);
            assert_close("time", iteration_time(&run, k, 0.8), iteration_time(&now, 0, 0.8), 1e-12);
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
        cmocka_unit_test(test_deepseek_v3_on_8_h200),
        cmocka_unit_test(test_chunk),
        cmocka_unit_test(test_experts_in_parallel),
        cmocka_unit_test(test_imbalance_is_that_of_random_routing),
        cmocka_unit_test(test_experts_have_a_bandwidth_of_their_own),
        cmocka_unit_test(test_recurrent_state),
        cmocka_unit_test(test_experts_weigh_more_in_power),
        cmocka_unit_test(test_run_is_affine),
        cmocka_unit_test(test_chunks_add_up),
        cmocka_unit_test(test_weights_are_shared_by_the_batch),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("iteration", test, NULL, NULL);
}
