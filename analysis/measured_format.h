/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ANALYSIS_MEASURED_FORMAT_H
#define ANALYSIS_MEASURED_FORMAT_H

/* A format in which measured points are published: which columns tell it, and how a record becomes
 * a point. A new one is one file and one row of the table in measured.c. */

#include "analysis/measured.h"
#include "analysis/measured_csv.h"
#include "sim/io/library.h"

struct measured_format {
    const char *name;           /* the points' source */
    const char *const *telling; /* columns that together tell the format; NULL-terminated */
    const char *const *needed;  /* the other columns it cannot do without; NULL-terminated */

    /* Fills *p, which comes with its source, line and nothing else (measured_point_empty), from the
     * record. Mistakes go to c. */
    void (*read)(struct measured_csv *c, struct measured_point *p);

    /* Looks at all points of one file together; NULL: no need to. */
    void (*finish)(struct measured_point *p, size_t count);

    /* Looks at the header's columns; NULL: those that the format does not know are let be. Mistakes
     * go to c. */
    void (*header)(struct measured_csv *c);
};

extern const struct measured_format measured_serving, measured_mlenergy, measured_splitwise,
    measured_mlperf, measured_capcurve, measured_own;

/* A point of nothing: figures NAN, one GPU, one copy, FP16, fixed lengths. */
struct measured_point measured_point_empty(const char *source, long line);

/* Leaves the point out for a reason (static text), unless it is left out already. */
void measured_point_exclude(struct measured_point *p, const char *reason);

/* Whether two points are of one configuration under one load: the same tables, layout, precisions
 * and lengths. The engine's version may differ. */
bool measured_point_alike(const struct measured_point *a, const struct measured_point *b);

/* The reasons that several formats use. */
extern const char measured_no_llm[], measured_no_hardware[], measured_no_engine[],
    measured_server[], measured_several_nodes[];

/* Whether a point of our own format names tables, and states GPUs and a cap that its hardware can
 * have; the mistakes go to *e. */
bool measured_own_check(const struct measured_point *p, struct library *l, struct error *e);

/* Whether that hardware can be set to the point's cap, or the point has none. */
bool measured_cap_settable(const struct measured_point *p, const struct hardware *h);

/* The table that a published name means, "" when none (measured_names.c). Models: without the
 * owner, "owner/name", and endings as "-Instruct" or "-FP8". Case does not matter. */
const char *measured_names_llm(const char *published);
const char *measured_names_hardware(const char *published);
const char *measured_names_engine(const char *published);

/* Puts the table of the engine's version in place of the engine, and that of the checkpoint in
 * place of the model where a format has one of its own (measured_version.c). */
void measured_version_set(struct measured_point *p);

/* Sets hardware, engine and llm by published names, with the reasons when there is no table. The
 * model's name is kept in p->published. */
void measured_names_set(struct measured_point *p, const char *hardware, const char *engine,
                        const char *llm);

#endif
