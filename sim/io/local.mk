# Sources of sim/io/; included by the top Makefile.am.
libdcsim_a_SOURCES += sim/io/datadir.c sim/io/datadir.h sim/io/sha256.c sim/io/sha256.h \
	sim/io/unit.c sim/io/unit.h
libdcsim_a_SOURCES += sim/io/attribute.c sim/io/attribute.h sim/io/document.c sim/io/document.h \
	sim/io/override.c sim/io/override.h sim/io/schema.c sim/io/schema.h \
	sim/io/table.c sim/io/table.h sim/io/weather.c sim/io/weather.h
libdcsim_a_SOURCES += sim/io/scenario.c sim/io/scenario.h sim/io/scenario_impl.h \
	sim/io/scenario_cells.c sim/io/scenario_schedule.c sim/io/scenario_site.c \
	sim/io/scenario_tables.c sim/io/scenario_workload.c
libdcsim_a_SOURCES += sim/io/h5in.c sim/io/h5in.h sim/io/h5out.c sim/io/h5out.h sim/io/json.c sim/io/results.c \
	sim/io/results.h sim/io/outfile.c sim/io/outfile.h sim/io/saved.c sim/io/saved.h \
	sim/io/difference.c sim/io/difference.h sim/io/guard.c sim/io/guard.h
libdcsim_a_SOURCES += sim/io/course.c sim/io/course.h sim/io/date.c sim/io/date.h
libdcsim_a_SOURCES += sim/io/library.c sim/io/library.h
