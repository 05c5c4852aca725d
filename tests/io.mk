# Tests of io; included by the top Makefile.am.
check_PROGRAMS += tests/test_unit
tests_test_unit_SOURCES = tests/test_unit.c
check_PROGRAMS += tests/test_override
tests_test_override_SOURCES = tests/test_override.c
check_PROGRAMS += tests/test_scenario
tests_test_scenario_SOURCES = tests/test_scenario.c
dist_check_SCRIPTS += tests/bad_input.sh
check_PROGRAMS += tests/test_results
tests_test_results_SOURCES = tests/test_results.c
