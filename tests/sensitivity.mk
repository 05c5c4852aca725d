# Tests of designs and of sensitivity indices; included by tests/analysis.mk.
check_PROGRAMS += tests/test_design
tests_test_design_SOURCES = tests/test_design.c
