#!/bin/sh
# actors.sh [NAME...]: benchmarks of processes and messages beside Erlang, both on the same number of scheduler threads (N = 1 and
# 2), natively compiled. With B and T set. ROUNDS=N: how often each runs, by turns; medians. The bars are in bars-actors. Besides
# the milliseconds that programs report, other lines they print (`bytes`, `late-ms`, `longest`) are shown as they are.
set -u
here=$(dirname "$0")
. "$here/../lib.sh"
rounds=${ROUNDS:-3}
dir=$T/bench-actors
mkdir -p "$dir"
[ $# -gt 0 ] || set -- pingpong ring storm spawn fanin message alive timers parfib parsort fair trees100
command -v erlc >/dev/null || echo "skip Erlang: not installed"

# median FILE: the median of its lines `ms N`
median() {
    sed -n 's/^ms //p' "$1" | sort -n | awk '{ t[NR] = $1 } END { if (NR) printf "%.1f", t[int((NR + 1) / 2)] }'
}

# run NAME N: both ways, into files
run() {
    rm -f "$dir/$1".*.log
    for round in $(seq "$rounds"); do
        ION_SCHEDULERS=$2 timeout -s KILL 120 "$dir/$1.exe" >>"$dir/$1.native.log" 2>&1 </dev/null
        [ -f "$dir/$1.beam" ] && timeout -s KILL 120 erl +S "$2:$2" +P 2000000 -noshell -pa "$dir" -s "$1" main \
            >>"$dir/$1.Erlang.log" 2>&1 </dev/null
    done
}

# row NAME N: a line of the table. A bar is FACTOR of Erlang's time, or of the same program's on one scheduler (`alone`).
row() {
    ours=$(median "$dir/$1.native.log") theirs=
    [ -f "$dir/$1.Erlang.log" ] && theirs=$(median "$dir/$1.Erlang.log")
    [ "$2" = 1 ] && echo "$ours" >"$dir/$1.alone"
    awk -v name="$1" -v n="$2" -v ours="${ours:-failed}" -v theirs="$theirs" -v alone="$(cat "$dir/$1.alone" 2>/dev/null)" '
    $1 == name && ($2 == "Erlang" && theirs != "" || $2 == "alone" && n == 2 && alone != "") {
        peer = $2 == "Erlang" ? theirs : alone
        bar = bar sprintf(" %.2f of %s, bar %s %s", ours / peer, $2, $3, ours != "failed" && ours <= $3 * peer ? "ok" : "MISSED")
    }
    END { printf "%-10s %d %10s %10s %s\n", name, n, ours, theirs == "" ? "-" : theirs, bar }' "$here/bars-actors"
    grep -hv '^ms \|^result ' "$dir/$1.native.log" | tail -n 1 | sed 's/^/             /'
    [ "$(cat "$dir/$1".*.log | grep '^result ' | sort -u | wc -l)" = 1 ] || echo "             the results differ"
}

sh "$here/machine.sh"
printf '\n%-10s %s %10s %10s\n' ms N native Erlang
for name; do
    file=$here/actors/$name
    [ -f "$file.iona" ] || file=$here/$name
    rm -f "$dir/$name.beam" "$dir/$name.alone"
    assemble "$file.iona" "$dir/$name.ionpack" && native "$dir/$name.ionpack" "$dir/$name.exe" -O2 || continue
    [ -f "$file.erl" ] && command -v erlc >/dev/null && erlc -o "$dir" "$file.erl"
    for n in 1 2; do
        run "$name" $n
        row "$name" $n
    done
done
