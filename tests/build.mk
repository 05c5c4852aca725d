# Tests of the source tree itself; included by the top Makefile.am.
dist_check_SCRIPTS += tests/headers.sh tests/layers.sh tests/data_lists.sh tests/command.sh
