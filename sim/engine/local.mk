# Sources of sim/engine/; included by the top Makefile.am.
libdcsim_a_SOURCES += sim/engine/error.h sim/engine/error.c sim/engine/eventq.h \
	sim/engine/eventq.c sim/engine/memory.h sim/engine/memory.c sim/engine/pcg.h \
	sim/engine/pcg.cc sim/engine/ranks.h sim/engine/ranks.c sim/engine/rng.h \
	sim/engine/rng.c sim/engine/schedule.h sim/engine/schedule.c sim/engine/simtime.h \
	sim/engine/window.h sim/engine/window.c
