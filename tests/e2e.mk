# Tests of e2e; included by the top Makefile.am.
