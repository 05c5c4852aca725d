/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fails when an array of several dimensions does not come back as it was written, in its order and
 * shape, when its dimensions lack their scales or have those of another group, when flags lose
 * their meanings, or when a scale that is not there goes unnoticed. */
#include "sim/io/h5out.h"

#include <hdf5_hl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void scale_make(struct h5out *o, hid_t group, const char *name, size_t count, double first) {
    double *value = calloc(count, sizeof *value);
    assert_non_null(value);
    for (size_t i = 0; i < count; i++)
        value[i] = first + (double)i;
    h5out_reals(o, group, name, "1", "an axis", value, count, name);
    free(value);
}

static hid_t reopened(struct h5out *o) {
    size_t size;
    void *bytes = h5out_close(o, &size);
    if (bytes == NULL)
        fail_msg("%s", o->message);
    const hid_t file = H5LTopen_file_image(bytes, size, 0);
    assert_true(file >= 0);
    free(bytes);
    return file;
}

/* An H5DS_iterate_t: keeps the first value of the scale. */
static herr_t first_value(hid_t dataset, unsigned dimension, hid_t scale, void *first) {
    (void)dataset;
    (void)dimension;
    double value[8192];
    const hid_t space = H5Dget_space(scale);
    assert_true(H5Sget_simple_extent_npoints(space) <= 8192 && H5Sclose(space) >= 0);
    assert_true(H5Dread(scale, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, value) >= 0);
    *(double *)first = value[0];
    return 1;
}

static void has_scales(hid_t file, const char *name, const double *first, size_t axes) {
    const hid_t dataset = H5Dopen2(file, name, H5P_DEFAULT);
    assert_true(dataset >= 0);
    for (size_t i = 0; i < axes; i++) {
        double found = -1.0;
        assert_int_equal(H5DSget_num_scales(dataset, (unsigned)i), 1);
        assert_int_equal(H5DSiterate_scales(dataset, (unsigned)i, NULL, first_value, &found), 1);
        assert_true(found == first[i]);
    }
    assert_true(H5Dclose(dataset) >= 0);
}

/* 3 x 2 x 5, small; and 3 x 2 x 8000, which is stored in chunks of no whole number of rows. */
static void test_grid(void **state) {
    (void)state;
    static const size_t last[] = {5, 8000};
    for (size_t which = 0; which < 2; which++) {
        const size_t count = 6 * last[which];
        const struct h5out_axis axis[] = {{"a", 3}, {"b", 2}, {"c", last[which]}};
        double *value = calloc(count, sizeof *value), *back = calloc(count, sizeof *back);
        struct h5out o;
        assert_non_null(value);
        assert_non_null(back);
        for (size_t i = 0; i < count; i++)
            value[i] = 0.5 * (double)i;
        h5out_open(&o);
        const hid_t root = h5out_group(&o, "/");
        scale_make(&o, root, "a", 3, 10.0);
        scale_make(&o, root, "b", 2, 20.0);
        scale_make(&o, root, "c", last[which], 30.0);
        h5out_grid(&o, root, "x", "W", "an array", value, axis, 3);
        h5out_leave(&o, root);
        const hid_t file = reopened(&o);
        hsize_t size[3];
        int rank;
        H5T_class_t class;
        size_t bytes;
        assert_true(H5LTget_dataset_ndims(file, "x", &rank) >= 0);
        assert_int_equal(rank, 3);
        assert_true(H5LTget_dataset_info(file, "x", size, &class, &bytes) >= 0);
        assert_true(size[0] == 3 && size[1] == 2 && size[2] == last[which]);
        assert_true(class == H5T_FLOAT && bytes == 8);
        assert_true(H5LTread_dataset_double(file, "x", back) >= 0);
        assert_memory_equal(value, back, count * sizeof *value);
        has_scales(file, "x", (double[]){10.0, 20.0, 30.0}, 3);
        assert_true(H5Fclose(file) >= 0);
        free(value);
        free(back);
    }
}

/* A scale of the group comes before the root's; what the group has not, the root gives. */
static void test_scales_of_group(void **state) {
    (void)state;
    const struct h5out_axis axis[] = {{"a", 2}, {"b", 2}};
    const double value[] = {1, 2, 3, 4};
    struct h5out o;
    h5out_open(&o);
    const hid_t root = h5out_group(&o, "/"), group = h5out_group(&o, "/g");
    scale_make(&o, root, "a", 2, 10.0);
    scale_make(&o, root, "b", 2, 20.0);
    scale_make(&o, group, "b", 2, 21.0);
    h5out_grid(&o, group, "x", "1", "an array", value, axis, 2);
    h5out_leave(&o, group);
    h5out_leave(&o, root);
    const hid_t file = reopened(&o);
    has_scales(file, "g/x", (double[]){10.0, 21.0}, 2);
    assert_true(H5Fclose(file) >= 0);
}

static void test_flags(void **state) {
    (void)state;
    static const char *const meaning[] = {"red", "green", "blue"};
    static const int8_t flag[] = {0, 1, 2, 2, 1, 0};
    const struct h5out_axis axis[] = {{"a", 2}, {"b", 3}};
    struct h5out o;
    h5out_open(&o);
    const hid_t root = h5out_group(&o, "/");
    scale_make(&o, root, "a", 2, 1.0);
    scale_make(&o, root, "b", 3, 1.0);
    const struct h5out_array a = {
        .name = "colour", .long_name = "a colour", .data = flag, .axis = axis, .axes = 2};
    h5out_flags(&o, root, a, meaning, 3);
    h5out_leave(&o, root);
    const hid_t file = reopened(&o);
    int8_t back[6], values[3];
    char *meanings = NULL;
    assert_true(H5LTread_dataset(file, "colour", H5T_NATIVE_INT8, back) >= 0);
    assert_memory_equal(back, flag, sizeof flag);
    assert_true(H5LTget_attribute(file, "colour", "flag_values", H5T_NATIVE_INT8, values) >= 0);
    for (int i = 0; i < 3; i++)
        assert_int_equal(values[i], i);
    assert_true(H5LTget_attribute_string(file, "colour", "flag_meanings", (char *)&meanings) >= 0);
    assert_string_equal(meanings, "red green blue");
    assert_true(H5free_memory(meanings) >= 0);
    assert_true(H5Fclose(file) >= 0);
}

static void test_no_scale(void **state) {
    (void)state;
    const struct h5out_axis axis[] = {{"nowhere", 2}};
    const double value[] = {1, 2};
    struct h5out o;
    size_t size;
    assert_true(H5Eset_auto2(H5E_DEFAULT, NULL, NULL) >= 0);
    h5out_open(&o);
    const hid_t root = h5out_group(&o, "/");
    h5out_grid(&o, root, "x", "1", "an array", value, axis, 1);
    h5out_leave(&o, root);
    assert_true(o.failed);
    assert_non_null(strstr(o.message, "nowhere"));
    assert_null(h5out_close(&o, &size));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_grid),
        cmocka_unit_test(test_scales_of_group),
        cmocka_unit_test(test_flags),
        cmocka_unit_test(test_no_scale),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
