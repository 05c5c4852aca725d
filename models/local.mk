# Sources of models/; included by the top Makefile.am.
libdcsim_a_SOURCES += models/hardware.h models/iteration.h models/llm.h models/operating_point.h \
	models/platform.h models/power.h models/precision.h models/serving_engine.c models/serving_engine.h
libdcsim_a_SOURCES += models/hardware.c models/iteration.c models/llm.c models/operating_point.c \
	models/platform.c models/power.c models/precision.c
