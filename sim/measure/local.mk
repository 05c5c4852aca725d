# Sources of sim/measure/; included by the top Makefile.am.
libdcsim_a_SOURCES += sim/measure/figure.h sim/measure/interval.h sim/measure/interval.c \
	sim/measure/ledger.h sim/measure/series.h sim/measure/series.c sim/measure/sketch.h \
	sim/measure/sketch.c
