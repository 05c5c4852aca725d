# Tests of trials and of `dcsim validate`; included by tests/analysis.mk.
check_PROGRAMS += tests/test_trial tests/test_error_table tests/test_caps
tests_test_trial_SOURCES = tests/test_trial.c
tests_test_error_table_SOURCES = tests/test_error_table.c
tests_test_caps_SOURCES = tests/test_caps.c
dist_check_SCRIPTS += tests/validate.py tests/validate_bars.py
