/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/weather.h"

#include "sim/engine/memory.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WEATHER_HOUR    3600.0
#define WEATHER_ZERO_C  273.15
#define WEATHER_COLDEST -95.0 /* degC: beyond any outdoor record, so a column is mistaken */
#define WEATHER_HOTTEST 65.0

static const char weather_header[] = "hour_of_year,temperature_c";

struct weather {
    double *hour, *kelvin;
    size_t count, capacity;
};

static void weather_append(struct weather *w, double hour, double celsius) {
    if (w->count == w->capacity) {
        w->capacity = w->capacity ? 2 * w->capacity : 16384;
        w->hour = memory_resize(w->hour, w->capacity, sizeof *w->hour);
        w->kelvin = memory_resize(w->kelvin, w->capacity, sizeof *w->kelvin);
    }
    w->hour[w->count] = hour;
    w->kelvin[w->count++] = celsius + WEATHER_ZERO_C;
}

/* One line of data; false after a mistake. */
static bool weather_line(struct weather *w, const char *text, const char *path, long line,
                         struct error *e) {
    char *end;
    double hour = strtod(text, &end);
    bool ok = end != text && *end == ',';
    const char *second = end + 1;
    double celsius = ok ? strtod(second, &end) : 0;
    ok = ok && end != second && end[strspn(end, " \t\r\n")] == 0 && isfinite(hour);
    if (!ok) {
        error_add(e, path, line,
                  "found '%.*s'; an hour and a temperature, like '12,20.5', would be "
                  "right",
                  (int)strcspn(text, "\r\n"), text);
        return false;
    }
    if (hour < 0 || (w->count > 0 && hour <= w->hour[w->count - 1])) {
        error_add(e, path, line,
                  "hour_of_year: found '%g'; hours that begin at 0 or later and "
                  "increase from line to line would be right",
                  hour);
        return false;
    }
    if (!(celsius >= WEATHER_COLDEST && celsius <= WEATHER_HOTTEST)) {
        error_add(e, path, line,
                  "temperature_c: found '%g'; an outdoor temperature in degrees "
                  "Celsius would be right",
                  celsius);
        return false;
    }
    weather_append(w, hour, celsius);
    return true;
}

static bool weather_read(struct weather *w, FILE *f, const char *path, struct error *e) {
    char text[256];
    bool headed = false, ok = true;
    for (long line = 1; fgets(text, sizeof text, f); line++) {
        if (!strchr(text, '\n') && !feof(f)) {
            error_add(e, path, line, "a line of more than %zu characters", sizeof text - 2);
            return false;
        }
        if (*text == '#' || text[strspn(text, " \t\r\n")] == 0)
            continue;
        if (!headed) {
            headed = true;
            text[strcspn(text, "\r\n")] = 0;
            if (strcmp(text, weather_header) != 0) {
                error_add(e, path, line, "found the header '%s'; '%s' would be right", text,
                          weather_header);
                return false;
            }
        } else {
            ok = weather_line(w, text, path, line, e) && ok;
        }
    }
    if (ferror(f)) {
        error_add(e, path, 0, "cannot be read: %s", strerror(errno));
        return false;
    }
    if (ok && w->count < 2) {
        error_add(e, path, 0, "holds %zu hours; at least 2 would be right", w->count);
        return false;
    }
    return ok;
}

/* Temperature at `hour`, with the file repeated. */
static double weather_at(const struct weather *w, double hour, double period) {
    double at = w->hour[0] + fmod(hour - w->hour[0], period);
    if (at < w->hour[0])
        at += period;
    size_t i = 0;
    while (i + 1 < w->count && w->hour[i + 1] <= at)
        i++;
    double next = i + 1 < w->count ? w->hour[i + 1] : w->hour[0] + period;
    double to = i + 1 < w->count ? w->kelvin[i + 1] : w->kelvin[0];
    return w->kelvin[i] + (to - w->kelvin[i]) * (at - w->hour[i]) / (next - w->hour[i]);
}

/* Turns the year so that it begins at `start` hours: a knot there, then the file's hours in turn.
 */
static bool weather_turn(struct schedule *out, const struct weather *w, double start) {
    double period = w->hour[w->count - 1] - w->hour[0] + 1;
    double begin = w->hour[0] + fmod(start - w->hour[0], period);
    if (begin < w->hour[0])
        begin += period;
    double *time = memory_new(w->count + 1, sizeof *time);
    double *value = memory_new(w->count + 1, sizeof *value);
    size_t first = 0, count = 1;
    while (first < w->count && w->hour[first] <= begin)
        first++;
    value[0] = weather_at(w, begin, period);
    for (size_t i = 0; i < w->count; i++) {
        size_t j = (first + i) % w->count;
        double hour = w->hour[j] + (first + i >= w->count ? period : 0);
        if (hour <= begin || hour >= begin + period)
            continue;
        time[count] = (hour - begin) * WEATHER_HOUR;
        value[count++] = w->kelvin[j];
    }
    bool ok = schedule_make(out, time, value, count, period * WEATHER_HOUR, true) < 0;
    free(time);
    free(value);
    return ok;
}

bool weather_load(struct schedule *out, const char *path, double start, struct error *e) {
    *out = (struct schedule){0};
    FILE *f = fopen(path, "r");
    if (!f) {
        error_add(e, path, 0, "cannot be opened: %s", strerror(errno));
        return false;
    }
    struct weather w = {0};
    bool ok = weather_read(&w, f, path, e);
    fclose(f);
    if (ok && !weather_turn(out, &w, start / WEATHER_HOUR)) {
        error_add(e, path, 0, "its hours make no schedule");
        ok = false;
    }
    free(w.hour);
    free(w.kelvin);
    return ok;
}
