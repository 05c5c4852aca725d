/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ANALYSIS_MEASURED_H
#define ANALYSIS_MEASURED_H

/* Measured points of serving: what others measured on real machines, read from CSV in the formats
 * in which they are published, or in our own (docs/measured.md). One point is one configuration
 * under a closed loop (or a single figure). Figures that a source does not give are NAN. */

#include "models/platform.h"
#include "sim/engine/error.h"

#include <stdbool.h>
#include <stddef.h>

/* What a point is of. */
enum measured_kind {
    MEASURED_CLOSED_LOOP, /* `clients` requests always under way */
    MEASURED_BATCH,       /* one batch that starts together: prompt, then output - 1 iterations */
    MEASURED_OFFLINE,     /* as much as the node takes: batch limit of the engine */
    MEASURED_SERVER       /* as much as keeps the benchmark's latency limits */
};

struct measured_point {
    const char *source; /* static text, the format's name: "serving_points", "mlenergy", ... */
    const char *path;   /* of the file, owned by struct measured; NULL: of none */
    long line;          /* of the file */
    char hardware[64];  /* name of a table of models/hardware; "" when there is none */
    char engine[64];    /* name of a table of models/serving_engine */
    char version[64];   /* of the engine; "" when not stated */
    char llm[64];       /* name of a table of models/llm */
    char published[96]; /* the model's name as the source has it */
    char task[32];      /* "" or the benchmark's task: its prompts are not stated, see prompt */
    char date[16];      /* of the measurement, YYYY-MM-DD; "" when not stated */
    enum measured_kind kind;
    int gpus;   /* of the replica; of all replicas when copies is 0 */
    int copies; /* replicas that share the load (data parallel); clients are of all. 0: the layout
                   is not stated, measured_screen chooses it */
    enum platform_attention attention;
    bool expert_parallel;
    bool speculative; /* several tokens drafted per iteration (MTP), told by the source or found */
    enum precision weights, kv;
    double prompt, output; /* mean tokens; prompt NAN when the source does not state it */
    double spread;         /* lengths uniform in [(1 - spread) x, (1 + spread) x] of their means */
    double clients;        /* closed loop: concurrency; batch: its size; NAN offline */
    double requests;       /* of the whole measurement */
    double cap;            /* W, limit of one GPU; NAN: its own */
    double memory_reserve; /* share of HBM kept from weights and KV; NAN: the engine's. Set by
                              measured_screen where more ran at once than that leaves room for */
    /* Measured. */
    double ttft, tpot;    /* s, means (or what the source calls so) */
    double itl_p50;       /* s, median gap between tokens */
    double token_rate;    /* output tokens/s of the whole configuration */
    double gpu_power;     /* W, all GPUs together, mean */
    double wall_power;    /* W, the node at the wall */
    double e_tok;         /* J per output token, of the GPUs */
    const char *excluded; /* why it is left out; NULL: it counts. Static text */
};

struct measured {
    struct measured_point *point; /* owned */
    size_t count, capacity;
    char **path; /* of the files that were read; owned */
    size_t paths;
};

struct library;

/* Reads a CSV file, plain or gzip-compressed, whose format is told from its header line. Adds to
 * *m, which begins zeroed. False with messages (file and line) in *e; *m is then as it was. */
bool measured_read(struct measured *m, const char *path, struct error *e);

/* Leaves out, among the points that count, those that the tables cannot speak of (no such table, or
 * the model does not fit by them) and those that are faster than reading weights and KV at the
 * datasheet's bandwidth allows; chooses the layout where it is not stated, and lowers the memory
 * reserve where more ran at once than the engine's leaves room for (docs/measured.md).
 * False with messages in *e when a table is there but cannot be read, or when a point of our own
 * format names none, or states GPUs or a cap that its hardware cannot have. */
bool measured_screen(struct measured *m, struct library *library, struct error *e);

/* Least time per output token, s, that reading weights and KV at the datasheet's bandwidth takes
 * on this platform (one replica), with as many of the clients running as the KV pool and max_seqs
 * let in, each half way through its output; prompts that are not stated count nothing. NAN when the
 * point has no output or no clients. */
double measured_tpot_min(const struct measured_point *p, const struct platform *platform,
                         long max_seqs);

/* Sequences of the point's mean length, half way through their output, that the memory of one
 * replica holds, with prompts of that mean: at least 1. */
double measured_places(const struct measured_point *p, double prompt,
                       const struct platform *platform);

/* Frees the points; *m is empty afterwards. */
void measured_clear(struct measured *m);

#endif
