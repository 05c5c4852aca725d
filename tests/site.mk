# Tests of site; included by the top Makefile.am.
