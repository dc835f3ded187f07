#!/bin/sh
# compare.sh FILE FOLDER KIND NATIVE: one random program in the interpreter and in compiled code. KIND: process, or
# another where order does not matter.
#
# Status 0: they agree; 1: they do not, and a line says in what; 2: the program takes too long or prints too much to be
# of use. NATIVE 1 builds executables as well. With B and T set.
set -u
. "$(dirname "$0")/../lib.sh"
export ION_SCHEDULERS=1 # the reductions are compared, too
file=$1 dir=$2 kind=$3 native=$4
pack=$dir/p.ionpack
mkdir -p "$dir"
export ION_REDUCTIONS=1

differ() {
    echo "$1"
    exit 1
}

# run LABEL COMMAND...: LABEL.all is standard output, then standard error, then the status.
run() {
    label=$1
    shift
    timeout -s KILL "${LIMIT:-10}" "$@" </dev/null >"$dir/$label.all" 2>"$dir/$label.err"
    status=$?
    cp "$dir/$label.all" "$dir/$label.out"
    echo "status $status" >>"$dir/$label.out"
    { cat "$dir/$label.err"; echo "status $status"; } >>"$dir/$label.all"
}

same() {
    cmp -s "$dir/$1.all" "$dir/$2.all" || differ "$1 and $2 differ"
}

rm -f "$pack"
"$IONC" --asm "$file" -o "$pack" >"$dir/asm.log" 2>&1 || differ "does not assemble"
[ "$native" = 0 ] || native "$pack" "$dir/exact" --exact -O2 || differ "native --exact does not build"
for n in 1 3 4 2000; do
    LIMIT=${ORACLE_LIMIT:-5} run "oracle.$n" "$ORACLE" --reductions --timeslice "$n" "$pack"
    [ $status = 137 ] && exit 2
    [ "$(wc -c <"$dir/oracle.$n.all")" -gt 1000000 ] && exit 2
    grep -q '^oracle: ' "$dir/oracle.$n.err" && exit 2 # no program
    [ $status -ge 99 ] && differ "the oracle ends with status $status at slice $n"
    run "jit.$n" "$IONC" --jit --exact --timeslice "$n" "$pack"
    same "jit.$n" "oracle.$n"
    if [ "$native" = 1 ]; then
        ION_TIMESLICE=$n run "native.$n" "$dir/exact"
        same "native.$n" "oracle.$n"
    fi
done

# By default the same results, without the interleaving; the traces of tail calls may be shorter.
run jit "$IONC" --jit "$pack"
[ $status -lt 99 ] || differ "--jit ends with status $status"
# What standard error says by default: tail calls leave no frames, and pay for a RETURN that may never come. Who has to
# wait under --exact pays again.
said() {
    counted=0
    [ "$(tail -n 1 "$dir/$1.out")" = "status 0" ] && ! grep -q ' SPAWN ' "$file" && counted=1
    grep -v '^  ' "$dir/$1.err" | if [ $counted = 1 ]; then cat; else grep -v '^reductions: '; fi
}

same_default() {
    cmp -s "$dir/$1.out" "$dir/oracle.2000.out" || differ "$1 and the oracle differ"
    said "$1" >"$dir/said"
    said oracle.2000 | cmp -s - "$dir/said" || differ "standard error: $1 and the oracle differ"
}

if [ "$kind" != process ]; then
    same_default jit
    for n in 1 3; do
        ION_TIMESLICE=$n run "jit-default.$n" "$IONC" --jit "$pack"
        same_default "jit-default.$n"
    done
    ION_STRESS_GC=1 run gc "$IONC" --jit "$pack"
    same gc jit
    # shellcheck disable=SC2086 # one of the names, by the size of the file
    left_out=$(set -- $NO_OPT; shift $(($(wc -c <"$file") % $#)); echo "$1")
    run no-opt "$IONC" --jit "--no-opt=$left_out" "$pack"
    cmp -s "$dir/no-opt.all" "$dir/jit.all" || differ "--no-opt=$left_out makes a difference"
    if [ "$native" = 1 ]; then
        for level in 0 2; do
            native "$pack" "$dir/o$level" -O$level || differ "native -O$level does not build"
            run "native-O$level" "$dir/o$level"
            same "native-O$level" jit
        done
    fi
else
    # other orders; whatever happens, it ends as a program does
    ION_STRESS_SHUFFLE=7 ION_STRESS_GC=1 ION_STRESS_SLICE=1 LIMIT=20 run stress "$IONC" --jit "$pack"
    [ $status = 137 ] || [ $status -lt 99 ] || differ "--jit under stress ends with status $status"
    ION_STRESS_FAIL=$((100 + $(wc -c <"$file") % 300)) run fail "$IONC" --jit "$pack"
    [ $status = 137 ] || [ $status -lt 99 ] || differ "--jit with a failing allocation ends with status $status"
fi
exit 0
