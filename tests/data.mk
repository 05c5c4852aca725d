# Written by build-aux/list-data: run it after adding or removing a file; do not edit.
EXTRA_DIST += tests/bench_calendar.h
EXTRA_DIST += tests/bench_heap4.h
EXTRA_DIST += tests/bench_scan.h
EXTRA_DIST += tests/check_tables.sh
EXTRA_DIST += tests/command.sh
EXTRA_DIST += tests/data/trace_dates.csv
EXTRA_DIST += tests/data/trace_milliseconds.csv
EXTRA_DIST += tests/data/trace_seconds.csv
EXTRA_DIST += tests/data/trace_seconds.csv.gz
EXTRA_DIST += tests/data_lists.sh
EXTRA_DIST += tests/headers.sh
EXTRA_DIST += tests/layers.sh
EXTRA_DIST += tests/models_fixture.h
EXTRA_DIST += tests/serving_oracle.h
