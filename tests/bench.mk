# Benchmarks; included by the top Makefile.am, run by `make bench`, no part of `make check`.
# A program:  bench_programs += tests/bench_x    with    tests_bench_x_SOURCES = tests/bench_x.c
# A script:   bench_scripts += tests/bench_x.sh  (or .py)
bench_scripts += tests/bench_run.py
bench_programs += tests/bench_eventq tests/bench_source
tests_bench_source_SOURCES = tests/bench_source.c
tests_bench_eventq_SOURCES = tests/bench_eventq.c tests/bench_calendar.h tests/bench_heap4.h \
	tests/bench_scan.h
