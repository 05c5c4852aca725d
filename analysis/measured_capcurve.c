/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Throughput against the GPUs' power limit, collected from MLPerf submissions and papers. */

#include "analysis/measured_format.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *const telling[] = {"gpu_cap_w", "rel_throughput", NULL};
static const char *const needed[] = {"hardware", "n_gpu",  "model", "scenario",
                                     "tokens_s", "wall_w", "class", NULL};

/* "llama2-70b fp8": the model into `name`, the precision into *p. */
static void read_model(struct measured_csv *c, struct measured_point *p, char *name, size_t size) {
    const char *text = measured_csv_text(c, "model"), *space = strrchr(text, ' ');
    p->kv = PRECISION_FP8;
    if (space != NULL && strcmp(space, " fp8") == 0)
        p->weights = PRECISION_FP8;
    else if (space != NULL && strcmp(space, " fp4") == 0)
        p->weights = PRECISION_FP4;
    else if (space != NULL && strcmp(space, " fp16") == 0)
        p->weights = p->kv = PRECISION_FP16;
    else
        measured_csv_refuse(c, "model", "a name, a blank and fp16, fp8 or fp4");
    snprintf(name, size, "%.*s", (int)(space != NULL ? (size_t)(space - text) : strlen(text)),
             text);
}

static void capcurve_read(struct measured_csv *c, struct measured_point *p) {
    const char *hardware = measured_csv_text(c, "hardware");
    p->copies = 0;
    if (strcmp(measured_csv_text(c, "class"), "primary") != 0) {
        snprintf(p->published, sizeof p->published, "%s", measured_csv_text(c, "model"));
        p->excluded = "not a measurement of one configuration";
        return; /* its figures may be text */
    }
    char llm[sizeof p->published];
    read_model(c, p, llm, sizeof llm);
    measured_names_set(p, hardware, strncmp(hardware, "MI", 2) == 0 ? "vLLM" : "TensorRT-LLM", llm);
    p->gpus = measured_csv_count(c, "n_gpu", 1, 0);
    p->cap = measured_csv_number(c, "gpu_cap_w", MEASURED_CSV_POSITIVE);
    p->token_rate = measured_csv_number(c, "tokens_s", MEASURED_CSV_POSITIVE);
    /* One measurement, one comparison: mlperf.csv has the same figure. */
    measured_csv_optional(c, "wall_w", MEASURED_CSV_POSITIVE);
    if (strcmp(p->llm, "Llama-2-70B") == 0)
        p->output = 294; /* mlperf.csv: mean of the benchmark's OpenOrca answers */
    if (strcmp(measured_csv_text(c, "scenario"), "server") == 0) {
        p->kind = MEASURED_SERVER;
        measured_point_exclude(p, measured_server);
    } else if (strcmp(measured_csv_text(c, "scenario"), "offline") == 0) {
        p->kind = MEASURED_OFFLINE;
    } else {
        measured_csv_refuse(c, "scenario", "offline or server");
    }
    if (strstr(hardware, "CTS") != NULL)
        measured_point_exclude(p, "board with more power than the table's");
    if (isnan(p->output))
        measured_point_exclude(p, "lengths not stated");
}

const struct measured_format measured_capcurve = {"power_cap_curves", telling, needed,
                                                  capcurve_read,      NULL,    NULL};
