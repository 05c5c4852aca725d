/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fails when power under a cap exceeds it, when a faster state under the same cap exists, when a
 * lower cap raises power or shortens the iteration, or when decode loses as much to a cap as
 * prefill; over random platforms, batches and caps. Also when a part of power is not the one worked
 * by hand, when power jumps where boards reach their limit, or when P_a is drawn while no work is
 * done. */
#include "models/power.h"
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
    return ((double)((*s * 2685821657736338717u) >> 11) + 0.5) * 0x1p-53;
}

static double between(uint64_t *s, double low, double high) {
    return low * pow(high / low, uniform(s));
}

static void assert_close(const char *what, double found, double expected, double tolerance) {
    if (!(fabs(found - expected) <= tolerance * fabs(expected)))
        fail_msg("%s: %.17g, expected %.17g", what, found, expected);
}

/* Equations 3.1, 3.2 and 3.5 as written in the document, by the plain library calls: what is above
 * idle power, before the boards' clamp. */
static double dynamic_plain(const struct platform *p, const struct iteration *it, double phi,
                            double stretch) {
    const double t = stretch * (it->compute / phi + it->memory + it->overhead);
    const double u_c = it->power_flop / (p->compute_peak * t);
    const double u_m = it->power_bytes / (p->memory_peak * t);
    const double grown = pow(phi, p->power_gamma);
    return (p->power_active / stretch + p->power_compute * -expm1(-u_c / p->power_scale)) * grown +
           p->power_memory * u_m * (p->power_fixed + (1 - p->power_fixed) * grown);
}

/* Equation 3.3: where it is too much at full frequency, one factor scales it at all of them. */
static double power_plain(const struct platform *p, const struct iteration *it, double phi,
                          double stretch) {
    const double room = p->power_limit - p->power_static;
    const double factor = fmin(1, room / dynamic_plain(p, it, 1, 1));
    return p->power_static + factor * dynamic_plain(p, it, phi, stretch);
}

static struct platform random_platform(uint64_t *s) {
    static const struct llm *const m[] = {&fixture_llama_65b, &fixture_llama_70b,
                                          &fixture_deepseek_v3, &fixture_gpt_oss};
    static const struct hardware *const h[] = {&fixture_h100, &fixture_h200, &fixture_b200};
    static const double gamma[] = {2, 2.5, 3, 1, 2.2};
    struct platform p = fixture_platform(m[(int)(4 * uniform(s))], h[(int)(3 * uniform(s))],
                                         PRECISION_FP8, PRECISION_FP8, PLATFORM_ATTENTION_DATA);
    p.power_gamma = gamma[(int)(5 * uniform(s))];
    p.phi_min = between(s, 0.1, 0.7);
    if (uniform(s) < 0.3)
        p.time_iteration = p.time_token = p.time_sequence = 0;
    if (uniform(s) < 0.3)
        p.power_active *= 6 * uniform(s);
    if (uniform(s) < 0.2)
        p.power_active = 0;
    if (uniform(s) < 0.2) /* boards that reach their limit often */
        p.power_limit = between(s, p.power_static * 1.05, p.power_limit);
    return p;
}

static struct iteration random_iteration(const struct platform *p, uint64_t *s) {
    const double n = floor(between(s, 1, 512));
    struct batch b = {.sequences = n};
    if (uniform(s) < 0.8) {
        b.decoding = b.emitted = n;
        b.context = n * between(s, 10, 30000);
    }
    if (uniform(s) < 0.5 || b.decoding == 0) {
        const double past = uniform(s) < 0.5 ? 0 : between(s, 10, 1e4);
        b.chunk = floor(between(s, 8, 8192));
        b.chunk_pairs = b.chunk * past + b.chunk * (b.chunk + 1) / 2;
        b.chunk_reads = past;
    }
    struct iteration it;
    iteration_describe(p, &b, &it);
    return it;
}

static void test_uncapped(void **state) {
    (void)state;
    uint64_t s = 20240607;
    for (int i = 0; i < 20000; i++) {
        const struct platform p = random_platform(&s);
        const struct iteration it = random_iteration(&p, &s);
        struct power_state x;
        power_free(&p, &it, &x);
        assert_true(x.phi == 1 && x.stretch == 1);
        assert_close("free", power_gpus(&x), power_plain(&p, &it, 1, 1), 1e-13);
        const double phi = between(&s, p.phi_min, 1);
        power_at(&p, &it, phi, &x);
        assert_true(x.phi == phi && x.stretch == 1);
        assert_close("at", power_gpus(&x), power_plain(&p, &it, phi, 1), 1e-13);
    }
}

/* No work: idle power, no division by a time of zero. */
static void test_nothing(void **state) {
    (void)state;
    struct platform p = fixture_platform(&fixture_llama_70b, &fixture_h100, PRECISION_FP16,
                                         PRECISION_FP16, PLATFORM_ATTENTION_TENSOR);
    const struct iteration none = {.flop = 0, .bytes = 0, .overhead = 0};
    struct power_state x;
    power_free(&p, &none, &x);
    assert_true(power_gpus(&x) == 8 * 110.0);
    power_capped(&p, &none, 8 * 110.0 + 1, &x);
    assert_true(power_gpus(&x) == 8 * 110.0 && x.phi == 1 && x.stretch == 1);
}

/* Llama-3.1-70B on 8 H100, 32 sequences at 2048 positions: 4,619,908,415,488 FLOP and
 * 160,488,751,104 B in 17.20123734368572 ms (tests/test_iteration.c).
 *   u_c         FLOP / (8 * 989e12 t)                                  = 0.033945905613745643
 *   u_m         B / (8 * 3.35e12 t)                                    = 0.34813694594023581
 *   active      8 * 68 W                                               = 544 W
 *   compute     8 * 551 (1 - exp(-u_c / 0.13))                         = 1013.0171108757481 W
 *   memory      8 * 287 u_m                                            = 799.32242787878147 W
 *   GPUs        8 * 110 + active + compute + memory                    = 3236.3395387545297 W
 * At half the frequency the iteration takes t' = 17.982067749617638 ms:
 *   active      544 * 0.5^2.5                                           = 96.16652224137047 W
 *   compute     8 * 551 (1 - exp(-u_c t / t' / 0.13)) 0.5^2.5           = 172.23416042897247 W
 *   memory      8 * 287 u_m t / t' (0.35 + 0.65 * 0.5^2.5)              = 355.47260458 W */
static void test_llama_70b_on_8_h100(void **state) {
    (void)state;
    const struct platform p = fixture_platform(&fixture_llama_70b, &fixture_h100, PRECISION_FP16,
                                               PRECISION_FP16, PLATFORM_ATTENTION_TENSOR);
    const struct batch b = {.decoding = 32, .context = 32 * 2048, .emitted = 32, .sequences = 32};
    struct iteration it;
    struct power_state x;
    iteration_describe(&p, &b, &it);
    power_free(&p, &it, &x);
    assert_true(x.gpu_static == 880);
    assert_close("active and compute", x.gpu_compute, 544 + 1013.0171108757481, 1e-12);
    assert_close("memory", x.gpu_memory, 799.32242787878147, 1e-12);
    assert_close("GPUs", power_gpus(&x), 3236.3395387545297, 1e-12);
    power_at(&p, &it, 0.5, &x);
    assert_close("active and compute", x.gpu_compute, 96.16652224137047 + 172.23416042897247,
                 1e-12);
    assert_close("memory", x.gpu_memory, 355.4726045238539, 1e-12);
}

static struct iteration full_prefill(const struct platform *p) {
    const struct batch b = {
        .chunk = 8192, .chunk_pairs = 8192.0 * 8193 / 2, .emitted = 4, .sequences = 4};
    struct iteration it;
    iteration_describe(p, &b, &it);
    return it;
}

/* Full boards: static, compute and memory parts sum to the clamp; one factor scales what is above
 * idle power, and scales it at lower frequencies too. */
static void test_clamp(void **state) {
    (void)state;
    struct platform p = fixture_platform(&fixture_llama_70b, &fixture_h100, PRECISION_FP16,
                                         PRECISION_FP16, PLATFORM_ATTENTION_TENSOR);
    p.power_active = 8 * 200.0; /* so that it comes to more than the boards give */
    const struct iteration it = full_prefill(&p);
    struct power_state x;
    power_free(&p, &it, &x);
    assert_close("clamp", power_gpus(&x), 8 * 689.5, 1e-14);
    assert_true(x.gpu_static == 8 * 110.0);
    const double t = iteration_time(&it, 0, 1);
    const double compute = 551 * (1 - exp(-it.flop / (8 * 989e12 * t) / 0.13));
    const double memory = 287 * it.bytes / (8 * 3.35e12 * t);
    const double factor = (689.5 - 110) / (200 + compute + memory);
    assert_true(factor < 0.98);
    assert_close("compute", x.gpu_compute, 8 * factor * (200 + compute), 1e-12);
    assert_close("memory", x.gpu_memory, 8 * factor * memory, 1e-12);
    /* At a lower frequency the boards would not reach the limit by themselves; the factor stays. */
    power_at(&p, &it, 0.7, &x);
    assert_close("lower", power_gpus(&x) - 880, factor * dynamic_plain(&p, &it, 0.7, 1), 1e-12);
    assert_true(880 + dynamic_plain(&p, &it, 0.7, 1) < 8 * 689.5);
}

/* A cap a hair under what full boards draw costs a hair of frequency, and a limit a hair under what
 * the work asks for a hair of power: nothing jumps where the clamp begins. */
static void test_continuous_at_the_limit(void **state) {
    (void)state;
    uint64_t s = 99;
    for (int i = 0; i < 2000; i++) {
        struct platform p = random_platform(&s);
        const struct iteration it = random_iteration(&p, &s);
        const double free_power = p.power_static + dynamic_plain(&p, &it, 1, 1);
        const double phi = between(&s, p.phi_min, 1);
        struct power_state over, under, capped;
        p.power_limit = p.power_static + (free_power - p.power_static) * (1 + 1e-9);
        power_at(&p, &it, phi, &over);
        p.power_limit = p.power_static + (free_power - p.power_static) * (1 - 1e-9);
        power_at(&p, &it, phi, &under);
        assert_true(power_gpus(&under) < power_gpus(&over));
        assert_close("limit", power_gpus(&under), power_gpus(&over), 3e-9);
        power_free(&p, &it, &over);
        const double cap = power_gpus(&over) - 1e-9 * (power_gpus(&over) - p.power_static);
        power_capped(&p, &it, cap, &capped);
        assert_close("cap", power_gpus(&capped), cap, 5e-12); /* phi to 1e-12, power to its slope */
        assert_true(capped.phi < 1 && capped.stretch == 1);
        assert_true(iteration_time(&it, 0, capped.phi) < iteration_time(&it, 0, 1) * (1 + 1e-6));
    }
}

static void check_cap(const struct platform *p, const struct iteration *it, double cap,
                      struct power_state *x) {
    power_capped(p, it, cap, x);
    assert_true(x->phi >= p->phi_min && x->phi <= 1 && x->stretch >= 1);
    assert_true(power_gpus(x) <= cap * (1 + 1e-12));
    assert_close("plain", power_gpus(x), power_plain(p, it, x->phi, x->stretch), 1e-12);
    /* It is the fastest such state: a hair more frequency or a hair less stretch is too much, but
     * for rounding. */
    const double edge = cap * (1 - 1e-14);
    if (x->stretch > 1) {
        assert_true(x->phi == p->phi_min);
        assert_true(power_plain(p, it, x->phi, x->stretch * (1 - 1e-10)) > edge);
    } else if (x->phi < 1) {
        assert_true(power_plain(p, it, fmin(x->phi * (1 + 1e-10), 1), 1) > edge);
    } else {
        assert_close("free", power_gpus(x), power_plain(p, it, 1, 1), 1e-13);
    }
}

static void test_caps(void **state) {
    (void)state;
    uint64_t s = 4242;
    long slowed = 0, stretched = 0;
    for (int i = 0; i < 4000; i++) {
        const struct platform p = random_platform(&s);
        const struct iteration it = random_iteration(&p, &s);
        struct power_state x, last;
        power_free(&p, &it, &last);
        double cap = p.power_limit * 1.01, last_time = 0;
        while (cap > p.power_static * 1.001) {
            check_cap(&p, &it, cap, &x);
            const double time = iteration_time(&it, 0, x.phi) * x.stretch;
            assert_true(power_gpus(&x) <= power_gpus(&last) * (1 + 1e-12));
            assert_true(time >= last_time * (1 - 1e-12));
            slowed += x.phi < 1;
            stretched += x.stretch > 1;
            last = x;
            last_time = time;
            /* Steps of all sizes, down to the last bits. */
            const double step =
                uniform(&s) < 0.2 ? between(&s, 1e-15, 1e-6) : between(&s, 1e-3, 0.3);
            cap = p.power_static + (cap - p.power_static) * (1 - step);
        }
    }
    assert_true(slowed > 1000 && stretched > 1000); /* both ways were taken */
}

/* A cap at exactly what the iteration draws, and on either side of it. */
static void test_cap_at_the_edge(void **state) {
    (void)state;
    uint64_t s = 7;
    for (int i = 0; i < 2000; i++) {
        const struct platform p = random_platform(&s);
        const struct iteration it = random_iteration(&p, &s);
        struct power_state x, y;
        power_free(&p, &it, &x);
        power_capped(&p, &it, power_gpus(&x), &y);
        assert_true(y.phi == 1 && y.stretch == 1);
        check_cap(&p, &it, nextafter(power_gpus(&x), 0), &y);
        power_at(&p, &it, p.phi_min, &x);
        check_cap(&p, &it, power_gpus(&x), &y);
        check_cap(&p, &it, nextafter(power_gpus(&x), 0), &y);
        assert_true(y.stretch >= 1 && y.phi <= p.phi_min * (1 + 1e-9));
        check_cap(&p, &it, p.power_static * (1 + 1e-4), &y);
    }
}

/* Equation 3.5: at the lowest frequency the work, and with it all that is not idle power, is done
 * for a share of the time. Where dynamic power is P_a and memory's alone that share is the cap's.
 */
static void test_duty(void **state) {
    (void)state;
    struct platform p = fixture_platform(&fixture_llama_70b, &fixture_h100, PRECISION_FP16,
                                         PRECISION_FP16, PLATFORM_ATTENTION_TENSOR);
    const struct batch b = {.decoding = 32, .context = 32 * 2048, .emitted = 32, .sequences = 32};
    struct iteration it;
    struct power_state low, x;
    p.power_compute = 0;
    iteration_describe(&p, &b, &it);
    power_at(&p, &it, p.phi_min, &low);
    const double active = low.gpu_compute;
    assert_close("active", active, 544 * pow(p.phi_min, p.power_gamma), 1e-13);
    for (double share = 0.9; share > 0.01; share *= 0.7) {
        const double target = share * (active + low.gpu_memory);
        power_capped(&p, &it, 880 + target, &x);
        assert_true(x.phi == p.phi_min);
        assert_close("stretch", x.stretch, 1 / share, 2e-12);
        assert_close("active", x.gpu_compute, share * active, 2e-12);
        assert_close("memory", x.gpu_memory, share * low.gpu_memory, 2e-12);
    }
    /* Compute's own part falls by less than its share, as 1 - exp is concave. */
    p.power_compute = 8 * 551;
    power_at(&p, &it, p.phi_min, &low);
    power_capped(&p, &it, 880 + 0.3 * (power_gpus(&low) - 880), &x);
    assert_true(x.stretch > 1 / 0.3);
    assert_close("memory", x.gpu_memory, low.gpu_memory / x.stretch, 1e-12);
    assert_true(x.gpu_compute - active / x.stretch > (low.gpu_compute - active) / x.stretch);
    /* A cap under what P_a alone draws leaves no frequency to look for. */
    power_capped(&p, &it, 880 + 0.1 * active, &x);
    assert_true(x.phi == p.phi_min && x.stretch > 10);
    check_cap(&p, &it, 880 + 0.1 * active, &x);
}

/* A batch's energy at the GPUs, over its time, is that of its parts: idle power for all of it, P_a
 * while it runs, and compute's and memory's. The memory's own is the same however fast it goes;
 * what the chip draws for it falls with the frequency. */
static void test_energy_of_memory(void **state) {
    (void)state;
    uint64_t s = 31;
    for (int i = 0; i < 2000; i++) {
        struct platform p = random_platform(&s);
        p.power_limit = INFINITY;
        const struct iteration it = random_iteration(&p, &s);
        struct power_state x;
        power_capped(&p, &it, p.power_static * between(&s, 1.01, 4), &x);
        const double time = x.stretch * iteration_time(&it, 0, x.phi);
        const double grown = pow(x.phi, p.power_gamma);
        assert_close("J of memory", x.gpu_memory * time,
                     p.power_memory * it.power_bytes / p.memory_peak *
                         (p.power_fixed + (1 - p.power_fixed) * grown),
                     1e-11);
        assert_true(x.gpu_static == p.power_static);
        assert_true(x.gpu_compute >= p.power_active * grown / x.stretch * (1 - 1e-12));
    }
}

/* Share of throughput left at a cap of `share` of the boards' limit. */
static double left_at(const struct platform *p, const struct batch *b, double share) {
    struct iteration it;
    struct power_state x;
    iteration_describe(p, b, &it);
    power_capped(p, &it, share * p->power_limit, &x);
    return iteration_time(&it, 0, 1) / (iteration_time(&it, 0, x.phi) * x.stretch);
}

/* Down to half of the boards' limit (70 % on B200, whose fit lays more on memory). Further down,
 * where what memory alone draws exceeds the cap, decode is duty-cycled like anything else and the
 * order may turn (docs/equations.md, 3.5). */
static void test_decode_loses_less_than_prefill(void **state) {
    (void)state;
    const struct hardware *const h[] = {&fixture_h100, &fixture_h200, &fixture_b200};
    const struct llm *const m[] = {&fixture_llama_70b, &fixture_deepseek_v3};
    const struct batch decode = {
        .decoding = 64, .context = 64 * 1500, .emitted = 64, .sequences = 64};
    const struct batch prefill = {
        .chunk = 8192, .chunk_pairs = 4 * 2048.0 * 2049 / 2, .emitted = 4, .sequences = 4};
    for (size_t i = 0; i < 3; i++)
        for (size_t j = 0; j < 2; j++) {
            const struct platform p =
                fixture_platform(m[j], h[i], PRECISION_FP8, PRECISION_FP8, PLATFORM_ATTENTION_DATA);
            const double least = h[i] == &fixture_b200 ? 0.65 : 0.45;
            for (double share = 0.9; share > least; share -= 0.1) {
                const double d = left_at(&p, &decode, share), f = left_at(&p, &prefill, share);
                assert_true(f < 1 || share > 0.75);
                if (!(f < 1 ? d > f : d == 1))
                    fail_msg("%s %s at %.1f: decode keeps %.3f, prefill %.3f", m[j]->name,
                             h[i]->name, share, d, f);
            }
        }
}

int main(void) {
    const struct CMUnitTest test[] = {
        cmocka_unit_test(test_uncapped),
        cmocka_unit_test(test_nothing),
        cmocka_unit_test(test_llama_70b_on_8_h100),
        cmocka_unit_test(test_clamp),
        cmocka_unit_test(test_continuous_at_the_limit),
        cmocka_unit_test(test_duty),
        cmocka_unit_test(test_energy_of_memory),
        cmocka_unit_test(test_caps),
        cmocka_unit_test(test_cap_at_the_edge),
        cmocka_unit_test(test_decode_loses_less_than_prefill),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("power", test, NULL, NULL);
}
