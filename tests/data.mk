# Written by build-aux/list-data: run it after adding or removing a file; do not edit.
EXTRA_DIST += tests/command.sh
EXTRA_DIST += tests/data_lists.sh
EXTRA_DIST += tests/headers.sh
EXTRA_DIST += tests/layers.sh
