/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/fit.h"

#include "sim/engine/memory.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* -- What a point depends on ------------------------------------------------------------------ */

static const char *experts_width(enum precision weights) {
    switch (weights) {
    case PRECISION_FP16:
        return "16bit";
    case PRECISION_FP8:
    case PRECISION_INT8:
        return "8bit";
    default:
        return "4bit";
    }
}

/* Whether a coefficient has any say on a point. */
static bool applies(const struct fit_point *p, enum fit_coefficient c) {
    const struct measured_point *m = p->measured;
    switch (c) {
    case FIT_ETA_STATE:
        return p->llm->linear_layers > 0.0;
    case FIT_LAYER_MOE:
    case FIT_EXPERTS:
    case FIT_EXPERTS_COMPUTE:
        return p->llm->experts > 0.0;
    case FIT_LAYER_PARALLEL:
        return p->llm->experts > 0.0 && m->expert_parallel && m->gpus > 1;
    case FIT_LAYER_MLA:
        return p->llm->attention == LLM_MLA;
    case FIT_REQUEST:
    case FIT_PROMPT_TOKEN:
        return !isnan(m->ttft);
    case FIT_ALLREDUCE_LATENCY:
    case FIT_ALLREDUCE_VOLUME:
        return m->gpus > 1;
    case FIT_POWER_ACTIVE:
    case FIT_POWER_COMPUTE:
    case FIT_POWER_SCALE:
    case FIT_POWER_MEMORY:
        return !isnan(m->gpu_power);
    case FIT_POWER_EXPERTS:
        return !isnan(m->gpu_power) && p->llm->experts > 0.0;
    case FIT_PROMPT:
        return isnan(m->prompt);
    default:
        return true;
    }
}

/* The family of a published name, where pictures are turned into tokens in a way of its own:
 * "Qwen/Qwen3-VL-8B" is "Qwen". */
static void family(const char *published, char *out, size_t size) {
    const char *slash = strchr(published, '/');
    size_t n = 0;
    for (const char *c = slash == NULL ? published : slash + 1; isalpha((unsigned char)*c); c++)
        if (n + 1 < size)
            out[n++] = *c;
    out[n] = '\0';
}

void fit_hardware_label(enum fit_coefficient c, const struct hardware *h, const char *format,
                        char *out, size_t size) {
    const double tera = h->peak[PRECISION_FP16] * 1e-12;
    switch (c) {
    case FIT_ETA_COMPUTE:
        snprintf(out, size, "die of %.0f TFLOP/s %s", tera, format);
        break;
    case FIT_POWER_ACTIVE:
    case FIT_POWER_COMPUTE:
    case FIT_POWER_SCALE:
    case FIT_POWER_MEMORY:
    case FIT_POWER_EXPERTS:
        snprintf(out, size, "die of %.0f TFLOP/s", tera);
        break;
    default:
        snprintf(out, size, "%s", h->name);
    }
}

/* The label of the group of points that share a parameter of this level. */
static void label(const struct fit_point *p, enum fit_coefficient c, enum fit_level level,
                  char *out, size_t size) {
    const struct measured_point *m = p->measured;
    char name[32] = "";
    switch (level) {
    case FIT_ALL:
        snprintf(out, size, "all");
        break;
    case FIT_FORMAT:
        snprintf(out, size, "%s",
                 c == FIT_ETA_COMPUTE ? precision_name(platform_math(p->hardware, m->weights))
                                      : experts_width(m->weights));
        break;
    case FIT_HARDWARE:
        fit_hardware_label(c, p->hardware, precision_name(platform_math(p->hardware, m->weights)),
                           out, size);
        break;
    case FIT_ENGINE:
        snprintf(out, size, "%s%s%s", m->engine, c == FIT_EXPERTS ? " " : "",
                 c == FIT_EXPERTS ? experts_width(m->weights) : "");
        break;
    case FIT_PAIR:
        snprintf(out, size, "%s on %s%s%s", m->engine, m->hardware, c == FIT_EXPERTS ? " " : "",
                 c == FIT_EXPERTS ? experts_width(m->weights) : "");
        break;
    case FIT_TASK:
        if (strstr(m->task, "image") != NULL || strstr(m->task, "video") != NULL)
            family(m->published, name, sizeof name);
        snprintf(out, size, "%s%s%s", m->task, name[0] != '\0' ? " " : "", name);
        break;
    }
}

/* The parameter of that label, made when there is none. */
static int parameter_of(struct fit *f, enum fit_coefficient c, enum fit_level level, bool deviation,
                        const char *text) {
    for (size_t i = 0; i < f->parameters; i++) {
        const struct fit_parameter *q = &f->parameter[i];
        if (q->coefficient == c && q->level == level && strcmp(q->label, text) == 0)
            return (int)i;
    }
    f->parameter = memory_resize(f->parameter, f->parameters + 1, sizeof *f->parameter);
    struct fit_parameter *q = &f->parameter[f->parameters++];
    *q = (struct fit_parameter){
        .coefficient = c, .level = level, .deviation = deviation, .error = NAN};
    snprintf(q->label, sizeof q->label, "%s", text);
    if (c == FIT_ETA_COMPUTE && level == FIT_FORMAT)
        q->value = q->prior = fit_link_inverse(c, fit_kernel_share(text));
    return (int)f->parameters - 1;
}

static void attach(struct fit *f, struct fit_point *p) {
    for (int k = 0; k < FIT_COEFFICIENTS; k++) {
        const enum fit_coefficient c = (enum fit_coefficient)k;
        int n = 0;
        for (unsigned bit = FIT_ALL; bit <= FIT_TASK && applies(p, c); bit <<= 1) {
            char text[160];
            if ((fit_row[c].levels & ~f->without[c] & bit) == 0)
                continue;
            label(p, c, bit, text, sizeof text);
            const int i = parameter_of(f, c, bit, n > 0, text);
            if (p->weight > 0.0)
                f->parameter[i].points++;
            p->parameter[c][n++] = i;
        }
        while (n < FIT_LEVELS_MAX)
            p->parameter[c][n++] = -1;
    }
}

/* -- Opening ---------------------------------------------------------------------------------- */

/* Rows of published data that are predicted but not fitted (docs/tables.md, fits). ML.ENERGY's runs
 * of gpqa and of pictures on one B200 are paced by something else than the GPU: 19 to 50 ms between
 * tokens at 8 to 64 clients whatever the model, at 280 to 450 W. The rows on GB200 are few, and
 * most of them slower with fewer clients. */
static bool predicted_only(const struct measured_point *m) {
    if (strcmp(m->source, "mlenergy") == 0)
        return strcmp(m->hardware, "B200") == 0 && m->gpus == 1 &&
               strncmp(m->llm, "gpt-oss", 7) != 0 &&
               (strcmp(m->task, "gpqa") == 0 || strstr(m->task, "image") != NULL ||
                strstr(m->task, "video") != NULL);
    return strcmp(m->source, "serving_points") == 0 && strcmp(m->hardware, "GB200-NVL72") == 0;
}

/* Only closed loops are fitted: the other kinds are for validation alone. */
static bool fitted(const struct measured_point *m) {
    return m->excluded == NULL && m->kind == MEASURED_CLOSED_LOOP && !isnan(m->output) &&
           !isnan(m->clients) && !isnan(m->tpot);
}

/* The table's name of the first point whose model has the same shape. */
static const char *architecture(const struct fit *f, const struct llm *llm) {
    for (size_t i = 0; i < f->points; i++) {
        const struct llm *o = f->point[i].llm;
        if (o->layers == llm->layers && o->width == llm->width && o->experts == llm->experts &&
            o->query_heads == llm->query_heads && o->vocabulary == llm->vocabulary &&
            o->attention == llm->attention)
            return f->point[i].architecture;
    }
    return llm->name;
}

bool fit_open(struct fit *f, const struct measured *m, struct library *l, struct error *e) {
    bool good = true;
    f->threads = 1;
    f->point = memory_new(m->count, sizeof *f->point);
    for (size_t i = 0; i < m->count && good; i++) {
        if (!fitted(&m->point[i]))
            continue;
        struct fit_point *p = &f->point[f->points];
        *p = (struct fit_point){.measured = &m->point[i],
                                .hardware = library_hardware(l, m->point[i].hardware, e),
                                .llm = library_llm(l, m->point[i].llm, e),
                                .engine = library_engine(l, m->point[i].engine, e),
                                .weight = predicted_only(&m->point[i]) ? 0.0 : 1.0};
        good = p->hardware != NULL && p->llm != NULL && p->engine != NULL;
        if (good) {
            p->architecture = architecture(f, p->llm);
            attach(f, p);
            f->points++;
        }
    }
    if (!good)
        fit_close(f);
    return good;
}

size_t fit_fitted(const struct fit *f) {
    size_t n = 0;
    for (size_t i = 0; i < f->points; i++)
        n += f->point[i].weight > 0.0;
    return n;
}

void fit_close(struct fit *f) {
    free(f->point);
    free(f->parameter);
    *f = (struct fit){.point = NULL};
}

void fit_values_of(const struct fit *f, const struct fit_point *p, double value[FIT_COEFFICIENTS]) {
    double sum[FIT_COEFFICIENTS] = {0.0};
    for (int c = 0; c < FIT_COEFFICIENTS; c++)
        for (int i = 0; i < FIT_LEVELS_MAX && p->parameter[c][i] >= 0; i++)
            sum[c] += f->parameter[p->parameter[c][i]].value;
    fit_values(f, sum, value);
}

double fit_value(const struct fit *f, const struct fit_point *p, enum fit_coefficient c) {
    double value[FIT_COEFFICIENTS];
    fit_values_of(f, p, value);
    return value[c];
}
