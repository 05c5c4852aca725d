/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ANALYSIS_MEASURED_PROMPTS_H
#define ANALYSIS_MEASURED_PROMPTS_H

/* Assumed lengths of prompts that a source of measurements does not state: a table by task and
 * model (docs/validate.md). calibrate and validate read the same. */

#include "analysis/measured.h"

struct measured_prompt {
    char task[32]; /* a point's task; where it has none, its source */
    char llm[64];  /* the beginning of the model's table name; "" any */
    double prompt; /* mean tokens */
    double spread; /* as of struct measured_point; of prompts and outputs */
};

struct measured_prompts {
    struct measured_prompt *row; /* owned */
    size_t count;
};

/* Reads a table (columns task, llm, prompt_tokens, spread, class, source). False with messages in
 * *e; *t is then empty. */
bool measured_prompts_read(struct measured_prompts *t, const char *path, struct error *e);

/* Gives each point that counts and whose prompt is not stated what the first row that fits it says,
 * or leaves it out. After measured_screen, which asks only what is measured. */
void measured_prompts_apply(const struct measured_prompts *t, struct measured *m);

void measured_prompts_clear(struct measured_prompts *t);

#endif
