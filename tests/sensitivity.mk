# Tests of designs and of `dcsim sensitivity`; included by tests/analysis.mk.
check_PROGRAMS += tests/test_design tests/test_morris tests/test_sobol_index
tests_test_design_SOURCES = tests/test_design.c
tests_test_morris_SOURCES = tests/test_morris.c
tests_test_sobol_index_SOURCES = tests/test_sobol_index.c
dist_check_SCRIPTS += tests/sensitivity.py
