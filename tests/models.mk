# Tests of models; included by the top Makefile.am.
