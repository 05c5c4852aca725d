#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Fails when a result depends, in any byte, on how many ranks and threads made it, when a run over
# ranks prints or tells its mistakes more than once, when ranks that read different scenarios go on
# together, or when a lost rank leaves the others waiting, an exit status of 0 or a file behind.
set -u
if test -z "$MPIRUN"; then
    echo "1..0 # SKIP built without MPI, or mpirun is not installed (Debian package openmpi-bin)"
    exit 0
fi
scratch=$(mktemp -d) || exit 99
trap 'rm -rf "$scratch"' EXIT
full=$top_srcdir/tests/scenario/full.xml
SOURCE_DATE_EPOCH=0
# Open MPI itself leaks a little: under the sanitizers only its leaks are let pass. In a container one
# process may not be allowed to copy from another's memory, which Open MPI would then complain of.
ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0
OMPI_MCA_btl_vader_single_copy_mechanism=none
OMP_WAIT_POLICY=passive
export SOURCE_DATE_EPOCH OMPI_MCA_btl_vader_single_copy_mechanism OMP_WAIT_POLICY

# More ranks than processors, and root as in CI: Open MPI wants to be told so.
flags=
case $("$MPIRUN" --version 2>&1) in
*"Open MPI"*)
    flags=--oversubscribe
    test "$(id -u)" -ne 0 || flags="$flags --allow-run-as-root"
    ;;
esac
# mpi ARGUMENT...: mpirun, which may not hang.
mpi() {
    # shellcheck disable=SC2086 # A list of flags.
    ASAN_OPTIONS=$ASAN_OPTIONS timeout 300 "$MPIRUN" $flags "$@" </dev/null
}

count=0
# check TEXT COMMAND...: one line of TAP.
check() {
    text=$1
    shift
    count=$((count + 1))
    if "$@"; then
        echo "ok $count - $text"
    else
        sed 's/^/# /' "$scratch/err"
        echo "not ok $count - $text"
    fi
}

ranks_pass_unit_test() {
    RANKS_WANTED=3 mpi -n 3 "$top_builddir/tests/test_ranks" >"$scratch/err" 2>&1
}

# same_bytes RANKS THREADS ARGUMENT...: the result of as many ranks is that of one process.
same_bytes() {
    ranks=$1 threads=$2
    shift 2
    "$DCSIM" "$@" -q --threads 2 -o "$scratch/one.h5" 2>"$scratch/err" &&
        mpi -n "$ranks" "$DCSIM" "$@" -q --threads "$threads" -o "$scratch/many.h5" 2>"$scratch/err" &&
        cmp "$scratch/one.h5" "$scratch/many.h5" >"$scratch/err" 2>&1
}

# same RANKS THREADS ARGUMENT...: so it is on a site so busy that caps bind, and above all floors, so
# that they follow demand.
same() {
    same_bytes "$@" --set '//cells[@name="open"]//arrivals/@rate=20 /s' \
        --set '//cooling/@heat_limit=64 kW' "$full"
}

# What is printed, but for the file's name and, on standard error, the time it took.
printed_once() {
    "$DCSIM" --json "$@" -o "$scratch/one.h5" >"$scratch/one.json" 2>"$scratch/err" &&
        mpi -n 3 "$DCSIM" --json "$@" -o "$scratch/many.h5" >"$scratch/many.json" 2>"$scratch/err" &&
        cmp "$scratch/one.json" "$scratch/many.json" >"$scratch/err" 2>&1
}

# told_once STATUS MESSAGE ARGUMENT...: that message once, that exit status, and no file.
told_once() {
    status=$1 message=$2
    shift 2
    rm -f "$scratch/many.h5"
    mpi -n 3 "$DCSIM" -q "$@" >"$scratch/out" 2>"$scratch/err"
    test $? -eq "$status" && test ! -s "$scratch/out" && test ! -e "$scratch/many.h5" &&
        test "$(grep -cF -- "$message" "$scratch/err")" -eq 1
}

strangers_stop() {
    # Another demand; what the scenario names beside it is found from elsewhere.
    sed "s|rate=\"60 |rate=\"61 |; s|\.\./bad|$top_srcdir/tests/bad|
        s|file=\"weather|file=\"$top_srcdir/tests/scenario/weather|
        s|trace=\"trace|trace=\"$top_srcdir/tests/scenario/trace|" "$full" >"$scratch/other.xml"
    rm -f "$scratch/many.h5"
    mpi -n 1 "$DCSIM" -q -o "$scratch/many.h5" "$full" : \
        -n 1 "$DCSIM" -q -o "$scratch/many.h5" "$scratch/other.xml" 2>"$scratch/err"
    test $? -eq 2 && test ! -e "$scratch/many.h5" &&
        grep -q "other.xml: found another scenario" "$scratch/err"
}

# Ends one of two ranks of a long run, in its midst.
lost_rank_ends_all() {
    mkdir "$scratch/lost" && cat >"$scratch/rank" <<END
echo \$\$ >"$scratch/pid.\${OMPI_COMM_WORLD_RANK-\$PMI_RANK}"
exec "$DCSIM" --threads 1 -o "$scratch/lost/long.h5" --set "/scenario/@horizon=60 d" "$full"
END
    mpi -n 2 sh "$scratch/rank" >"$scratch/err" 2>&1 &
    launcher=$!
    for second in 1 2 3 4 5 6 7 8 9 10; do
        test -s "$scratch/pid.0" && test -s "$scratch/pid.1" && break
        sleep 1
    done
    sleep 2
    kill -s KILL "$(cat "$scratch/pid.1")" || return
    wait "$launcher"
    status=$?
    for second in 1 2 3 4 5 6 7 8 9 10; do # the other one may still be on its way out
        kill -0 "$(cat "$scratch/pid.0")" 2>/dev/null || break
        sleep 1
    done
    left=$(ls -A "$scratch/lost")
    echo "exit status $status, after $second s, left: $left" >>"$scratch/err"
    test "$status" -ne 0 && test "$status" -ne 124 && grep -qi "killed" "$scratch/err" &&
        test -z "$left" && ! kill -0 "$(cat "$scratch/pid.0")" 2>/dev/null
}

short='/scenario/@horizon=3 min'
check "ranks gather, sum and agree" ranks_pass_unit_test
for ranks in 1 2 4; do
    for threads in 1 2; do
        check "capping by demand, $ranks ranks of $threads threads: the same bytes" \
            same "$ranks" "$threads" --set "$short"
    done
done
check "more ranks than cells: the same bytes" same 7 1 --set "$short"
for policy in none uniform; do
    check "capping $policy, windows of many ticks: the same bytes" \
        same 2 1 --set "$short" --set "//capping/@policy=$policy"
done
check "cells whole, the batches of intervals: the same bytes" same 4 1 --set "$short" \
    --set '//cells[@name="open"]/@count=16'
check "after a warm-up, 3 ranks: the same bytes" same 3 1 --set "$short" --set '/scenario/@warmup=2 min'
check "one iteration at a time: the same bytes" same 2 1 --step-by-step --set '/scenario/@horizon=30 s'
check "marginal values, 3 ranks: the same bytes" same 3 1 marginal --set '/scenario/@horizon=1 min'
site=$top_srcdir/scenarios/small_site.xml
check "a search for an edge, 2 ranks: the same bytes" same_bytes 2 1 capacity --replications 2 --tolerance 0.2 \
    --set '/scenario/@horizon=30 s' "$site"
check "a search over knobs, 3 ranks: the same bytes" same_bytes 3 1 optimize --replications 2 --runs 16 \
    --vary 'cap=//node/@cap=5 kW:10 kW' --set '/scenario/@horizon=30 s' "$site"
check "a search's mistake is told once" told_once 2 "selects nothing" optimize \
    --vary 'x=//fed/@limit=1 kW:2 kW' -o "$scratch/many.h5" "$site"
check "JSON is printed once, the same" printed_once --set "$short" "$full"
check "a mistake in the call is told once" told_once 2 "'--nope' is no option" --nope
check "a mistake in the scenario is told once" told_once 2 "cannot be opened" "$scratch/absent.xml"
check "a file that cannot be written is told once" told_once 2 "cannot be written" \
    -o "$scratch/absent/many.h5" "$full"
check "ranks with different scenarios stop" strangers_stop
check "a lost rank ends all, without a file" lost_rank_ends_all
echo "1..$count"
