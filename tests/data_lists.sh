#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Fails when a table, scenario, document or test file is in the tree but not in the lists that
# `make install' and `make dist' go by, or the other way round.
echo 1..1
if "$top_srcdir/build-aux/list-data" --check; then
    echo "ok 1 - the lists of data files are current"
else
    echo "not ok 1 - the lists of data files are current"
fi
