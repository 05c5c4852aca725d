# Tests of models; included by the top Makefile.am.
check_PROGRAMS += tests/test_precision
tests_test_precision_SOURCES = tests/test_precision.c
check_PROGRAMS += tests/test_llm
tests_test_llm_SOURCES = tests/test_llm.c tests/models_fixture.h
check_PROGRAMS += tests/test_platform
tests_test_platform_SOURCES = tests/test_platform.c tests/models_fixture.h
check_PROGRAMS += tests/test_iteration
tests_test_iteration_SOURCES = tests/test_iteration.c tests/models_fixture.h
check_PROGRAMS += tests/test_power
tests_test_power_SOURCES = tests/test_power.c tests/models_fixture.h
check_PROGRAMS += tests/test_operating_point
tests_test_operating_point_SOURCES = tests/test_operating_point.c tests/models_fixture.h
