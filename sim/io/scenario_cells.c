/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/engine/memory.h"
#include "sim/io/scenario_impl.h"
#include "sim/serving/router.h"
#include "sim/serving/scheduler.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SCENARIO_COUNT_MAX = 10000000 };

/* KV bytes short of one block for the replica; at most 0 when the model fits. */
static double scenario_shortage(const struct platform *p, const struct cell_spec *c) {
    const double longest = cell_longest(c);
    if (platform_kv_blocks(p, c->block_tokens, c->max_seqs, longest) >= 1)
        return 0;
    return p->kv_stored_bytes * (double)c->block_tokens +
           platform_sequence_bytes(p, c->block_tokens, longest) * (double)c->max_seqs -
           p->kv_pool_bytes;
}

/* What would make the model fit: GPUs first, then narrower weights; owned by the caller. */
static char *scenario_fit_advice(const struct platform_spec *spec, const struct cell_spec *c) {
    char gpus[64] = "", weights[64] = "";
    struct platform_spec trial = *spec;
    struct platform p;
    for (int g = spec->gpus + 1; g <= (int)c->hardware->gpus && !*gpus; g++) {
        trial.gpus = g;
        platform_make(&trial, &p);
        if (scenario_shortage(&p, c) <= 0)
            snprintf(gpus, sizeof gpus, "gpus=\"%d\"", g);
    }
    trial = *spec;
    static const enum precision narrower[] = {PRECISION_FP8, PRECISION_INT4};
    for (int i = 0; i < 2 && !*weights; i++) {
        if (precision_bytes(narrower[i]) >= precision_bytes(spec->weights))
            continue;
        trial.weights = narrower[i];
        platform_make(&trial, &p);
        if (scenario_shortage(&p, c) <= 0)
            snprintf(weights, sizeof weights, "weights=\"%s\"", precision_name(narrower[i]));
    }
    if (!*gpus && !*weights)
        return memory_text("a node with more memory, or a smaller model, would be right");
    return memory_print("%s%s%s would fit", gpus, *gpus && *weights ? ", or " : "", weights);
}

/* Divides the memory for the cell's requests and sees that the model fits. */
static void scenario_pool(struct reader *r, const xmlNode *replica,
                          const struct platform_spec *spec, struct cell_spec *c) {
    c->kv_blocks = cell_kv_blocks(c);
    double shortage = scenario_shortage(&c->platform, c);
    if (shortage <= 0)
        return;
    char *advice = scenario_fit_advice(spec, c);
    attribute_error(
        r, replica, "llm",
        "%s does not fit: %.1f GB are missing on %d %s of %g GB, for %.1f GB of weights "
        "in %s, the reserve, and KV memory of one block; %s",
        spec->llm->name, shortage / 1e9, spec->gpus, spec->hardware->name,
        spec->hardware->memory / 1e9, c->platform.weight_bytes / 1e9, precision_name(spec->weights),
        advice);
    free(advice);
}

/* What the replica's attributes say, defaults from model and engine. */
static void scenario_replica(struct reader *r, const xmlNode *replica, struct platform_spec *spec,
                             struct cell_spec *c) {
    static const char *const attention[] = {
        [PLATFORM_ATTENTION_TENSOR] = "tensor", [PLATFORM_ATTENTION_DATA] = "data", NULL};
    static const char *const experts[] = {
        [PLATFORM_EXPERTS_TENSOR] = "tensor", [PLATFORM_EXPERTS_PARALLEL] = "parallel", NULL};
    const struct serving_engine *engine = c->engine;
    spec->weights = attribute_precision(r, replica, "weights",
                                        c->llm ? c->llm->native_precision : PRECISION_FP16);
    spec->kv = attribute_precision(r, replica, "kv", PRECISION_FP16);
    spec->math = attribute_precision(r, replica, "math",
                                     c->hardware ? platform_math(c->hardware, spec->weights)
                                                 : PRECISION_FP16);
    int a = attribute_choice(r, replica, "attention", attention, PLATFORM_ATTENTION_TENSOR);
    spec->attention =
        a == PLATFORM_ATTENTION_DATA ? PLATFORM_ATTENTION_DATA : PLATFORM_ATTENTION_TENSOR;
    int x = attribute_choice(r, replica, "experts", experts, PLATFORM_EXPERTS_TENSOR);
    spec->experts =
        x == PLATFORM_EXPERTS_PARALLEL ? PLATFORM_EXPERTS_PARALLEL : PLATFORM_EXPERTS_TENSOR;
    spec->memory_reserve =
        attribute_quantity(r, replica, "memory_reserve", UNIT_NUMBER, RANGE_SHARE_BELOW, -1);
    c->max_seqs =
        attribute_count(r, replica, "max_seqs", 1, 1000000, engine ? engine->max_seqs : 1);
    c->token_budget = attribute_count(
        r, replica, "token_budget", 1, 100000000,
        engine ? platform_token_budget(engine, spec->attention, spec->gpus) : LONG_MAX);
    c->block_tokens =
        attribute_count(r, replica, "block_tokens", 1, 1000000, engine ? engine->block_tokens : 1);
    if (engine && c->max_seqs > c->token_budget)
        attribute_error(
            r, replica, attribute_text(replica, "max_seqs") ? "max_seqs" : "token_budget",
            "max_seqs=%ld is above token_budget=%ld, and every running sequence takes a "
            "token of the budget; at most the budget would be right",
            c->max_seqs, c->token_budget);
    const char *scheduler = attribute_text(replica, "scheduler");
    bool own = scheduler != NULL;
    scheduler = own ? scheduler : engine ? engine->scheduler : NULL;
    c->scheduler = scheduler ? scheduler_find(scheduler) : NULL;
    if (scheduler && !c->scheduler)
        attribute_error(r, replica, own ? "scheduler" : "engine",
                        "%s '%s'; one of %s would be right",
                        own ? "found" : "its default scheduler is", scheduler, scheduler_names());
}

/* GPUs of the replica, and replicas on the node. */
static void scenario_gpus(struct reader *r, const xmlNode *node, const xmlNode *replica,
                          struct platform_spec *spec, struct cell_spec *c) {
    spec->gpus = (int)attribute_count(r, replica, "gpus", 1, 100000, 0);
    c->replicas = attribute_count(r, node, "replicas", 1, 100000, 1);
    if (!c->hardware || !attribute_text(replica, "gpus"))
        return;
    long gpus = (long)c->hardware->gpus;
    if (spec->gpus > gpus) {
        attribute_error(r, replica, "gpus",
                        "found '%d', but a node of %s has %ld; at most that many "
                        "would be right",
                        spec->gpus, c->hardware->name, gpus);
    } else if (!attribute_text(node, "replicas")) {
        c->replicas = gpus / spec->gpus;
    } else if (c->replicas * spec->gpus > gpus) {
        attribute_error(r, node, "replicas",
                        "found '%ld' of %d GPUs each, but a node of %s has %ld "
                        "GPUs; at most %ld would be right",
                        c->replicas, spec->gpus, c->hardware->name, gpus, gpus / spec->gpus);
    }
}

/* Power of a node, its cap and its rack's limit (DESIGN 4.3). */
static void scenario_node_power(struct reader *r, const xmlNode *node,
                                const struct platform_spec *spec, struct cell_spec *c) {
    const struct hardware *h = c->hardware;
    c->host_power = h->host_power;
    c->host_slope = h->host_slope;
    c->spare_power = (h->gpus - (double)(c->replicas * spec->gpus)) * h->power_idle;
    c->node_idle = h->host_power + (1 + h->host_slope) * h->gpus * h->power_idle;
    c->node_full =
        h->host_power +
        (1 + h->host_slope) * (c->spare_power + (double)c->replicas * c->platform.power_limit);
    c->node_least =
        h->host_power +
        (1 + h->host_slope) * (c->spare_power + (double)c->replicas * spec->gpus * h->cap_min);
    c->node_cap = attribute_quantity(r, node, "cap", UNIT_POWER, RANGE_POSITIVE, INFINITY);
    if (c->node_cap < cell_cap_floor(c))
        attribute_error(r, node, "cap",
                        "found '%s', but an idle node of %s draws %.0f W; a cap "
                        "from %.0f W, what it needs to go on, up to %.0f W would be right",
                        attribute_text(node, "cap"), h->name, c->node_idle, ceil(cell_cap_floor(c)),
                        c->node_full);
    c->rack_cap = INFINITY;
    if (!attribute_text(node, "rack_limit")) {
        attribute_refuse(r, node, "rack_nodes", "has no meaning without rack_limit");
        return;
    }
    double limit = attribute_quantity(r, node, "rack_limit", UNIT_POWER, RANGE_POSITIVE, INFINITY);
    if (!attribute_demand(r, node, "rack_nodes", "the number of nodes that share rack_limit"))
        return;
    long nodes = attribute_count(r, node, "rack_nodes", 1, SCENARIO_COUNT_MAX, 0);
    c->rack_cap = limit / (double)nodes;
    if (c->rack_cap < cell_cap_floor(c))
        attribute_error(r, node, "rack_limit",
                        "found '%s' for %ld nodes, but idle they draw %.0f W; "
                        "a limit from %.0f W, what they need to go on, would be right",
                        attribute_text(node, "rack_limit"), nodes, c->node_idle * (double)nodes,
                        ceil(cell_cap_floor(c) * (double)nodes));
}

/* s* and q*. */
static void scenario_target(struct reader *r, const xmlNode *target, const xmlNode *replica,
                            struct cell_spec *c) {
    double has = replica ? attribute_quantity(r, replica, "quality", UNIT_NUMBER, RANGE_NONNEGATIVE,
                                              INFINITY)
                         : INFINITY;
    c->target_ttft = INFINITY;
    c->target_tpot = INFINITY;
    c->quality_met = true;
    if (!target)
        return;
    c->target_ttft = attribute_quantity(r, target, "ttft", UNIT_TIME, RANGE_POSITIVE, INFINITY);
    c->target_tpot = attribute_quantity(r, target, "tpot", UNIT_TIME, RANGE_POSITIVE, INFINITY);
    double asked =
        attribute_quantity(r, target, "quality", UNIT_NUMBER, RANGE_NONNEGATIVE, -INFINITY);
    c->quality_met = has >= asked;
    if (attribute_text(target, "quality") && replica && !attribute_text(replica, "quality"))
        attribute_error(r, target, "quality",
                        "found '%s', but <replica> does not state the quality "
                        "of its model; <replica quality=\"...\"> would be right",
                        attribute_text(target, "quality"));
}

static void scenario_router(struct reader *r, const xmlNode *element, struct cell_spec *c) {
    const char *policy = element ? attribute_text(element, "policy") : "power_of_two";
    c->router = policy ? router_find(policy) : NULL;
    if (policy && !c->router)
        attribute_error(r, element, "policy", "found '%s'; one of %s would be right", policy,
                        router_names());
}

/* The fewest tokens that a marginal distribution gives. */
static double scenario_shortest(const struct length_spec *l) {
    return l->kind == LENGTH_FIXED ? fmax(l->mean, 1) : fmax(l->low, 1);
}

/* A workload none of whose requests can ever be served is a mistake, not a quiet day. */
static void scenario_fits(struct reader *r, const xmlNode *workload, const struct cell_spec *c) {
    const struct workload_spec *w = &c->workload;
    double shortest = scenario_shortest(&w->prompt) + scenario_shortest(&w->output);
    if (w->trace && w->trace->count > 0) {
        shortest = INFINITY;
        for (size_t i = 0; i < w->trace->count; i++)
            shortest = fmin(shortest, (double)w->trace->request[i].prompt +
                                          (double)w->trace->request[i].output);
    }
    const double room = fmin((double)c->kv_blocks * (double)c->block_tokens, c->llm->context_max);
    if (shortest > room)
        attribute_error(r, workload, NULL,
                        "found requests of at least %.0f tokens, prompt and output together; at "
                        "most %.0f, what KV memory and the model's context hold, would be right",
                        shortest, room);
}

/* What passes between a client's sending and the scheduler, for a prompt of mean length. */
static void scenario_frontend(struct cell_spec *c) {
    struct lengths w;
    workload_lengths(&c->workload, &w);
    c->workload.frontend = c->platform.time_request + c->platform.time_prompt * w.prompt;
}

/* Reads the workload; whether it has no mistakes of its own. */
static bool scenario_cells_workload(struct reader *r, const xmlNode *workload, struct scenario *s,
                                    struct cell_spec *out) {
    const bool failed = r->failed;
    r->failed = false;
    scenario_workload(r, workload, s, out->llm, &out->workload);
    out->workload.cells = (double)out->cells;
    const bool right = !r->failed;
    r->failed = r->failed || failed;
    return right;
}

void scenario_cells(struct reader *r, const xmlNode *element, struct scenario *s,
                    struct cell_spec *out) {
    const xmlNode *node = document_element(element->children, "node");
    const xmlNode *replica = document_element(element->children, "replica");
    const xmlNode *workload = document_element(element->children, "workload");
    bool failed = r->failed, whole = false;
    struct platform_spec spec = {0};
    r->failed = false;
    out->cells = attribute_count(r, element, "count", 0, SCENARIO_COUNT_MAX, 1);
    out->nodes = attribute_count(r, element, "nodes", 1, SCENARIO_COUNT_MAX, 0);
    if (node && replica) {
        spec.hardware = out->hardware = scenario_hardware(r, node, s);
        spec.llm = out->llm = scenario_llm(r, replica, s);
        spec.engine = out->engine = scenario_engine(r, replica, s);
        scenario_gpus(r, node, replica, &spec, out);
        scenario_replica(r, replica, &spec, out);
        /* Only what is whole can be multiplied out. */
        whole = !r->failed;
        if (whole) {
            platform_make(&spec, &out->platform);
            scenario_node_power(r, node, &spec, out);
        }
    }
    scenario_target(r, document_element(element->children, "target"), replica, out);
    scenario_router(r, document_element(element->children, "router"), out);
    if (workload && scenario_cells_workload(r, workload, s, out) && whole)
        scenario_pool(r, replica, &spec, out);
    if (workload && !r->failed) {
        scenario_fits(r, workload, out);
        scenario_frontend(out);
    }
    r->failed = r->failed || failed || !node || !replica || !workload;
}
