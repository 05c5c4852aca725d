/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fails when a quantity is read into another value than its unit's definition makes it, when a
 * wrong dimension passes, or when a message does not name what was found and what would be right;
 * and when SHA-256 differs from the standard's examples. */

#include "sim/engine/error.h"
#include "sim/io/sha256.h"
#include "sim/io/unit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static int set_up(void **state) {
    struct error e;
    error_init(&e);
    *state = units_new(&e);
    error_clear(&e);
    return *state ? 0 : -1;
}

static int tear_down(void **state) {
    units_free(*state);
    return 0;
}

static void test_values(void **state) {
    static const struct {
        enum unit_kind kind;
        const char *text;
        double si;
    } cases[] = {
        {UNIT_POWER, "100 MW", 1e8},
        {UNIT_POWER, "100MW", 1e8},
        {UNIT_POWER, "  7 kW ", 7000},
        {UNIT_POWER, "0 W", 0},
        {UNIT_POWER, "3.6 MJ/h", 1000},
        {UNIT_TIME, "24 h", 86400},
        {UNIT_TIME, "1 day", 86400},
        {UNIT_TIME, "100 ms", 0.1},
        {UNIT_TIME, "18.6 us", 18.6e-6},
        {UNIT_TEMPERATURE, "20 degC", 293.15},
        {UNIT_TEMPERATURE, "-10 degC", 263.15},
        {UNIT_TEMPERATURE, "300 K", 300},
        {UNIT_RATE, "120 /s", 120},
        {UNIT_RATE, "120/s", 120},
        {UNIT_RATE, "120 request/s", 120},
        {UNIT_RATE, "7200 requests/h", 2},
        {UNIT_RATE, "3600 /h", 1},
        {UNIT_TOKENS, "1155", 1155},
        {UNIT_TOKENS, "1155 tokens", 1155},
        {UNIT_FLOP_RATE, "989 TFLOP/s", 989e12},
        {UNIT_FLOP_RATE, "1979 TOP/s", 1979e12},
        {UNIT_BYTES, "80 GB", 80e9},
        {UNIT_BYTES, "8 Gbit", 1e9},
        {UNIT_BYTE_RATE, "3.35 TB/s", 3.35e12},
        {UNIT_BYTE_RATE, "400 Gbit/s", 50e9},
        {UNIT_MONEY, "27500 USD", 27500},
        {UNIT_ENERGY_PRICE, "0.08 USD/kWh", 0.08 / 3.6e6},
        {UNIT_ENERGY_PRICE, "-36 USD/MWh", -1e-8},
        {UNIT_ENERGY_CARBON, "360 g/kWh", 1e-7},
        {UNIT_ENERGY_WATER, "1.8 L/kWh", 5e-10},
        {UNIT_ENERGY_WATER, "1.8 m3/MWh", 5e-10},
        {UNIT_NUMBER, "1.12", 1.12},
        {UNIT_NUMBER, "5 %", 0.05},
        {UNIT_NUMBER, "1e3", 1000},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double si = NAN;
        char *problem = NULL;
        if (!unit_read(*state, cases[i].kind, cases[i].text, &si, &problem))
            fail_msg("'%s': %s", cases[i].text, problem);
        if (!(fabs(si - cases[i].si) <= 1e-15 * fabs(cases[i].si)))
            fail_msg("'%s' became %.17g, not %.17g", cases[i].text, si, cases[i].si);
        assert_null(problem);
    }
}

static void test_mistakes(void **state) {
    static const struct {
        enum unit_kind kind;
        const char *text, *problem;
    } cases[] = {
        {UNIT_POWER, "5 kg", "found '5 kg', a mass (kg); a power like '200 kW' would be right"},
        {UNIT_POWER, "100", "found '100', a plain number; a power like '200 kW' would be right"},
        {UNIT_POWER, "5 kWh", "found '5 kWh', an energy (J); a power like '200 kW' would be right"},
        {UNIT_TIME, "3 Hz", "found '3 Hz', a frequency (Hz); a time like '10 s' would be right"},
        {UNIT_RATE, "3 s",
         "found '3 s', a time (s); a rate of requests like '120 /s' would be right"},
        {UNIT_RATE, "3 token/s",
         "found '3 token/s', in s-1.token; a rate of requests like '120 "
         "/s' would be right"},
        {UNIT_NUMBER, "3 GB",
         "found '3 GB', an amount of memory (B); a plain number like '0.5' would be right"},
        {UNIT_TOKENS, "3 request",
         "found '3 request', a number of requests (request); a number of tokens like '1155' would "
         "be right"},
        {UNIT_POWER, "many",
         "found 'many', which does not begin with a finite number; a power like "
         "'200 kW' would be right"},
        {UNIT_POWER, "",
         "found '', which does not begin with a finite number; a power like '200 "
         "kW' would be right"},
        {UNIT_POWER, "inf W",
         "found 'inf W', which does not begin with a finite number; a power "
         "like '200 kW' would be right"},
        {UNIT_POWER, "1e999 W",
         "found '1e999 W', which does not begin with a finite number; a "
         "power like '200 kW' would be right"},
        {UNIT_POWER, "0x10 W",
         "found '0x10 W', which does not begin with a finite number; a power "
         "like '200 kW' would be right"},
        {UNIT_POWER, "3 kX",
         "found '3 kX', whose unit 'kX' is not known; a power like '200 kW' "
         "would be right"},
        {UNIT_POWER, "1,000 W",
         "found '1,000 W', whose unit ',000 W' is not known; a power like "
         "'200 kW' would be right"},
        {UNIT_POWER, "2 3 W",
         "found '2 3 W', whose unit '3 W' is not known; a power like '200 kW' "
         "would be right"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double si;
        char *problem = NULL;
        if (unit_read(*state, cases[i].kind, cases[i].text, &si, &problem))
            fail_msg("'%s' was read as %g", cases[i].text, si);
        bool same = strcmp(problem, cases[i].problem) == 0;
        if (!same)
            print_message("# %s\n", problem);
        free(problem);
        assert_true(same);
    }
}

/* The example of each kind must be one. */
static void test_examples(void **state) {
    for (int k = 0; k < UNIT_KIND_COUNT; k++) {
        double si;
        char *problem = NULL;
        assert_true(unit_read(*state, (enum unit_kind)k, unit_kind_example((enum unit_kind)k), &si,
                              &problem));
        assert_true(strlen(unit_kind_phrase((enum unit_kind)k)) > 0);
    }
}

/* FIPS 180-4's examples, and lengths around a block's end against `sha256sum`. */
static void test_sha256(void **state) {
    (void)state;
    char out[65];
    sha256_hex("", 0, out);
    assert_string_equal(out, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    sha256_hex("abc", 3, out);
    assert_string_equal(out, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    sha256_hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56, out);
    assert_string_equal(out, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    char *a = malloc(1000000);
    assert_non_null(a);
    memset(a, 'a', 1000000);
    sha256_hex(a, 1000000, out);
    assert_string_equal(out, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    sha256_hex(a, 55, out);
    assert_string_equal(out, "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318");
    sha256_hex(a, 64, out);
    assert_string_equal(out, "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb");
    free(a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_mistakes),
        cmocka_unit_test(test_examples),
        cmocka_unit_test(test_sha256),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
