#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Fails when the program takes a scenario of tests/bad/, ends on it with another status than 2, prints
# to standard output, or leaves out one of the messages that the file expects.
set -u
folder=$(cd "$top_srcdir/tests/bad" && pwd -P) || exit 99
scratch=$(mktemp -d) || exit 99
trap 'rm -rf "$scratch"' EXIT
set -- "$folder"/*.xml
echo "1..$#"
number=0
for scenario; do
    number=$((number + 1)) result='ok'
    "$DCSIM" check "$scenario" >"$scratch/out" 2>"$scratch/err"
    status=$?
    if test "$status" -ne 2; then
        echo "# exit status $status, not 2"
        result='not ok'
    fi
    if test -s "$scratch/out"; then
        sed 's/^/# printed: /' "$scratch/out"
        result='not ok'
    fi
    # Each line "expect FILE:LINE: TEXT", where "@/" is the folder and "..." at the end is anything.
    sed -n 's|^expect |@/|p' "$scenario" | sed "s|@/|$folder/|g; s|\.\.\.\$||; s|:0: |: |" \
        >"$scratch/expected"
    while IFS= read -r line; do
        grep -qF -- "$line" "$scratch/err" || {
            echo "# not told: $line"
            echo x >>"$scratch/missed"
        }
    done <"$scratch/expected"
    if test -e "$scratch/missed" || ! test -s "$scratch/expected"; then
        rm -f "$scratch/missed"
        result='not ok'
    fi
    echo "$result $number - $(basename "$scenario")"
done
