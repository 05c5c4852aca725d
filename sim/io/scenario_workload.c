/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/engine/memory.h"
#include "sim/io/scenario_impl.h"
#include "sim/workload/arrival.h"
#include "sim/workload/trace.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const struct trace *scenario_trace(struct reader *r, const xmlNode *element, const char *attribute,
                                   struct scenario *s) {
    char *path = attribute_path(r, element, attribute);
    if (!path)
        return NULL;
    for (size_t i = 0; i < s->traces; i++)
        if (strcmp(s->trace[i].path, path) == 0) {
            free(path);
            return s->trace[i].trace;
        }
    s->trace = memory_resize(s->trace, s->traces + 1, sizeof *s->trace);
    struct scenario_trace *t = &s->trace[s->traces++];
    *t = (struct scenario_trace){path, memory_new(1, sizeof *t->trace)};
    if (!trace_load(t->trace, path, r->e)) {
        r->failed = true;
        free(t->trace);
        t->trace = NULL; /* the path stays, so that its mistakes are told once */
    }
    return t->trace;
}

/* Which attributes of <arrivals> mean something for which process. */
static const struct {
    const char *process, *attribute;
} scenario_arrival_uses[] = {
    {"poisson", "rate"},   {"gamma", "rate"},    {"gamma", "cv"},
    {"closed", "clients"}, {"closed", "think"},  {"trace", "trace"},
    {"trace", "rate"},     {"trace", "scaling"}, {"trace", "offset"},
};

static void scenario_arrivals_refuse(struct reader *r, const xmlNode *element,
                                     const char *process) {
    static const char *const all[] = {"rate",  "cv",      "clients", "think",
                                      "trace", "scaling", "offset",  NULL};
    char *reason = memory_print("has no meaning for process=\"%s\"", process);
    for (int i = 0; all[i]; i++) {
        bool used = false;
        for (size_t j = 0; j < sizeof scenario_arrival_uses / sizeof *scenario_arrival_uses; j++)
            used = used || (strcmp(scenario_arrival_uses[j].process, process) == 0 &&
                            strcmp(scenario_arrival_uses[j].attribute, all[i]) == 0);
        if (!used)
            attribute_refuse(r, element, all[i], reason);
    }
    free(reason);
}

/* Arrivals that replay a trace. */
static void scenario_arrivals_trace(struct reader *r, const xmlNode *element, struct scenario *s,
                                    struct workload_spec *out) {
    static const char *const scaling[] = {
        [TRACE_REPEAT] = "repeat", [TRACE_SUPERPOSE] = "superpose", NULL};
    static const char *const offset[] = {"false", "true", NULL};
    int kind = attribute_choice(r, element, "scaling", scaling, TRACE_REPEAT);
    out->scaling = kind < 0 ? TRACE_REPEAT : (enum trace_scaling)kind;
    out->trace_offset = attribute_choice(r, element, "offset", offset, 1) == 1;
    if (attribute_demand(r, element, "trace", "the name of a CSV file"))
        out->trace = scenario_trace(r, element, "trace", s);
    if (kind == TRACE_REPEAT) {
        attribute_refuse(r, element, "rate",
                         "has no meaning for scaling=\"repeat\", where each "
                         "cell replays the trace at its own rate");
        if (document_element(element->children, "schedule"))
            attribute_error(r, element, NULL,
                            "holds a <schedule>, which has no meaning for "
                            "scaling=\"repeat\"");
        schedule_constant(&out->rate, 0);
    } else {
        scenario_schedule(r, element, "rate", UNIT_RATE, RANGE_NONNEGATIVE, NAN, &out->rate);
    }
}

static void scenario_arrivals(struct reader *r, const xmlNode *element, struct scenario *s,
                              struct workload_spec *out) {
    static const char *const names[] = {"rate", NULL};
    const char *process = attribute_text(element, "process");
    out->arrival = process ? arrival_find(process) : NULL;
    if (!out->arrival) {
        if (process)
            attribute_error(r, element, "process", "found '%s'; one of %s would be right", process,
                            arrival_names());
        r->failed = true;
        return;
    }
    scenario_schedules_check(r, element, names);
    scenario_arrivals_refuse(r, element, process);
    out->cv = 1;
    if (strcmp(process, "trace") == 0) {
        scenario_arrivals_trace(r, element, s, out);
    } else if (strcmp(process, "closed") == 0) {
        if (attribute_demand(r, element, "clients", "a number of clients, like '64',"))
            out->clients = (double)attribute_count(r, element, "clients", 1, 1000000000, 0);
        out->think = attribute_quantity(r, element, "think", UNIT_TIME, RANGE_NONNEGATIVE, 0);
        if (document_element(element->children, "schedule"))
            attribute_error(r, element, NULL,
                            "holds a <schedule>, which has no meaning for "
                            "process=\"closed\"");
        schedule_constant(&out->rate, 0);
    } else {
        if (strcmp(process, "gamma") == 0 &&
            attribute_demand(r, element, "cv",
                             "the coefficient of variation of the gaps, like '2',"))
            out->cv = attribute_quantity(r, element, "cv", UNIT_NUMBER, RANGE_POSITIVE, 1);
        scenario_schedule(r, element, "rate", UNIT_RATE, RANGE_NONNEGATIVE, NAN, &out->rate);
    }
}

/* <prompt> or <output>. `most`: the model's context, the default of high. */
static void scenario_length(struct reader *r, const xmlNode *element, double most,
                            struct length_spec *out) {
    static const char *const kinds[] = {[LENGTH_FIXED] = "fixed",
                                        [LENGTH_EXPONENTIAL] = "exponential",
                                        [LENGTH_LOGNORMAL] = "lognormal",
                                        NULL};
    int kind = attribute_choice(r, element, "distribution", kinds, -1);
    out->mean = attribute_quantity(r, element, "mean", UNIT_TOKENS, RANGE_POSITIVE, NAN);
    out->low = attribute_quantity(r, element, "low", UNIT_TOKENS, RANGE_POSITIVE, 1);
    out->high = attribute_quantity(r, element, "high", UNIT_TOKENS, RANGE_POSITIVE, most);
    if (kind < 0)
        return;
    out->kind = (enum length_kind)kind;
    if (kind == LENGTH_LOGNORMAL) {
        if (attribute_demand(r, element, "cv", "the coefficient of variation, like '1.2',"))
            out->cv = attribute_quantity(r, element, "cv", UNIT_NUMBER, RANGE_POSITIVE, 0);
    } else {
        attribute_refuse(r, element, "cv", "has no meaning but for distribution=\"lognormal\"");
    }
    if (out->low < 1)
        attribute_error(r, element, "low", "found '%s'; at least 1 token would be right",
                        attribute_text(element, "low"));
    if (out->high > most)
        attribute_error(r, element, "high",
                        "found '%s'; at most the model's context of %g tokens "
                        "would be right",
                        attribute_text(element, "high"), most);
    if (out->mean < out->low || out->mean > out->high)
        attribute_error(r, element, "mean",
                        "found '%s'; a mean from %g to %g tokens, the lowest "
                        "and the highest length, would be right",
                        attribute_text(element, "mean"), out->low, out->high);
}

/* Lengths that come from a trace: that of the arrivals, or the one that is named. */
static void scenario_lengths_trace(struct reader *r, const xmlNode *lengths, struct scenario *s,
                                   struct workload_spec *out, bool replay) {
    static const char *const from[] = {"trace", NULL};
    attribute_choice(r, lengths, "from", from, -1);
    out->empirical = true;
    if (replay) {
        attribute_refuse(r, lengths, "trace",
                         "stands beside the trace of <arrivals>, whose lengths "
                         "are used");
    } else if (attribute_demand(r, lengths, "trace", "the name of a CSV file")) {
        out->trace = scenario_trace(r, lengths, "trace", s);
    }
}

void scenario_workload(struct reader *r, const xmlNode *element, struct scenario *s,
                       const struct llm *llm, struct workload_spec *out) {
    const xmlNode *arrivals = document_element(element->children, "arrivals");
    const xmlNode *lengths = document_element(element->children, "lengths");
    const xmlNode *prompt = document_element(element->children, "prompt");
    const xmlNode *output = document_element(element->children, "output");
    if (!arrivals) {
        r->failed = true;
        return;
    }
    scenario_arrivals(r, arrivals, s, out);
    const char *process = attribute_text(arrivals, "process");
    bool replay = process && strcmp(process, "trace") == 0;
    if (lengths)
        scenario_lengths_trace(r, lengths, s, out, replay);
    else if (!replay && out->arrival && (!prompt || !output))
        attribute_error(r, element, NULL,
                        "the lengths of requests are missing; <prompt> and "
                        "<output>, or <lengths from=\"trace\">, would be right");
    if ((lengths || replay) && (prompt || output))
        attribute_error(r, prompt ? prompt : output, NULL,
                        "stands beside lengths from a trace; one "
                        "of the two would be right");
    double most = llm && !isnan(llm->context_max) ? llm->context_max : INFINITY;
    if (prompt)
        scenario_length(r, prompt, most, &out->prompt);
    if (output)
        scenario_length(r, output, most, &out->output);
}
