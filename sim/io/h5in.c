/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/h5in.h"

#include "sim/engine/memory.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void h5in_fail(struct h5in *f, const char *format, ...) {
    if (f->failed)
        return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(f->message, sizeof f->message, format, arguments);
    va_end(arguments);
    f->failed = true;
}

/* An H5E_walk2_t: keeps the description of the innermost call that failed. */
static herr_t keep_reason(unsigned depth, const H5E_error2_t *entry, void *text) {
    if (depth == 0 && entry->desc != NULL)
        snprintf(text, 128, "%s", entry->desc);
    return 0;
}

/* Keeps what HDF5 says of a call that failed; true when it went well. */
static bool check(struct h5in *f, bool good, const char *what) {
    if (!good && !f->failed) {
        char reason[128] = "no reason given";
        H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, keep_reason, reason);
        h5in_fail(f, "found %s that HDF5 cannot read (%s): the file is broken", what, reason);
    }
    return good;
}

bool h5in_open(struct h5in *f, const char *path) {
    *f = (struct h5in){.file = H5I_INVALID_HID};
    /* HDF5's own words for a missing file and a text file are the same. */
    FILE *there = fopen(path, "rb");
    unsigned char first;
    const bool readable = there != NULL && fread(&first, 1, 1, there) == 1;
    const int reason = errno;
    const bool empty = there != NULL && !readable && feof(there);
    if (there != NULL)
        fclose(there);
    if (empty)
        h5in_fail(f, "found an empty file; an HDF5 file would be right");
    else if (!readable)
        h5in_fail(f, "cannot be read: %s", strerror(reason));
    else if (H5Fis_hdf5(path) <= 0)
        h5in_fail(f, "found a file that is not HDF5; a result of dcsim would be right");
    else {
        f->file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
        check(f, f->file >= 0, "a file");
    }
    return !f->failed;
}

void h5in_close(struct h5in *f) {
    if (f->file >= 0)
        check(f, H5Fclose(f->file) >= 0, "an end");
    f->file = H5I_INVALID_HID;
}

/* -- What there is ----------------------------------------------------------------------------- */

/* Whether every link on the way to `path` is there. */
static bool has_path(const struct h5in *f, const char *path) {
    char *part = memory_text(path);
    bool there = path[0] == '/';
    for (char *slash = part; there && slash != NULL && slash[1] != '\0';) {
        slash = strchr(slash + 1, '/');
        if (slash != NULL)
            *slash = '\0';
        there =
            H5Lexists(f->file, part, H5P_DEFAULT) > 0 && H5Oexists_by_name(f->file, part, 0) > 0;
        if (slash != NULL)
            *slash = '/';
    }
    free(part);
    return there;
}

static bool has_object(const struct h5in *f, const char *path, H5I_type_t kind) {
    if (f->failed || !has_path(f, path))
        return false;
    const hid_t object = H5Oopen(f->file, path, H5P_DEFAULT);
    const bool is = object >= 0 && H5Iget_type(object) == kind;
    if (object >= 0)
        H5Oclose(object);
    return is;
}

bool h5in_has_group(const struct h5in *f, const char *path) {
    return has_object(f, path, H5I_GROUP);
}

bool h5in_has_array(const struct h5in *f, const char *path) {
    return has_object(f, path, H5I_DATASET);
}

bool h5in_has_attribute(const struct h5in *f, const char *path, const char *name) {
    return !f->failed && has_path(f, path) &&
           H5Aexists_by_name(f->file, path, name, H5P_DEFAULT) > 0;
}

/* Name of the link at `place`, owned by the caller; NULL when it failed. */
static char *link_name(struct h5in *f, hid_t group, H5_index_t order, hsize_t place) {
    const ssize_t size = H5Lget_name_by_idx(group, ".", order, H5_ITER_INC, place, NULL, 0, 0);
    if (!check(f, size > 0, "a link"))
        return NULL;
    char *name = memory_new((size_t)size + 1, 1);
    check(f,
          H5Lget_name_by_idx(group, ".", order, H5_ITER_INC, place, name, (size_t)size + 1, 0) ==
              size,
          "a link");
    return name;
}

/* By what the links of a group are in order. */
static H5_index_t link_order(struct h5in *f, hid_t group) {
    unsigned flags = 0;
    const hid_t create = H5Gget_create_plist(group);
    check(f, create >= 0 && H5Pget_link_creation_order(create, &flags) >= 0, "a group");
    if (create >= 0)
        H5Pclose(create);
    return flags & H5P_CRT_ORDER_INDEXED ? H5_INDEX_CRT_ORDER : H5_INDEX_NAME;
}

char **h5in_list(struct h5in *f, const char *path, size_t *count) {
    H5G_info_t info;
    char **name = NULL;
    *count = 0;
    if (f->failed)
        return NULL;
    const hid_t group = h5in_has_group(f, path) ? H5Gopen2(f->file, path, H5P_DEFAULT) : -1;
    if (check(f, group >= 0 && H5Gget_info(group, &info) >= 0, path)) {
        const H5_index_t order = link_order(f, group);
        if (info.nlinks > H5IN_LARGEST)
            h5in_fail(f, "found more links in %s than any result has: the file is broken", path);
        name = memory_new(f->failed ? 1 : info.nlinks + 1, sizeof *name);
        for (hsize_t i = 0; !f->failed && i < info.nlinks; i++) {
            name[*count] = link_name(f, group, order, i);
            *count += name[*count] != NULL;
        }
    }
    if (group >= 0)
        H5Gclose(group);
    if (!f->failed)
        return name;
    h5in_names_free(name, *count);
    *count = 0;
    return NULL;
}

/* -- Attributes -------------------------------------------------------------------------------- */

/* Opens one; `what` then names it in messages. */
static hid_t open_attribute(struct h5in *f, const char *path, const char *name, char what[128]) {
    snprintf(what, 128, "attribute %.60s of %.48s", name, path);
    if (f->failed)
        return H5I_INVALID_HID;
    if (!h5in_has_attribute(f, path, name)) {
        h5in_fail(f, "found no %s; a result of dcsim has it", what);
        return H5I_INVALID_HID;
    }
    const hid_t attribute = H5Aopen_by_name(f->file, path, name, H5P_DEFAULT, H5P_DEFAULT);
    check(f, attribute >= 0, what);
    return attribute;
}

/* Whether something is one value of a class. */
static bool is_one(hid_t type, hid_t space, H5T_class_t class) {
    return type >= 0 && space >= 0 && H5Tget_class(type) == class &&
           H5Sget_simple_extent_npoints(space) == 1;
}

/* UTF-8 text of any length in memory. */
static hid_t text_type(struct h5in *f, hid_t stored) {
    const hid_t type = H5Tcopy(H5T_C_S1);
    check(f,
          type >= 0 && H5Tset_size(type, H5T_VARIABLE) >= 0 &&
              H5Tset_cset(type, H5Tget_cset(stored)) >= 0,
          "a text");
    return type;
}

/* Our own copy of a text that HDF5 has made. */
static char *take_text(char *text) {
    char *copy = memory_text(text == NULL ? "" : text);
    H5free_memory(text);
    return copy;
}

char *h5in_text(struct h5in *f, const char *path, const char *name) {
    char what[128], *text = NULL, *copy = NULL;
    const hid_t attribute = open_attribute(f, path, name, what);
    if (attribute < 0)
        return NULL;
    const hid_t type = H5Aget_type(attribute), space = H5Aget_space(attribute);
    if (is_one(type, space, H5T_STRING) && H5Tis_variable_str(type) > 0) {
        const hid_t memory = text_type(f, type);
        if (!f->failed && check(f, H5Aread(attribute, memory, &text) >= 0, what))
            copy = take_text(text);
        if (memory >= 0)
            H5Tclose(memory);
    } else
        h5in_fail(f, "found an %s that is not one text; a result of dcsim has one", what);
    if (space >= 0)
        H5Sclose(space);
    if (type >= 0)
        H5Tclose(type);
    H5Aclose(attribute);
    return copy;
}

int64_t h5in_whole(struct h5in *f, const char *path, const char *name) {
    char what[128];
    int64_t value = 0;
    const hid_t attribute = open_attribute(f, path, name, what);
    if (attribute < 0)
        return 0;
    const hid_t type = H5Aget_type(attribute), space = H5Aget_space(attribute);
    if (is_one(type, space, H5T_INTEGER))
        check(f, H5Aread(attribute, H5T_NATIVE_INT64, &value) >= 0, what);
    else
        h5in_fail(f, "found an %s that is not one whole number; a result of dcsim has one", what);
    if (space >= 0)
        H5Sclose(space);
    if (type >= 0)
        H5Tclose(type);
    H5Aclose(attribute);
    return f->failed ? 0 : value;
}

/* -- Datasets ---------------------------------------------------------------------------------- */

/* A dataset that is open, with its type and space. */
struct array {
    hid_t dataset, type, space;
    size_t size;
};

static void close_array(struct array *a) {
    if (a->space >= 0)
        H5Sclose(a->space);
    if (a->type >= 0)
        H5Tclose(a->type);
    if (a->dataset >= 0)
        H5Dclose(a->dataset);
}

/* Opens one whose size is sound; close_array is to be called either way. */
static bool open_array(struct h5in *f, const char *path, struct array *a) {
    *a = (struct array){H5I_INVALID_HID, H5I_INVALID_HID, H5I_INVALID_HID, 0};
    if (f->failed)
        return false;
    if (!h5in_has_array(f, path)) {
        h5in_fail(f, "found no array %s; a result of dcsim has it", path);
        return false;
    }
    a->dataset = H5Dopen2(f->file, path, H5P_DEFAULT);
    if (!check(f, a->dataset >= 0, path))
        return false;
    a->type = H5Dget_type(a->dataset);
    a->space = H5Dget_space(a->dataset);
    if (!check(f, a->type >= 0 && a->space >= 0, path))
        return false;
    const int dimensions = H5Sget_simple_extent_ndims(a->space);
    const hssize_t size = H5Sget_simple_extent_npoints(a->space);
    if (dimensions < 0 || dimensions > 1 || size < 0 || (size_t)size > H5IN_LARGEST)
        h5in_fail(f, "found an array %s of a shape that no result of dcsim has", path);
    else
        a->size = (size_t)size;
    return !f->failed;
}

/* Whether its elements are numbers. */
static bool has_numbers(const struct array *a) {
    const H5T_class_t class = H5Tget_class(a->type);
    return class == H5T_FLOAT || class == H5T_INTEGER;
}

bool h5in_is_scalar(struct h5in *f, const char *path, bool *whole) {
    struct array a;
    const bool scalar = open_array(f, path, &a) && has_numbers(&a) &&
                        H5Sget_simple_extent_type(a.space) == H5S_SCALAR;
    *whole = scalar && H5Tget_class(a.type) == H5T_INTEGER;
    close_array(&a);
    return scalar;
}

double *h5in_reals(struct h5in *f, const char *path, size_t *count) {
    struct array a;
    double *value = NULL;
    *count = 0;
    if (open_array(f, path, &a)) {
        if (!has_numbers(&a))
            h5in_fail(f, "found an array %s that is not of numbers", path);
        else {
            value = memory_new(a.size + 1, sizeof *value);
            if (a.size > 0)
                check(f,
                      H5Dread(a.dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, value) >=
                          0,
                      path);
            *count = a.size;
        }
    }
    close_array(&a);
    if (!f->failed)
        return value;
    free(value);
    *count = 0;
    return NULL;
}

double h5in_scalar(struct h5in *f, const char *path) {
    size_t count;
    double *value = h5in_reals(f, path, &count);
    if (!f->failed && count != 1)
        h5in_fail(f, "found %zu values in %s; one would be right", count, path);
    const double one = f->failed ? NAN : value[0];
    free(value);
    return one;
}

char **h5in_names(struct h5in *f, const char *path, size_t *count) {
    struct array a;
    char **name = NULL;
    *count = 0;
    if (open_array(f, path, &a)) {
        if (H5Tget_class(a.type) != H5T_STRING || H5Tis_variable_str(a.type) <= 0)
            h5in_fail(f, "found an array %s that is not of texts", path);
        else {
            const hid_t memory = text_type(f, a.type);
            name = memory_new(a.size + 1, sizeof *name);
            if (!f->failed && a.size > 0 &&
                check(f, H5Dread(a.dataset, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, name) >= 0,
                      path))
                for (; *count < a.size; ++*count)
                    name[*count] = take_text(name[*count]);
            if (memory >= 0)
                H5Tclose(memory);
        }
    }
    close_array(&a);
    if (!f->failed)
        return name;
    h5in_names_free(name, *count);
    *count = 0;
    return NULL;
}

void h5in_names_free(char **name, size_t count) {
    for (size_t i = 0; i < count; i++)
        free(name[i]);
    free(name);
}
