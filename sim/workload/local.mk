# Sources of sim/workload/; included by the top Makefile.am.
libdcsim_a_SOURCES += sim/workload/arrival.c sim/workload/arrival.h \
	sim/workload/arrival_closed.c sim/workload/arrival_gamma.c \
	sim/workload/arrival_poisson.c sim/workload/arrival_trace.c sim/workload/cursor.c \
	sim/workload/cursor.h sim/workload/length.c sim/workload/length.h \
	sim/workload/renewal.c sim/workload/renewal.h sim/workload/source.c \
	sim/workload/trace.c sim/workload/trace.h sim/workload/workload.h
