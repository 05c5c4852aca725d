/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Results of MLPerf Inference, closed division: output tokens/s of a system, some with the power at
 * the wall. How a system's GPUs were split into replicas is not in the results. */

#include "analysis/measured_format.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* The submitter's GPU limit in its "MaxQ" results (measurements of H200-SXM-141GBx8_TRT_MaxQ). */
#define MAXQ_CAP 500.0

static const char *const telling[] = {"tokens_s_per_gpu", "wall_power_w", NULL};
static const char *const needed[] = {"source",     "hardware", "n_gpu",    "model", "precision",
                                     "output_len", "batch",    "tokens_s", "notes", NULL};

static void read_precision(struct measured_csv *c, struct measured_point *p) {
    static const struct {
        const char *start;
        enum precision weights, kv;
    } known[] = {
        {"fp16 (field unreliable", PRECISION_FP8, PRECISION_FP8}, /* the figure behind it */
        {"fp8", PRECISION_FP8, PRECISION_FP8},
        {"fp4", PRECISION_FP4, PRECISION_FP8},
        {"MXFP4", PRECISION_FP4, PRECISION_FP8},
        {"mxfp4", PRECISION_FP4, PRECISION_FP8},
        {"INT8", PRECISION_INT8, PRECISION_FP16},
        {"INT4", PRECISION_INT4, PRECISION_FP16},
        {"UINT4", PRECISION_INT4, PRECISION_FP16},
        {"fp16", PRECISION_FP16, PRECISION_FP16},
    };
    const char *name = measured_csv_text(c, "precision");
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strncmp(name, known[i].start, strlen(known[i].start)) == 0) {
            p->weights = known[i].weights;
            p->kv = known[i].kv;
            return;
        }
    measured_csv_refuse(c, "precision", "one of fp16, fp8, fp4, mxfp4, INT8, INT4");
}

/* The engine: on NVIDIA's hardware the system's name tells it, AMD's code is built on vLLM. */
static const char *engine_of(const char *hardware, const char *notes) {
    if (strstr(hardware, "AMD") != NULL || strstr(notes, "_vLLM") != NULL)
        return "vLLM";
    return strstr(hardware, "NVIDIA") != NULL && strstr(notes, "_TRT") != NULL ? "TensorRT-LLM"
                                                                               : "";
}

static void read_cap(struct measured_point *p, const char *hardware, const char *notes) {
    double watt;
    const char *cap = strstr(hardware, "Power Cap ");
    if (cap != NULL && sscanf(cap, "Power Cap %lf W", &watt) == 1)
        p->cap = watt;
    if (strstr(notes, "MaxQ") != NULL)
        p->cap = MAXQ_CAP;
    if (strstr(hardware, "CTS") != NULL)
        measured_point_exclude(p, "board with more power than the table's");
}

static void mlperf_read(struct measured_csv *c, struct measured_point *p) {
    const char *hardware = measured_csv_text(c, "hardware"), *notes = measured_csv_text(c, "notes");
    measured_names_set(p, hardware, engine_of(hardware, notes), measured_csv_text(c, "model"));
    p->token_rate = measured_csv_number(c, "tokens_s", MEASURED_CSV_POSITIVE);
    p->output = measured_csv_number(c, "output_len", MEASURED_CSV_POSITIVE);
    p->wall_power = measured_csv_optional(c, "wall_power_w", MEASURED_CSV_POSITIVE);
    p->ttft = measured_csv_optional(c, "ttft_ms", MEASURED_CSV_POSITIVE) * 1e-3;
    p->tpot = measured_csv_optional(c, "tpot_ms", MEASURED_CSV_POSITIVE) * 1e-3;
    p->gpus = measured_csv_count(c, "n_gpu", 1, 1); /* empty where there is no GPU */
    p->copies = 0;
    read_precision(c, p);
    read_cap(p, hardware, notes);

    const char *scenario = measured_csv_text(c, "batch"), *nodes = strstr(notes, "nodes ");
    if (strcmp(scenario, "server") == 0) {
        p->kind = MEASURED_SERVER;
        measured_point_exclude(p, measured_server);
    } else if (strcmp(scenario, "offline") == 0) {
        p->kind = MEASURED_OFFLINE;
    } else {
        measured_csv_refuse(c, "batch", "offline or server");
    }
    if (nodes != NULL && strcmp(nodes, "nodes 1") != 0)
        measured_point_exclude(p, measured_several_nodes);
}

const struct measured_format measured_mlperf = {"mlperf", telling, needed, mlperf_read, NULL, NULL};
