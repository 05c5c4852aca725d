# Tests of io; included by the top Makefile.am.
