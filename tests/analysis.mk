# Tests of analysis; included by the top Makefile.am.
check_PROGRAMS += tests/test_carry tests/test_summary tests/test_pool
check_PROGRAMS += tests/test_compare
tests_test_compare_SOURCES = tests/test_compare.c
tests_test_summary_SOURCES = tests/test_summary.c
tests_test_carry_SOURCES = tests/test_carry.c
tests_test_pool_SOURCES = tests/test_pool.c
include $(top_srcdir)/tests/sensitivity.mk
include $(top_srcdir)/tests/search.mk
include $(top_srcdir)/tests/measured.mk
include $(top_srcdir)/tests/validate.mk
include $(top_srcdir)/tests/sweep.mk
check_PROGRAMS += tests/test_course tests/test_trajectory
tests_test_course_SOURCES = tests/test_course.c
tests_test_trajectory_SOURCES = tests/test_trajectory.c
