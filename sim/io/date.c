/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/date.h"

#include <stdio.h>
#include <string.h>

static bool is_leap(int year) {
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int date_month_days(int year, int month) {
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

/* Days from 1 January of year 1 to that of `year`. */
static long days_before(int year) {
    const long y = year - 1;
    return 365 * y + y / 4 - y / 100 + y / 400;
}

long date_day(int year, int month, int day) {
    long date = days_before(year) - days_before(1970) + day - 1;
    for (int m = 1; m < month; m++)
        date += date_month_days(year, m);
    return date;
}

void date_parts(long date, int *year, int *month, int *day) {
    long rest = date + days_before(1970);
    *year = (int)(rest / 366) + 1; /* at most the year */
    while (days_before(*year + 1) <= rest)
        ++*year;
    rest -= days_before(*year);
    for (*month = 1; rest >= date_month_days(*year, *month); ++*month)
        rest -= date_month_days(*year, *month);
    *day = (int)rest + 1;
}

bool date_read(const char *text, long *date) {
    int part[3] = {0};
    if (strlen(text) != DATE_TEXT - 1)
        return false;
    for (int i = 0, p = 0; i < DATE_TEXT - 1; i++) {
        const bool dash = i == 4 || i == 7;
        p += dash;
        if (dash != (text[i] == '-') || (!dash && (text[i] < '0' || text[i] > '9')))
            return false;
        if (!dash)
            part[p] = 10 * part[p] + (text[i] - '0');
    }
    if (part[0] < 1 || part[1] < 1 || part[1] > 12 || part[2] < 1 ||
        part[2] > date_month_days(part[0], part[1]))
        return false;
    *date = date_day(part[0], part[1], part[2]);
    return true;
}

const char *date_text(char text[DATE_TEXT], long date) {
    int year, month, day;
    date_parts(date, &year, &month, &day);
    snprintf(text, DATE_TEXT, "%04u-%02u-%02u", (unsigned)year % 10000, (unsigned)month % 100,
             (unsigned)day % 100);
    return text;
}

double date_year_hour(long date) {
    int year, month, day;
    date_parts(date, &year, &month, &day);
    if (month == 2 && day == 29)
        day = 28;
    enum { ANY_YEAR = 2023 }; /* of 365 days */
    return 24.0 * (double)(date_day(ANY_YEAR, month, day) - date_day(ANY_YEAR, 1, 1));
}
