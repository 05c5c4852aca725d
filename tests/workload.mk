# Tests of workload; included by the top Makefile.am.
check_PROGRAMS += tests/test_arrival tests/test_lengths tests/test_trace tests/test_source
tests_test_arrival_SOURCES = tests/test_arrival.c
tests_test_lengths_SOURCES = tests/test_lengths.c
tests_test_trace_SOURCES = tests/test_trace.c
tests_test_source_SOURCES = tests/test_source.c
