#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Fails when `dcsim validate` or `dcsim calibrate` take measured points that the tables cannot have,
# when a report or result takes the place of a file that is read or of the other, when a folder that
# cannot be written is noticed only after the fit, or when --leave-out without a value is misread.
set -u
scratch=$(mktemp -d) || exit 99
trap 'rm -rf "$scratch"' EXIT
count=0
header=hardware,engine,llm,gpus,weights,prompt_tokens,output_tokens,clients,tpot_s
printf '%s\nB200,vLLM,Qwen3-8B,1,FP8,100,64,4,0.01\n' $header >"$scratch/ok.csv"
printf '%s\nb200,vLLM,Qwen3-8B,1,FP8,100,64,4,0.01\n' $header >"$scratch/bad.csv"
cp "$scratch/ok.csv" "$scratch/kept.csv"
ln -s ok.csv "$scratch/link.csv"
mkdir "$scratch/folder" "$scratch/taken"
: >"$scratch/taken/hardware"

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

# refused MESSAGE ARGUMENT...: dcsim ends with 2, prints nothing but the message, leaves the data be.
refused() {
    message=$1
    shift
    (cd "$scratch" && "$DCSIM" "$@" >out 2>err </dev/null)
    status=$?
    if test $status -eq 2 && ! test -s "$scratch/out" && grep -qF -- "$message" "$scratch/err" &&
        cmp -s "$scratch/ok.csv" "$scratch/kept.csv"; then
        return
    fi
    echo "# dcsim $*: status $status"
    sed 's/^/# /' "$scratch/out" "$scratch/err"
    cp "$scratch/kept.csv" "$scratch/ok.csv"
    return 1
}
taken() {
    (cd "$scratch" && "$DCSIM" "$@" >out 2>err </dev/null) && ! test -s "$scratch/err"
}
nothing_left() {
    ! test -e "$scratch/new" && ! test -e "$scratch/new.h5" && ! test -e "$scratch/calibrated" &&
        test "$(cd "$scratch" && find . -name '.?*')" = "" && test "$(ls "$scratch/folder")" = ""
}

wrong_name="bad.csv:2: hardware: found 'b200', which is no table; 'B200' would be right"
check "validate tells a wrong name" refused "$wrong_name" validate bad.csv
check "calibrate tells it too" refused "$wrong_name" calibrate bad.csv
lost='it is read too and would be lost'
check "a report never replaces data" refused "ok.csv: found as an output, but $lost" \
    validate -q --markdown ok.csv ok.csv
check "not by another name" refused "$lost" validate -q --markdown folder/../ok.csv ok.csv
check "not through a link" refused "$lost" validate -q --markdown link.csv ok.csv
check "not where the data are a link" refused "$lost" validate -q --markdown ok.csv link.csv
check "nor one file of several" refused "$lost" validate -q --markdown ok.csv kept.csv ok.csv
two='two names would be right'
check "report and result are two files" refused "$two" validate -o new.h5 --markdown new.h5 ok.csv
check "also by another name" refused "$two" validate -o new.h5 --markdown folder/../new.h5 ok.csv
check "a report that cannot be written is told first" refused "none/r.md: cannot be written" \
    validate --markdown none/r.md bad.csv
check "a result that cannot be written is told first" refused "none/r.h5: cannot be written" \
    validate -o none/r.h5 bad.csv
check "calibrate's folder that cannot be made is told first" refused "none/new: cannot be made" \
    calibrate -o none/new ok.csv
check "one that takes no file is told first" refused "ok.csv: no file can be made in it" \
    calibrate -o ok.csv ok.csv
check "one that holds a file in a folder's place is told first" refused "taken/hardware: no file" \
    calibrate -o taken ok.csv
check "a folder that can be written passes" refused "bad.csv:2: " calibrate -o folder bad.csv
check "one that can be made too" refused "bad.csv:2: " calibrate -o new bad.csv
value='--leave-out takes a value'
check "a command is no value of --leave-out" refused "$value; found 'calibrate'" --leave-out calibrate
check "nor is an option" refused "$value; found '-q'" calibrate --leave-out -q ok.csv
check "nor is nothing" refused "$value, and none follows" calibrate --leave-out
check "nothing is left behind" nothing_left
check "report and result are written" taken validate -q -o folder/r.h5 --markdown folder/r.md ok.csv
check "and replaced" taken validate -q -o folder/r.h5 --markdown folder/r.md ok.csv
echo "1..$count"
