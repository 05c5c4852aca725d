# Tests of analysis; included by the top Makefile.am.
