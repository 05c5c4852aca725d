/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/fit_tables.h"

#include "sim/engine/memory.h"
#include "sim/io/datadir.h"

#include <errno.h>
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* -- Values ----------------------------------------------------------------------------------- */

static double level(const struct fit *f, enum fit_coefficient c, enum fit_level at,
                    const char *label) {
    for (size_t j = 0; j < f->parameters; j++) {
        const struct fit_parameter *q = &f->parameter[j];
        if (q->coefficient == c && q->level == at && strcmp(q->label, label) == 0)
            return q->value;
    }
    return 0.0;
}

/* A coefficient alone: one that follows another in a fit without it has that one's start here. */
static double value_at(const struct fit *f, enum fit_coefficient c, double at) {
    double sum[FIT_COEFFICIENTS] = {0.0}, value[FIT_COEFFICIENTS];
    sum[c] = at;
    fit_values(f, sum, value);
    return value[c];
}

/* Whether a fitted point speaks of that level. */
static bool has_level(const struct fit *f, enum fit_coefficient c, enum fit_level at,
                      const char *label) {
    for (size_t j = 0; j < f->parameters; j++)
        if (f->parameter[j].coefficient == c && f->parameter[j].level == at &&
            strcmp(f->parameter[j].label, label) == 0)
            return f->parameter[j].points > 0;
    return false;
}

/* The label of an engine (FIT_ENGINE), or of it on a kind of hardware (FIT_PAIR). */
static void engine_label(const char *engine, const char *hardware, const char *width, char *out,
                         size_t size) {
    snprintf(out, size, "%s%s%s%s%s", engine, hardware == NULL ? "" : " on ",
             hardware == NULL ? "" : hardware, width == NULL ? "" : " ",
             width == NULL ? "" : width);
}

/* An engine's coefficient, on a kind of hardware or (NULL) in general; of experts in `width`. */
static double engine_value(const struct fit *f, enum fit_coefficient c, const char *engine,
                           const char *hardware, const char *width) {
    char pair[160], own[160];
    engine_label(engine, NULL, width, own, sizeof own);
    engine_label(engine, hardware, width, pair, sizeof pair);
    double sum = level(f, c, width != NULL ? FIT_FORMAT : FIT_ALL, width != NULL ? width : "all");
    sum += level(f, c, FIT_ENGINE, own);
    if (hardware != NULL)
        sum += level(f, c, FIT_PAIR, pair);
    return value_at(f, c, sum);
}

static double hardware_value(const struct fit *f, enum fit_coefficient c,
                             const struct hardware *h) {
    char own[160];
    fit_hardware_label(c, h, "", own, sizeof own);
    return value_at(f, c, level(f, c, FIT_ALL, "all") + level(f, c, FIT_HARDWARE, own));
}

static double format_value(const struct fit *f, enum fit_coefficient c, const struct hardware *h,
                           const char *format) {
    char own[160];
    fit_hardware_label(c, h, format, own, sizeof own);
    return value_at(f, c, level(f, c, FIT_FORMAT, format) + level(f, c, FIT_HARDWARE, own));
}

/* -- XML -------------------------------------------------------------------------------------- */

static bool put(xmlNode *element, const char *name, const char *format, double value) {
    char text[64];
    snprintf(text, sizeof text, format, value);
    return xmlSetProp(element, (const xmlChar *)name, (const xmlChar *)text) != NULL;
}

static bool put_text(xmlNode *element, const char *name, const char *text) {
    return xmlSetProp(element, (const xmlChar *)name, (const xmlChar *)text) != NULL;
}

/* Puts `names estimate: ...` in place of those parts of the element's source that begin with a name
 * of what was fitted. Parts are divided by "; ". */
static bool put_source(xmlNode *element, const char *names, const char *source) {
    static const char *const fitted[] = {"efficiency", "active", "compute,", "kv_efficiency"};
    char *old = (char *)xmlGetProp(element, (const xmlChar *)"source");
    char *text = memory_text("");
    for (const char *part = old; part != NULL && *part != '\0';) {
        const char *end = strstr(part, "; ");
        const size_t length = end == NULL ? strlen(part) : (size_t)(end - part);
        bool kept = true;
        for (size_t i = 0; i < sizeof fitted / sizeof fitted[0]; i++)
            kept = kept && strncmp(part, fitted[i], strlen(fitted[i])) != 0;
        if (kept) {
            char *longer = memory_print("%s%.*s; ", text, (int)length, part);
            free(text);
            text = longer;
        }
        part = end == NULL ? NULL : end + 2;
    }
    char *whole = memory_print("%s%s %s", text, names, source);
    const bool good = put_text(element, "source", whole);
    free(whole);
    free(text);
    xmlFree(old);
    return good;
}

static xmlNode *child(xmlNode *parent, const char *name) {
    for (xmlNode *n = parent->children; n != NULL; n = n->next)
        if (n->type == XML_ELEMENT_NODE && strcmp((const char *)n->name, name) == 0)
            return n;
    return NULL;
}

/* One attribute of an overhead, filled in from a coefficient. */
struct overhead_row {
    const char *attribute, *format;
    enum fit_coefficient coefficient;
    double scale;
    const char *width; /* of experts' weights; NULL */
};

static const struct overhead_row overhead_row[] = {
    {"iteration", "%.4g ms", FIT_ITERATION, 1e3, NULL},
    {"layer", "%.4g us", FIT_LAYER, 1e6, NULL},
    {"layer_moe", "%.4g us", FIT_LAYER_MOE, 1e6, NULL},
    {"layer_parallel", "%.4g us", FIT_LAYER_PARALLEL, 1e6, NULL},
    {"layer_mla", "%.4g us", FIT_LAYER_MLA, 1e6, NULL},
    {"sequence", "%.4g us", FIT_SEQUENCE, 1e6, NULL},
    {"request", "%.4g ms", FIT_REQUEST, 1e3, NULL},
    {"prompt_token", "%.4g us", FIT_PROMPT_TOKEN, 1e6, NULL},
    {"allreduce_latency", "%.4g", FIT_ALLREDUCE_LATENCY, 1, NULL},
    {"allreduce_volume", "%.4g", FIT_ALLREDUCE_VOLUME, 1, NULL},
    {"experts_compute", "%.4g", FIT_EXPERTS_COMPUTE, 1, NULL},
    {"experts_16bit", "%.4g", FIT_EXPERTS, 1, "16bit"},
    {"experts_8bit", "%.4g", FIT_EXPERTS, 1, "8bit"},
    {"experts_4bit", "%.4g", FIT_EXPERTS, 1, "4bit"}};

/* Fills in an overhead. Its source tells apart what points of that engine (on that hardware) speak
 * of, and what is borrowed from the level above. */
static bool fill_overhead(const struct fit *f, xmlNode *o, const char *engine, const char *hardware,
                          const char *source) {
    char *seen = memory_text(""), *borrowed = memory_text("");
    bool good = true;
    for (size_t i = 0; i < sizeof overhead_row / sizeof overhead_row[0] && good; i++) {
        const struct overhead_row *r = &overhead_row[i];
        char label[160];
        engine_label(engine, hardware, r->width, label, sizeof label);
        good = put(o, r->attribute, r->format,
                   r->scale * engine_value(f, r->coefficient, engine, hardware, r->width));
        char **list = has_level(f, r->coefficient, hardware == NULL ? FIT_ENGINE : FIT_PAIR, label)
                          ? &seen
                          : &borrowed;
        char *longer = memory_print("%s%s%s", *list, **list == '\0' ? "" : ", ", r->attribute);
        free(*list);
        *list = longer;
    }
    char *text =
        memory_print("%s %s%s%s%s%s", seen, source, *borrowed == '\0' ? "" : "; ", borrowed,
                     *borrowed == '\0' ? "" : " estimate: not measured here, those of ",
                     *borrowed == '\0'  ? ""
                     : hardware == NULL ? "all engines"
                                        : "the engine in general");
    good = good && put_text(o, "source", text);
    free(text);
    free(borrowed);
    free(seen);
    return good;
}

static bool fill_engine(const struct fit *f, xmlNode *root, const char *name, const char *source) {
    xmlNode *defaults = child(root, "defaults");
    for (xmlNode *o = child(root, "overhead"); o != NULL; o = child(root, "overhead")) {
        xmlUnlinkNode(o);
        xmlFreeNode(o);
    }
    bool good = defaults != NULL;
    char pair[160];
    for (size_t i = 0; i < f->parameters + 1 && good; i++) {
        const struct fit_parameter *q = i == 0 ? NULL : &f->parameter[i - 1];
        const size_t length = (size_t)snprintf(pair, sizeof pair, "%s on ", name);
        if (q != NULL && (q->coefficient != FIT_ITERATION || q->level != FIT_PAIR ||
                          q->points == 0 || strncmp(q->label, pair, length) != 0))
            continue;
        const char *hardware = q == NULL ? NULL : q->label + length;
        xmlNode *o = xmlNewNode(NULL, (const xmlChar *)"overhead");
        good = o != NULL;
        if (good && hardware != NULL)
            good = put_text(o, "hardware", hardware);
        good = good && fill_overhead(f, o, name, hardware, source) &&
               xmlAddPrevSibling(defaults, o) != NULL;
    }
    return good;
}

static bool fill_power(const struct fit *f, xmlNode *power, const struct hardware *h,
                       const char *source) {
    static const char *const width[] = {"16bit", "8bit", "4bit"};
    const double tdp = h->power_limit;
    bool good =
        put(power, "active", "%.4g W", tdp * hardware_value(f, FIT_POWER_ACTIVE, h)) &&
        put(power, "compute", "%.4g W", tdp * hardware_value(f, FIT_POWER_COMPUTE, h)) &&
        put(power, "compute_scale", "%.4g", hardware_value(f, FIT_POWER_SCALE, h)) &&
        put(power, "memory_energy", "%.4g pJ/B", 1e12 * hardware_value(f, FIT_POWER_MEMORY, h));
    for (int i = 0; i < 3 && good; i++) {
        char name[32];
        snprintf(name, sizeof name, "experts_%s", width[i]);
        good = put(power, name, "%.4g", format_value(f, FIT_POWER_EXPERTS, h, width[i]));
    }
    good =
        good && put_source(power, "active, compute, compute_scale, memory_energy, experts", source);
    return good;
}

static bool power_fitted(const struct fit *f, const struct hardware *h) {
    char own[160];
    fit_hardware_label(FIT_POWER_ACTIVE, h, "", own, sizeof own);
    return has_level(f, FIT_POWER_ACTIVE, FIT_HARDWARE, own);
}

static bool format_fitted(const struct fit *f, const struct hardware *h, const char *format) {
    char own[160];
    fit_hardware_label(FIT_ETA_COMPUTE, h, format, own, sizeof own);
    return has_level(f, FIT_ETA_COMPUTE, FIT_HARDWARE, own);
}

/* Efficiencies of the formats that were measured; and power where it was measured on this die. What
 * no point speaks of stays as it is. */
static bool fill_hardware(const struct fit *f, xmlNode *root, const struct hardware *h,
                          const char *source) {
    xmlNode *memory = child(root, "memory");
    bool good = memory != NULL;
    if (good && child(root, "attention") == NULL) {
        xmlNode *attention = xmlNewNode(NULL, (const xmlChar *)"attention");
        good = attention != NULL && xmlAddPrevSibling(memory, attention) != NULL;
    }
    for (xmlNode *n = root->children; n != NULL && good; n = n->next) {
        if (n->type != XML_ELEMENT_NODE)
            continue;
        if (strcmp((const char *)n->name, "compute") == 0) {
            char *format = (char *)xmlGetProp(n, (const xmlChar *)"precision");
            good = format != NULL;
            if (good && format_fitted(f, h, format))
                good = put(n, "efficiency", "%.4g", format_value(f, FIT_ETA_COMPUTE, h, format)) &&
                       put_source(n, "efficiency", source);
            xmlFree(format);
        } else if (strcmp((const char *)n->name, "memory") == 0) {
            good = put(n, "efficiency", "%.4g", hardware_value(f, FIT_ETA_MEMORY, h)) &&
                   put(n, "kv_efficiency", "%.4g", hardware_value(f, FIT_ETA_KV, h)) &&
                   (!has_level(f, FIT_ETA_STATE, FIT_ALL, "all") ||
                    put(n, "state_efficiency", "%.4g", hardware_value(f, FIT_ETA_STATE, h))) &&
                   put_source(n, "efficiency, kv_efficiency, state_efficiency", source);
        } else if (strcmp((const char *)n->name, "attention") == 0) {
            good = put(n, "efficiency", "%.4g", hardware_value(f, FIT_ETA_ATTENTION, h)) &&
                   put_source(n, "efficiency", source);
        } else if (strcmp((const char *)n->name, "power") == 0 && power_fitted(f, h)) {
            good = fill_power(f, n, h, source);
        }
    }
    return good;
}

/* -- Files ------------------------------------------------------------------------------------ */

static bool make_folder(const char *path, struct error *e) {
    if (mkdir(path, 0777) == 0 || errno == EEXIST)
        return true;
    error_add(e, path, 0, "cannot be made: %s", strerror(errno));
    return false;
}

/* Reads the data folder's table, fills it in, and writes it to the folder. */
static bool write_table(const struct fit *f, const char *folder, const char *kind, const char *name,
                        const struct hardware *hardware, const char *source, struct error *e) {
    char data[DATADIR_SIZE];
    if (!datadir_find(data, sizeof data)) {
        error_add(e, data, 0, "no tables here; DCSIM_DATADIR names another folder");
        return false;
    }
    char *from = memory_print("%s/models/%s/%s.xml", data, kind, name);
    char *to = memory_print("%s/%s/%s.xml", folder, kind, name);
    xmlDoc *d = xmlReadFile(from, NULL, XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOBLANKS);
    xmlNode *root = d == NULL ? NULL : xmlDocGetRootElement(d);
    bool good = root != NULL && (hardware != NULL ? fill_hardware(f, root, hardware, source)
                                                  : fill_engine(f, root, name, source));
    if (!good)
        error_add(e, from, 0, "cannot be filled in: no such table, or no memory");
    else if (xmlSaveFormatFileEnc(to, d, "UTF-8", 1) < 0) {
        error_add(e, to, 0, "cannot be written: %s", strerror(errno));
        good = false;
    }
    xmlFreeDoc(d);
    free(to);
    free(from);
    return good;
}

/* Prompts that a source does not state, by task. */
static bool write_prompts(const struct fit *f, const char *folder, const char *source,
                          struct error *e) {
    char *path = memory_print("%s/prompts.csv", folder);
    FILE *to = fopen(path, "w");
    bool good = to != NULL;
    good = good && fprintf(to, "# %s\ntask,prompt_tokens\n", source) > 0;
    for (size_t j = 0; j < f->parameters && good; j++)
        if (f->parameter[j].coefficient == FIT_PROMPT)
            good = fprintf(to, "%s,%.0f\n", f->parameter[j].label,
                           fit_link(FIT_PROMPT, f->parameter[j].value)) > 0;
    if (to != NULL && fclose(to) != 0)
        good = false;
    if (!good)
        error_add(e, path, 0, "cannot be written: %s", strerror(errno));
    free(path);
    return good;
}

/* Whether the point is the first fitted one of its engine (or hardware). */
static bool first_of(const struct fit *f, size_t index, bool hardware) {
    const struct measured_point *m = f->point[index].measured;
    if (!(f->point[index].weight > 0.0))
        return false;
    for (size_t i = 0; i < index; i++) {
        const struct measured_point *o = f->point[i].measured;
        if (f->point[i].weight > 0.0 &&
            strcmp(hardware ? o->hardware : o->engine, hardware ? m->hardware : m->engine) == 0)
            return false;
    }
    return true;
}

bool fit_write_tables(const struct fit *f, const char *folder, const char *data, const char *day,
                      struct error *e) {
    char *hardware = memory_print("%s/hardware", folder);
    char *engines = memory_print("%s/serving_engine", folder);
    char *source = memory_print("estimate: robust least squares over %zu measured points of %s by "
                                "dcsim calibrate on %s (docs/calibrate.md)",
                                fit_fitted(f), data, day);
    bool good = make_folder(folder, e) && make_folder(hardware, e) && make_folder(engines, e) &&
                write_prompts(f, folder, source, e);
    for (size_t i = 0; i < f->points && good; i++) {
        const struct fit_point *p = &f->point[i];
        if (first_of(f, i, true))
            good =
                write_table(f, folder, "hardware", p->measured->hardware, p->hardware, source, e);
        if (good && first_of(f, i, false))
            good = write_table(f, folder, "serving_engine", p->measured->engine, NULL, source, e);
    }
    free(source);
    free(engines);
    free(hardware);
    return good;
}
