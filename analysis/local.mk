# Sources of analysis/; included by the top Makefile.am.
libdcsim_a_SOURCES += analysis/check.c analysis/check.h analysis/explain.c analysis/explain.h analysis/explain_paper.c
