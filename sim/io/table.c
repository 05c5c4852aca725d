/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/table.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* One figure of a table: where it stands, what it is, where it goes. A table's figures are rows
 * here, so that what is read can be compared with the schema at a glance. */
struct table_figure {
    const char *element, *attribute; /* element NULL: the table's own */
    enum unit_kind kind;
    enum attribute_range range;
    size_t offset; /* of a double */
};

#define HARDWARE(element, attribute, kind, range, member)                                          \
    { element, attribute, kind, range, offsetof(struct hardware, member) }
static const struct table_figure table_hardware_figures[] = {
    HARDWARE(NULL, "gpus", UNIT_NUMBER, RANGE_POSITIVE, gpus),
    HARDWARE("memory", "size", UNIT_BYTES, RANGE_POSITIVE, memory),
    HARDWARE("memory", "bandwidth", UNIT_BYTE_RATE, RANGE_POSITIVE, bandwidth),
    HARDWARE("memory", "efficiency", UNIT_NUMBER, RANGE_SHARE_POSITIVE, eta_memory),
    HARDWARE("link", "bandwidth", UNIT_BYTE_RATE, RANGE_POSITIVE, link),
    HARDWARE("link", "allreduce_latency", UNIT_TIME, RANGE_NONNEGATIVE, allreduce_latency),
    HARDWARE("link", "allreduce_bandwidth", UNIT_BYTE_RATE, RANGE_POSITIVE, allreduce_bandwidth),
    HARDWARE("power", "limit", UNIT_POWER, RANGE_POSITIVE, power_limit),
    HARDWARE("power", "clamp", UNIT_NUMBER, RANGE_SHARE_POSITIVE, power_clamp),
    HARDWARE("power", "idle", UNIT_POWER, RANGE_NONNEGATIVE, power_idle),
    HARDWARE("power", "active", UNIT_POWER, RANGE_NONNEGATIVE, power_active),
    HARDWARE("power", "compute", UNIT_POWER, RANGE_NONNEGATIVE, power_compute),
    HARDWARE("power", "compute_scale", UNIT_NUMBER, RANGE_POSITIVE, power_scale),
    HARDWARE("power", "frequency_exponent", UNIT_NUMBER, RANGE_POSITIVE, power_gamma),
    HARDWARE("power", "frequency_min", UNIT_NUMBER, RANGE_SHARE_POSITIVE, phi_min),
    HARDWARE("power", "cap_min", UNIT_POWER, RANGE_NONNEGATIVE, cap_min),
    HARDWARE("host", "power", UNIT_POWER, RANGE_NONNEGATIVE, host_power),
    HARDWARE("host", "slope", UNIT_NUMBER, RANGE_SHARE, host_slope),
    HARDWARE("host", "node_max", UNIT_POWER, RANGE_POSITIVE, node_max),
    HARDWARE("price", "gpu", UNIT_MONEY, RANGE_NONNEGATIVE, price),
};

#define LLM(element, attribute, member)                                                            \
    { element, attribute, UNIT_NUMBER, RANGE_POSITIVE, offsetof(struct llm, member) }
static const struct table_figure table_llm_figures[] = {
    LLM(NULL, "context", context_max),
    LLM("shape", "layers", layers),
    LLM("shape", "width", width),
    LLM("shape", "query_heads", query_heads),
    LLM("shape", "kv_heads", kv_heads),
    LLM("shape", "head_size", head_size),
    LLM("shape", "vocabulary", vocabulary),
    LLM("parameters", "total", params_total),
    LLM("parameters", "linear", params_linear),
    LLM("parameters", "attention", params_attention),
    LLM("experts", "count", experts),
    LLM("experts", "per_token", experts_per_token),
    LLM("experts", "layers", expert_layers),
    LLM("experts", "parameters", params_expert),
    LLM("latent", "kv", mla_latent),
    LLM("latent", "rope", mla_rope),
    LLM("latent", "nope", mla_nope),
    LLM("latent", "value", mla_value),
    LLM("window", "size", window),
    LLM("window", "layers", window_layers),
    LLM("linear", "layers", linear_layers),
    LLM("linear", "state", linear_state),
    LLM("linear", "flop", linear_flop),
    LLM("sparse", "positions", sparse_positions),
    LLM("sparse", "flop", sparse_flop),
    LLM("sparse", "bytes", sparse_bytes),
};

/* An engine's coefficients; what is absent is as if there were no such effect. */
#define OVERHEAD(attribute, kind, range, member, absent)                                           \
    { {NULL, attribute, kind, range, offsetof(struct engine_overhead, member)}, absent }
static const struct {
    struct table_figure figure;
    double absent;
} table_overhead_figures[] = {
    OVERHEAD("iteration", UNIT_TIME, RANGE_NONNEGATIVE, iteration, NAN),
    OVERHEAD("layer", UNIT_TIME, RANGE_NONNEGATIVE, layer, NAN),
    OVERHEAD("layer_moe", UNIT_TIME, RANGE_NONNEGATIVE, layer_moe, 0.0),
    OVERHEAD("layer_parallel", UNIT_TIME, RANGE_NONNEGATIVE, layer_parallel, 0.0),
    OVERHEAD("layer_mla", UNIT_TIME, RANGE_NONNEGATIVE, layer_mla, 0.0),
    OVERHEAD("sequence", UNIT_TIME, RANGE_NONNEGATIVE, sequence, NAN),
    OVERHEAD("request", UNIT_TIME, RANGE_NONNEGATIVE, request, 0.0),
    OVERHEAD("prompt_token", UNIT_TIME, RANGE_NONNEGATIVE, prompt_token, 0.0),
    OVERHEAD("allreduce_latency", UNIT_NUMBER, RANGE_NONNEGATIVE, allreduce_latency, 1.0),
    OVERHEAD("allreduce_volume", UNIT_NUMBER, RANGE_NONNEGATIVE, allreduce_volume, 1.0),
    OVERHEAD("experts_16bit", UNIT_NUMBER, RANGE_SHARE_POSITIVE, experts[ENGINE_EXPERTS_16], 0.0),
    OVERHEAD("experts_8bit", UNIT_NUMBER, RANGE_SHARE_POSITIVE, experts[ENGINE_EXPERTS_8], 0.0),
    OVERHEAD("experts_4bit", UNIT_NUMBER, RANGE_SHARE_POSITIVE, experts[ENGINE_EXPERTS_4], 0.0),
    OVERHEAD("experts_compute", UNIT_NUMBER, RANGE_POSITIVE, experts_compute, 1.0),
};

/* Reads the figures; those of an element that is absent stay 0: the schema knows which may be. */
static void table_figures(struct reader *r, const xmlNode *table, const struct table_figure *figure,
                          size_t count, void *out) {
    for (size_t i = 0; i < count; i++) {
        const xmlNode *at =
            figure[i].element ? document_element(table->children, figure[i].element) : table;
        if (at)
            *(double *)((char *)out + figure[i].offset) = attribute_quantity(
                r, at, figure[i].attribute, figure[i].kind, figure[i].range, NAN);
    }
    r->failed = r->failed || !r->document->valid;
}

static void table_text(const xmlNode *element, const char *attribute, char *out, size_t size) {
    const char *text = element ? attribute_text(element, attribute) : NULL;
    snprintf(out, size, "%s", text ? text : "");
}

/* What a byte costs, and how much of that is the memory's own and does not follow the clock. */
static void table_memory_power(struct reader *r, const xmlNode *power, struct hardware *out) {
    const double byte =
        attribute_quantity(r, power, "memory_energy", UNIT_ENERGY_BYTE, RANGE_POSITIVE, NAN);
    const double own =
        attribute_quantity(r, power, "memory_own", UNIT_ENERGY_BYTE, RANGE_NONNEGATIVE, byte);
    out->power_memory = byte * out->bandwidth;
    out->power_fixed = fmin(1.0, own / byte);
}

/* Figures that a table may leave out: what runs at the efficiency of something else then. */
static void table_hardware_optional(struct reader *r, const xmlNode *element,
                                    struct hardware *out) {
    const xmlNode *memory = document_element(element->children, "memory");
    const xmlNode *attention = document_element(element->children, "attention");
    const xmlNode *power = document_element(element->children, "power");
    out->eta_kv = out->eta_state = out->eta_memory;
    out->eta_attention = out->eta_compute[PRECISION_FP16];
    if (memory) {
        out->eta_kv = attribute_quantity(r, memory, "kv_efficiency", UNIT_NUMBER,
                                         RANGE_SHARE_POSITIVE, out->eta_memory);
        out->eta_state = attribute_quantity(r, memory, "state_efficiency", UNIT_NUMBER,
                                            RANGE_SHARE_POSITIVE, out->eta_memory);
    }
    if (attention)
        out->eta_attention =
            attribute_quantity(r, attention, "efficiency", UNIT_NUMBER, RANGE_SHARE_POSITIVE, NAN);
    if (power)
        table_memory_power(r, power, out);
    static const char *const experts[] = {"experts_16bit", "experts_8bit", "experts_4bit"};
    for (int i = 0; power && i < 3; i++)
        out->power_experts[i] =
            attribute_quantity(r, power, experts[i], UNIT_NUMBER, RANGE_POSITIVE, 1.0);
}

void table_hardware(struct reader *r, const xmlNode *element, struct hardware *out) {
    *out = (struct hardware){0};
    table_text(element, "name", out->name, sizeof out->name);
    table_figures(r, element, table_hardware_figures,
                  sizeof table_hardware_figures / sizeof *table_hardware_figures, out);
    xmlNode *c = element->children;
    for (; (c = document_element(c, "compute")); c = c->next) {
        enum precision p = attribute_precision(r, c, "precision", PRECISION_COUNT);
        double peak = attribute_quantity(r, c, "peak", UNIT_FLOP_RATE, RANGE_POSITIVE, NAN);
        double eta = attribute_quantity(r, c, "efficiency", UNIT_NUMBER, RANGE_SHARE_POSITIVE, NAN);
        if (p == PRECISION_COUNT)
            continue;
        out->peak[p] = peak;
        out->eta_compute[p] = eta;
    }
    if (out->peak[PRECISION_FP16] == 0)
        attribute_error(r, element, NULL,
                        "no <compute precision=\"FP16\">; the format that every other falls back "
                        "to must be there");
    if (out->gpus != floor(out->gpus) || out->gpus > 1e6)
        attribute_error(r, element, "gpus", "found '%s'; a whole number would be right",
                        attribute_text(element, "gpus"));
    table_hardware_optional(r, element, out);
    const xmlNode *power = document_element(element->children, "power");
    if (power && out->power_idle >= out->power_limit * out->power_clamp)
        attribute_error(r, power, "idle",
                        "found '%s'; less than the board's limit of %g W "
                        "(limit times clamp) would be right",
                        attribute_text(power, "idle"), out->power_limit * out->power_clamp);
}

/* Demands that a count of the element is at most `limit`, for which `what` stands. */
static void table_at_most(struct reader *r, const xmlNode *element, const char *attribute,
                          double count, double limit, const char *what) {
    if (element && count > limit)
        attribute_error(r, element, attribute, "found '%s'; at most %s, %g, would be right",
                        attribute_text(element, attribute), what, limit);
}

/* What must go together in a model's table. */
static void table_llm_check(struct reader *r, const xmlNode *element, const struct llm *m) {
    const xmlNode *shape = document_element(element->children, "shape");
    const xmlNode *latent = document_element(element->children, "latent");
    const xmlNode *experts = document_element(element->children, "experts");
    const xmlNode *window = document_element(element->children, "window");
    const xmlNode *linear = document_element(element->children, "linear");
    const xmlNode *sparse = document_element(element->children, "sparse");
    if (m->attention == LLM_MLA && !latent)
        attribute_error(r, element, "attention",
                        "found 'MLA' without <latent>; one with kv, rope, "
                        "nope and value would be right");
    if (m->attention != LLM_MLA && latent)
        attribute_error(r, latent, NULL, "has no meaning without attention=\"MLA\"");
    if (m->quantised == LLM_QUANTISED_EXPERTS && !experts)
        attribute_error(r, element, "quantised",
                        "found 'experts' without <experts>; 'linear' would be right");
    if (window && sparse)
        attribute_error(r, sparse, NULL,
                        "cannot stand beside <window>; one of the two would be right");
    table_at_most(r, experts, "per_token", m->experts_per_token, m->experts,
                  "the count of experts");
    table_at_most(r, experts, "layers", m->expert_layers, m->layers, "the model's layers");
    table_at_most(r, shape, "attention_layers", m->attention_layers, m->layers,
                  "the model's layers");
    table_at_most(r, window, "layers", m->window_layers, m->attention_layers,
                  "the layers with attention");
    table_at_most(r, linear, "layers", m->linear_layers, fmax(m->layers - m->attention_layers, 0.0),
                  "the layers without attention (shape/@attention_layers)");
}

void table_llm(struct reader *r, const xmlNode *element, struct llm *out) {
    static const char *const attention[] = {
        [LLM_MHA] = "MHA", [LLM_GQA] = "GQA", [LLM_MQA] = "MQA", [LLM_MLA] = "MLA", NULL};
    static const char *const quantised[] = {[LLM_QUANTISED_LINEAR] = "linear",
                                            [LLM_QUANTISED_MLP] = "mlp",
                                            [LLM_QUANTISED_EXPERTS] = "experts",
                                            NULL};
    *out = (struct llm){0};
    table_text(element, "name", out->name, sizeof out->name);
    table_figures(r, element, table_llm_figures,
                  sizeof table_llm_figures / sizeof *table_llm_figures, out);
    int a = attribute_choice(r, element, "attention", attention, -1);
    out->attention = a < 0 ? LLM_MHA : (enum llm_attention)a;
    out->native_precision = attribute_precision(r, element, "precision", PRECISION_FP16);
    int q = attribute_choice(r, element, "quantised", quantised, LLM_QUANTISED_LINEAR);
    out->quantised = q < 0 ? LLM_QUANTISED_LINEAR : (enum llm_quantised)q;
    out->weight_bits =
        attribute_quantity(r, element, "bits", UNIT_NUMBER, RANGE_POSITIVE, out->weight_bits);
    const xmlNode *shape = document_element(element->children, "shape");
    out->attention_layers = out->layers;
    if (shape)
        out->attention_layers = attribute_quantity(r, shape, "attention_layers", UNIT_NUMBER,
                                                   RANGE_POSITIVE, out->layers);
    if (a >= 0)
        table_llm_check(r, element, out);
}

static void table_overhead(struct reader *r, const xmlNode *element, struct engine_overhead *out) {
    for (size_t i = 0; i < sizeof table_overhead_figures / sizeof *table_overhead_figures; i++) {
        const struct table_figure *f = &table_overhead_figures[i].figure;
        *(double *)((char *)out + f->offset) = attribute_quantity(
            r, element, f->attribute, f->kind, f->range, table_overhead_figures[i].absent);
    }
}

/* Coefficients on a kind of hardware that is named. */
static void table_overhead_on(struct reader *r, const xmlNode *element,
                              struct serving_engine *out) {
    struct engine_on on;
    table_text(element, "hardware", on.hardware, sizeof on.hardware);
    for (int i = 0; i < out->ons; i++)
        if (strcmp(out->on[i].hardware, on.hardware) == 0) {
            attribute_error(r, element, "hardware",
                            "found '%s' a second time; one <overhead> for each kind of hardware "
                            "would be right",
                            on.hardware);
            return;
        }
    if (out->ons == ENGINE_ON_MAX) {
        attribute_error(r, element, "hardware",
                        "found '%s' after %d others; at most %d kinds of hardware would be right",
                        on.hardware, ENGINE_ON_MAX, ENGINE_ON_MAX);
        return;
    }
    table_overhead(r, element, &on.overhead);
    out->on[out->ons++] = on;
}

/* The general coefficients, and those on kinds of hardware that are named. */
static void table_overheads(struct reader *r, const xmlNode *element, struct serving_engine *out) {
    bool general = false;
    xmlNode *o = element->children;
    for (; (o = document_element(o, "overhead")); o = o->next) {
        if (attribute_text(o, "hardware")) {
            table_overhead_on(r, o, out);
            continue;
        }
        if (general)
            attribute_error(r, o, NULL,
                            "a second one without hardware; one for all hardware, and others "
                            "that name theirs, would be right");
        general = true;
        table_overhead(r, o, &out->overhead);
    }
    if (!general)
        attribute_error(r, element, NULL,
                        "no <overhead> without hardware; one that holds for hardware that is not "
                        "named would be right");
}

void table_engine(struct reader *r, const xmlNode *element, struct serving_engine *out) {
    *out = (struct serving_engine){0};
    table_text(element, "name", out->name, sizeof out->name);
    table_text(element, "version", out->version, sizeof out->version);
    table_overheads(r, element, out);
    const xmlNode *defaults = document_element(element->children, "defaults");
    if (!defaults)
        return;
    out->memory_reserve =
        attribute_quantity(r, defaults, "memory_reserve", UNIT_NUMBER, RANGE_SHARE_BELOW, NAN);
    out->max_seqs = attribute_count(r, defaults, "max_seqs", 1, 1000000, 0);
    out->token_budget = attribute_count(r, defaults, "token_budget", 1, 100000000, 0);
    out->block_tokens = attribute_count(r, defaults, "block_tokens", 1, 1000000, 0);
    table_text(defaults, "scheduler", out->scheduler, sizeof out->scheduler);
}
