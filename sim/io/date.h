/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_IO_DATE_H
#define SIM_IO_DATE_H

/* Calendar dates as whole days: day 0 is 1970-01-01, of the Gregorian calendar in all years. */

#include <stdbool.h>

enum { DATE_TEXT = 11 }; /* "2024-02-29" and its end */

/* Day of a year from 1 to 9999, month from 1 to 12, day from 1. */
long date_day(int year, int month, int day);

/* The date of a day, days of years 1 to 9999. */
void date_parts(long date, int *year, int *month, int *day);

/* Days of a month of a year. */
int date_month_days(int year, int month);

/* Reads "2024-02-29". False when the text is no date. */
bool date_read(const char *text, long *date);

/* Writes it. */
const char *date_text(char text[DATE_TEXT], long date);

/* Hours of a year of 365 days at which the day begins, as files of a typical year count them: 0 for
 * 1 January. 29 February is another 28 February. */
double date_year_hour(long date);

#endif
