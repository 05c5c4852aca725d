# Tests of experiments and sweeps; included by tests/analysis.mk.
check_PROGRAMS += tests/test_axis tests/test_plan tests/test_journal
tests_test_axis_SOURCES = tests/test_axis.c
tests_test_plan_SOURCES = tests/test_plan.c
tests_test_journal_SOURCES = tests/test_journal.c
check_PROGRAMS += tests/test_outcome tests/test_experiment tests/test_sweep_table
tests_test_outcome_SOURCES = tests/test_outcome.c
tests_test_experiment_SOURCES = tests/test_experiment.c
tests_test_sweep_table_SOURCES = tests/test_sweep_table.c
check_PROGRAMS += tests/test_h5out_grid
tests_test_h5out_grid_SOURCES = tests/test_h5out_grid.c
