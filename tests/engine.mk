# Tests of engine; included by the top Makefile.am.
