# Tests of engine; included by the top Makefile.am.
check_PROGRAMS += tests/test_error tests/test_memory tests/test_schedule tests/test_rng
tests_test_error_SOURCES = tests/test_error.c
tests_test_memory_SOURCES = tests/test_memory.c
tests_test_schedule_SOURCES = tests/test_schedule.c
tests_test_rng_SOURCES = tests/test_rng.c
check_PROGRAMS += tests/test_sketch tests/test_series tests/test_interval tests/test_ledger
tests_test_sketch_SOURCES = tests/test_sketch.c
tests_test_series_SOURCES = tests/test_series.c
tests_test_interval_SOURCES = tests/test_interval.c
tests_test_ledger_SOURCES = tests/test_ledger.c
check_PROGRAMS += tests/test_eventq
tests_test_eventq_SOURCES = tests/test_eventq.c tests/bench_calendar.h tests/bench_heap4.h \
	tests/bench_scan.h
check_PROGRAMS += tests/test_window
tests_test_window_SOURCES = tests/test_window.c
check_PROGRAMS += tests/test_ranks
tests_test_ranks_SOURCES = tests/test_ranks.c
