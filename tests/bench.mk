# Benchmarks; the top Makefile.am lists $(bench_programs) under EXTRA_PROGRAMS for `make bench`.
bench_programs += tests/bench_eventq
tests_bench_eventq_SOURCES = tests/bench_eventq.c tests/bench_calendar.h tests/bench_heap4.h \
	tests/bench_scan.h
