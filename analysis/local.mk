# Sources of analysis/; included by the top Makefile.am.
libdcsim_a_SOURCES += analysis/carry.c analysis/carry.h analysis/check.c analysis/check.h analysis/explain.c analysis/explain.h \
	analysis/explain_paper.c analysis/marginal.c analysis/marginal.h analysis/options.c analysis/options.h analysis/progress.c \
	analysis/progress.h analysis/run.c analysis/run.h analysis/summary.c analysis/summary.h
