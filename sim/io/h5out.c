/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/h5out.h"

#include "sim/engine/memory.h"

#include <hdf5_hl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK = 16384, DEFLATE_LEVEL = 4, MEMORY_STEP = 1 << 20 };

/* An H5E_walk2_t: keeps the description of the innermost call that failed. */
static herr_t keep_reason(unsigned depth, const H5E_error2_t *entry, void *text) {
    if (depth == 0 && entry->desc != NULL)
        snprintf(text, 128, "%s", entry->desc);
    return 0;
}

/* Keeps the first failure; true when the call went well. */
static bool check(struct h5out *o, bool good, const char *call, const char *what) {
    if (!good && !o->failed) {
        char reason[128] = "no reason given";
        o->failed = true;
        H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, keep_reason, reason);
        snprintf(o->message, sizeof o->message, "HDF5: %s failed for %.128s (%s)", call, what,
                 reason);
    }
    return good;
}

/* The file lives in memory only; it does not close while anything in it is open. */
static hid_t access_list(struct h5out *o) {
    const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    check(o,
          access >= 0 && H5Pset_fapl_core(access, MEMORY_STEP, false) >= 0 &&
              H5Pset_fclose_degree(access, H5F_CLOSE_SEMI) >= 0,
          "H5Pset_fapl_core", "the file");
    return access;
}

void h5out_open(struct h5out *o) {
    *o = (struct h5out){.file = H5I_INVALID_HID};
    const hid_t create = H5Pcreate(H5P_FILE_CREATE), access = access_list(o);
    /* Links in the order of their making, as netCDF-4 keeps them. */
    const unsigned order = H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED;
    check(o,
          create >= 0 && H5Pset_link_creation_order(create, order) >= 0 &&
              H5Pset_obj_track_times(create, false) >= 0,
          "H5Pset", "the file");
    if (!o->failed) {
        o->file = H5Fcreate("results", H5F_ACC_TRUNC, create, access);
        check(o, o->file >= 0, "H5Fcreate", "the file");
    }
    if (create >= 0)
        check(o, H5Pclose(create) >= 0, "H5Pclose", "the file");
    if (access >= 0)
        check(o, H5Pclose(access) >= 0, "H5Pclose", "the file");
}

/* The bytes of the open file. */
static void *image(struct h5out *o, size_t *size) {
    if (!check(o, H5Fflush(o->file, H5F_SCOPE_GLOBAL) >= 0, "H5Fflush", "the file"))
        return NULL;
    const ssize_t needed = H5Fget_file_image(o->file, NULL, 0);
    if (!check(o, needed > 0, "H5Fget_file_image", "the file"))
        return NULL;
    void *bytes = memory_new((size_t)needed, 1);
    *size = (size_t)needed;
    check(o, H5Fget_file_image(o->file, bytes, *size) == needed, "H5Fget_file_image", "the file");
    return bytes;
}

void *h5out_close(struct h5out *o, size_t *size) {
    *size = 0;
    void *bytes = o->failed ? NULL : image(o, size);
    if (o->file >= 0)
        check(o, H5Fclose(o->file) >= 0, "H5Fclose", "the file");
    o->file = H5I_INVALID_HID;
    if (!o->failed)
        return bytes;
    free(bytes);
    *size = 0;
    return NULL;
}

hid_t h5out_group(struct h5out *o, const char *path) {
    if (o->failed)
        return H5I_INVALID_HID;
    if (strcmp(path, "/") == 0) {
        const hid_t root = H5Gopen2(o->file, "/", H5P_DEFAULT);
        check(o, root >= 0, "H5Gopen2", path);
        return root;
    }
    const hid_t create = H5Pcreate(H5P_GROUP_CREATE), link = H5Pcreate(H5P_LINK_CREATE);
    hid_t group = H5I_INVALID_HID;
    const unsigned order = H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED;
    if (check(o,
              create >= 0 && link >= 0 && H5Pset_link_creation_order(create, order) >= 0 &&
                  H5Pset_obj_track_times(create, false) >= 0 &&
                  H5Pset_create_intermediate_group(link, 1) >= 0,
              "H5Pset", path)) {
        group = H5Gcreate2(o->file, path, link, create, H5P_DEFAULT);
        check(o, group >= 0, "H5Gcreate2", path);
    }
    if (create >= 0)
        check(o, H5Pclose(create) >= 0, "H5Pclose", path);
    if (link >= 0)
        check(o, H5Pclose(link) >= 0, "H5Pclose", path);
    return group;
}

void h5out_leave(struct h5out *o, hid_t group) {
    if (group >= 0)
        check(o, H5Gclose(group) >= 0, "H5Gclose", "a group");
}

/* One attribute of a given type and shape. */
static void attribute(struct h5out *o, hid_t object, const char *name, hid_t memory, hid_t type,
                      const void *value, size_t count) {
    if (o->failed)
        return;
    const hsize_t size = count;
    const hid_t space = count > 0 ? H5Screate_simple(1, &size, NULL) : H5Screate(H5S_SCALAR);
    if (!check(o, space >= 0, "H5Screate", name))
        return;
    const hid_t a = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    if (check(o, a >= 0, "H5Acreate2", name)) {
        check(o, H5Awrite(a, memory, value) >= 0, "H5Awrite", name);
        check(o, H5Aclose(a) >= 0, "H5Aclose", name);
    }
    check(o, H5Sclose(space) >= 0, "H5Sclose", name);
}

/* UTF-8 text of any length: what netCDF-4 calls a string, and h5py reads as str. */
static hid_t text_type(struct h5out *o) {
    const hid_t type = H5Tcopy(H5T_C_S1);
    check(o,
          type >= 0 && H5Tset_size(type, H5T_VARIABLE) >= 0 &&
              H5Tset_cset(type, H5T_CSET_UTF8) >= 0,
          "H5Tset", "a text type");
    return type;
}

void h5out_text(struct h5out *o, hid_t object, const char *name, const char *value) {
    if (o->failed)
        return;
    const hid_t type = text_type(o);
    attribute(o, object, name, type, type, &value, 0);
    if (type >= 0)
        check(o, H5Tclose(type) >= 0, "H5Tclose", name);
}

void h5out_whole(struct h5out *o, hid_t object, const char *name, int64_t value) {
    attribute(o, object, name, H5T_NATIVE_INT64, H5T_STD_I64LE, &value, 0);
}

void h5out_bytes(struct h5out *o, hid_t object, const char *name, const int8_t *value,
                 size_t count) {
    attribute(o, object, name, H5T_NATIVE_INT8, H5T_STD_I8LE, value, count);
}

/* The extent of an array: its dimensions, 0 of a scalar. */
struct shape {
    hsize_t size[H5OUT_AXES];
    int dimensions;
    size_t count; /* elements */
};

static struct shape shape_of(const struct h5out_array *a) {
    struct shape s = {.dimensions = a->axes > 0 ? (int)a->axes : a->scale != NULL, .count = 1};
    for (int i = 0; i < s.dimensions; i++) {
        s.size[i] = a->axes > 0 ? a->axis[i].size : a->size;
        s.count *= s.size[i];
    }
    return s;
}

/* How an array is stored. */
static hid_t storage(struct h5out *o, const struct h5out_array *a, const struct shape *s) {
    const hid_t create = H5Pcreate(H5P_DATASET_CREATE);
    check(o, create >= 0 && H5Pset_obj_track_times(create, false) >= 0, "H5Pcreate", a->name);
    if (s->dimensions > 0 && s->count >= 64) {
        /* A chunk is the whole array, or as much of its first dimensions as is large enough. */
        hsize_t chunk[H5OUT_AXES], room = CHUNK;
        for (int i = s->dimensions; i-- > 0;) {
            chunk[i] = s->size[i] < room ? s->size[i] : room;
            room /= chunk[i];
            room = room > 0 ? room : 1;
        }
        check(o,
              H5Pset_chunk(create, s->dimensions, chunk) >= 0 && H5Pset_shuffle(create) >= 0 &&
                  H5Pset_deflate(create, DEFLATE_LEVEL) >= 0,
              "H5Pset_chunk", a->name);
    }
    return create;
}

/* Attaches a scale, of the group or else of the root, to dimension `i`. */
static void attach_scale(struct h5out *o, hid_t group, hid_t dataset, const char *name, int i) {
    const bool here = H5Lexists(group, name, H5P_DEFAULT) > 0;
    const hid_t scale = H5Dopen2(here ? group : o->file, name, H5P_DEFAULT);
    if (check(o, scale >= 0, "H5Dopen2", name)) {
        check(o, H5DSattach_scale(dataset, scale, (unsigned)i) >= 0, "H5DSattach_scale", name);
        check(o, H5Dclose(scale) >= 0, "H5Dclose", name);
    }
}

/* Makes the array a dimension scale, or attaches those of its dimensions to it. */
static void attach(struct h5out *o, hid_t group, hid_t dataset, const struct h5out_array *a) {
    for (size_t i = 0; i < a->axes; i++)
        attach_scale(o, group, dataset, a->axis[i].scale, (int)i);
    if (a->axes > 0 || a->scale == NULL)
        return;
    if (strcmp(a->scale, a->name) == 0)
        check(o, H5DSset_scale(dataset, a->name) >= 0, "H5DSset_scale", a->name);
    else
        attach_scale(o, group, dataset, a->scale, 0);
}

hid_t h5out_array(struct h5out *o, hid_t group, const struct h5out_array *a) {
    if (o->failed)
        return H5I_INVALID_HID;
    const struct shape shape = shape_of(a);
    const hid_t space = shape.dimensions > 0 ? H5Screate_simple(shape.dimensions, shape.size, NULL)
                                             : H5Screate(H5S_SCALAR);
    const hid_t create = storage(o, a, &shape);
    hid_t dataset = H5I_INVALID_HID;
    if (check(o, space >= 0, "H5Screate", a->name) && !o->failed) {
        dataset = H5Dcreate2(group, a->name, a->type, space, H5P_DEFAULT, create, H5P_DEFAULT);
        check(o, dataset >= 0, "H5Dcreate2", a->name);
    }
    if (dataset >= 0) {
        if (shape.count > 0)
            check(o, H5Dwrite(dataset, a->memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, a->data) >= 0,
                  "H5Dwrite", a->name);
        attach(o, group, dataset, a);
        if (a->unit != NULL)
            h5out_text(o, dataset, "units", a->unit);
        if (a->long_name != NULL)
            h5out_text(o, dataset, "long_name", a->long_name);
    }
    if (create >= 0)
        check(o, H5Pclose(create) >= 0, "H5Pclose", a->name);
    if (space >= 0)
        check(o, H5Sclose(space) >= 0, "H5Sclose", a->name);
    return dataset;
}

void h5out_done(struct h5out *o, hid_t dataset) {
    if (dataset >= 0)
        check(o, H5Dclose(dataset) >= 0, "H5Dclose", "a dataset");
}

void h5out_flags(struct h5out *o, hid_t group, struct h5out_array a, const char *const *meaning,
                 int count) {
    int8_t *values = memory_new((size_t)count, 1);
    char *meanings = memory_text(meaning[0]);
    for (int i = 1; i < count; i++) {
        values[i] = (int8_t)i;
        char *longer = memory_print("%s %s", meanings, meaning[i]);
        free(meanings);
        meanings = longer;
    }
    a.memory = H5T_NATIVE_INT8;
    a.type = H5T_STD_I8LE;
    const hid_t dataset = h5out_array(o, group, &a);
    h5out_bytes(o, dataset, "flag_values", values, (size_t)count);
    h5out_text(o, dataset, "flag_meanings", meanings);
    h5out_done(o, dataset);
    free(meanings);
    free(values);
}

void h5out_reals(struct h5out *o, hid_t group, const char *name, const char *unit,
                 const char *long_name, const double *value, size_t size, const char *scale) {
    const struct h5out_array a = {
        name, unit, long_name, H5T_NATIVE_DOUBLE, H5T_IEEE_F64LE, value, size, scale, NULL, 0};
    h5out_done(o, h5out_array(o, group, &a));
}

void h5out_counts(struct h5out *o, hid_t group, const char *name, const char *unit,
                  const char *long_name, const int64_t *value, size_t size, const char *scale) {
    const struct h5out_array a = {
        name, unit, long_name, H5T_NATIVE_INT64, H5T_STD_I64LE, value, size, scale, NULL, 0};
    h5out_done(o, h5out_array(o, group, &a));
}

void h5out_scalar(struct h5out *o, hid_t group, const char *name, const char *unit,
                  const char *long_name, double value) {
    h5out_reals(o, group, name, unit, long_name, &value, 0, NULL);
}

void h5out_count(struct h5out *o, hid_t group, const char *name, const char *unit,
                 const char *long_name, int64_t value) {
    h5out_counts(o, group, name, unit, long_name, &value, 0, NULL);
}

void h5out_names(struct h5out *o, hid_t group, const char *name, const char *long_name,
                 const char *const *value, size_t size, const char *scale) {
    if (o->failed)
        return;
    const hid_t type = text_type(o);
    const struct h5out_array a = {name, NULL, long_name, type, type, value, size, scale, NULL, 0};
    h5out_done(o, h5out_array(o, group, &a));
    if (type >= 0)
        check(o, H5Tclose(type) >= 0, "H5Tclose", name);
}

void h5out_grid(struct h5out *o, hid_t group, const char *name, const char *unit,
                const char *long_name, const double *value, const struct h5out_axis *axis,
                size_t axes) {
    const struct h5out_array a = {
        name, unit, long_name, H5T_NATIVE_DOUBLE, H5T_IEEE_F64LE, value, 0, NULL, axis, axes};
    h5out_done(o, h5out_array(o, group, &a));
}
