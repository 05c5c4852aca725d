#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Fails when dcsim answers a wrong call with another exit code than 2 or on standard output, when
# --help or --version fail or print to the wrong place, when a dcsim in its build folder does not
# find its data by itself, or when the man page lacks a command or an option of --help, has one that
# --help lacks, or has a fault that mandoc sees.
set -u
count=0
# check TEXT COMMAND...: one line of TAP.
check() {
    text=$1
    shift
    count=$((count + 1))
    if "$@"; then
        echo "ok $count - $text"
    else
        echo "not ok $count - $text"
    fi
}

# code EXPECTED ARGUMENT...: runs dcsim; its output goes to $out and $err.
code() {
    expected=$1
    shift
    out=$("$DCSIM" "$@" 2>"$top_builddir/command_sh.err" </dev/null)
    actual=$?
    err=$(cat "$top_builddir/command_sh.err")
    rm -f "$top_builddir/command_sh.err"
    test "$actual" -eq "$expected" || {
        echo "# dcsim $*: exit code $actual instead of $expected: $err"
        return 1
    }
}
help_is_out() {
    code 0 --help && test -n "$out" && test -z "$err"
}
version_is_out() {
    code 0 --version && test -z "$err" && case $out in "dcsim "[0-9]*) ;; *) false ;; esac
}
finds_own_data() {
    (
        unset DCSIM_DATADIR
        cd / && code 0 --version && case $out in *"data in $top_builddir/dcsim-data") ;; *) false ;; esac
    )
}
mistake_is_told() {
    code 2 "$@" && test -z "$out" && test -n "$err"
}
full_disk_is_told() {
    "$DCSIM" --help >/dev/full 2>/dev/null
    test $? -eq 1
}
synopsis_is_whole() {
    synopsis=$(sed -n '/^\.Sh SYNOPSIS/,/^\.Sh DESCRIPTION/p' "$top_srcdir/docs/dcsim.1")
    for command in $("$DCSIM" --help | sed -n 's/^  dcsim \[*\([a-z]*\).*/\1/p' | sort -u); do
        echo "$synopsis" | grep -q "^\.\(Cm\|Op Cm\) $command\$" || {
            echo "# not in the synopsis: $command"
            return 1
        }
    done
}
# Options of --help, by their long names, against synopsis and list of the man page.
options_are_whole() {
    help=$("$DCSIM" --help)
    page=$(sed 's/^\.It Fl o /.It Fl -output /; s/Fl o /Fl -output /' "$top_srcdir/docs/dcsim.1")
    synopsis=$(echo "$page" | sed -n '/^\.Sh SYNOPSIS/,/^\.Sh DESCRIPTION/p')
    options=$(echo "$help" | sed -n 's/^  *\(-[a-zA-Z], \)\{0,1\}--\([a-z-]*\).*/\2/p')
    test -n "$options" || return 1
    for option in $options; do
        echo "$synopsis" | grep -q "Fl \(.* \)\{0,1\}-$option\( \|\$\)" || {
            echo "# not in the synopsis: --$option"
            return 1
        }
        echo "$page" | grep -q "^\.It Fl -$option\( \|\$\)" || {
            echo "# not told in the man page: --$option"
            return 1
        }
    done
    for option in $(echo "$page" | sed -n 's/^\.It Fl -\([a-z-]*\).*/\1/p'); do
        echo "$help" | grep -q -- "--$option\b" || {
            echo "# not in --help: --$option"
            return 1
        }
    done
}
man_page_is_clean() {
    "$MANDOC" -T lint -W warning "$top_srcdir/docs/dcsim.1"
}

check "--help prints to standard output" help_is_out
check "--version prints to standard output" version_is_out
check "an uninstalled dcsim finds its data" finds_own_data
check "no argument is a mistake" mistake_is_told
check "an unknown option is a mistake" mistake_is_told --no-such-option
check "check with --json is a mistake" mistake_is_told check --json scenario.xml
check "explain --paper with a scenario is a mistake" mistake_is_told explain --paper scenario.xml
check "validate with --set is a mistake" mistake_is_told validate --set //a=1
check "--markdown without validate is a mistake" mistake_is_told --markdown a.md scenario.xml
check "output that cannot be written is a failure" full_disk_is_told
check "the man page's synopsis has every command of --help" synopsis_is_whole
check "the man page has every option of --help, and no other" options_are_whole
if test -n "$MANDOC"; then
    check "the man page is clean" man_page_is_clean
else
    count=$((count + 1))
    echo "ok $count - the man page is clean # SKIP no mandoc"
fi
echo "1..$count"
