/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/course.h"

#include "sim/engine/memory.h"
#include "sim/io/date.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define COURSE_DAY 86400.0 /* s */

/* Bounds that nobody needs to pass; they keep arrays in reason. */
enum { COURSE_PERIODS_MAX = 1200, COURSE_DAYS_MAX = 28 };

const char *const course_whole[] = {
    "block_tokens", "clients",  "count",  "days", "gpus",         "max_seqs", "nodes",
    "rack_nodes",   "replicas", "sample", "seed", "token_budget", NULL};

/* -- Dates --------------------------------------------------------------------------------------
 */

static bool read_date(struct reader *r, const xmlNode *element, const char *name, long *date) {
    const char *text = attribute_text(element, name);
    if (!text || date_read(text, date)) {
        r->failed = r->failed || !text;
        return text;
    }
    attribute_error(r, element, name, "found '%s'; a date like '2024-01-31' would be right", text);
    return false;
}

/* Months from year 0; the day that begins one. */
static long month_of(long date, int *day) {
    int year, month;
    date_parts(date, &year, &month, day);
    return 12L * year + month - 1;
}

static long month_begin(long month) {
    return date_day((int)(month / 12), (int)(month % 12) + 1, 1);
}

/* A bound of the course must be where a period begins. */
static bool read_bound(struct reader *r, const xmlNode *element, const char *name, int months,
                       long *date) {
    int day;
    if (!read_date(r, element, name, date))
        return false;
    if (month_of(*date, &day) % months == 0 && day == 1)
        return true;
    attribute_error(r, element, name, "found '%s'; the first day of a %s would be right",
                    attribute_text(element, name), months == 3 ? "quarter" : "month");
    return false;
}

static bool read_span(struct reader *r, const xmlNode *element, struct course *c) {
    static const char *const period[] = {"month", "quarter", NULL};
    const int kind = attribute_choice(r, element, "period", period, 1);
    if (kind < 0)
        return false;
    c->months = kind == 0 ? 1 : 3;
    c->days = attribute_count(r, element, "days", 1, COURSE_DAYS_MAX, 1);
    c->saturation = attribute_quantity(r, element, "saturation", UNIT_NUMBER, RANGE_POSITIVE, 3);
    if (c->saturation <= 1) {
        attribute_error(r, element, "saturation",
                        "found '%s'; a factor on the demand above 1 would be right",
                        attribute_text(element, "saturation"));
        c->saturation = NAN;
    }
    const bool from = read_bound(r, element, "from", c->months, &c->from);
    if (!read_bound(r, element, "to", c->months, &c->to) || !from)
        return false;
    if (c->to > c->from && course_periods(c) <= COURSE_PERIODS_MAX)
        return !isnan(c->saturation);
    attribute_error(r, element, "to",
                    "found '%s' after '%s'; a later date, at most %d periods later, would be right",
                    attribute_text(element, "to"), attribute_text(element, "from"),
                    COURSE_PERIODS_MAX);
    return false;
}

size_t course_periods(const struct course *c) {
    int day;
    return (size_t)((month_of(c->to, &day) - month_of(c->from, &day)) / c->months);
}

void course_period(const struct course *c, size_t i, long *from, long *to) {
    int day;
    const long month = month_of(c->from, &day) + (long)i * c->months;
    *from = month_begin(month);
    *to = month_begin(month + c->months);
}

const char *course_name(const struct course *c, size_t i, char name[COURSE_NAME]) {
    long from, to;
    int year, month, day;
    course_period(c, i, &from, &to);
    date_parts(from, &year, &month, &day);
    if (c->months == 3)
        snprintf(name, COURSE_NAME, "%04dQ%d", year % 10000, (month + 2) / 3 % 10);
    else
        snprintf(name, COURSE_NAME, "%04d-%02d", year % 10000, month % 100);
    return name;
}

long course_day(const struct course *c, size_t i, size_t j) {
    long from, to;
    course_period(c, i, &from, &to);
    return from + (long)((double)(to - from) * ((double)j + 0.5) / (double)c->days);
}

/* -- Windows ------------------------------------------------------------------------------------
 */

static bool read_window(struct reader *r, const xmlNode *element, struct course *c) {
    static const char *const answer[] = {"no", "yes", NULL};
    struct course_window *w = &c->window[c->windows++];
    const int full = attribute_choice(r, element, "full", answer, 1);
    w->full = full == 1;
    const double share = attribute_quantity(r, element, "represents", UNIT_TIME, RANGE_POSITIVE, 0);
    w->share = share / COURSE_DAY;
    w->at = attribute_quantity(r, element, "at", UNIT_TIME, RANGE_NONNEGATIVE, NAN);
    if (!(w->at >= COURSE_DAY))
        return !isnan(w->at) && !isnan(share) && full >= 0;
    attribute_error(r, element, "at", "found '%s'; a time of day, below 24 h, would be right",
                    attribute_text(element, "at"));
    return false;
}

/* Shares of the day: all stated, to 24 h together, or none, and then equal. */
static bool share_day(struct reader *r, const xmlNode *element, struct course *c) {
    double sum = 0;
    size_t stated = 0;
    for (size_t i = 0; i < c->windows; i++) {
        sum += c->window[i].share;
        stated += c->window[i].share > 0;
    }
    for (size_t i = 0; stated == 0 && i < c->windows; i++)
        c->window[i].share = 1.0 / (double)c->windows;
    if (stated == 0 || (stated == c->windows && fabs(sum - 1) <= 1e-9))
        return true;
    attribute_error(r, document_element(element->children, "window"), "represents",
                    "the windows stand for %.6g h of the day%s; times that sum to 24 h, or none at "
                    "all, would be right",
                    24 * sum, stated < c->windows ? ", not all of them stated" : "");
    return false;
}

/* A trajectory without a full site would have no marginal values of it. */
static bool some_full(struct reader *r, const xmlNode *element, const struct course *c) {
    for (size_t i = 0; i < c->windows; i++)
        if (c->window[i].full)
            return true;
    attribute_error(r, document_element(element->children, "window"), "full",
                    "found 'no' in every window; 'yes' in one at least would be right");
    return false;
}

static bool read_windows(struct reader *r, const xmlNode *element, struct course *c) {
    bool ok = true;
    size_t count = 0;
    for (xmlNode *w = element->children; (w = document_element(w, "window")); w = w->next)
        count++;
    c->window = memory_new(count + 1, sizeof *c->window);
    for (xmlNode *w = element->children; (w = document_element(w, "window")); w = w->next)
        ok = read_window(r, w, c) && ok;
    r->failed = r->failed || count == 0; /* told by the schema */
    return ok && count > 0 && share_day(r, element, c) && some_full(r, element, c);
}

/* -- What follows dates -------------------------------------------------------------------------
 */

/* The attribute's name that an XPath ends with; NULL when it ends with none. */
static const char *attribute_of(const char *xpath) {
    const char *slash = strrchr(xpath, '/'), *last = slash ? slash + 1 : xpath;
    return *last == '@' ? last + 1 : NULL;
}

static bool is_whole(const char *name) {
    for (size_t i = 0; name && course_whole[i]; i++)
        if (strcmp(name, course_whole[i]) == 0)
            return true;
    return false;
}

/* The number that a text begins with, and where its unit begins; NAN when it is a word. */
static double number_of(const char *text, const char **unit) {
    char *end;
    const double value = strtod(text, &end);
    *unit = end + strspn(end, " ");
    return end == text || !isfinite(value) ? NAN : value;
}

static bool read_at(struct reader *r, const xmlNode *element, struct course_follow *f) {
    struct course_at *a = &f->at[f->ats++];
    const char *text = attribute_text(element, "value"), *unit;
    const bool dated = read_date(r, element, "date", &a->date);
    if (!text || !dated) {
        r->failed = true;
        return false;
    }
    a->text = memory_text(text);
    a->value = number_of(text, &unit);
    if (f->ats > 1 && a->date <= a[-1].date) {
        attribute_error(r, element, "date",
                        "found '%s' after a later date or a second time; dates "
                        "that increase would be right",
                        attribute_text(element, "date"));
        return false;
    }
    if (f->interpolation == COURSE_STEP)
        return true;
    if (isnan(a->value) || (f->interpolation == COURSE_LOG && !(a->value > 0))) {
        attribute_error(r, element, "value", "found '%s', where straight lines need %s", text,
                        f->interpolation == COURSE_LOG ? "a number above 0 (of its logarithm)"
                                                       : "a number");
        return false;
    }
    if (!f->unit)
        f->unit = memory_text(unit);
    if (strcmp(f->unit, unit) == 0)
        return true;
    attribute_error(r, element, "value",
                    "found '%s'; the unit of the first value, '%s', would be right", text, f->unit);
    return false;
}

static bool read_xpath(struct reader *r, const xmlNode *element, char *xpath) {
    const struct override set = {.xpath = xpath};
    struct error none;
    error_init(&none);
    const long count = attribute_of(xpath) ? override_count(&set, r->document->xml, &none) : 0;
    if (count <= 0)
        attribute_error(r, element, "set",
                        "found '%s', which selects no attribute of this scenario; an XPath that "
                        "ends with /@NAME, like '//cooling/@pue', would be right",
                        xpath);
    error_clear(&none);
    return count > 0;
}

static bool read_follow(struct reader *r, const xmlNode *element, struct course *c) {
    static const char *const shape[] = {"step", "linear", "log", NULL};
    struct course_follow *f = &c->follow[c->follows++];
    const char *xpath = attribute_text(element, "set");
    const int kind = attribute_choice(r, element, "interpolation", shape, 0);
    f->interpolation = kind < 0 ? COURSE_STEP : (enum course_interpolation)kind;
    f->xpath = memory_text(xpath ? xpath : "");
    bool ok = kind >= 0 && xpath && read_xpath(r, element, f->xpath);
    f->whole = ok && is_whole(attribute_of(xpath));
    size_t count = 0;
    for (xmlNode *a = element->children; (a = document_element(a, "at")); a = a->next)
        count++;
    f->at = memory_new(count + 1, sizeof *f->at);
    for (xmlNode *a = element->children; (a = document_element(a, "at")); a = a->next)
        ok = read_at(r, a, f) && ok;
    if (ok && f->ats > 0 && f->at[0].date > c->from) {
        attribute_error(
            r, document_element(element->children, "at"), "date",
            "found '%s' for the first; the trajectory's begin or earlier would be right",
            attribute_text(document_element(element->children, "at"), "date"));
        ok = false;
    }
    r->failed = r->failed || !ok || f->ats == 0;
    return ok && f->ats > 0;
}

static bool read_follows(struct reader *r, const xmlNode *element, struct course *c) {
    bool ok = true;
    size_t count = 0;
    for (xmlNode *f = element->children; (f = document_element(f, "follow")); f = f->next)
        count++;
    c->follow = memory_new(count + 1, sizeof *c->follow);
    for (xmlNode *f = element->children; (f = document_element(f, "follow")); f = f->next)
        ok = read_follow(r, f, c) && ok;
    return ok;
}

void course_read(struct reader *r, const xmlNode *element, struct course *c) {
    *c = (struct course){.months = 3};
    const bool span = read_span(r, element, c);
    const bool windows = read_windows(r, element, c);
    if (!span)
        c->from = LONG_MAX; /* so that no date is told to be too late */
    if (read_follows(r, element, c) && span && windows)
        return;
    course_clear(c);
}

void course_clear(struct course *c) {
    for (size_t i = 0; i < c->follows; i++) {
        for (size_t k = 0; k < c->follow[i].ats; k++)
            free(c->follow[i].at[k].text);
        free(c->follow[i].at);
        free(c->follow[i].xpath);
        free(c->follow[i].unit);
    }
    free(c->follow);
    free(c->window);
    *c = (struct course){.windows = 0};
}

/* -- A day --------------------------------------------------------------------------------------
 */

/* The value on a day, as an attribute gets it; owned by the caller. */
static char *follow_at(const struct course_follow *f, long day) {
    size_t i = 0;
    while (i + 1 < f->ats && f->at[i + 1].date <= day)
        i++;
    const struct course_at *a = &f->at[i];
    if (f->interpolation == COURSE_STEP || i + 1 == f->ats || a->date == day)
        return memory_text(a->text);
    const struct course_at *b = a + 1;
    const double share = (double)(day - a->date) / (double)(b->date - a->date);
    double value = a->value + share * (b->value - a->value);
    if (f->interpolation == COURSE_LOG)
        value = a->value * pow(b->value / a->value, share);
    return memory_print("%.15g%s%s", f->whole ? nearbyint(value) : value, *f->unit ? " " : "",
                        f->unit);
}

size_t course_sets(const struct course *c) {
    return c->follows + 1;
}

double course_at(const struct course *c, size_t window, size_t replication, size_t replications) {
    const struct course_window *w = &c->window[window];
    const double place = ((double)replication + 0.5) / (double)replications - 0.5;
    return w->at + place * w->share * COURSE_DAY;
}

long course_weather_day(const struct course *c, size_t i, size_t j, size_t window,
                        size_t replication, size_t replications) {
    static const double golden = 0.6180339887498949; /* (sqrt 5 - 1) / 2 */
    const double turn = ((double)replication + 0.5) / (double)replications;
    const double share = fmod(turn + golden * (double)window, 1.0);
    long from, to;
    course_period(c, i, &from, &to);
    return from + (long)((double)(to - from) * ((double)j + share) / (double)c->days);
}

void course_set(const struct course *c, long day, long weather, double at, double warmup,
                struct override *out) {
    const double year = 365.0 * COURSE_DAY;
    for (size_t i = 0; i < c->follows; i++)
        out[i] = (struct override){.xpath = memory_text(c->follow[i].xpath),
                                   .value = follow_at(&c->follow[i], day)};
    double start = date_year_hour(weather) * 3600.0 + at - warmup;
    while (start < 0)
        start += year; /* the warm-up begins in the year before */
    while (start >= year)
        start -= year;
    out[c->follows] = (struct override){.xpath = memory_text("/scenario/@start"),
                                        .value = memory_print("%.15g s", start)};
}

size_t course_steps_most(const struct course *c) {
    size_t sum = 0;
    for (size_t i = 0; i < c->follows; i++)
        sum += c->follow[i].ats;
    return sum;
}

static bool is_step(const struct course_follow *f, size_t i) {
    const struct course_at *a = &f->at[i];
    return strcmp(a->text, a[-1].text) != 0 &&
           (f->interpolation == COURSE_STEP || a->date - a[-1].date <= 1);
}

size_t course_steps(const struct course *c, double *step) {
    size_t count = 0;
    for (size_t i = 0; i < c->follows; i++)
        for (size_t k = 1; k < c->follow[i].ats; k++) {
            const double day = (double)(c->follow[i].at[k].date - c->from);
            size_t at = 0;
            while (at < count && step[at] < day)
                at++;
            if (!is_step(&c->follow[i], k) || (at < count && step[at] <= day))
                continue;
            memmove(&step[at + 1], &step[at], (count - at) * sizeof *step);
            step[at] = day;
            count++;
        }
    return count;
}
