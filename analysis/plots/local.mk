# Figures of results, into docs/figures/; included by the top Makefile.am. docs/figures.md shows them.
# Another one: its script in figure_scripts, its run as a rule of its own in figure_runs, its line in
# `figures'.
figure_scripts = analysis/plots/batch.py analysis/plots/common.py analysis/plots/crossover.py analysis/plots/day.py \
	analysis/plots/marginal.py analysis/plots/sobol.py analysis/plots/trajectory.py analysis/plots/validation.py
EXTRA_DIST += $(figure_scripts)

# What draws: called with a script, its options and a file.
draw = env PYTHONDONTWRITEBYTECODE=1 "$(PYTHON)" $(top_srcdir)/analysis/plots
draws_into = -d $(top_srcdir)/docs/figures
need_matplotlib = "$(PYTHON)" -c 'import h5py, matplotlib' || { \
	  echo 'make $@: the figures need Python with h5py and matplotlib; the Debian package' \
	    'is python3-matplotlib' >&2; exit 1; }

# Marginal values hold the run itself too. A day, ten times: 4 minutes.
figure_runs = figures_pathA.h5 figures_pue.h5 figures_batch.h5 figures_sobol.h5 \
	figures_paths_A.h5 figures_paths_B.h5
CLEANFILES += $(figure_runs)
figures_pathA.h5: dcsim$(EXEEXT) $(top_srcdir)/scenarios/pathA_100MW.xml
	@echo 'a day of Path A, ten times: minutes'
	@$(test_environment) \
	OMP_WAIT_POLICY=passive "$$DCSIM" marginal -o $@ '$(top_srcdir)/scenarios/pathA_100MW.xml' >/dev/null
figures_pue.h5: dcsim$(EXEEXT) $(top_srcdir)/scenarios/pue_context.xml
	@echo 'PUE by context length, 240 runs: under a minute'
	@$(test_environment) \
	"$$DCSIM" sweep -o $@ '$(top_srcdir)/scenarios/pue_context.xml' --replications 3 \
	  --vary 'pue=//cooling/@pue=1.05:1.95:10' --vary 'context=//prompt/@mean=512:65536:8:log:int' >/dev/null
figures_batch.h5: dcsim$(EXEEXT) $(top_srcdir)/scenarios/pue_context.xml
	@echo 'batch by context length, 108 runs: under a minute'
	@$(test_environment) \
	"$$DCSIM" sweep -o $@ '$(top_srcdir)/scenarios/pue_context.xml' --replications 3 \
	  --vary 'batch=//replica/@max_seqs=1:256:9:log:int' \
	  --vary 'context=//prompt/@mean=512:32768:4:log:int' >/dev/null
figures_sobol.h5: dcsim$(EXEEXT) $(top_srcdir)/scenarios/small_site.xml
	@echo 'Sobol indices of six factors, 2,048 runs: minutes'
	@$(test_environment) \
	"$$DCSIM" sensitivity -o $@ '$(top_srcdir)/scenarios/small_site.xml' --method sobol:256 \
	  --vary 'pue=//cooling/@pue=1.1:1.6' --vary 'feed=//feed/@limit=24:48 kW' \
	  --vary 'rate=//arrivals/@rate=15:60 /s:log' --vary 'prompt=//prompt/@mean=600:2400:log' \
	  --vary 'output=//output/@mean=100:400:log' \
	  --vary 'seqs=//replica/@max_seqs=32:256:log:int' >/dev/null
figures_paths_A.h5 figures_paths_B.h5: dcsim$(EXEEXT) $(top_srcdir)/scenarios/pathA_2024_2030.xml \
		$(top_srcdir)/scenarios/pathB_2024_2030.xml
	@echo 'a path over seven years, 4,032 runs: a minute and a half'
	@$(test_environment) path=`echo $@ | sed 's/figures_paths_\(.\).*/\1/'` && \
	"$$DCSIM" trajectory -o $@ "$(top_srcdir)/scenarios/path$${path}_2024_2030.xml" >/dev/null

.PHONY: figures
figures:
	@$(need_matplotlib)
	@$(MAKE) $(AM_MAKEFLAGS) $(figure_runs)
	$(draw)/day.py $(draws_into) -n pathA_day figures_pathA.h5
	$(draw)/marginal.py $(draws_into) -n pathA_marginal figures_pathA.h5
	$(draw)/crossover.py $(draws_into) -n pue_context --ylabel PUE --xlabel 'mean prompt (tokens)' figures_pue.h5
	$(draw)/batch.py $(draws_into) -n batch_context --title 'Facility energy per token by batch and context' \
	  --xlabel 'sequences in a batch, at most' --lines 'mean prompt (tokens)' figures_batch.h5
	$(draw)/sobol.py $(draws_into) -n small_site_sobol figures_sobol.h5
	$(draw)/trajectory.py $(draws_into) -n paths_2024_2030 --beside figures_paths_B.h5 figures_paths_A.h5
	$(top_srcdir)/build-aux/list-data
