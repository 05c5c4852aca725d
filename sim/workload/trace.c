/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/workload/trace.h"

#include "sim/engine/memory.h"
#include "sim/workload/length.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { LINE_BYTES = 4096, MISTAKES_MAX = 20 };

enum column { TIME, PROMPT, OUTPUT, COLUMNS };

enum unit { SECONDS, MILLISECONDS, DATE, TOKENS };

/* The names under which a column is known. */
static const struct name {
    const char *name;
    enum column column;
    enum unit unit;
} names[] = {
    {"arrival_s", TIME, SECONDS},      {"timestamp_ms", TIME, MILLISECONDS},
    {"TIMESTAMP", TIME, DATE},         {"input_tokens", PROMPT, TOKENS},
    {"prompt_tokens", PROMPT, TOKENS}, {"ContextTokens", PROMPT, TOKENS},
    {"output_tokens", OUTPUT, TOKENS}, {"GeneratedTokens", OUTPUT, TOKENS},
};
enum { NAMES = sizeof names / sizeof names[0] };

/* One moment, kept so that neither milliseconds nor days since 1970 cost precision: `whole` is a
 * whole number of seconds (of milliseconds where the column is in those). */
struct moment {
    double whole, fraction;
};

struct reader {
    gzFile file;
    const char *path;
    long line;
    char text[LINE_BYTES];
    int at[COLUMNS];                  /* number of the column's field */
    const struct name *name[COLUMNS]; /* under which it was found; NULL when absent */
    struct moment first;              /* of the first record */
    size_t capacity;
    size_t mistakes;
    struct error *error;
};

/* A piece of a line. */
struct field {
    const char *text;
    size_t length;
};

/* The next line that is no comment, without its end; false at the file's end or when it cannot be
 * read on. */
static bool next_line(struct reader *r) {
    while (gzgets(r->file, r->text, sizeof r->text) != NULL) {
        r->line++;
        const size_t length = strcspn(r->text, "\r\n");
        if (length == sizeof r->text - 1) {
            error_add(r->error, r->path, r->line,
                      "found a line of more than %d bytes; comma-separated records would be right",
                      LINE_BYTES - 2);
            r->mistakes = MISTAKES_MAX; /* what follows is no line */
            return false;
        }
        r->text[length] = '\0';
        if (r->text[0] != '#' && r->text[0] != '\0')
            return true;
    }
    return false;
}

/* Field `number` of the line without blanks around it; of length 0 when the line has fewer. */
static struct field field_at(const char *text, int number) {
    for (; number > 0; number--) {
        text += strcspn(text, ",");
        text += *text == ',';
    }
    text += strspn(text, " \t");
    size_t length = strcspn(text, ",");
    while (length > 0 && (text[length - 1] == ' ' || text[length - 1] == '\t'))
        length--;
    return (struct field){text, length};
}

static int field_count(const char *text) {
    int count = 1;
    for (; *text != '\0'; text++)
        count += *text == ',';
    return count;
}

/* Looks the header's fields up. A column named twice is a mistake: which of the two is meant? */
static void find_columns(struct reader *r) {
    const int fields = field_count(r->text);
    for (int number = 0; number < fields; number++) {
        const struct field f = field_at(r->text, number);
        for (size_t i = 0; i < NAMES; i++) {
            if (strlen(names[i].name) != f.length || memcmp(names[i].name, f.text, f.length) != 0)
                continue;
            const struct name **found = &r->name[names[i].column];
            if (*found != NULL) {
                r->mistakes++;
                error_add(r->error, r->path, r->line,
                          "found the columns '%s' and '%s', which mean the same; one of them would "
                          "be right",
                          (*found)->name, names[i].name);
            }
            *found = &names[i];
            r->at[names[i].column] = number;
        }
    }
}

static void read_header(struct reader *r) {
    static const char *const wanted[COLUMNS] = {
        [TIME] = "arrival_s, timestamp_ms or TIMESTAMP",
        [PROMPT] = "input_tokens, prompt_tokens or ContextTokens",
        [OUTPUT] = "output_tokens or GeneratedTokens",
    };
    find_columns(r);
    for (int c = 0; c < COLUMNS; c++)
        if (r->name[c] == NULL) {
            r->mistakes++;
            error_add(r->error, r->path, r->line,
                      "column missing: found '%s'; a column %s is needed", r->text, wanted[c]);
        }
}

/* A decimal number that fills the field. */
static bool parse_number(struct field f, double *out) {
    if (f.length == 0 || strspn(f.text, "0123456789+-.eE") < f.length)
        return false;
    char *end;
    *out = strtod(f.text, &end);
    return end == f.text + f.length && isfinite(*out);
}

/* `digits` digits at *text, then the character `next` (any when 0); moves *text past both. */
static bool parse_digits(const char **text, int digits, char next, int *out) {
    *out = 0;
    for (; digits > 0; digits--, ++*text) {
        if (**text < '0' || **text > '9')
            return false;
        *out = 10 * *out + (**text - '0');
    }
    if (next == '\0')
        return true;
    return *(*text)++ == next;
}

/* Days from 1 March of year 0 in the Gregorian calendar: years begin in March, so that the leap day
 * comes last, and the months' lengths from there on are those of (153 m + 2) / 5. */
static double days_of(int year, int month, int day) {
    const int y = month > 2 ? year : year - 1, m = month > 2 ? month - 3 : month + 9;
    return 365.0 * y + floor(y / 4.0) - floor(y / 100.0) + floor(y / 400.0) + (153 * m + 2) / 5 +
           day - 1;
}

/* YYYY-MM-DD hh:mm:ss, with a fraction and a zone if there are any. */
static bool parse_date(struct field f, struct moment *out) {
    int year, month, day, hour, minute, second;
    const char *text = f.text;
    if (!parse_digits(&text, 4, '-', &year) || !parse_digits(&text, 2, '-', &month) ||
        !parse_digits(&text, 2, ' ', &day) || !parse_digits(&text, 2, ':', &hour) ||
        !parse_digits(&text, 2, ':', &minute) || !parse_digits(&text, 2, '\0', &second))
        return false;
    if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60)
        return false;
    out->whole = 86400 * days_of(year, month, day) + 3600 * hour + 60 * minute + second;
    out->fraction = 0;
    if (*text == '.') {
        char *end;
        out->fraction = strtod(text, &end);
        text = end;
    }
    return text == f.text + f.length || *text == '+' || *text == '-' || *text == 'Z';
}

/* Records that a field is wrong. */
static bool refuse(struct reader *r, enum column c, const char *right) {
    const struct field f = field_at(r->text, r->at[c]);
    r->mistakes++;
    error_add(r->error, r->path, r->line, "%s: found '%.*s'; %s would be right", r->name[c]->name,
              (int)f.length, f.text, right);
    return false;
}

static bool read_time(struct reader *r, struct moment *out) {
    const struct field f = field_at(r->text, r->at[TIME]);
    if (r->name[TIME]->unit == DATE)
        return parse_date(f, out) || refuse(r, TIME, "a time like 2023-11-16 18:15:46.6805900");
    double value;
    if (!parse_number(f, &value) || fabs(value) > 1e15)
        return refuse(r, TIME, "a number");
    out->whole = floor(value);
    out->fraction = value - out->whole;
    return true;
}

static bool read_tokens(struct reader *r, enum column c, int32_t *out) {
    double value;
    if (!parse_number(field_at(r->text, r->at[c]), &value) || value != floor(value) || value < 1 ||
        value > LENGTH_MAX)
        return refuse(r, c, "a whole number of tokens, at least 1,");
    *out = (int32_t)value;
    return true;
}

static void read_record(struct reader *r, struct trace *t) {
    struct moment m;
    struct trace_request q;
    const bool time = read_time(r, &m), prompt = read_tokens(r, PROMPT, &q.prompt),
               output = read_tokens(r, OUTPUT, &q.output);
    if (!time || !prompt || !output)
        return;
    if (t->count == 0)
        r->first = m;
    q.time = (m.whole - r->first.whole) + (m.fraction - r->first.fraction);
    if (r->name[TIME]->unit == MILLISECONDS)
        q.time /= 1e3;
    if (t->count > 0 && q.time < t->request[t->count - 1].time) {
        r->mistakes++;
        error_add(r->error, r->path, r->line,
                  "found a request %g s before the one above it; times that do not decrease would "
                  "be right",
                  t->request[t->count - 1].time - q.time);
        return;
    }
    if (t->count == r->capacity) {
        r->capacity = r->capacity > 0 ? 2 * r->capacity : 1024;
        t->request = memory_resize(t->request, r->capacity, sizeof *t->request);
    }
    t->request[t->count++] = q;
}

/* Reads the whole file; its mistakes are in r->error. */
static void read_all(struct reader *r, struct trace *t) {
    const bool any = next_line(r);
    if (any)
        read_header(r);
    if (r->mistakes > 0) /* no record can be read without its columns */
        return;
    while (any && r->mistakes < MISTAKES_MAX && next_line(r))
        read_record(r, t);
    int status;
    const char *message = gzerror(r->file, &status);
    if (status != Z_OK && status != Z_STREAM_END) {
        r->mistakes++;
        error_add(r->error, r->path, r->line, "cannot be read on: %s",
                  status == Z_ERRNO ? strerror(errno) : message);
    } else if (!any && r->mistakes == 0) {
        r->mistakes++;
        error_add(r->error, r->path, r->line,
                  "found an empty trace; a line that names the columns and at least two requests "
                  "would be right");
    } else if (r->mistakes == 0 && (t->count < 2 || !(t->request[t->count - 1].time > 0))) {
        r->mistakes++;
        error_add(r->error, r->path, r->line,
                  "found %zu request%s; at least two, not all at one time, would be right",
                  t->count, t->count == 1 ? "" : "s");
    }
}

bool trace_load(struct trace *t, const char *path, struct error *e) {
    *t = (struct trace){0};
    struct reader r = {.path = path, .error = e};
    errno = 0;
    r.file = gzopen(path, "rb");
    if (r.file == NULL) {
        error_add(e, path, 0, "cannot be opened: %s",
                  errno != 0 ? strerror(errno) : "out of memory");
        return false;
    }
    read_all(&r, t);

    /* A file cut short within its compressed data is noticed only here. */
    if (gzclose_r(r.file) != Z_OK && r.mistakes == 0) {
        r.mistakes++;
        error_add(e, path, r.line, "cannot be read to its end; a whole file would be right");
    }
    if (r.mistakes > 0) {
        trace_clear(t);
        return false;
    }
    const double last = t->request[t->count - 1].time;
    t->length = last + last / (double)(t->count - 1);
    return true;
}

void trace_clear(struct trace *t) {
    free(t->request);
    *t = (struct trace){0};
}
