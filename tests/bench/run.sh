#!/bin/sh
# run.sh [NAME...]: runs the benchmarks side by side and prints a table of medians, ratios and bars (table.awk, bars).
# With B and T set. ROUNDS=N: how often each program runs, all ways of running it in turn. Peers that are not installed
# are left out. What was measured stays in $T/bench/measured, lines `PROGRAM WAY MEDIAN`, for docs.sh.
#
# Programs time their work themselves (a line `ms N`), so start-up and compilation are not in it; `hello` is timed from
# start to end. All ways of running a program must come to one result (its line `result TEXT`).
set -u
here=$(dirname "$0")
. "$here/../lib.sh"
rounds=${ROUNDS:-5}
export LUA_PATH="$here/?.lua;;"
dir=$T/bench
measured=$dir/measured
mkdir -p "$dir"
gcc -O2 "$here/stopwatch.c" -o "$dir/stopwatch" || exit 1
[ $# -gt 0 ] || set -- fib loop nested mandelbrot spectral nbody property method closure sort fannkuch trees strings \
    lookup match ring spawn hello
for tool in luajit erlc; do
    command -v $tool >/dev/null || echo "skip $tool: not installed"
done

# commands NAME: builds it, and prints a line `WAY COMMAND…` for each way to run it.
commands() {
    pack=$dir/$1.ionpack
    if [ -f "$here/$1.c" ] && gcc -O2 -ffp-contract=off "$here/$1.c" -o "$dir/$1.c.exe" -lm; then
        echo "C $dir/$1.c.exe"
    fi
    if [ -f "$here/$1.lua" ] && command -v luajit >/dev/null; then
        echo "LuaJIT luajit $here/$1.lua"
        echo "LuaJIT-joff luajit -joff $here/$1.lua"
    fi
    if [ -f "$here/$1.erl" ] && command -v erlc >/dev/null && erlc -o "$dir" "$here/$1.erl" >&2; then
        echo "Erlang erl -noshell -pa $dir -s $1 main"
    fi
    assemble "$here/$1.iona" "$pack" || cat "$pack.log" >&2
    if native "$pack" "$dir/$1.native" -O2; then
        echo "native $dir/$1.native"
    fi
    if grep -q "^$1 .* unmetered " "$here/bars"; then # the same C without charging and looking at the slice
        metered_cc=$NATIVE_CC
        NATIVE_CC="$NATIVE_CC -DION_UNMETERED"
        native "$pack" "$dir/$1.unmetered" -O2 && echo "unmetered $dir/$1.unmetered"
        NATIVE_CC=$metered_cc
    fi
    echo "jit $IONC --jit $pack"
}

# measure NAME: times it, into the file of measures. What lasts a millisecond is run oftener.
measure() {
    commands "$1" >"$dir/$1.commands"
    rm -f "$dir/$1".times.*
    times=$rounds
    [ "$1" = hello ] && times=$((rounds * 20))
    while [ "$times" -gt 0 ]; do
        while read -r way command; do
            # shellcheck disable=SC2086
            "$dir/stopwatch" $command </dev/null 2>/dev/null >>"$dir/$1.times.$way" || echo failed >>"$dir/$1.times.$way"
        done <"$dir/$1.commands"
        times=$((times - 1))
    done
    if [ "$(cat "$dir/$1".times.* | grep -v failed | cut -d ' ' -f 2 | sort -u | wc -l)" != 1 ]; then
        echo "$1: the results differ" >&2
        head -n 1 "$dir/$1".times.* >&2
    fi
    while read -r way command; do
        grep -q failed "$dir/$1.times.$way" && echo "$1 $way failed" && continue
        sort -n "$dir/$1.times.$way" | awk -v p="$1" -v way="$way" '{ t[NR] = $1 } END { print p, way, t[int((NR + 1) / 2)] }'
    done <"$dir/$1.commands" >>"$measured"
    if [ "$1" = hello ] && strip -o "$dir/hello.stripped" "$dir/hello.native"; then
        sort -n -k 3 "$dir/hello.times.native" | awk 'END { print "hello resident", $3 / 1024 }'
        echo "hello stripped $(stat -c %s "$dir/hello.stripped")" | awk '{ print $1, $2, $3 / 1024 }'
    fi >>"$measured"
}

sh "$here/machine.sh" | tee "$dir/machine"
echo
: >"$measured"
awk -v head=1 -f "$here/table.awk" "$here/bars" "$measured"
for name; do
    measure "$name"
    awk -v only="$name" -f "$here/table.awk" "$here/bars" "$measured"
done
awk -v tail=1 -f "$here/table.awk" "$here/bars" "$measured"
