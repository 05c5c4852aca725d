/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fails when a date is a day off (leap years, ends of months), when periods do not cover their
 * years, when a day that stands for a period lies elsewhere, when what follows dates takes another
 * value than worked out by hand, or when an attribute that the schema calls a count is not rounded.
 */
#include "sim/engine/memory.h"
#include "sim/io/course.h"
#include "sim/io/date.h"
#include "sim/io/scenario.h"

#include <libxml/parser.h>
#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_dates(void **state) {
    (void)state;
    static const struct {
        int year, month, day;
        long date;
    } known[] = {{1970, 1, 1, 0},      {1970, 3, 1, 59},       {1969, 12, 31, -1},
                 {2000, 2, 29, 11016}, {2000, 3, 1, 11017},    {2024, 2, 29, 19782},
                 {2024, 3, 1, 19783},  {1900, 3, 1, -25508},   {2100, 3, 1, 47541},
                 {1, 1, 1, -719162},   {9999, 12, 31, 2932896}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        int year, month, day;
        assert_int_equal(date_day(known[i].year, known[i].month, known[i].day), known[i].date);
        date_parts(known[i].date, &year, &month, &day);
        assert_true(year == known[i].year && month == known[i].month && day == known[i].day);
    }
    /* One day after another from 1895 to 2110, by the rules of the calendar alone. */
    int y = 1895, m = 1, d = 1;
    for (long date = date_day(1895, 1, 1); y < 2111; date++) {
        int year, month, day;
        char text[DATE_TEXT];
        long back;
        date_parts(date, &year, &month, &day);
        assert_true(year == y && month == m && day == d);
        assert_true(date_read(date_text(text, date), &back) && back == date);
        const bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
        const int last = m == 2 ? 28 + leap : m == 4 || m == 6 || m == 9 || m == 11 ? 30 : 31;
        assert_int_equal(date_month_days(y, m), last);
        d = d == last ? 1 : d + 1;
        m = d > 1 ? m : m == 12 ? 1 : m + 1;
        y += d == 1 && m == 1;
    }
}

static void test_texts(void **state) {
    (void)state;
    static const char *const wrong[] = {"",           "2024-02-30",  "2023-02-29", "1900-02-29",
                                        "2024-13-01", "2024-00-10",  "2024-01-00", "24-01-01",
                                        "2024-1-1",   "2024-01-01 ", "2024/01/01", "0000-01-01",
                                        "2024-01-1x", "-024-01-01"};
    long date;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_false(date_read(wrong[i], &date));
    assert_true(date_read("2000-02-29", &date));
    /* Of a year of 365 days: 1 March is its 60th day in leap years too. */
    assert_true(date_year_hour(date_day(2024, 1, 1)) == 0);
    assert_true(date_year_hour(date_day(2024, 2, 28)) == 58 * 24);
    assert_true(date_year_hour(date_day(2024, 2, 29)) == 58 * 24);
    assert_true(date_year_hour(date_day(2024, 3, 1)) == 59 * 24);
    assert_true(date_year_hour(date_day(2023, 12, 31)) == 364 * 24);
}

static const char head[] =
    "<?xml version='1.0'?><scenario name='s' horizon='5 min' warmup='1 h'><site><feed limit='1 "
    "MW'/>"
    "<weather temperature='20 degC'/><cooling pue='1.2'/></site><cells name='c' nodes='4'>"
    "<node hardware='H100-SXM'/><replica llm='Llama-3.1-8B' engine='vLLM' gpus='1'/><workload>"
    "<arrivals process='poisson' rate='2 /s'/><prompt distribution='fixed' mean='100'/>"
    "<output distribution='fixed' mean='100'/></workload></cells>";

/* Loads a scenario with that <trajectory>. */
static void load(struct scenario *s, const char *trajectory) {
    static const char path[] = "test_course.tmp";
    struct error e;
    error_init(&e);
    FILE *to = fopen(path, "w");
    assert_non_null(to);
    fprintf(to, "%s%s</scenario>", head, trajectory);
    assert_int_equal(fclose(to), 0);
    const bool loaded = scenario_load(s, path, NULL, 0, &e);
    for (size_t i = 0; i < e.count; i++)
        fprintf(stderr, "# %s\n", e.entry[i].text);
    assert_int_equal(remove(path), 0);
    assert_true(loaded);
    error_clear(&e);
}

static void test_periods(void **state) {
    (void)state;
    static const struct {
        const char *kind, *first, *last;
        size_t periods;
    } of[] = {{"quarter", "2024Q1", "2030Q4", 28}, {"month", "2024-01", "2030-12", 84}};
    for (int k = 0; k < 2; k++) {
        struct scenario s;
        char name[COURSE_NAME],
            *text = memory_print("<trajectory from='2024-01-01' to='2031-01-01' period='%s'>"
                                 "<window at='0 h'/></trajectory>",
                                 of[k].kind);
        load(&s, text);
        const struct course *c = &s.course;
        assert_int_equal(course_periods(c), of[k].periods);
        assert_string_equal(course_name(c, 0, name), of[k].first);
        assert_string_equal(course_name(c, of[k].periods - 1, name), of[k].last);
        long last = c->from;
        for (size_t i = 0; i < of[k].periods; i++) {
            long from, to;
            course_period(c, i, &from, &to);
            assert_int_equal(from, last);
            assert_true(course_day(c, i, 0) == from + (to - from) / 2);
            last = to;
        }
        assert_int_equal(last, c->to);
        assert_int_equal(last - c->from, 7 * 365 + 2); /* 2024 and 2028 are leap years */
        scenario_clear(&s);
        free(text);
    }
}

/* The value of the i-th override on a day. */
static void assert_set(const struct course *c, long day, size_t window, size_t i,
                       const char *value) {
    struct override *set = memory_new(course_sets(c), sizeof *set);
    course_set(c, day, day, course_at(c, window, 0, 1), 3600, set);
    assert_string_equal(set[i].value, value);
    for (size_t k = 0; k < course_sets(c); k++)
        override_clear(&set[k]);
    free(set);
}

static void test_follow(void **state) {
    (void)state;
    struct scenario s;
    load(&s, "<trajectory from='2024-01-01' to='2025-01-01' days='2'>"
             "<window at='0.5 h' represents='6 h'/><window at='14 h' represents='18 h'/>"
             "<follow set='//feed/@limit' interpolation='linear'>"
             "<at date='2023-12-31' value='1 MW'/><at date='2024-01-10' value='2MW'/></follow>"
             "<follow set='//cells/@count' interpolation='linear'>"
             "<at date='2024-01-01' value='1'/><at date='2024-01-05' value='3'/></follow>"
             "<follow set='//cooling/@pue' interpolation='log'>"
             "<at date='2024-01-01' value='1'/><at date='2024-01-03' value='4'/></follow>"
             "<follow set='//replica/@weights'>"
             "<at date='2024-01-01' value='FP16'/><at date='2024-02-01' value='FP8'/></follow>"
             "</trajectory>");
    const struct course *c = &s.course;
    const long day = c->from;
    assert_int_equal(course_sets(c), 5);
    assert_true(c->window[0].share == 0.25 && c->window[1].share == 0.75);
    /* The quarter of 91 days: the middles of its halves. */
    assert_true(course_day(c, 0, 0) == day + 22 && course_day(c, 0, 1) == day + 68);
    assert_set(c, day, 0, 0, "1.1 MW");
    assert_set(c, day + 9, 0, 0, "2MW");
    assert_set(c, day + 300, 0, 0, "2MW");
    assert_set(c, day, 0, 1, "1");
    assert_set(c, day + 1, 0, 1, "2"); /* 1.5, to even */
    assert_set(c, day + 2, 0, 1, "2");
    assert_set(c, day + 3, 0, 1, "2"); /* 2.5 */
    assert_set(c, day + 4, 0, 1, "3");
    assert_set(c, day + 1, 0, 2, "2");
    assert_set(c, day + 30, 0, 3, "FP16");
    assert_set(c, day + 31, 0, 3, "FP8");
    /* start: the hour of the year less the warm-up, which may begin in the year before. */
    assert_set(c, day, 1, 4, "46800 s");
    assert_set(c, day + 31, 1, 4, "2725200 s");
    assert_set(c, day, 0, 4, "31534200 s");
    assert_set(c, date_day(2024, 12, 31), 1, 4, "31496400 s");
    scenario_clear(&s);
}

/* Replications divide a window's part of the day, around its time. */
static void test_division(void **state) {
    (void)state;
    struct scenario s;
    load(&s, "<trajectory from='2024-01-01' to='2025-01-01'>"
             "<window at='0 h' represents='6 h' full='no'/><window at='22 h' represents='18 h'/>"
             "<follow set='//feed/@limit'><at date='2024-01-01' value='1 MW'/>"
             "<at date='2024-04-01' value='1 MW'/><at date='2024-07-01' value='2 MW'/></follow>"
             "<follow set='//cooling/@pue' interpolation='linear'>"
             "<at date='2024-01-01' value='1.5'/><at date='2024-03-01' value='1.4'/>"
             "<at date='2024-03-02' value='1.2'/><at date='2024-07-02' value='1.1'/></follow>"
             "</trajectory>");
    const struct course *c = &s.course;
    assert_true(!c->window[0].full && c->window[1].full);
    assert_true(course_at(c, 0, 0, 1) == 0 && course_at(c, 1, 0, 1) == 22 * 3600);
    for (size_t r = 0; r < 3; r++) {
        assert_true(fabs(course_at(c, 0, r, 3) - (-2.0 + 2.0 * (double)r) * 3600) < 1e-6);
        assert_true(fabs(course_at(c, 1, r, 3) - (16.0 + 6.0 * (double)r) * 3600) < 1e-6);
    }
    /* On the day before, and on the day after: in a year of 365 days. */
    struct override set[3];
    const struct {
        double at;
        const char *start;
    } of[] = {{-2 * 3600.0, "31525200 s"}, {28 * 3600.0, "97200 s"}};
    for (size_t i = 0; i < 2; i++) {
        course_set(c, c->from + 9, c->from, of[i].at, 3600, set);
        assert_string_equal(set[2].value, of[i].start);
        for (size_t k = 0; k < course_sets(c); k++)
            override_clear(&set[k]);
    }
    course_set(c, c->from, date_day(2024, 12, 31), 28 * 3600.0, 3600, set);
    assert_string_equal(set[2].value, "10800 s");
    for (size_t k = 0; k < course_sets(c); k++)
        override_clear(&set[k]);
    /* The weather is of days all over the quarter of 91 days: the middles of its thirds in the
     * first window's replications, 0.618 of it on in the second's. */
    assert_true(course_weather_day(c, 0, 0, 0, 0, 1) == course_day(c, 0, 0));
    static const long of_window[2][3] = {{15, 45, 75}, {71, 10, 41}};
    for (size_t w = 0; w < 2; w++)
        for (size_t r = 0; r < 3; r++)
            assert_int_equal(course_weather_day(c, 0, 0, w, r, 3) - c->from, of_window[w][r]);
    /* Jumps: another value of a step, a line of a day. */
    double step[7];
    assert_int_equal(course_steps_most(c), 7);
    assert_int_equal(course_steps(c, step), 2);
    assert_true(step[0] == 61 && step[1] == 182);
    scenario_clear(&s);
}

/* The list of whole numbers is the schema's. */
static void test_whole(void **state) {
    (void)state;
    char *path = memory_print("%s/scenarios/dcsim.xsd", getenv("top_srcdir"));
    xmlDoc *xsd = xmlReadFile(path, NULL, XML_PARSE_NONET);
    assert_non_null(xsd);
    xmlXPathContext *context = xmlXPathNewContext(xsd);
    xmlXPathRegisterNs(context, (const xmlChar *)"xs",
                       (const xmlChar *)"http://www.w3.org/2001/XMLSchema");
    xmlXPathObject *found =
        xmlXPathEval((const xmlChar *)"//xs:attribute[@type='count']/@name", context);
    assert_true(found && found->nodesetval && found->nodesetval->nodeNr > 10);
    bool seen[64] = {false};
    size_t listed = 0;
    while (course_whole[listed])
        listed++;
    for (int i = 0; i < found->nodesetval->nodeNr; i++) {
        const char *name = (const char *)found->nodesetval->nodeTab[i]->children->content;
        size_t k = 0;
        while (k < listed && strcmp(course_whole[k], name) != 0)
            k++;
        if (k == listed)
            fprintf(stderr, "# not in course_whole: %s\n", name);
        assert_true(k < listed);
        seen[k] = true;
    }
    for (size_t k = 0; k < listed; k++)
        assert_true(seen[k]);
    xmlXPathFreeObject(found);
    xmlXPathFreeContext(context);
    xmlFreeDoc(xsd);
    free(path);
}

int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dates),   cmocka_unit_test(test_texts),
        cmocka_unit_test(test_periods), cmocka_unit_test(test_follow),
        cmocka_unit_test(test_whole),   cmocka_unit_test(test_division),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
