# Sources of sim/site/; included by the top Makefile.am.
libdcsim_a_SOURCES += sim/site/cooling.h sim/site/result.h sim/site/site.h
libdcsim_a_SOURCES += sim/site/cooling.c sim/site/span.c sim/site/span.h
libdcsim_a_SOURCES += sim/site/capping.c sim/site/capping.h sim/site/capping_none.c \
	sim/site/capping_proportional.c sim/site/capping_uniform.c
