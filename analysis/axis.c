/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/axis.h"

#include "analysis/outcome.h"
#include "sim/engine/memory.h"
#include "sim/io/override.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void mistake(struct error *e, const char *text, const char *found, const char *right) {
    error_add(e, NULL, 0, "--vary '%s': found %s; %s would be right", text, found, right);
}

static char *trimmed(const char *from, size_t length) {
    while (length > 0 && isspace((unsigned char)*from)) {
        from++;
        length--;
    }
    while (length > 0 && isspace((unsigned char)from[length - 1]))
        length--;
    return memory_print("%.*s", (int)length, from);
}

/* A finite number at the start of `text`; *unit is what follows it, without spaces around. */
static bool read_number(const char *text, double *value, char **unit) {
    char *end;
    *value = strtod(text, &end);
    /* No "inf", "nan", hexadecimal: attributes do not take them either. */
    if (end == text || !isfinite(*value) || strcspn(text, "xXnN") < (size_t)(end - text))
        return false;
    *unit = trimmed(end, strlen(end));
    return true;
}

/* -- Parts of a text, divided at a letter -------------------------------------------------------
 */

struct parts {
    char **text;
    size_t count;
};

static struct parts divide(const char *text, char at) {
    struct parts p = {0};
    for (const char *from = text;;) {
        const char *to = strchr(from, at);
        const size_t length = to == NULL ? strlen(from) : (size_t)(to - from);
        p.text = memory_resize(p.text, p.count + 1, sizeof *p.text);
        p.text[p.count++] = trimmed(from, length);
        if (to == NULL)
            return p;
        from = to + 1;
    }
}

static void parts_clear(struct parts *p) {
    for (size_t i = 0; i < p->count; i++)
        free(p->text[i]);
    free(p->text);
    *p = (struct parts){0};
}

/* -- Ranges -------------------------------------------------------------------------------------
 */

char *axis_at(const struct axis *a, double share, double *value) {
    double v = a->low + share * (a->high - a->low);
    if (a->log)
        v = a->low * pow(a->high / a->low, share);
    if (share <= 0.0)
        v = a->low;
    if (share >= 1.0)
        v = a->high;
    if (a->whole)
        v = round(v);
    /* Twelve digits: what is written is what is simulated and told, not an ulp beside it. */
    char *number = memory_print("%.12g", v);
    *value = strtod(number, NULL);
    char *text = *a->unit != '\0' ? memory_print("%s %s", number, a->unit) : memory_text(number);
    free(number);
    return text;
}

/* Whether the specification is a range: two parts or more, the first two of them numbers. A list
 * of paths ("dcsim:models/...") is none. */
static bool is_range(const struct parts *p) {
    double value;
    char *low = NULL, *high = NULL;
    const bool range = p->count >= 2 && read_number(p->text[0], &value, &low) &&
                       read_number(p->text[1], &value, &high);
    free(low);
    free(high);
    return range;
}

/* What follows LO:HI; false with a message. */
static bool read_tail(struct axis *a, const struct parts *p, const char *text, struct error *e) {
    for (size_t i = 2; i < p->count; i++) {
        char *end;
        const long n = strtol(p->text[i], &end, 10);
        if (i == 2 && *p->text[i] != '\0' && *end == '\0') {
            if (n < 2 || n > 1000000) {
                mistake(e, text, p->text[i], "a number of values from 2 to 1000000");
                return false;
            }
            a->count = (size_t)n;
        } else if (strcmp(p->text[i], "log") == 0)
            a->log = true;
        else if (strcmp(p->text[i], "int") == 0)
            a->whole = true;
        else {
            char *found = memory_print("'%s'", p->text[i]);
            mistake(e, text, found,
                    "LO:HI:N, the unit after HI (20:60 kW:3), and after N :log or :int,");
            free(found);
            return false;
        }
    }
    return true;
}

static bool read_range(struct axis *a, const struct parts *p, const char *text, struct error *e) {
    char *low, *high;
    if (!read_number(p->text[0], &a->low, &low))
        return false;
    if (!read_number(p->text[1], &a->high, &high)) {
        free(low);
        return false;
    }
    const bool same = strcmp(low, high) == 0 || *low == '\0' || *high == '\0';
    a->unit = memory_text(*low != '\0' ? low : high);
    free(low);
    free(high);
    if (!same) {
        mistake(e, text, "two units", "one unit for both ends");
        return false;
    }
    if (!read_tail(a, p, text, e))
        return false;
    if (!(a->low < a->high)) {
        mistake(e, text, "a range that does not rise", "LO:HI with LO below HI");
        return false;
    }
    if (a->log && !(a->low > 0.0)) {
        mistake(e, text, "equal factors from a number that is not positive",
                "LO above 0, or no :log,");
        return false;
    }
    a->text = memory_new(a->count + 1, sizeof *a->text);
    a->value = memory_new(a->count + 1, sizeof *a->value);
    for (size_t i = 0; i < a->count; i++)
        a->text[i] = axis_at(a, (double)i / (double)(a->count - 1), &a->value[i]);
    for (size_t i = 1; i < a->count; i++)
        if (!(a->value[i] > a->value[i - 1])) {
            mistake(e, text, "values that are equal once rounded", "fewer values");
            return false;
        }
    return true;
}

/* -- Lists --------------------------------------------------------------------------------------
 */

/* The numbers of a list, when every value is one and all have the same unit. */
static void number_list(struct axis *a) {
    a->value = memory_new(a->count, sizeof *a->value);
    for (size_t i = 0; i < a->count; i++) {
        char *unit = NULL;
        const bool number = read_number(a->text[i], &a->value[i], &unit);
        if (number && i == 0)
            a->unit = memory_text(unit);
        const bool same = number && strcmp(unit, a->unit) == 0;
        free(unit);
        if (same)
            continue;
        free(a->value);
        free(a->unit);
        a->value = NULL;
        a->unit = memory_text("");
        return;
    }
}

static bool read_list(struct axis *a, const char *list, const char *text, struct error *e) {
    struct parts p = divide(list, ',');
    a->text = p.text;
    a->count = p.count;
    a->low = a->high = NAN;
    a->unit = NULL;
    number_list(a);
    for (size_t i = 0; i < a->count; i++) {
        if (*a->text[i] == '\0') {
            mistake(e, text, "an empty value", "a list with a value between any two commas");
            return false;
        }
        for (size_t k = 0; k < i; k++)
            if (strcmp(a->text[i], a->text[k]) == 0 ||
                (a->value != NULL && a->value[i] == a->value[k])) {
                mistake(e, text, "a value twice", "a list of values that differ");
                return false;
            }
    }
    return true;
}

/* -- The whole ----------------------------------------------------------------------------------
 */

static bool good_name(const char *name) {
    bool good = isalpha((unsigned char)*name);
    for (const char *at = name; *at != '\0'; at++)
        good = good && (isalnum((unsigned char)*at) || *at == '_' || *at == '-');
    return good && strlen(name) < 64;
}

bool axis_read(struct axis *a, const char *text, struct error *e) {
    static const char form[] = "NAME=XPATH=VALUES, as in 'pue=//cooling/@pue=1.1:2:10',";
    struct override rest = {0};
    struct error inner;
    *a = (struct axis){.low = NAN, .high = NAN};
    error_init(&inner);
    const char *equals = strchr(text, '=');
    if (equals != NULL)
        a->name = memory_print("%.*s", (int)(equals - text), text);
    bool good = equals != NULL && good_name(a->name) && override_read(&rest, equals + 1, &inner);
    error_clear(&inner);
    if (!good)
        mistake(e, text, "no name, XPath and values", form);
    if (good) {
        a->xpath = memory_text(rest.xpath);
        struct parts p = divide(rest.value, ':');
        good = is_range(&p) ? read_range(a, &p, text, e) : read_list(a, rest.value, text, e);
        parts_clear(&p);
    }
    override_clear(&rest);
    if (!good)
        axis_clear(a);
    return good;
}

void axis_clear(struct axis *a) {
    for (size_t i = 0; a->text != NULL && i < a->count; i++)
        free(a->text[i]);
    free(a->text);
    free(a->value);
    free(a->name);
    free(a->xpath);
    free(a->unit);
    *a = (struct axis){.low = NAN};
}

/* Whether the file of a sweep or a search has a name like this: a figure, what else stands there,
 * or what is made of another name and an ending. */
static bool is_taken(const char *name) {
    static const char *const taken[] = {"point",     "replication",  "replications",  "binding",
                                        "boundary",  "binding_name", "binding_share", "scenario",
                                        "objective", "goal",         "sure",          "good_share",
                                        "set",       "check",        "queue_growth",  "over_limit"};
    static const char *const ending[] = {"_low", "_high", "_half", "_binding"};
    bool found = outcome_find(name) >= 0;
    for (size_t i = 0; i < sizeof taken / sizeof taken[0]; i++)
        found = found || strcmp(name, taken[i]) == 0;
    for (size_t i = 0; i < sizeof ending / sizeof ending[0]; i++) {
        const size_t length = strlen(name), end = strlen(ending[i]);
        found = found || (length > end && strcmp(name + length - end, ending[i]) == 0);
    }
    return found;
}

bool axis_names(const struct axis *axis, size_t count, struct error *e) {
    const size_t before = e->count;
    for (size_t i = 0; i < count; i++) {
        if (is_taken(axis[i].name))
            error_add(e, NULL, 0,
                      "--vary: the name '%s' is one that the result has for something else; "
                      "another name would be right",
                      axis[i].name);
        for (size_t k = 0; k < i; k++) {
            if (strcmp(axis[i].name, axis[k].name) == 0)
                error_add(e, NULL, 0,
                          "--vary: two axes have the name '%s'; different ones would be right",
                          axis[i].name);
        }
    }
    return e->count == before;
}
