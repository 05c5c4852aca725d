# Tests of sim/serving; included by the top Makefile.am.
scene = tests/scene_fixture.c tests/scene_fixture.h tests/serving_oracle.c tests/serving_oracle.h \
	tests/models_fixture.h
check_PROGRAMS += tests/test_exactness
tests_test_exactness_SOURCES = tests/test_exactness.c $(scene)
check_PROGRAMS += tests/test_queueing
tests_test_queueing_SOURCES = tests/test_queueing.c
check_PROGRAMS += tests/test_conservation
tests_test_conservation_SOURCES = tests/test_conservation.c $(scene)
check_PROGRAMS += tests/test_little
tests_test_little_SOURCES = tests/test_little.c $(scene)
check_PROGRAMS += tests/test_limits
tests_test_limits_SOURCES = tests/test_limits.c tests/models_fixture.h
