# Sources of analysis/; included by the top Makefile.am.
libdcsim_a_SOURCES += analysis/carry.c analysis/carry.h analysis/check.c analysis/check.h analysis/explain.c analysis/explain.h analysis/calibrate.c analysis/calibrate.h \
	analysis/fit.c analysis/fit.h analysis/fit_coefficients.c analysis/fit_predict.c \
	analysis/fit_report.c analysis/fit_report.h analysis/fit_solve.c analysis/fit_tables.c analysis/fit_tables.h \
	analysis/explain_paper.c analysis/marginal.c analysis/marginal.h analysis/options.c analysis/options.h analysis/options_help.c analysis/progress.c \
	analysis/progress.h analysis/run.c analysis/run.h analysis/summary.c analysis/summary.h
libdcsim_a_SOURCES += analysis/crossover.c analysis/crossover.h analysis/trajectory.c analysis/trajectory.h \
	analysis/trajectory_figure.c analysis/trajectory_impl.h analysis/trajectory_file.c analysis/trajectory_file.h analysis/trajectory_print.c \
	analysis/trajectory_print.h analysis/trajectory_table.c analysis/trajectory_table.h analysis/trajectory_value.c
libdcsim_a_SOURCES += analysis/measured.c analysis/measured.h analysis/measured_csv.c analysis/measured_csv.h \
	analysis/measured_format.h analysis/measured_names.c analysis/measured_screen.c analysis/measured_version.c analysis/measured_serving.c \
	analysis/measured_mlenergy.c analysis/measured_splitwise.c analysis/measured_mlperf.c analysis/measured_capcurve.c \
	analysis/measured_own.c analysis/measured_own_check.c analysis/near.c analysis/near.h
libdcsim_a_SOURCES += analysis/compare.c analysis/compare.h analysis/compare_json.c analysis/compare_print.c \
	analysis/pairing.c analysis/pairing.h analysis/quantity.c analysis/quantity.h
libdcsim_a_SOURCES += analysis/comparison.c analysis/comparison.h analysis/error_table.c analysis/error_table.h \
	analysis/measured_prompts.c analysis/measured_prompts.h analysis/trial.c analysis/trial.h analysis/validate.c \
	analysis/validate.h analysis/validation_file.c analysis/validation_file.h analysis/validation_notes.c \
	analysis/validation_bars.c analysis/validation_bars.h analysis/validation_memory.c analysis/validation_memory.h \
	analysis/validation_notes.h analysis/validation_report.c analysis/validation_report.h
libdcsim_a_SOURCES += analysis/axis.c analysis/axis.h analysis/experiment.c analysis/experiment.h analysis/journal.c analysis/journal.h \
	analysis/outcome.c analysis/outcome.h
libdcsim_a_SOURCES += analysis/design.c analysis/design.h
libdcsim_a_SOURCES += analysis/kink.c analysis/kink.h analysis/plan.c analysis/plan.h analysis/study.c analysis/study.h analysis/sweep.c analysis/sweep.h analysis/sweep_file.c analysis/sweep_file.h \
	analysis/sweep_print.c analysis/sweep_print.h analysis/sweep_table.c analysis/sweep_table.h
libdcsim_a_SOURCES += analysis/pattern.c analysis/pattern.h analysis/threshold.c analysis/threshold.h
libdcsim_a_SOURCES += analysis/morris.c analysis/morris.h analysis/resample.c analysis/resample.h \
	analysis/sobol_index.c analysis/sobol_index.h analysis/variation.c analysis/variation.h \
	analysis/outcome_list.c analysis/outcome_list.h analysis/sensitivity.c analysis/sensitivity.h \
	analysis/sensitivity_file.c analysis/sensitivity_file.h analysis/sensitivity_plan.c analysis/sensitivity_plan.h \
	analysis/sensitivity_print.c analysis/sensitivity_print.h analysis/sensitivity_table.c analysis/sensitivity_table.h
libdcsim_a_SOURCES += analysis/capacity.c analysis/capacity.h analysis/edge.c analysis/edge.h analysis/edge_file.c analysis/edge_file.h \
	analysis/edge_print.c analysis/edge_print.h analysis/goal.c analysis/goal.h analysis/search.c analysis/search.h
libdcsim_a_SOURCES += analysis/knobs.c analysis/knobs.h analysis/objective.c analysis/objective.h analysis/optimize.c analysis/optimize.h \
	analysis/optimize_file.c analysis/optimize_file.h analysis/optimize_print.c analysis/optimize_print.h
