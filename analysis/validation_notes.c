/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _XOPEN_SOURCE 700 /* fnmatch */
#include "analysis/validation_notes.h"

#include "analysis/measured_csv.h"
#include "sim/engine/memory.h"

#include <fnmatch.h>
#include <stdlib.h>

/* Tells of the columns that the file lacks; whether it lacks none. */
static bool has_columns(struct measured_csv *c, const char *const *needed) {
    for (; *needed != NULL; needed++)
        if (!measured_csv_has(c, *needed)) {
            c->mistakes++;
            error_add(c->error, c->path, c->line,
                      "column missing: this table needs '%s' (docs/validate.md)", *needed);
        }
    return c->mistakes == 0;
}

bool validation_notes_read(struct validation_notes *n, const char *path, struct error *e) {
    static const char *const needed[] = {"group", "reason", NULL};
    struct measured_csv c;
    *n = (struct validation_notes){0};
    if (!measured_csv_open(&c, path, e))
        return false;
    const bool right = has_columns(&c, needed);
    while (right && measured_csv_next(&c)) {
        n->note = memory_resize(n->note, n->count + 1, sizeof *n->note);
        struct validation_note *note = &n->note[n->count++];
        measured_csv_copy(&c, "group", note->pattern, sizeof note->pattern);
        measured_csv_copy(&c, "reason", note->reason, sizeof note->reason);
        if (*note->pattern == '\0' || *note->reason == '\0')
            measured_csv_refuse(&c, *note->pattern == '\0' ? "group" : "reason", "a text");
    }
    if (measured_csv_close(&c))
        return true;
    validation_notes_clear(n);
    return false;
}

const char *validation_notes_find(const struct validation_notes *n, const struct error_group *g,
                                  enum quantity q) {
    const char *reason = NULL;
    char *name = memory_print("%s/%s/%s/%s/%s/%s", g->data, g->hardware, g->engine, g->version,
                              g->llm, quantity_info[q].name);
    for (size_t i = 0; i < n->count && reason == NULL; i++)
        if (fnmatch(n->note[i].pattern, name, 0) == 0)
            reason = n->note[i].reason;
    free(name);
    return reason;
}

void validation_notes_clear(struct validation_notes *n) {
    free(n->note);
    *n = (struct validation_notes){0};
}

bool validation_held_out_read(struct validation_held_out *h, const char *path, struct error *e) {
    static const char *const needed[] = {"group",  "left_out", "quantity", "n",
                                         "median", "p90",      NULL};
    struct measured_csv c;
    *h = (struct validation_held_out){0};
    if (!measured_csv_open(&c, path, e))
        return false;
    const bool right = has_columns(&c, needed);
    while (right && measured_csv_next(&c)) {
        h->row = memory_resize(h->row, h->count + 1, sizeof *h->row);
        struct validation_held *row = &h->row[h->count++];
        measured_csv_copy(&c, "group", row->group, sizeof row->group);
        measured_csv_copy(&c, "left_out", row->left_out, sizeof row->left_out);
        measured_csv_copy(&c, "quantity", row->quantity, sizeof row->quantity);
        row->count = measured_csv_number(&c, "n", MEASURED_CSV_NONNEGATIVE);
        row->median = measured_csv_number(&c, "median", MEASURED_CSV_NONNEGATIVE);
        row->p90 = measured_csv_number(&c, "p90", MEASURED_CSV_NONNEGATIVE);
    }
    if (measured_csv_close(&c))
        return true;
    validation_held_out_clear(h);
    return false;
}

void validation_held_out_clear(struct validation_held_out *h) {
    free(h->row);
    *h = (struct validation_held_out){0};
}
