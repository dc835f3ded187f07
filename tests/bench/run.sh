#!/bin/sh
# run.sh [NAME...]: runs the benchmarks side by side, ROUNDS times in turn, and prints the median of each in milliseconds
# with its ratio to the first of its group. Peers that are not installed are skipped. With B and T set.
#
# Programs time their work themselves (a line `ms N`), so start-up and compilation are not in it; `hello` is timed from
# start to end.
set -u
here=$(dirname "$0")
. "$here/../lib.sh"
rounds=${ROUNDS:-5}
export LUA_PATH="$here/?.lua;;"
dir=$T/bench
mkdir -p "$dir"
cc -O2 "$here/stopwatch.c" -o "$dir/stopwatch" || exit 1
[ $# -gt 0 ] || set -- fib loop nested mandelbrot spectral nbody property method closure sort fannkuch trees strings lookup match \
    ring spawn hello
for tool in luajit erlc; do
    command -v $tool >/dev/null || echo "skip $tool: not installed"
done

# commands NAME: a line `LABEL COMMAND…` for each way to run a benchmark, the one to compare with first.
commands() {
    if [ -f "$here/$1.c" ] && cc -O2 -ffp-contract=off "$here/$1.c" -o "$dir/$1.c.exe" -lm; then
        echo "C $dir/$1.c.exe"
    fi
    if [ -f "$here/$1.erl" ] && command -v erlc >/dev/null; then
        erlc -o "$dir" "$here/$1.erl" >&2 && echo "Erlang erl -noshell -pa $dir -s $1 main"
    fi
    if [ -f "$here/$1.lua" ] && command -v luajit >/dev/null; then
        echo "LuaJIT luajit $here/$1.lua"
        echo "LuaJIT-joff luajit -joff $here/$1.lua"
    fi
    assemble "$here/$1.iona" "$dir/$1.ionpack" || cat "$dir/$1.ionpack.log" >&2
    if native "$dir/$1.ionpack" "$dir/$1.native" -O2; then
        echo "ionc-native $dir/$1.native"
    fi
    echo "ionc--jit $IONC --jit $dir/$1.ionpack"
}

for name; do
    commands "$name" >"$dir/$name.commands"
    rm -f "$dir/$name".times.*
    i=0
    while [ $i -lt "$rounds" ]; do
        while read -r label command; do
            # shellcheck disable=SC2086
            "$dir/stopwatch" $command </dev/null 2>/dev/null >>"$dir/$name.times.$label" || echo failed >>"$dir/$name.times.$label"
        done <"$dir/$name.commands"
        i=$((i + 1))
    done
    printf '%s\n' "$name"
    while read -r label command; do
        grep -q failed "$dir/$name.times.$label" && echo "$label failed" && continue
        sort -n "$dir/$name.times.$label" | awk -v label="$label" '{ t[NR] = $1 } END { print label, t[int((NR + 1) / 2)] }'
    done <"$dir/$name.commands" | awk '
        $2 == "failed" { printf "  %-14s      failed\n", $1; next }
        { if (!first) first = $2; printf "  %-14s %10.2f ms  %7.2f\n", $1, $2, $2 / first }'
done
