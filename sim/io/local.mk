# Sources of sim/io/; included by the top Makefile.am.
libdcsim_a_SOURCES += sim/io/datadir.c sim/io/datadir.h sim/io/sha256.c sim/io/sha256.h \
	sim/io/unit.c sim/io/unit.h
