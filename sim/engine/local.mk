# Sources of sim/engine/; included by the top Makefile.am.
libdcsim_a_SOURCES += sim/engine/error.h sim/engine/memory.h sim/engine/rng.h \
	sim/engine/schedule.h sim/engine/simtime.h
