/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fails when the operating point's closed steady state parts from a replica stepped iteration by
 * iteration (rate, time per token, FLOP, power, at full and lower frequency), when it does not keep
 * to the limits, or when its two extremes (one decoder; nothing but prefill) are not the textbook
 * ones. */
#include "models/llm.h"
#include "models/operating_point.h"
#include "tests/models_fixture.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { MOST = 1024 };

/* Lengths of the stepped replica's requests. */
struct demand {
    double prompt, output;
    double prompt_spread; /* sigma of a lognormal; 0: all alike */
    bool geometric;       /* outputs geometric with that mean, else all alike */
};

/* Small generator of the test's own (xorshift64*): the engine's streams are not to be linked. */
static double uniform(uint64_t *s) {
    *s ^= *s >> 12;
    *s ^= *s << 25;
    *s ^= *s >> 27;
    return ((double)((*s * 2685821657736338717u) >> 11) + 0.5) * 0x1p-53;
}

static double draw_prompt(const struct demand *d, uint64_t *s) {
    if (d->prompt_spread <= 0)
        return d->prompt;
    const double z = sqrt(-2 * log(uniform(s))) * cos(6.283185307179586 * uniform(s));
    const double sigma = d->prompt_spread;
    return fmax(1, round(d->prompt * exp(sigma * z - sigma * sigma / 2)));
}

static double draw_output(const struct demand *d, uint64_t *s) {
    if (!d->geometric)
        return d->output;
    return 1 + floor(log(uniform(s)) / log1p(-1 / d->output));
}

struct stepped {
    double token_rate, flop_rate, power, tpot;
    struct lengths seen;
};

/* One replica, `seats` running sequences, a request always waiting, chunked prefill as DESIGN 5
 * says; KV memory is not short. Sequences begin at random ages, so that fixed lengths do not run in
 * lock-step. */
static struct stepped step_replica(const struct platform *p, const struct demand *d, int seats,
                                   double budget, double phi, long iterations) {
    static struct {
        double prompt, done, output, emitted;
        long order;
    } seat[MOST];
    uint64_t random = 88172645463325252u;
    long order = 0;
    for (int i = 0; i < seats; i++) {
        seat[i].prompt = seat[i].done = draw_prompt(d, &random);
        seat[i].output = draw_output(d, &random);
        seat[i].emitted = 1 + floor(uniform(&random) * (seat[i].output - 1));
        seat[i].order = order++;
    }
    double time = 0, tokens = 0, flop = 0, energy = 0, gaps = 0, gap_time = 0;
    double n = 0, sp = 0, so = 0, sq = 0, sd = 0, sc = 0;
    for (long k = 0; k < iterations; k++) {
        static int line[MOST];
        int waiting = 0;
        struct batch b = {.sequences = seats};
        for (int i = 0; i < seats; i++) {
            if (seat[i].done >= seat[i].prompt && seat[i].emitted >= seat[i].output) {
                seat[i].prompt = draw_prompt(d, &random);
                seat[i].output = draw_output(d, &random);
                seat[i].done = seat[i].emitted = 0;
                seat[i].order = order++;
                n++;
                sp += seat[i].prompt;
                so += seat[i].output;
                sq += seat[i].prompt * seat[i].prompt;
                sd += seat[i].output - 1;
                sc += (seat[i].output - 1) * (seat[i].prompt + seat[i].output / 2);
            }
            if (seat[i].done >= seat[i].prompt) {
                const double context = seat[i].prompt + seat[i].emitted;
                b.decoding++;
                b.context += context;
                b.windowed += fmin(context, p->window);
                seat[i].emitted++;
            } else { /* in order of admission */
                int j = waiting++;
                for (; j > 0 && seat[line[j - 1]].order > seat[i].order; j--)
                    line[j] = line[j - 1];
                line[j] = i;
            }
        }
        double left = budget - b.decoding;
        b.emitted = b.decoding;
        for (int j = 0; j < waiting && left > 0; j++) {
            const int i = line[j];
            const double c = fmin(left, seat[i].prompt - seat[i].done), past = seat[i].done;
            b.chunk += c;
            b.chunk_pairs += c * past + c * (c + 1) / 2;
            b.chunk_reads += past;
            b.chunk_reads_windowed += fmin(past, p->window);
            for (double x = past + 1; x <= past + c; x++)
                b.chunk_pairs_windowed += fmin(x, p->window);
            left -= c;
            seat[i].done += c;
            if (seat[i].done >= seat[i].prompt) {
                seat[i].emitted = 1;
                b.emitted++;
            }
        }
        if (k < iterations / 5)
            continue;
        struct iteration it;
        struct power_state s;
        iteration_describe(p, &b, &it);
        power_at(p, &it, phi, &s);
        const double t = iteration_time(&it, 0, phi);
        time += t;
        tokens += b.emitted;
        flop += it.flop;
        energy += t * power_gpus(&s);
        gaps += b.decoding;
        gap_time += b.decoding * t;
    }
    return (struct stepped){
        .token_rate = tokens / time,
        .flop_rate = flop / time,
        .power = energy / time,
        .tpot = gap_time / gaps,
        .seen = {.prompt = sp / n, .output = so / n, .context = sc / sd, .prompt_square = sq / n}};
}

static void assert_close(const char *what, double found, double expected, double tolerance) {
    if (!(fabs(found - expected) <= tolerance * fabs(expected)))
        fail_msg("%s: %.6g, expected %.6g (%+.2f %%)", what, found, expected,
                 100 * (found / expected - 1));
}

static struct lengths lengths_of(const struct demand *d) {
    const double o = d->output, p = d->prompt;
    const double square = p * p * exp(d->prompt_spread * d->prompt_spread);
    /* Fixed: mean of p + 1 .. p + o - 1. Geometric: E[(o-1)(p + o/2)] / E[o-1] with E[o^2] =
     * 2 m^2 - m. */
    const double context = d->geometric ? p + (2 * o * o - o - o) / (2 * (o - 1)) : p + o / 2;
    return (struct lengths){.prompt = p, .output = o, .context = context, .prompt_square = square};
}

struct setting {
    const struct llm *llm;
    const struct hardware *hardware;
    enum precision precision;
    enum platform_attention attention;
    enum platform_experts experts;
};

static const struct setting setting[] = {
    {&fixture_llama_70b, &fixture_h100, PRECISION_FP16, PLATFORM_ATTENTION_TENSOR,
     PLATFORM_EXPERTS_TENSOR},
    {&fixture_llama_70b, &fixture_h200, PRECISION_FP8, PLATFORM_ATTENTION_TENSOR,
     PLATFORM_EXPERTS_TENSOR},
    {&fixture_deepseek_v3, &fixture_h200, PRECISION_FP8, PLATFORM_ATTENTION_DATA,
     PLATFORM_EXPERTS_TENSOR},
    {&fixture_deepseek_v3, &fixture_b200, PRECISION_FP8, PLATFORM_ATTENTION_DATA,
     PLATFORM_EXPERTS_PARALLEL},
    {&fixture_gpt_oss, &fixture_b200, PRECISION_FP8, PLATFORM_ATTENTION_TENSOR,
     PLATFORM_EXPERTS_TENSOR},
};

static const struct {
    struct demand demand;
    int seats;
    double budget, phi;
    long iterations;
} work[] = {
    {{500, 250, 0, false}, 128, 8192, 1.0, 12000},  {{500, 250, 0, true}, 128, 8192, 1.0, 12000},
    {{1155, 211, 1.0, true}, 64, 2048, 1.0, 12000}, {{1155, 211, 1.0, true}, 256, 2048, 0.6, 4000},
    {{6000, 300, 0, true}, 32, 2048, 1.0, 12000},   {{128, 500, 0.5, true}, 256, 8192, 1.0, 8000},
    {{2000, 20, 0.7, true}, 64, 8192, 0.8, 6000},   {{9000, 60, 0.3, true}, 128, 8192, 1.0, 6000},
    {{1000, 100, 0, true}, 1, 2048, 1.0, 40000},    {{700, 200, 0.8, true}, 8, 512, 1.0, 40000},
};

static void test_agrees_with_stepping(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof setting / sizeof *setting; i++)
        for (size_t j = 0; j < sizeof work / sizeof *work; j++) {
            const struct setting *s = &setting[i];
            struct platform_spec spec =
                fixture_spec(s->llm, s->hardware, s->precision, s->precision, s->attention);
            spec.experts = s->experts;
            struct platform p;
            platform_make(&spec, &p);
            const struct stepped x = step_replica(&p, &work[j].demand, work[j].seats,
                                                  work[j].budget, work[j].phi, work[j].iterations);
            const struct operating_limits limits = {.tpot = INFINITY,
                                                    .max_seqs = work[j].seats,
                                                    .token_budget = (long)work[j].budget,
                                                    .kv_blocks = 1 << 30,
                                                    .block_tokens = 16};
            struct operating_point o;
            operating_point_at(&p, &x.seen, &limits, work[j].seats, work[j].phi, &o);
            assert_close("token rate", o.token_rate, x.token_rate, 0.02);
            assert_close("FLOP rate", o.flop_rate, x.flop_rate, 0.03);
            assert_close("power", o.power, x.power, 0.02);
            assert_close("time per token", o.tpot, x.tpot, 0.02);
            assert_close("energy per token", o.e_gpu, x.power / x.token_rate, 0.03);
        }
}

static const struct operating_limits open_limits = {.tpot = INFINITY,
                                                    .max_seqs = 256,
                                                    .token_budget = 8192,
                                                    .kv_blocks = 1 << 30,
                                                    .block_tokens = 16};

/* FLOP per output token from the mixture of iterations is the request's closed form. */
static void test_c_tok_is_the_closed_form(void **state) {
    (void)state;
    const struct demand d = {.prompt = 1200, .output = 300};
    const struct lengths w = lengths_of(&d);
    const struct llm *const m[] = {&fixture_llama_70b, &fixture_deepseek_v3, &fixture_gpt_oss};
    for (size_t i = 0; i < 3; i++) {
        const struct platform p = fixture_platform(m[i], &fixture_b200, PRECISION_FP8,
                                                   PRECISION_FP8, PLATFORM_ATTENTION_DATA);
        struct operating_point o;
        operating_point_find(&p, &w, &open_limits, &o);
        assert_close("c_tok", o.c_tok, llm_c_tok(m[i], d.prompt, d.output), 1e-3);
        assert_close("K_eff / c_tok", o.flop_rate / o.c_tok, o.token_rate, 1e-12);
        assert_close("power / e_gpu", o.power / o.e_gpu, o.token_rate, 1e-12);
    }
}

/* Batch 1 with a long output, overheads nil: the token's products over the attained peak, weights
 * and KV (a position read, one written) over the attained bandwidth, one after the other. */
static void test_one_decoder(void **state) {
    (void)state;
    struct platform p = fixture_platform(&fixture_llama_70b, &fixture_h100, PRECISION_FP16,
                                         PRECISION_FP16, PLATFORM_ATTENTION_TENSOR);
    p.time_iteration = p.time_token = p.time_sequence = 0;
    const struct lengths w = {.prompt = 1, .output = 1e6, .context = 1, .prompt_square = 1};
    struct operating_point o;
    operating_point_at(&p, &w, &open_limits, 1, 1.0, &o);
    const double bytes = 2 * 68451041280.0 + 2101346304.0; /* and the head, d V of 2 bytes */
    const double flop = 2 * 68451041280.0 + 2101346304.0;
    const double time = bytes / (8 * 3.35e12 * 0.73) + 2 * 327680.0 / (8 * 3.35e12 * 0.65) +
                        flop / (8 * 989e12 * 0.72);
    assert_close("rate", o.token_rate, 1 / time, 1e-5);
    assert_close("FLOP", o.flop_rate, (flop + 2621440) / time, 1e-5);
    assert_close("memory share", o.memory_share, 1.0, 1e-5);
}

/* One output token each, prompts that fill the budget of 8192, two to an iteration: their products
 * over the attained peaks, weights and KV written over the attained bandwidth. */
static void test_nothing_but_prefill(void **state) {
    (void)state;
    struct platform p = fixture_platform(&fixture_llama_70b, &fixture_h100, PRECISION_FP16,
                                         PRECISION_FP16, PLATFORM_ATTENTION_TENSOR);
    p.time_iteration = p.time_token = p.time_sequence = 0;
    const struct lengths w = {
        .prompt = 4096, .output = 1, .context = 4097, .prompt_square = 4096.0 * 4096.0};
    const double matrices = 8192 * 2 * 68451041280.0 + 2 * 2101346304.0;
    const double attention = 2621440 * 4096.0 * 4097;
    const double compute = matrices / (8 * 989e12 * 0.72) + attention / (8 * 989e12 * 0.45);
    const double memory = (2 * 68451041280.0 + 2101346304.0) / (8 * 3.35e12 * 0.73) +
                          8192 * 327680.0 / (8 * 3.35e12 * 0.65);
    struct operating_point o;
    operating_point_at(&p, &w, &open_limits, 256, 1.0, &o);
    assert_close("rate", o.flop_rate, (matrices + attention) / (compute + memory), 1e-12);
    assert_close("c_tok", o.c_tok, llm_c_tok(&fixture_llama_70b, 4096, 1), 1e-12);
    assert_true(o.memory_share == 0);
    operating_point_at(&p, &w, &open_limits, 256, 0.5, &o);
    assert_close("phi", o.flop_rate, (matrices + attention) / (2 * compute + memory), 1e-12);
}

static void test_limits(void **state) {
    (void)state;
    const struct platform p = fixture_platform(&fixture_llama_70b, &fixture_h100, PRECISION_FP16,
                                               PRECISION_FP16, PLATFORM_ATTENTION_TENSOR);
    const struct demand d = {.prompt = 1000, .output = 400};
    const struct lengths w = lengths_of(&d);
    struct operating_limits l = open_limits;
    struct operating_point o, next;

    operating_point_find(&p, &w, &l, &o);
    assert_int_equal(o.limit, OPERATING_SEQS);
    assert_true(o.batch == 256);

    /* 5000 blocks of 16: 399 of 400 iterations at a mean of 1200 positions and half a block. */
    l.kv_blocks = 5000;
    operating_point_find(&p, &w, &l, &o);
    assert_int_equal(o.limit, OPERATING_KV);
    assert_close("batch", o.batch, 80000 / ((399 * 1207.5 + 1008.5) / 400), 1e-12);

    /* The largest whole batch that meets the target: one more misses it. */
    l = open_limits;
    l.tpot = 0.030;
    operating_point_find(&p, &w, &l, &o);
    assert_int_equal(o.limit, OPERATING_TPOT);
    assert_true(o.tpot <= l.tpot && o.batch > 1 && o.batch < 256);
    operating_point_at(&p, &w, &l, o.batch + 1, 1.0, &next);
    assert_true(next.tpot > l.tpot);

    /* A target that not even one sequence meets. */
    l.tpot = 1e-3;
    operating_point_find(&p, &w, &l, &o);
    assert_int_equal(o.limit, OPERATING_TPOT);
    assert_true(o.batch == 0 && o.token_rate > 0 && o.tpot > l.tpot);
}

/* What bisection stands on, over batches of several kinds of work. */
static void test_tpot_rises_with_batch(void **state) {
    (void)state;
    const struct platform p = fixture_platform(&fixture_deepseek_v3, &fixture_h200, PRECISION_FP8,
                                               PRECISION_FP8, PLATFORM_ATTENTION_DATA);
    for (size_t j = 0; j < sizeof work / sizeof *work; j++) {
        const struct lengths w = lengths_of(&work[j].demand);
        double last = 0;
        for (double b = 1; b <= 512; b *= 2) {
            struct operating_point o;
            operating_point_at(&p, &w, &open_limits, b, 1.0, &o);
            assert_true(isfinite(o.token_rate) && isfinite(o.power));
            if (!(o.tpot >= last * (1 - 2e-3)))
                fail_msg("work %zu, batch %g: %g after %g", j, b, o.tpot, last);
            last = o.tpot;
        }
    }
}

int main(void) {
    const struct CMUnitTest test[] = {
        cmocka_unit_test(test_agrees_with_stepping),
        cmocka_unit_test(test_c_tok_is_the_closed_form),
        cmocka_unit_test(test_one_decoder),
        cmocka_unit_test(test_nothing_but_prefill),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_tpot_rises_with_batch),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("operating_point", test, NULL, NULL);
}
