# Sources of sim/site/; included by the top Makefile.am.
libdcsim_a_SOURCES += sim/site/cooling.h sim/site/result.h sim/site/site.h
