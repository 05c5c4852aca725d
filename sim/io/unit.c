/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/unit.h"

#include "sim/engine/memory.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <udunits2.h>

/* What a kind is called, how it may be written (the first form is the SI unit that is stored), and
 * an example for messages. */
static const struct {
    const char *phrase, *example, *form[2];
} unit_kinds[UNIT_KIND_COUNT] = {
    [UNIT_NUMBER] = {"a plain number", "0.5", {"1", NULL}},
    [UNIT_TIME] = {"a time", "10 s", {"s", NULL}},
    [UNIT_POWER] = {"a power", "200 kW", {"W", NULL}},
    [UNIT_TEMPERATURE] = {"a temperature", "20 degC", {"K", NULL}},
    [UNIT_RATE] = {"a rate of requests", "120 /s", {"request/s", "s-1"}},
    [UNIT_TOKENS] = {"a number of tokens", "1155", {"token", "1"}},
    [UNIT_FLOP_RATE] = {"a rate of arithmetic", "989 TFLOP/s", {"FLOP/s", NULL}},
    [UNIT_BYTES] = {"an amount of memory", "80 GB", {"B", NULL}},
    [UNIT_BYTE_RATE] = {"a bandwidth", "3.35 TB/s", {"B/s", NULL}},
    [UNIT_MONEY] = {"an amount of money", "30000 USD", {"USD", NULL}},
    [UNIT_ENERGY_PRICE] = {"a price of energy", "0.08 USD/kWh", {"USD/J", NULL}},
    [UNIT_ENERGY_CARBON] = {"a carbon intensity", "323 g/kWh", {"kg/J", NULL}},
    [UNIT_ENERGY_WATER] = {"a water usage", "1.8 L/kWh", {"m3/J", NULL}},
    [UNIT_ENERGY_BYTE] = {"an energy per byte", "90 pJ/B", {"J/B", NULL}},
};

/* Dimensions that a message can name beside those of the kinds. */
static const struct {
    const char *phrase, *form;
} unit_dimensions[] = {
    {"a mass", "kg"},
    {"a length", "m"},
    {"an energy", "J"},
    {"an area", "m2"},
    {"a volume", "m3"},
    {"a speed", "m/s"},
    {"a current", "A"},
    {"a voltage", "V"},
    {"an amount of arithmetic", "FLOP"},
    {"a frequency", "Hz"},
    {"a price of tokens", "USD/token"},
    {"a number of requests", "request"},
};

struct units {
    ut_system *system;
    ut_unit *form[UNIT_KIND_COUNT][2];
};

const char *unit_kind_phrase(enum unit_kind kind) {
    return unit_kinds[kind].phrase;
}

const char *unit_kind_example(enum unit_kind kind) {
    return unit_kinds[kind].example;
}

/* Names `unit`, with its plural, over whatever the database had under that name. Takes `unit`. */
static bool unit_name(ut_system *system, ut_unit *unit, const char *const *names) {
    bool ok = unit != NULL;
    for (size_t i = 0; ok && names[i]; i++) {
        ut_unmap_name_to_unit(system, names[i], UT_UTF8);
        ut_unmap_symbol_to_unit(system, names[i], UT_UTF8);
        ok = ut_map_name_to_unit(names[i], UT_UTF8, unit) == UT_SUCCESS &&
             ut_map_symbol_to_unit(names[i], UT_UTF8, unit) == UT_SUCCESS;
    }
    if (ok) /* for printing; scaled units have none and need none */
        ut_map_unit_to_symbol(unit, names[0], UT_ASCII);
    ut_free(unit);
    return ok;
}

static bool units_extend(ut_system *s) {
    static const char *const flop[] = {"FLOP", "OP", NULL};
    static const char *const byte[] = {"B", "byte", "bytes", NULL};
    static const char *const bit[] = {"bit", "bits", NULL};
    static const char *const token[] = {"token", "tokens", NULL};
    static const char *const request[] = {"request", "requests", NULL};
    static const char *const usd[] = {"USD", NULL};
    static const char *const watt_hour[] = {"Wh", NULL};
    bool ok = unit_name(s, ut_new_base_unit(s), flop);
    ok = ok && unit_name(s, ut_new_base_unit(s), byte);
    ut_unit *b = ok ? ut_get_unit_by_name(s, "byte") : NULL;
    ok = b && unit_name(s, ut_scale(0.125, b), bit);
    ut_free(b);
    ok = ok && unit_name(s, ut_new_base_unit(s), token);
    ok = ok && unit_name(s, ut_new_base_unit(s), request);
    ok = ok && unit_name(s, ut_new_base_unit(s), usd);
    ut_unit *joule = ok ? ut_parse(s, "J", UT_UTF8) : NULL;
    ok = joule && unit_name(s, ut_scale(3600, joule), watt_hour);
    ut_free(joule);
    return ok;
}

struct units *units_new(struct error *e) {
    ut_error_message_handler old = ut_set_error_message_handler(ut_ignore);
    struct units *u = memory_new(1, sizeof *u);
    u->system = ut_read_xml(NULL);
    bool ok = u->system && units_extend(u->system);
    for (int k = 0; ok && k < UNIT_KIND_COUNT; k++)
        for (int f = 0; ok && f < 2 && unit_kinds[k].form[f]; f++) {
            u->form[k][f] = ut_parse(u->system, unit_kinds[k].form[f], UT_UTF8);
            ok = u->form[k][f] != NULL;
        }
    ut_set_error_message_handler(old);
    if (ok)
        return u;
    error_add(e, NULL, 0,
              "the unit database of UDUNITS-2 cannot be read; Debian's package libudunits2-data "
              "holds it, and UDUNITS2_XML_PATH may name another place");
    units_free(u);
    return NULL;
}

void units_free(struct units *u) {
    if (!u)
        return;
    for (int k = 0; k < UNIT_KIND_COUNT; k++)
        for (int f = 0; f < 2; f++)
            ut_free(u->form[k][f]);
    if (u->system)
        ut_free_system(u->system);
    free(u);
}

/* Same dimension; unlike ut_are_convertible, no reciprocals (s is not Hz) and no logarithms. */
static bool unit_alike(const ut_unit *a, const ut_unit *b) {
    ut_unit *ratio = ut_divide(a, b);
    bool alike = ratio && ut_is_dimensionless(ratio);
    ut_free(ratio);
    return alike;
}

/* "a mass (kg)": the dimension of `unit` in words; owned by the caller. */
static char *unit_describe(const struct units *u, const ut_unit *unit) {
    for (int k = 0; k < UNIT_KIND_COUNT; k++)
        for (int f = 0; f < 2; f++)
            if (u->form[k][f] && unit_alike(unit, u->form[k][f])) {
                if (k == UNIT_NUMBER || (k == UNIT_TOKENS && f == 1))
                    return memory_text("a plain number");
                if (k == UNIT_RATE && f == 1)
                    continue;
                return memory_print("%s (%s)", unit_kinds[k].phrase, unit_kinds[k].form[f]);
            }
    for (size_t i = 0; i < sizeof unit_dimensions / sizeof *unit_dimensions; i++) {
        ut_unit *form = ut_parse(u->system, unit_dimensions[i].form, UT_UTF8);
        bool alike = form && unit_alike(unit, form);
        ut_free(form);
        if (alike)
            return memory_print("%s (%s)", unit_dimensions[i].phrase, unit_dimensions[i].form);
    }
    char name[128];
    int length = ut_format(unit, name, sizeof name, UT_ASCII);
    if (length <= 0 || (size_t)length >= sizeof name)
        return memory_text("of another dimension");
    return memory_print("in %s", name);
}

/* Splits "100 MW" into its number and the rest; false when no plain finite number begins it. */
static bool unit_split(const char *text, double *number, const char **rest) {
    while (isspace((unsigned char)*text))
        text++;
    const char *digits = text + (*text == '+' || *text == '-');
    if (!isdigit((unsigned char)*digits) && *digits != '.')
        return false;
    if (digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X'))
        return false;
    char *end;
    *number = strtod(text, &end);
    if (end == text || !isfinite(*number))
        return false;
    while (isspace((unsigned char)*end))
        end++;
    *rest = end;
    return true;
}

static char *unit_problem(enum unit_kind kind, const char *text, const char *what) {
    return memory_print("found '%s', %s; %s like '%s' would be right", text, what,
                        unit_kinds[kind].phrase, unit_kinds[kind].example);
}

/* Converts `number` in `unit` into the kind's SI unit; false when the dimension is another. */
static bool unit_convert(const struct units *u, enum unit_kind kind, const ut_unit *unit,
                         double number, double *si) {
    for (int f = 0; f < 2; f++) {
        if (!u->form[kind][f] || !unit_alike(unit, u->form[kind][f]))
            continue;
        cv_converter *c = ut_get_converter((ut_unit *)unit, u->form[kind][f]);
        if (!c)
            return false;
        *si = cv_convert_double(c, number);
        cv_free(c);
        return isfinite(*si);
    }
    return false;
}

bool unit_read(const struct units *u, enum unit_kind kind, const char *text, double *si,
               char **problem) {
    double number;
    const char *rest;
    *problem = NULL;
    if (!unit_split(text, &number, &rest)) {
        *problem = unit_problem(kind, text, "which does not begin with a finite number");
        return false;
    }
    ut_error_message_handler old = ut_set_error_message_handler(ut_ignore);
    /* "120 /s": UDUNITS wants something before the stroke. */
    char *name = memory_print("%s%s", *rest == '/' || !*rest ? "1 " : "", rest);
    ut_trim(name, UT_UTF8);
    bool readable = !isdigit((unsigned char)*rest);
    ut_unit *unit = readable ? ut_parse(u->system, name, UT_UTF8) : NULL;
    bool ok = unit && unit_convert(u, kind, unit, number, si);
    if (!unit) {
        char *what = memory_print("whose unit '%s' is not known", rest);
        *problem = unit_problem(kind, text, what);
        free(what);
    } else if (!ok) {
        char *what = unit_describe(u, unit);
        *problem = unit_problem(kind, text, what);
        free(what);
    }
    ut_free(unit);
    free(name);
    ut_set_error_message_handler(old);
    return ok;
}
