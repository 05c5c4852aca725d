# Sources of sim/workload/; included by the top Makefile.am.
libdcsim_a_SOURCES += sim/workload/workload.h
