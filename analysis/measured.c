/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/measured.h"

#include "analysis/measured_format.h"
#include "sim/engine/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define REPEAT_TOLERANCE 1e-9 /* sources write the same figure with differing last digits */

static const struct measured_format *const formats[] = {
    &measured_serving, &measured_mlenergy, &measured_splitwise,
    &measured_mlperf,  &measured_capcurve, &measured_own,
};
enum { FORMATS = sizeof formats / sizeof formats[0] };

const char measured_no_llm[] = "no table for this model",
           measured_no_hardware[] = "no table for this hardware",
           measured_no_engine[] = "no table for this engine",
           measured_server[] = "server scenario: the rate is set by latency limits",
           measured_several_nodes[] = "several nodes";

struct measured_point measured_point_empty(const char *source, long line) {
    return (struct measured_point){
        .source = source,
        .line = line,
        .gpus = 1,
        .copies = 1,
        .prompt = NAN,
        .output = NAN,
        .clients = NAN,
        .requests = NAN,
        .cap = NAN,
        .memory_reserve = NAN,
        .ttft = NAN,
        .tpot = NAN,
        .itl_p50 = NAN,
        .token_rate = NAN,
        .gpu_power = NAN,
        .wall_power = NAN,
        .e_tok = NAN,
    };
}

void measured_point_exclude(struct measured_point *p, const char *reason) {
    if (p->excluded == NULL)
        p->excluded = reason;
}

/* The same figure, or both not given. */
static bool same(double a, double b) {
    return (isnan(a) && isnan(b)) || fabs(a - b) <= REPEAT_TOLERANCE * fabs(a);
}

/* The same load on the same kind of machine. */
static bool same_load(const struct measured_point *a, const struct measured_point *b) {
    return a->kind == b->kind && same(a->clients, b->clients) && same(a->prompt, b->prompt) &&
           same(a->output, b->output) && same(a->cap, b->cap) && strcmp(a->task, b->task) == 0 &&
           strcmp(a->hardware, b->hardware) == 0 && strcmp(a->engine, b->engine) == 0 &&
           strcmp(a->llm, b->llm) == 0;
}

bool measured_point_alike(const struct measured_point *a, const struct measured_point *b) {
    return same_load(a, b) && a->gpus == b->gpus && a->copies == b->copies &&
           a->attention == b->attention && a->expert_parallel == b->expert_parallel &&
           a->weights == b->weights && a->kv == b->kv;
}

/* Measurements that come twice, to the digit, count once: the first. How they are labelled does not
 * matter: one label is wrong then. */
static void exclude_repeats(struct measured_point *p, size_t count) {
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < i && p[i].excluded == NULL; j++)
            if (p[j].excluded == NULL && same(p[i].tpot, p[j].tpot) && same(p[i].ttft, p[j].ttft) &&
                same(p[i].token_rate, p[j].token_rate) && same(p[i].gpu_power, p[j].gpu_power) &&
                same_load(&p[i], &p[j]))
                p[i].excluded = "repeated row";
}

static bool has_all(const struct measured_csv *c, const char *const *columns) {
    for (; *columns != NULL; columns++)
        if (!measured_csv_has(c, *columns))
            return false;
    return true;
}

/* Tells of the format's columns that the file lacks, and of those that it has too many; whether
 * there are none. */
static bool has_needed(struct measured_csv *c, const struct measured_format *f) {
    for (const char *const *column = f->needed; *column != NULL; column++)
        if (!measured_csv_has(c, *column)) {
            c->mistakes++;
            error_add(c->error, c->path, c->line,
                      "column missing: a file of the format '%s' needs '%s' (docs/measured.md)",
                      f->name, *column);
        }
    if (f->header != NULL)
        f->header(c);
    return c->mistakes == 0;
}

/* The format that the header tells; NULL with a message. */
static const struct measured_format *find_format(struct measured_csv *c) {
    for (size_t i = 0; i < FORMATS; i++)
        if (has_all(c, formats[i]->telling))
            return has_needed(c, formats[i]) ? formats[i] : NULL;
    c->mistakes++;
    char *known = memory_text("");
    for (size_t i = 0; i < FORMATS; i++) {
        char *longer = memory_print("%s%s%s (", known, i > 0 ? ", " : "", formats[i]->name);
        for (const char *const *t = formats[i]->telling; *t != NULL; t++) {
            char *next = memory_print("%s%s%s", longer, *t, t[1] != NULL ? ", " : ")");
            free(longer);
            longer = next;
        }
        free(known);
        known = longer;
    }
    error_add(c->error, c->path, c->line,
              "found a header of no known format, beginning with '%s'; the columns of one of these "
              "would be right: %s",
              c->name[0], known);
    free(known);
    return NULL;
}

static struct measured_point *add(struct measured *m) {
    if (m->count == m->capacity) {
        m->capacity = m->capacity > 0 ? 2 * m->capacity : 256;
        m->point = memory_resize(m->point, m->capacity, sizeof *m->point);
    }
    return &m->point[m->count++];
}

bool measured_read(struct measured *m, const char *path, struct error *e) {
    struct measured_csv c;
    if (!measured_csv_open(&c, path, e))
        return false;
    const size_t before = m->count;
    char *name = memory_text(path);
    const struct measured_format *f = find_format(&c);
    while (f != NULL && measured_csv_next(&c)) {
        struct measured_point *p = add(m);
        *p = measured_point_empty(f->name, c.line);
        p->path = name;
        f->read(&c, p);
    }
    if (f != NULL && c.mistakes == 0 && m->count == before) {
        c.mistakes++;
        error_add(e, path, c.line, "found no record below the header; at least one would be right");
    }
    if (!measured_csv_close(&c)) {
        m->count = before;
        free(name);
        return false;
    }
    m->path = memory_resize(m->path, m->paths + 1, sizeof *m->path);
    m->path[m->paths++] = name;
    exclude_repeats(m->point + before, m->count - before);
    if (f->finish != NULL)
        f->finish(m->point + before, m->count - before);
    for (size_t i = before; i < m->count; i++)
        measured_version_set(&m->point[i]);
    return true;
}

void measured_clear(struct measured *m) {
    for (size_t i = 0; i < m->paths; i++)
        free(m->path[i]);
    free(m->path);
    free(m->point);
    *m = (struct measured){0};
}
