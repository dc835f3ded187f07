#!/bin/sh
# actors.sh NAME SECONDS: a long run of tests/actors/NAME.iona (make chaos, make soak). With B and T set. Prints what the program
# says of tasks and memory, and `ok` or `not ok`.
set -u
here=$(dirname "$0")
. "$here/lib.sh"
dir=$T/actors
mkdir -p "$dir"
assemble "$here/actors/$1.iona" "$dir/$1.ionpack" && native "$dir/$1.ionpack" "$dir/$1" -O2 || exit 1
sed -n 's/^; expect: //p' "$here/actors/$1.iona" >"$dir/$1.want"
# few results are kept: else they would be all that grows
ION_RESULTS=1000,1000000 ION_SCHEDULERS=${ION_SCHEDULERS:-$((CORES + 2))} timeout -s KILL $(($2 + 120)) "$dir/$1" "$2" >"$dir/$1.out"
status=$?
if [ $status = 0 ] && cmp -s "$dir/$1.out" "$dir/$1.want"; then
    echo "ok $1, $2 s"
else
    cat "$dir/$1.out"
    echo "not ok $1: status $status"
    exit 1
fi
