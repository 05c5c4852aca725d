# Tests of workload; included by the top Makefile.am.
