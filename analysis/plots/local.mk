# Figures of results, into docs/figures/; included by the top Makefile.am. docs/figures.md shows them.
# Another one: its script in figure_scripts, its run as a rule of its own in figure_runs, its line in
# `figures'.
figure_scripts = analysis/plots/common.py analysis/plots/day.py analysis/plots/marginal.py \
	analysis/plots/validation.py
EXTRA_DIST += $(figure_scripts)

# What draws: called with a script, its options and a file.
draw = env PYTHONDONTWRITEBYTECODE=1 "$(PYTHON)" $(top_srcdir)/analysis/plots
draws_into = -d $(top_srcdir)/docs/figures
need_matplotlib = "$(PYTHON)" -c 'import h5py, matplotlib' || { \
	  echo 'make $@: the figures need Python with h5py and matplotlib; the Debian package' \
	    'is python3-matplotlib' >&2; exit 1; }

# Marginal values hold the run itself too. A day, eight times: 4 minutes of one core.
figure_runs = figures_pathA.h5
CLEANFILES += $(figure_runs)
figures_pathA.h5: dcsim$(EXEEXT) $(top_srcdir)/scenarios/pathA_100MW.xml
	@echo 'a day of Path A, eight times: minutes'
	@$(test_environment) \
	OMP_WAIT_POLICY=passive "$$DCSIM" marginal -o $@ '$(top_srcdir)/scenarios/pathA_100MW.xml' >/dev/null

.PHONY: figures
figures:
	@$(need_matplotlib)
	@$(MAKE) $(AM_MAKEFLAGS) $(figure_runs)
	$(draw)/day.py $(draws_into) -n pathA_day figures_pathA.h5
	$(draw)/marginal.py $(draws_into) -n pathA_marginal figures_pathA.h5
	$(top_srcdir)/build-aux/list-data
