# Measured points, which are installed beside the tables (sim/io/datadir.h), and the tests of their
# reader and of the library; included by tests/analysis.mk.
measureddir = $(pkgdatadir)/measured
dist_measured_DATA =
include $(top_srcdir)/tests/measured/data.mk
check_PROGRAMS += tests/test_measured tests/test_measured_bad tests/test_library
tests_test_measured_SOURCES = tests/test_measured.c
tests_test_measured_bad_SOURCES = tests/test_measured_bad.c
tests_test_library_SOURCES = tests/test_library.c
dist_check_SCRIPTS += tests/data_input.sh
check_PROGRAMS += tests/test_fit
tests_test_fit_SOURCES = tests/test_fit.c
