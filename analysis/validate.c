/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _XOPEN_SOURCE 700 /* scandir, open_memstream */
#include "analysis/validate.h"

#include "analysis/measured_prompts.h"
#include "analysis/validation_file.h"
#include "analysis/validation_report.h"
#include "sim/engine/memory.h"
#include "sim/engine/window.h"
#include "sim/io/datadir.h"
#include "sim/io/outfile.h"
#include "sim/io/results.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Tables that stand beside the data and are none. */
static const char prompts_name[] = "prompts.csv", notes_name[] = "notes.csv";

/* What a run reads. */
struct validate_input {
    struct library *library;
    struct measured measured;
    struct measured_prompts prompts;
    struct validation_notes notes;
    struct validation_held_out held_out;
};

static bool ends_with(const char *text, const char *end) {
    const size_t length = strlen(text), tail = strlen(end);
    return length >= tail && strcmp(text + length - tail, end) == 0;
}

static int is_data(const struct dirent *d) {
    return (ends_with(d->d_name, ".csv") || ends_with(d->d_name, ".csv.gz")) &&
           d->d_name[0] != '.' && strcmp(d->d_name, prompts_name) != 0 &&
           strcmp(d->d_name, notes_name) != 0;
}

static int by_name(const struct dirent **a, const struct dirent **b) {
    return strcmp((*a)->d_name, (*b)->d_name);
}

/* Reads all files of the folder, in order of their names. */
static bool read_folder(struct measured *m, const char *folder, struct error *e) {
    struct dirent **entry;
    const int count = scandir(folder, &entry, is_data, by_name);
    if (count <= 0)
        error_add(e, folder, 0, "%s", count < 0 ? strerror(errno) : "holds no measured points");
    bool right = count > 0;
    for (int i = 0; i < count; i++) {
        char *path = memory_print("%s/%s", folder, entry[i]->d_name);
        right = measured_read(m, path, e) && right;
        free(path);
        free(entry[i]);
    }
    if (count >= 0)
        free(entry);
    return right;
}

static void clear_input(struct validate_input *in) {
    measured_clear(&in->measured);
    measured_prompts_clear(&in->prompts);
    validation_notes_clear(&in->notes);
    validation_held_out_clear(&in->held_out);
    library_free(in->library);
}

static bool read_input(const struct options *o, struct validate_input *in, struct error *e) {
    *in = (struct validate_input){.library = library_new(e)};
    char *folder = datadir_measured();
    char *prompts = memory_print("%s/%s", folder, prompts_name);
    char *notes = memory_print("%s/%s", folder, notes_name);
    bool right = in->library != NULL;
    right = measured_prompts_read(&in->prompts, prompts, e) && right;
    right = validation_notes_read(&in->notes, notes, e) && right;
    if (o->held_out != NULL)
        right = validation_held_out_read(&in->held_out, o->held_out, e) && right;
    for (size_t i = 0; i < o->words; i++)
        right = measured_read(&in->measured, o->word[i], e) && right;
    if (o->words == 0)
        right = read_folder(&in->measured, folder, e) && right;
    right = right && measured_screen(&in->measured, in->library, e);
    if (right)
        measured_prompts_apply(&in->prompts, &in->measured);
    else
        clear_input(in);
    free(notes);
    free(prompts);
    free(folder);
    return right;
}

/* Whether a file that is read would be lost to an output. */
static bool is_read(const char *output, const char *input, struct error *e) {
    if (output == NULL || input == NULL || !outfile_same(output, input))
        return false;
    error_add(
        e, output, 0,
        "found as an output, but it is read too and would be lost; another name would be right");
    return true;
}

/* Whether the outputs are files of their own: neither what is read nor each other. */
static bool outputs_apart(const struct options *o, const struct measured *m, struct error *e) {
    const char *const output[] = {o->output, o->markdown};
    char *folder = datadir_measured();
    char *prompts = memory_print("%s/%s", folder, prompts_name);
    char *notes = memory_print("%s/%s", folder, notes_name);
    bool apart = true;
    for (int i = 0; i < 2; i++) {
        bool lost = is_read(output[i], o->held_out, e) || is_read(output[i], prompts, e) ||
                    is_read(output[i], notes, e);
        for (size_t j = 0; j < m->paths && !lost; j++)
            lost = is_read(output[i], m->path[j], e);
        apart = apart && !lost;
    }
    if (apart && o->output != NULL && o->markdown != NULL && outfile_same(o->output, o->markdown)) {
        error_add(
            e, o->markdown, 0,
            "found under -o and --markdown, where one would replace the other; two names would "
            "be right");
        apart = false;
    }
    free(notes);
    free(prompts);
    free(folder);
    return apart;
}

static bool write_report(const struct options *o, const struct validate_input *in,
                         const struct comparisons *c, struct error *e) {
    char *text = NULL;
    size_t size = 0;
    FILE *memory = open_memstream(&text, &size);
    bool done = false;
    if (memory != NULL) {
        validation_report(c, &in->notes, &in->held_out, memory);
        done = fclose(memory) == 0;
    }
    if (!done)
        error_add(e, o->markdown, 0, "%s", strerror(errno));
    done = done && outfile_write(o->markdown, text, size, e);
    free(text);
    return done;
}

static bool write_all(const struct options *o, const char *command, const struct validate_input *in,
                      const struct comparisons *c, FILE *to, struct error *e) {
    if (o->output != NULL && !validation_file_write(o->output, c, command, e))
        return false;
    if (o->markdown != NULL && !write_report(o, in, c, e))
        return false;
    if (o->json)
        validation_json(c, to);
    else if (!o->quiet)
        validation_summary(c, to);
    return true;
}

enum run_status validate_run(const struct options *o, const char *command, FILE *to,
                             struct error *e) {
    struct validate_input in;
    struct comparisons comparisons;
    enum run_status status = RUN_MISTAKE;
    if ((o->output != NULL && !results_probe(o->output, e)) ||
        (o->markdown != NULL && !outfile_probe(o->markdown, e)) || !read_input(o, &in, e))
        return status;
    if (!outputs_apart(o, &in.measured, e)) {
        clear_input(&in);
        return status;
    }
    const int threads = o->threads > 0 ? o->threads : window_threads();
    if (comparisons_run(&in.measured, in.library, threads, &comparisons, e)) {
        status = write_all(o, command, &in, &comparisons, to, e) ? RUN_DONE : RUN_FAILED;
        comparisons_clear(&comparisons);
    }
    clear_input(&in);
    return status;
}
