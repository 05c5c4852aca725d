/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/quantity.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How a unit of the results reads; `from`: the least value, in it, at which it does so. The first
 * row that fits counts. */
struct row {
    const char *unit, *text;
    double from, factor;
    bool prefix; /* takes SI prefixes */
};

static const struct row *find_row(const char *unit, double largest) {
    enum { MINUTE = 60, HOUR = 3600, DAY = 86400 };
    static const struct row all[] = {
        {"token", " tokens", 0.0, 1.0, true},
        {"request", " requests", 0.0, 1.0, true},
        {"token/s", " tokens/s", 0.0, 1.0, true},
        {"USD", " USD", 1000.0, 1.0, true},
        {"USD", " USD", 0.0, 1.0, false},
        {"kg", "t", 1000.0, 1e-3, true},
        {"kg", "kg", 1.0, 1.0, false},
        {"kg", "g", 0.0, 1e3, true},
        {"m3", "m3", 1.0, 1.0, false},
        {"m3", "L", 0.0, 1e3, true},
        {"1e-6 USD/token", "USD/M tokens", 0.0, 1.0, false},
        {"1e-6 kg/token", "kg/M tokens", 1.0, 1.0, false},
        {"1e-6 kg/token", "g/M tokens", 0.0, 1e3, true},
        {"1e-6 m3/token", "L/M tokens", 0.0, 1e3, true},
        {"s", "d", 2.0 * DAY, 1.0 / DAY, false},
        {"s", "h", 2.0 * HOUR, 1.0 / HOUR, false},
        {"s", "min", 2.0 * MINUTE, 1.0 / MINUTE, false},
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (strcmp(all[i].unit, unit) == 0 && largest >= all[i].from)
            return &all[i];
    return NULL;
}

/* Power of a thousand of a value, as it is written with 4 digits: 999.96 has that of 1000. */
static int thousands(double value) {
    enum { LOWEST = -4, HIGHEST = 7 };
    char text[32];
    if (value == 0.0)
        return 0;
    snprintf(text, sizeof text, "%.3e", value);
    const int step = (int)floor(strtod(strchr(text, 'e') + 1, NULL) / 3.0);
    return step < LOWEST ? LOWEST : step > HIGHEST ? HIGHEST : step;
}

struct quantity_unit quantity_unit(const char *unit, bool whole, double largest) {
    static const char *const letter[] = {"p", "n", "u", "m", "", "k", "M", "G", "T", "P", "E", "Z"};
    const double size = isfinite(largest) ? fabs(largest) : 0.0;
    const bool plain = strcmp(unit, "1") == 0;
    const struct row other = {unit, plain ? "" : unit, 0.0, 1.0, !plain || whole};
    const struct row *row = find_row(unit, size);
    if (row == NULL)
        row = &other;
    int step = row->prefix ? thousands(size * row->factor) : 0;
    if (step < 0 && (whole || row->text[0] == ' ')) /* no thousandth of a token */
        step = 0;
    if (plain && size < 1e5) /* 9472 nodes */
        step = 0;
    struct quantity_unit out = {.factor = row->factor * pow(10.0, -3.0 * step)};
    const bool bare = step == 0 && row->text[0] == ' ';
    snprintf(out.text, sizeof out.text, "%s%s", letter[step + 4], row->text + (bare ? 1 : 0));
    return out;
}
