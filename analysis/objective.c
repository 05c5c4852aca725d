/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/objective.h"

#include "analysis/outcome_list.h"
#include "sim/engine/memory.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Those that are no figure of a run. */
static const struct figure own[] = {
    [OBJECTIVE_PER_JOULE] = {.name = "good_tokens_per_joule",
                             .unit = "token/J",
                             .long_name = "good tokens over site energy"},
    [OBJECTIVE_PER_DOLLAR] = {.name = "good_tokens_per_dollar",
                              .unit = "token/USD",
                              .long_name =
                                  "good tokens over the price of the site's energy and the "
                                  "charges of knobs"},
    [OBJECTIVE_DOLLARS] = {.name = "dollars",
                           .unit = "USD",
                           .long_name = "price of the site's energy and charges of knobs"},
};

struct figure objective_figure(const struct objective *j) {
    return j->kind == OBJECTIVE_FIGURE ? *outcome_figure(j->figure) : own[j->kind];
}

/* -- Reading ------------------------------------------------------------------------------------
 */

/* "nodes=2.5", "pue=500@1.5". */
static void read_charge(struct objective *j, const char *text, const struct axis *axis, size_t axes,
                        struct error *e) {
    const char *equals = strchr(text, '=');
    const size_t length = equals == NULL ? 0 : (size_t)(equals - text);
    struct objective_charge *c = &j->charge[j->charges];
    char *end = NULL;
    *c = (struct objective_charge){.axis = axes};
    if (equals != NULL) {
        c->price = strtod(equals + 1, &end);
        const bool price = end > equals + 1;
        if (price && *end == '@') {
            const char *from = end + 1;
            c->from = strtod(from, &end);
            end = end == from ? NULL : end;
        }
        if (!price || end == NULL || *end != '\0' || !isfinite(c->price) || !isfinite(c->from))
            equals = NULL;
    }
    if (equals == NULL) {
        error_add(
            e, NULL, 0,
            "--charge: found '%s'; NAME=PRICE or NAME=PRICE@FROM, in USD an hour for each unit "
            "of the knob, would be right",
            text);
        return;
    }
    for (size_t a = 0; a < axes; a++)
        if (strlen(axis[a].name) == length && strncmp(axis[a].name, text, length) == 0)
            c->axis = a;
    if (c->axis == axes)
        error_add(e, NULL, 0, "--charge: found '%s'; the name of one of the --vary would be right",
                  text);
    else if (axis[c->axis].count > 0 && axis[c->axis].value == NULL)
        error_add(e, NULL, 0, "--charge: the values of '%s' are no numbers in one unit",
                  axis[c->axis].name);
    else
        j->charges++;
}

static void read_name(struct objective *j, const char *option, const char *name, struct error *e) {
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        if (own[i].name != NULL && strcmp(own[i].name, name) == 0) {
            j->kind = (enum objective_kind)i;
            return;
        }
    /* "tokens" is what users say for Q_token. */
    const long figure = outcome_named(option, strcmp(name, "tokens") == 0 ? "Q_token" : name, e);
    j->kind = OBJECTIVE_FIGURE;
    j->figure = figure >= 0 ? (size_t)figure : 0;
}

bool objective_read(struct objective *j, const struct options *o, const struct axis *axis,
                    size_t axes, struct error *e) {
    const size_t before = e->count;
    *j = (struct objective){.least = o->minimise != NULL};
    if (o->minimise != NULL)
        read_name(j, "--minimise", o->minimise, e);
    else
        read_name(j, "--maximise",
                  o->maximise != NULL ? o->maximise : own[OBJECTIVE_PER_JOULE].name, e);
    j->charge = memory_new(o->charge.count + 1, sizeof *j->charge);
    for (size_t i = 0; i < o->charge.count; i++)
        read_charge(j, o->charge.text[i], axis, axes, e);
    const bool money = j->kind == OBJECTIVE_PER_DOLLAR || j->kind == OBJECTIVE_DOLLARS;
    if (o->charge.count > 0 && !money)
        error_add(e, NULL, 0,
                  "--charge goes with an objective of money: --maximise good_tokens_per_dollar or "
                  "--minimise dollars");
    if (e->count > before)
        objective_clear(j);
    return e->count == before;
}

void objective_clear(struct objective *j) {
    free(j->charge);
    *j = (struct objective){.charges = 0};
}

/* -- Values -------------------------------------------------------------------------------------
 */

static double of(const struct outcome *run, const char *name) {
    const long figure = outcome_find(name);
    assert(figure >= 0);
    return run[figure].value;
}

static double dollars(const struct objective *j, const struct outcome *run, const double *knob) {
    double sum = knob == NULL && j->charges > 0 ? NAN : of(run, "cost");
    for (size_t i = 0; knob != NULL && i < j->charges; i++) {
        const struct objective_charge *c = &j->charge[i];
        sum += c->price / 3600.0 * of(run, "horizon") * fabs(knob[c->axis] - c->from);
    }
    return sum;
}

double objective_value(const struct objective *j, const struct outcome *run, const double *knob) {
    double value = NAN;
    switch (j->kind) {
    case OBJECTIVE_FIGURE:
        value = run[j->figure].value;
        break;
    case OBJECTIVE_PER_JOULE:
        value = of(run, "good_tokens") / of(run, "site_energy");
        break;
    case OBJECTIVE_PER_DOLLAR:
        value = of(run, "good_tokens") / dollars(j, run, knob);
        break;
    case OBJECTIVE_DOLLARS:
        value = dollars(j, run, knob);
        break;
    }
    return isfinite(value) ? value : NAN;
}

bool objective_better(const struct objective *j, double a, double b) {
    if (isnan(a) || isnan(b))
        return !isnan(a) && isnan(b);
    return j->least ? a < b : a > b;
}
