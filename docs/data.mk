# Written by build-aux/list-data: run it after adding or removing a file; do not edit.
EXTRA_DIST += docs/checks.md
EXTRA_DIST += docs/equations.md
EXTRA_DIST += docs/measured.md
EXTRA_DIST += docs/paper.md
EXTRA_DIST += docs/results.md
EXTRA_DIST += docs/scenarios.md
EXTRA_DIST += docs/site.md
EXTRA_DIST += docs/tables.md
EXTRA_DIST += docs/validate.md
EXTRA_DIST += docs/workloads.md
