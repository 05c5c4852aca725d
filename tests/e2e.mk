# Tests of e2e; included by the top Makefile.am.
dist_check_SCRIPTS += tests/check_tables.sh
dist_check_SCRIPTS += tests/results.py
dist_check_SCRIPTS += tests/marginal.py
dist_check_SCRIPTS += tests/warmup.py
dist_check_SCRIPTS += tests/sweep.py
dist_check_SCRIPTS += tests/trajectory.py
dist_check_SCRIPTS += tests/ranks.sh
dist_check_SCRIPTS += tests/compare.py
dist_check_SCRIPTS += tests/plots.py
