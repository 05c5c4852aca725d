/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _XOPEN_SOURCE 700
/* Fails when a value of a result does not reach the result file under its name and unit, when a
 * count is cut instead of rounded or an interval is left out, when no crossing at all makes a file
 * that cannot be read, when equal results make unequal bytes, when a device, folder, read-only file
 * or impossible name is taken as output, when a link is replaced instead of followed, or when a
 * disk that is full ends the program, is not told, or leaves anything behind. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/engine/memory.h"
#include "sim/io/results.h"

#include <dirent.h>
#include <hdf5.h>
#include <hdf5_hl.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* -- A result made by hand ----------------------------------------------------------------------
 */

enum { ROWS = 100 };

static const struct series_column columns[] = {
    {.name = "site_power", .unit = "W", .long_name = "power drawn from the feed"},
    {.name = "e_tok", .unit = "J/token", .long_name = "energy of a token"},
    {.name = "binding",
     .unit = "1",
     .long_name = "what bound",
     .flags = binding_name,
     .flag_count = BINDING_COUNT}};

static struct figure figures[] = {
    {.name = "horizon", .unit = "s", .long_name = "simulated time", .value = 100.0},
    {.name = "Q_token",
     .unit = "token",
     .long_name = "output tokens",
     .value = 1999.9999999, /* a scaled count */
     .whole = true,
     .has_interval = true,
     .low = 1990.5,
     .high = 2009.5},
    {.name = "e_tok", .unit = "J/token", .long_name = "energy of a token", .value = NAN}};

static struct result_crossing crossings[] = {
    {.time = 12.5, .direction = -1, .convention = RESULT_REALIZED},
    {.time = 50.25, .direction = 1, .convention = RESULT_PEAK}};

static struct result_cell cells[] = {{.group = "large",
                                      .index = 7,
                                      .weight = 16.0,
                                      .nodes = 2,
                                      .tokens = 120.0,
                                      .good_tokens = 100.0,
                                      .requests_done = 3.0,
                                      .it_energy = 1e6}};

static struct result_node nodes[] = {{.cell = 0, .total = {.tokens = 50.0, .busy_time = 1.5}},
                                     {.cell = 0, .total = {.tokens = 70.0, .energy = 4e5}}};

static void result_make(struct result *r) {
    memset(r, 0, sizeof *r);
    series_init(&r->series, columns, 3, ROWS);
    for (int i = 0; i < ROWS; i++) {
        const double row[] = {1e6 + i, i == 3 ? NAN : 0.5 * i, i % BINDING_COUNT};
        series_append(&r->series, i + 1.0, row);
    }
    r->summary = figures;
    r->summaries = sizeof figures / sizeof figures[0];
    r->binding_share[BINDING_FEED] = 0.75;
    r->binding_share[BINDING_DEMAND] = 0.25;
    r->ledger[RESULT_COOLING] = 42.0;
    r->crossing = crossings;
    r->crossings = 2;
    r->cell = cells;
    r->cells = 1;
    r->node = nodes;
    r->nodes = 2;
    sketch_add_times(&r->latency[CELL_TTFT], 0.5, 90);
    sketch_add_times(&r->latency[CELL_TTFT], 8.0, 10);
    r->state_hash = 0xabcdef;
}

static const struct results_meta meta = {.title = "by hand",
                                         .version = "9.9",
                                         .scenario_sha256 = "00ff",
                                         .command = "dcsim hand.xml",
                                         .scenario_xml = "<scenario note='\xc2\xb5'/>",
                                         .seed = 11};

/* -- A folder of its own ------------------------------------------------------------------------
 */

static int enter_folder(void **state) {
    char *folder = memory_text("/tmp/test_results.XXXXXX");
    if (mkdtemp(folder) == NULL || chdir(folder) != 0)
        return -1;
    *state = folder;
    return 0;
}

/* Files in the working folder. */
static int files_here(void) {
    DIR *here = opendir(".");
    int count = -2; /* . and .. */
    assert_non_null(here);
    while (readdir(here) != NULL)
        count++;
    closedir(here);
    return count;
}

static int leave_folder(void **state) {
    DIR *here = opendir(".");
    if (here == NULL)
        return -1;
    for (const struct dirent *d = readdir(here); d != NULL; d = readdir(here))
        if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0)
            remove(d->d_name);
    closedir(here);
    const int gone = chdir("/") == 0 ? rmdir(*state) : -1;
    free(*state);
    return gone;
}

static void write_result(const char *path) {
    struct result r;
    struct error e;
    error_init(&e);
    result_make(&r);
    const bool done = results_write(path, &r, &meta, &e);
    if (!done)
        print_error("%s\n", e.entry[0].text);
    assert_true(done);
    assert_false(error_any(&e));
    error_clear(&e);
    series_clear(&r.series);
}

/* -- What stands in the file --------------------------------------------------------------------
 */

static double number_of(hid_t file, const char *path) {
    double value = -1.0;
    assert_true(H5LTread_dataset_double(file, path, &value) >= 0);
    return value;
}

static void assert_text(hid_t file, const char *path, const char *name, const char *expected) {
    char *text = NULL;
    const hid_t a = H5Aopen_by_name(file, path, name, H5P_DEFAULT, H5P_DEFAULT);
    assert_true(a >= 0);
    const hid_t type = H5Aget_type(a);
    assert_true(H5Aread(a, type, &text) >= 0);
    assert_string_equal(text, expected);
    H5free_memory(text);
    H5Tclose(type);
    H5Aclose(a);
}

/* The name of the only dimension of an array. */
static void assert_dimension(hid_t file, const char *path, const char *name) {
    const hid_t dataset = H5Dopen2(file, path, H5P_DEFAULT);
    const hid_t scale = H5Dopen2(file, name, H5P_DEFAULT);
    assert_true(dataset >= 0 && scale >= 0);
    assert_true(H5DSis_scale(scale) > 0);
    if (strcmp(path, name) != 0)
        assert_true(H5DSis_attached(dataset, scale, 0) > 0);
    H5Dclose(scale);
    H5Dclose(dataset);
}

static void holds_series(hid_t file) {
    double value[ROWS];
    int flag[ROWS];
    assert_true(H5LTread_dataset_double(file, "/time", value) >= 0);
    assert_true(value[0] == 1.0 && value[ROWS - 1] == ROWS);
    assert_text(file, "/time", "units", "s");
    assert_true(H5LTread_dataset_double(file, "/site_power", value) >= 0);
    assert_true(value[17] == 1e6 + 17);
    assert_text(file, "/site_power", "units", "W");
    assert_text(file, "/site_power", "long_name", "power drawn from the feed");
    assert_dimension(file, "/site_power", "/time");
    assert_true(H5LTread_dataset_double(file, "/e_tok", value) >= 0);
    assert_true(isnan(value[3]) && value[4] == 2.0);
    assert_true(H5LTread_dataset_int(file, "/binding", flag) >= 0);
    assert_int_equal(flag[BINDING_COUNT + 2], 2);
    assert_text(file, "/binding", "flag_meanings",
                "demand compute memory kv feed cooling rack node");
    assert_dimension(file, "/binding", "/time");
}

static void holds_summary(hid_t file) {
    double share[BINDING_COUNT], value[RESULTS_QUANTILES];
    int64_t tokens = 0;
    assert_true(H5LTread_dataset(file, "/summary/Q_token", H5T_NATIVE_INT64, &tokens) >= 0);
    assert_int_equal(tokens, 2000);
    assert_text(file, "/summary/Q_token", "units", "token");
    assert_text(file, "/summary/Q_token", "ancillary_variables", "Q_token_low Q_token_high");
    assert_true(number_of(file, "/summary/Q_token_low") == 1990.5);
    assert_true(number_of(file, "/summary/Q_token_high") == 2009.5);
    assert_true(isnan(number_of(file, "/summary/e_tok")));
    assert_true(H5Lexists(file, "/summary/e_tok_low", H5P_DEFAULT) == 0);
    assert_true(H5LTread_dataset_double(file, "/summary/binding_share", share) >= 0);
    assert_true(share[BINDING_FEED] == 0.75 && share[BINDING_KV] == 0.0);
    assert_dimension(file, "/summary/binding_share", "/summary/binding_name");
    assert_true(H5LTread_dataset_double(file, "/summary/ttft/value", value) >= 0);
    assert_true(fabs(value[0] / 0.5 - 1) <= SKETCH_ERROR && fabs(value[2] / 8 - 1) <= SKETCH_ERROR);
    assert_dimension(file, "/summary/ttft/value", "/summary/ttft/quantile");
    assert_true(number_of(file, "/summary/ttft/count") == 100.0);
    assert_true(fabs(number_of(file, "/summary/ttft/mean") - 1.25) < 1e-12);
    assert_true(isnan(number_of(file, "/summary/itl/mean"))); /* nothing was counted */
}

static void holds_parts(hid_t file) {
    double value[2], counts[SKETCH_BINS];
    int direction[2];
    assert_true(number_of(file, "/ledger/cooling") == 42.0);
    assert_true(H5LTread_dataset_double(file, "/crossings/time", value) >= 0);
    assert_true(value[0] == 12.5 && value[1] == 50.25);
    assert_true(H5LTread_dataset_int(file, "/crossings/direction", direction) >= 0);
    assert_true(direction[0] == -1 && direction[1] == 1);
    assert_true(number_of(file, "/cells/weight") == 16.0);
    assert_true(number_of(file, "/cells/index") == 7.0);
    assert_true(H5LTread_dataset_double(file, "/nodes/tokens", value) >= 0);
    assert_true(value[0] == 50.0 && value[1] == 70.0);
    assert_true(H5LTread_dataset_double(file, "/latency/ttft", counts) >= 0);
    assert_true(counts[sketch_bin(0.5)] == 90.0 && counts[sketch_bin(8.0)] == 10.0);
}

static void file_holds_the_result(void **state) {
    (void)state;
    write_result("a.h5");
    const hid_t file = H5Fopen("a.h5", H5F_ACC_RDONLY, H5P_DEFAULT);
    assert_true(file >= 0);
    assert_text(file, "/", "title", "by hand");
    assert_text(file, "/", "command", "dcsim hand.xml");
    assert_text(file, "/", "created", "2001-09-09T01:46:40Z");
    assert_text(file, "/", "state_hash", "0000000000abcdef");
    holds_series(file);
    holds_summary(file);
    holds_parts(file);
    assert_true(H5Fclose(file) >= 0);
    assert_int_equal(files_here(), 1);
    assert_int_equal(H5Fget_obj_count(H5F_OBJ_ALL, H5F_OBJ_ALL), 0); /* nothing was left open */
}

static void no_crossing_is_an_empty_array(void **state) {
    (void)state;
    struct result r;
    struct error e;
    hsize_t size = 9;
    error_init(&e);
    result_make(&r);
    r.crossings = 0;
    assert_true(results_write("none.h5", &r, &meta, &e));
    const hid_t file = H5Fopen("none.h5", H5F_ACC_RDONLY, H5P_DEFAULT);
    assert_true(H5LTget_dataset_info(file, "/crossings/direction", &size, NULL, NULL) >= 0);
    assert_int_equal(size, 0);
    H5Fclose(file);
    series_clear(&r.series);
}

/* -- Where it goes ------------------------------------------------------------------------------
 */

static char *content(const char *path, size_t *size) {
    struct stat s;
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    assert_int_equal(fstat(fileno(f), &s), 0);
    char *bytes = memory_new((size_t)s.st_size, 1);
    *size = fread(bytes, 1, (size_t)s.st_size, f);
    assert_int_equal(*size, s.st_size);
    fclose(f);
    return bytes;
}

static void equal_results_make_equal_bytes(void **state) {
    (void)state;
    size_t a_size, b_size;
    write_result("a.h5");
    sleep(1); /* so that a time of an object would differ */
    write_result("b.h5");
    char *a = content("a.h5", &a_size), *b = content("b.h5", &b_size);
    assert_int_equal(a_size, b_size);
    assert_memory_equal(a, b, a_size);
    free(a);
    free(b);
}

/* Both the probe and the writer say `text` of a path, and leave nothing there. */
static void assert_refused(const char *path, const char *text) {
    struct error e;
    struct result r;
    const int before = files_here();
    error_init(&e);
    result_make(&r);
    assert_false(results_probe(path, &e));
    assert_non_null(strstr(e.entry[0].text, text));
    assert_false(results_write(path, &r, &meta, &e));
    assert_int_equal(e.count, 2);
    assert_int_equal(files_here(), before);
    error_clear(&e);
    series_clear(&r.series);
}

static void bad_targets_are_refused(void **state) {
    (void)state;
    char long_name[256];
    memset(long_name, 'n', sizeof long_name - 1);
    long_name[sizeof long_name - 6] = '\0'; /* fits by itself, but not with the part's suffix */
    assert_int_equal(mkfifo("pipe", 0600), 0);
    assert_int_equal(mkdir("folder", 0700), 0);
    assert_refused("pipe", "device, pipe or socket");
    assert_refused("folder", "found a folder");
    assert_refused("folder/", "found a folder");
    assert_refused("absent/", "no file name");
    assert_refused("absent/out.h5", "cannot be written");
    assert_refused("", "no file name");
    assert_refused(long_name, "cannot be written");
    struct stat s;
    assert_int_equal(stat("pipe", &s), 0);
    assert_true(S_ISFIFO(s.st_mode));
    if (geteuid() == 0) /* root may write everything */
        return;
    write_result("kept.h5");
    assert_int_equal(chmod("kept.h5", 0400), 0);
    assert_refused("kept.h5", "read-only");
}

static void foreign_file_is_kept(void **state) {
    (void)state;
    FILE *f = fopen("scenario.xml", "w");
    assert_non_null(f);
    assert_true(fputs("<scenario/>\n", f) >= 0);
    assert_int_equal(fclose(f), 0);
    assert_refused("scenario.xml", "no result");
    struct stat s;
    assert_int_equal(stat("scenario.xml", &s), 0);
    assert_int_equal(s.st_size, 12);
}

static void probe_leaves_nothing(void **state) {
    (void)state;
    struct error e;
    error_init(&e);
    assert_true(results_probe("new.h5", &e));
    assert_int_equal(files_here(), 0);
    write_result("new.h5");
    assert_true(results_probe("new.h5", &e)); /* may be replaced */
    assert_int_equal(files_here(), 1);
}

static void link_is_followed(void **state) {
    (void)state;
    struct stat s;
    FILE *f = fopen("real.h5", "w");
    assert_non_null(f);
    fclose(f);
    assert_int_equal(symlink("real.h5", "link.h5"), 0);
    write_result("link.h5");
    assert_int_equal(lstat("link.h5", &s), 0);
    assert_true(S_ISLNK(s.st_mode));
    assert_true(H5Fis_hdf5("real.h5") > 0);
}

/* A full disk, as a limit on file size, in a process of its own. */
static void full_disk_is_told(void **state) {
    (void)state;
    size_t size;
    write_result("old.h5");
    char *before = content("old.h5", &size);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        const struct rlimit limit = {4096, 4096};
        struct result r;
        struct error e;
        error_init(&e);
        result_make(&r);
        signal(SIGXFSZ, SIG_IGN);
        const bool limited = setrlimit(RLIMIT_FSIZE, &limit) == 0;
        const bool done = results_write("old.h5", &r, &meta, &e);
        const bool told = e.count == 1 && strstr(e.entry[0].text, "cannot be written") != NULL;
        H5close(); /* where HDF5 crashes on a file that it could not write */
        _exit(limited && !done && told ? 0 : 1);
    }
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    assert_int_equal(files_here(), 1);
    size_t after_size;
    char *after = content("old.h5", &after_size);
    assert_int_equal(after_size, size);
    assert_memory_equal(after, before, size);
    free(after);
    free(before);
}

int main(void) {
#define HERE(test) cmocka_unit_test_setup_teardown(test, enter_folder, leave_folder)
    const struct CMUnitTest tests[] = {HERE(file_holds_the_result),
                                       HERE(no_crossing_is_an_empty_array),
                                       HERE(equal_results_make_equal_bytes),
                                       HERE(bad_targets_are_refused),
                                       HERE(foreign_file_is_kept),
                                       HERE(probe_leaves_nothing),
                                       HERE(link_is_followed),
                                       HERE(full_disk_is_told)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    if (setenv("SOURCE_DATE_EPOCH", "1000000000", 1) != 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
