/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/measured_prompts.h"

#include "analysis/measured_csv.h"
#include "sim/engine/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char no_row[] = "prompt not stated, and no estimate for this task and model";

/* Whether the file has its columns, each missing one being told. */
static bool has_columns(struct measured_csv *c) {
    static const char *const needed[] = {"task",   "llm",   "prompt_tokens",
                                         "spread", "class", "source"};
    for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++)
        if (!measured_csv_has(c, needed[i])) {
            c->mistakes++;
            error_add(c->error, c->path, c->line,
                      "column missing: a table of assumed prompts needs '%s' (docs/validate.md)",
                      needed[i]);
        }
    return c->mistakes == 0;
}

static void read_row(struct measured_csv *c, struct measured_prompt *row) {
    measured_csv_copy(c, "task", row->task, sizeof row->task);
    measured_csv_copy(c, "llm", row->llm, sizeof row->llm);
    row->prompt = measured_csv_number(c, "prompt_tokens", MEASURED_CSV_POSITIVE);
    row->spread = measured_csv_number(c, "spread", MEASURED_CSV_NONNEGATIVE);
    if (row->prompt < 1)
        measured_csv_refuse(c, "prompt_tokens", "a mean of at least 1 token");
    if (row->spread >= 1)
        measured_csv_refuse(c, "spread", "a share from 0 to below 1");
    if (*row->task == '\0')
        measured_csv_refuse(c, "task", "a task, or the name of a format");
    if (strcmp(measured_csv_text(c, "class"), "estimate") != 0)
        measured_csv_refuse(c, "class",
                            "'estimate', as prompts that are known belong to the data,");
}

bool measured_prompts_read(struct measured_prompts *t, const char *path, struct error *e) {
    struct measured_csv c;
    *t = (struct measured_prompts){0};
    if (!measured_csv_open(&c, path, e))
        return false;
    const bool right = has_columns(&c);
    while (right && measured_csv_next(&c)) {
        t->row = memory_resize(t->row, t->count + 1, sizeof *t->row);
        read_row(&c, &t->row[t->count++]);
    }
    if (measured_csv_close(&c))
        return true;
    measured_prompts_clear(t);
    return false;
}

static const struct measured_prompt *find(const struct measured_prompts *t,
                                          const struct measured_point *p) {
    const char *task = *p->task != '\0' ? p->task : p->source;
    for (size_t i = 0; i < t->count; i++)
        if (strcmp(t->row[i].task, task) == 0 &&
            strncmp(t->row[i].llm, p->llm, strlen(t->row[i].llm)) == 0)
            return &t->row[i];
    return NULL;
}

void measured_prompts_apply(const struct measured_prompts *t, struct measured *m) {
    for (size_t i = 0; i < m->count; i++) {
        struct measured_point *p = &m->point[i];
        if (p->excluded != NULL || !isnan(p->prompt))
            continue;
        const struct measured_prompt *row = find(t, p);
        if (row == NULL) {
            p->excluded = no_row;
            continue;
        }
        p->prompt = row->prompt;
        p->spread = row->spread;
    }
}

void measured_prompts_clear(struct measured_prompts *t) {
    free(t->row);
    *t = (struct measured_prompts){0};
}
