# Tests of experiments and sweeps; included by tests/analysis.mk.
check_PROGRAMS += tests/test_axis tests/test_plan tests/test_journal
tests_test_axis_SOURCES = tests/test_axis.c
tests_test_plan_SOURCES = tests/test_plan.c
tests_test_journal_SOURCES = tests/test_journal.c
