/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_IO_COURSE_H
#define SIM_IO_COURSE_H

/* The course of a site over years, as <trajectory> states it: calendar periods, the times of day
 * that stand for each of them, and attributes of the scenario that follow dates. */

#include "sim/io/attribute.h"
#include "sim/io/override.h"

enum course_interpolation { COURSE_STEP, COURSE_LINEAR, COURSE_LOG };

/* A time of day that is simulated, and the share of the day that it stands for. */
struct course_window {
    double at;    /* s after midnight: where the horizon begins */
    double share; /* of the day; they sum to 1 */
    bool full;    /* the full site is simulated in it too */
};

struct course_at {
    long date;    /* day (sim/io/date.h) */
    double value; /* the number that `text` begins with; NAN: it is a word */
    char *text;   /* as written; owned */
};

/* Attributes that follow dates. */
struct course_follow {
    char *xpath, *unit; /* unit: what follows the numbers; owned */
    enum course_interpolation interpolation;
    bool whole; /* the attribute is a whole number */
    struct course_at *at;
    size_t ats;
};

struct course {
    long from, to;     /* days: [from, to), both where a period begins */
    int months;        /* of a period: 1 or 3 */
    long days;         /* that stand for each period */
    double saturation; /* factor on the demand at which the site is full */
    struct course_window *window;
    size_t windows;
    struct course_follow *follow;
    size_t follows;
};

/* Reads <trajectory>, with its mistakes to r. The course is empty (windows 0) after one. */
void course_read(struct reader *r, const xmlNode *element, struct course *c);
void course_clear(struct course *c);

/* Periods; days [*from, *to) of the i-th; its name, "2024Q1" or "2024-01". */
enum { COURSE_NAME = 16 };
size_t course_periods(const struct course *c);
void course_period(const struct course *c, size_t i, long *from, long *to);
const char *course_name(const struct course *c, size_t i, char name[COURSE_NAME]);

/* The j-th day that stands for period i: the middle of the j-th of `days` equal parts of it. */
long course_day(const struct course *c, size_t i, size_t j);

/* When the horizon of a window begins in a replication, s after midnight: replications divide what
 * the window stands for evenly, around its own time, so that together they are a finer division of
 * the day and their spread shows what the division leaves out. May be below 0, or above a day. */
double course_at(const struct course *c, size_t window, size_t replication, size_t replications);

/* The day whose weather (and whatever else has dates in its file) a window has in a replication, of
 * the j-th part of period i: windows and replications spread evenly over the part (multiples of the
 * golden ratio), so that no one day stands for all of its weather. */
long course_weather_day(const struct course *c, size_t i, size_t j, size_t window,
                        size_t replication, size_t replications);

/* What the scenario is overridden with on a day: course_sets() of them, owned by the caller
 * (override_clear). First what follows dates, then `start` of <scenario>, such that with `warmup` s
 * the horizon begins `at` s (course_at) after midnight of the day `weather` of a year of 365 days.
 */
size_t course_sets(const struct course *c);
void course_set(const struct course *c, long day, long weather, double at, double warmup,
                struct override *out);

/* Days after the course begins on which what follows dates jumps: a value of `step` that is another
 * than before, or a line of one day. Increasing, each once. Returns how many, at most
 * course_steps_most(), which `step` has room for. */
size_t course_steps_most(const struct course *c);
size_t course_steps(const struct course *c, double *step);

/* Names of attributes that hold whole numbers, NULL at the end: `count` in scenarios/dcsim.xsd. */
extern const char *const course_whole[];

#endif
