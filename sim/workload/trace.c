/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/workload/trace.h"

#include "sim/engine/memory.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { LINE_MAX_BYTES = 4096, MISTAKES_MAX = 20, NAMES_MAX = 3 };

enum column { TIME_S, TIME_MS, PROMPT, OUTPUT, COLUMNS };

static const char *const names[COLUMNS][NAMES_MAX] = {
    [TIME_S] = {"arrival_s"},
    [TIME_MS] = {"timestamp_ms"},
    [PROMPT] = {"input_tokens", "prompt_tokens", "ContextTokens"},
    [OUTPUT] = {"output_tokens", "GeneratedTokens"},
};

struct reader {
    gzFile file;
    const char *path;
    long line;
    char text[LINE_MAX_BYTES];
    int at[COLUMNS]; /* field number of each column, -1 when absent */
    size_t capacity;
    size_t mistakes;
    struct error *error;
};

/* The next line that is no comment, without its end; false at the file's end. */
static bool next_line(struct reader *r) {
    while (gzgets(r->file, r->text, sizeof r->text) != NULL) {
        r->line++;
        r->text[strcspn(r->text, "\r\n")] = '\0';
        if (r->text[0] != '#' && r->text[0] != '\0')
            return true;
    }
    return false;
}

/* Start of field `number` of the line, NULL when the line has fewer. */
static const char *field(const char *text, int number) {
    for (; number > 0 && text != NULL; number--) {
        text = strchr(text, ',');
        text = text == NULL ? NULL : text + 1;
    }
    return text;
}

static bool is_name(const char *text, const char *name) {
    const size_t length = strcspn(text, ",");
    return strlen(name) == length && strncmp(text, name, length) == 0;
}

static bool read_header(struct reader *r) {
    for (int c = 0; c < COLUMNS; c++)
        r->at[c] = -1;
    if (!next_line(r)) {
        error_add(r->error, r->path, r->line,
                  "found an empty trace; a line that names the columns "
                  "and at least two requests would be right");
        return false;
    }
    int number = 0;
    for (const char *text = r->text; text != NULL; text = field(text, 1), number++)
        for (int c = 0; c < COLUMNS; c++)
            for (int k = 0; k < NAMES_MAX; k++)
                if (names[c][k] != NULL && is_name(text, names[c][k]))
                    r->at[c] = number;
    static const struct {
        enum column one, other;
        const char *wanted;
    } needs[] = {{TIME_S, TIME_MS, "arrival_s or timestamp_ms"},
                 {PROMPT, PROMPT, "input_tokens, prompt_tokens or ContextTokens"},
                 {OUTPUT, OUTPUT, "output_tokens or GeneratedTokens"}};
    bool whole = true;
    for (size_t i = 0; i < sizeof needs / sizeof needs[0]; i++)
        if (r->at[needs[i].one] < 0 && r->at[needs[i].other] < 0) {
            error_add(r->error, r->path, r->line,
                      "column missing: found '%s'; a column %s is needed", r->text,
                      needs[i].wanted);
            whole = false;
        }
    return whole;
}

/* A number in a column; reports what is no number. */
static bool read_number(struct reader *r, enum column c, double low, double *out) {
    const char *text = field(r->text, r->at[c]);
    char *end = NULL;
    const double value = text == NULL ? NAN : strtod(text, &end);
    if (text != NULL && end != text && (*end == ',' || *end == '\0') && value >= low &&
        value < 1e9) {
        *out = value;
        return true;
    }
    r->mistakes++;
    error_add(r->error, r->path, r->line,
              "%s: found '%.*s'; a number of at least %g would be right", names[c][0],
              text == NULL ? 0 : (int)strcspn(text, ","), text == NULL ? "" : text, low);
    return false;
}

static void add_record(struct reader *r, struct trace *t) {
    const enum column clock = r->at[TIME_S] >= 0 ? TIME_S : TIME_MS;
    double time, prompt, output;
    if (!read_number(r, clock, 0.0, &time) || !read_number(r, PROMPT, 1.0, &prompt) ||
        !read_number(r, OUTPUT, 1.0, &output))
        return;
    time *= clock == TIME_MS ? 1e-3 : 1.0;
    if (t->count > 0 && time < t->request[t->count - 1].time) {
        r->mistakes++;
        error_add(r->error, r->path, r->line,
                  "found a request at %g s after one at %g s; times that do not decrease would be "
                  "right",
                  time, t->request[t->count - 1].time);
        return;
    }
    if (t->count == r->capacity) {
        r->capacity = r->capacity > 0 ? 2 * r->capacity : 1024;
        t->request = memory_resize(t->request, r->capacity, sizeof *t->request);
    }
    t->request[t->count++] =
        (struct trace_request){.time = time, .prompt = (int32_t)prompt, .output = (int32_t)output};
}

/* Times from the first request on, and the period with which the trace repeats. */
static void settle(struct trace *t) {
    const double first = t->request[0].time;
    for (size_t i = 0; i < t->count; i++)
        t->request[i].time -= first;
    const double last = t->request[t->count - 1].time;
    t->length = last + last / (double)(t->count - 1);
}

static bool read_all(struct reader *r, struct trace *t) {
    if (!read_header(r))
        return false;
    while (r->mistakes < MISTAKES_MAX && next_line(r))
        add_record(r, t);
    int status;
    const char *message = gzerror(r->file, &status);
    if (status != Z_OK && status != Z_STREAM_END) {
        error_add(r->error, r->path, r->line, "cannot be read on: %s", message);
        return false;
    }
    if (r->mistakes == 0 && (t->count < 2 || t->request[t->count - 1].time <= t->request[0].time)) {
        error_add(r->error, r->path, r->line,
                  "found %zu requests; at least two, not all at one time, would be right",
                  t->count);
        return false;
    }
    return r->mistakes == 0;
}

bool trace_load(struct trace *t, const char *path, struct error *e) {
    *t = (struct trace){.count = 0};
    struct reader r = {.path = path, .error = e};
    errno = 0;
    r.file = gzopen(path, "rb");
    if (r.file == NULL) {
        error_add(e, path, 0, "cannot be opened: %s",
                  errno != 0 ? strerror(errno) : "out of memory");
        return false;
    }
    const bool whole = read_all(&r, t);
    if (gzclose_r(r.file) != Z_OK && whole)
        error_add(e, path, r.line, "cannot be read to its end");
    if (!whole) {
        trace_clear(t);
        return false;
    }
    settle(t);
    return true;
}

void trace_clear(struct trace *t) {
    free(t->request);
    *t = (struct trace){.count = 0};
}
