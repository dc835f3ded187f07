#!/bin/sh
# races.sh: the programs of tests/actors on several schedulers, with slices of several lengths, and with schedulers that get into
# each other's way (ION_STRESS_STEAL). Each checks by itself what must hold whatever the order, and prints the same in every
# run. With B and T set; B is a tree built with a sanitizer where there is one.
#
#   races.sh            all of them
#   races.sh FILE       one of them
#   SEEDS="1 2 3"       for ION_STRESS_STEAL; 0 is none
set -u
here=$(dirname "$0")
. "$here/lib.sh"
export TSAN_OPTIONS="exitcode=$SANITIZER_STATUS:halt_on_error=1"
dir=$T/races
mkdir -p "$dir"

# one FILE: one line about all its runs. A run that fails leaves its output.
one() {
    name=$(basename "$1" .iona)
    pack=$dir/$name.ionpack
    assemble "$1" "$pack" || { echo "not ok races: $name assembles"; return; }
    sed -n 's/^; expect: //p' "$1" >"$dir/$name.want"
    runs=0
    for seed in ${SEEDS:-0 1 2}; do
        for way in ${WAYS:-2,7 2,2000 4,50 8,2000}; do
            out=$dir/$name.$way.$seed
            ION_SEED=$((seed + 1)) ION_STRESS_STEAL=$seed ION_SCHEDULERS=${way%,*} ION_TIMESLICE=${way#*,} \
                timeout -s KILL 60 "$IONC" --jit "$pack" >"$out.out" 2>"$out.err" </dev/null
            status=$?
            if [ $status != 0 ] || ! cmp -s "$out.out" "$dir/$name.want" || grep -q 'Sanitizer\|runtime error:' "$out.err"; then
                echo "not ok races: $name, schedulers and slice $way, seed $seed: status $status (see $out.out and .err)"
                return
            fi
            rm -f "$out.out" "$out.err"
            runs=$((runs + 1))
        done
    done
    echo "ok races: $name, $runs runs"
}

# failing FILE: the same where one allocation fails: whichever it is, the program comes to an end, and does not hang.
failing() {
    name=$(basename "$1" .iona)
    pack=$dir/$name-failing.ionpack
    assemble "$1" "$pack" || { echo "not ok races: $name assembles"; return; }
    for n in $(seq 380 7 660); do
        out=$dir/$name.fail.$n
        ION_STRESS_FAIL=$n ION_STRESS_STEAL=$((n % 3 + 1)) ION_SCHEDULERS=4 ION_TIMESLICE=50 \
            timeout -s KILL 60 "$IONC" --jit "$pack" >"$out.out" 2>"$out.err" </dev/null
        status=$?
        if [ $status -gt 1 ] || grep -q 'Sanitizer\|runtime error:' "$out.err"; then
            echo "not ok races: $name, allocation $n fails: status $status (see $out.out and .err)"
            return
        fi
        rm -f "$out.out" "$out.err"
    done
    echo "ok races: $name, where memory is out"
}

if [ $# = 1 ]; then
    one "$1"
    case $1 in */room.iona) failing "$1" ;; esac
else
    find "$here/actors" -name '*.iona' | sort | B="$B" T="$T" xargs -P "$CORES" -n 1 sh "$here/races.sh"
fi
