/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_IO_H5OUT_H
#define SIM_IO_H5OUT_H

/* An HDF5 file being made, in memory, in the conventions that netCDF-4 and xarray read. The first
 * failure is kept and everything after it does nothing, so that callers check once, at the end. In
 * memory because HDF5 cannot let go of a file that its disk does not take: closing it fails, and
 * the library's end then crashes. */

#include <hdf5.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct h5out {
    hid_t file;
    bool failed;
    char message[512]; /* of the first failure, with HDF5's own reason */
};

/* Begins an empty file; object times are off. */
void h5out_open(struct h5out *o);

/* Ends it. Returns the file's bytes, *size of them, owned by the caller; NULL, with the reason in
 * `message`, when anything since h5out_open failed or was left open. */
void *h5out_close(struct h5out *o, size_t *size);

/* A group at an absolute path, its parents too. Closed with h5out_leave. */
hid_t h5out_group(struct h5out *o, const char *path);
void h5out_leave(struct h5out *o, hid_t group);

/* Attributes of an object: text, number, or an array of bytes. */
void h5out_text(struct h5out *o, hid_t object, const char *name, const char *value);
void h5out_whole(struct h5out *o, hid_t object, const char *name, int64_t value);
void h5out_bytes(struct h5out *o, hid_t object, const char *name, const int8_t *value,
                 size_t count);

/* A dimension of an array: its scale, by name in the same group or else at the root, and its size.
 */
struct h5out_axis {
    const char *scale;
    size_t size;
};
enum { H5OUT_AXES = 32 }; /* at most, as HDF5 has it */

/* What an array is: its elements in memory, `type` in memory and file, `size` of them (0: a
 * scalar). `scale`: name of the dimension scale in the same group; the array's own name makes it
 * one; NULL with a scalar. With `axes` > 0 the array has so many dimensions, the last runs fastest,
 * and size and scale do not matter. Large arrays are chunked, shuffled and deflated. */
struct h5out_array {
    const char *name, *unit, *long_name; /* unit NULL: none */
    hid_t memory, type;
    const void *data;
    size_t size;
    const char *scale;
    const struct h5out_axis *axis;
    size_t axes; /* at most H5OUT_AXES */
};

/* Writes it into a group and returns the open dataset, for more attributes; h5out_done closes it.
 */
hid_t h5out_array(struct h5out *o, hid_t group, const struct h5out_array *a);
void h5out_done(struct h5out *o, hid_t dataset);

/* An array of flags, closed at once: `data` are the int8_t values 0, 1, ..., which `count` meanings
 * (words) explain. Its types need not be given. */
void h5out_flags(struct h5out *o, hid_t group, struct h5out_array a, const char *const *meaning,
                 int count);

/* The same, closed at once: scalars and doubles, and an array of texts. */
void h5out_scalar(struct h5out *o, hid_t group, const char *name, const char *unit,
                  const char *long_name, double value);
void h5out_count(struct h5out *o, hid_t group, const char *name, const char *unit,
                 const char *long_name, int64_t value);
void h5out_reals(struct h5out *o, hid_t group, const char *name, const char *unit,
                 const char *long_name, const double *value, size_t size, const char *scale);
void h5out_counts(struct h5out *o, hid_t group, const char *name, const char *unit,
                  const char *long_name, const int64_t *value, size_t size, const char *scale);
/* An array of doubles of several dimensions. */
void h5out_grid(struct h5out *o, hid_t group, const char *name, const char *unit,
                const char *long_name, const double *value, const struct h5out_axis *axis,
                size_t axes);
void h5out_names(struct h5out *o, hid_t group, const char *name, const char *long_name,
                 const char *const *value, size_t size, const char *scale);

#endif
