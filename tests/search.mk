# Tests of capacity, size and optimize; included by tests/analysis.mk.
check_PROGRAMS += tests/test_goal tests/test_threshold tests/test_pattern
tests_test_goal_SOURCES = tests/test_goal.c
tests_test_threshold_SOURCES = tests/test_threshold.c
tests_test_pattern_SOURCES = tests/test_pattern.c
dist_check_SCRIPTS += tests/search.py
