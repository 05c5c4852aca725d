# Sources of sim/serving/; included by the top Makefile.am.
libdcsim_a_SOURCES += sim/serving/binding.h sim/serving/cell.h
