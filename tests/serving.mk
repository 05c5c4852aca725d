# Tests of serving; included by the top Makefile.am.
