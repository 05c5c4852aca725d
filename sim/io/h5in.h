/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_IO_H5IN_H
#define SIM_IO_H5IN_H

/* An HDF5 file being read: the other side of sim/io/h5out.h. The first failure is kept and
 * everything after it does nothing, so that callers check once, at the end. A file may be broken or
 * somebody else's: kinds, shapes and sizes are looked at before anything is read. */

#include <hdf5.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Elements of an array at most: more is taken for a broken file, not for a want of memory. */
#define H5IN_LARGEST ((size_t)1 << 26)

struct h5in {
    hid_t file;
    bool failed;
    char message[512]; /* of the first failure: what was found, and what would be right */
};

/* Opens a file to read. False, with `message`, when there is none, or it is not HDF5, or is cut
 * off. h5in_close is to be called either way. */
bool h5in_open(struct h5in *f, const char *path);
void h5in_close(struct h5in *f);

/* Whether there is such an object, at an absolute path: "/summary"; a dataset: with elements. */
bool h5in_has_group(const struct h5in *f, const char *path);
bool h5in_has_array(const struct h5in *f, const char *path);
bool h5in_has_attribute(const struct h5in *f, const char *path, const char *name);

/* Names in a group, *count of them, in the order of their making where the file keeps it, else by
 * name; owned by the caller (h5in_names_free). NULL when it failed. */
char **h5in_list(struct h5in *f, const char *path, size_t *count);

/* Attributes of the object at `path`. A text is owned by the caller; NULL, or 0, when it failed. */
char *h5in_text(struct h5in *f, const char *path, const char *name);
int64_t h5in_whole(struct h5in *f, const char *path, const char *name);

/* Whether the dataset is one number, and whether it is a whole one. */
bool h5in_is_scalar(struct h5in *f, const char *path, bool *whole);
double h5in_scalar(struct h5in *f, const char *path); /* NAN when it failed */

/* All elements of a dataset with one dimension at most, *count of them, owned by the caller (texts:
 * h5in_names_free). NULL when it failed, as when it has others in it than numbers or texts. */
double *h5in_reals(struct h5in *f, const char *path, size_t *count);
char **h5in_names(struct h5in *f, const char *path, size_t *count);
void h5in_names_free(char **name, size_t count);

/* Keeps a failure of the caller's own finding, unless there was one before. printf-like. */
void h5in_fail(struct h5in *f, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
