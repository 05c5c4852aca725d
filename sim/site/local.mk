# Sources of sim/site/; included by the top Makefile.am.
libdcsim_a_SOURCES += sim/site/book.c sim/site/book.h sim/site/capping.c sim/site/capping.h \
	sim/site/capping_none.c sim/site/capping_proportional.c sim/site/capping_uniform.c \
	sim/site/ceiling.c sim/site/ceiling.h sim/site/column.c sim/site/column.h sim/site/cooling.c \
	sim/site/cooling.h sim/site/crossing.c sim/site/crossing.h sim/site/estimate.c \
	sim/site/estimate.h sim/site/manager.c sim/site/manager.h sim/site/resource.c sim/site/resource.h \
	sim/site/result.c sim/site/result.h \
	sim/site/site.c sim/site/site.h sim/site/site_extent.c sim/site/site_impl.h sim/site/span.c \
	sim/site/span.h sim/site/spread.c sim/site/spread.h sim/site/summary.c
