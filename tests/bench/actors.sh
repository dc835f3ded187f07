#!/bin/sh
# actors.sh [NAME...]: benchmarks of processes and messages beside Erlang, both on the same number of scheduler threads (N = 1 and
# 2), natively compiled. With B and T set. ROUNDS=N: how often each runs, by turns; medians. The bars are in bars-actors. Besides
# the milliseconds that programs report, what other lines say (`bytes`, `late-99%`, `longest`) is shown: of times, which begin with
# `late`, the median, of all others the most.
set -u
here=$(dirname "$0")
. "$here/../lib.sh"
rounds=${ROUNDS:-3}
dir=$T/bench-actors
mkdir -p "$dir"
[ $# -gt 0 ] || set -- pingpong ring storm spawn fanin message alive timers parfib parsort fair trees100
command -v erlc >/dev/null || echo "skip Erlang: not installed"

# median FILE [NAME]: the median of its lines `NAME N`, of `ms` if none is given
median() {
    awk -v name="${2:-ms}" '$1 == name { print $2 }' "$1" | sort -n |
        awk '{ t[NR] = $1 } END { if (NR) printf "%.1f", t[int((NR + 1) / 2)] }'
}

# said NAME FILE: what the lines `NAME N` come to
said() {
    case $1 in
    late*) median "$2" "$1" ;;
    *) awk -v name="$1" '$1 == name && (!most || $2 + 0 > most + 0) { most = $2 } END { printf "%s", most }' "$2" ;;
    esac
}

# others NAME WHO: the other lines of a program's log, each with its bar: the most that it may say
others() {
    awk '!/^(ms|result) / && NF == 2 && !seen[$1]++ { print $1 }' "$dir/$1.$2.log" | while read -r line; do
        n=$(said "$line" "$dir/$1.$2.log")
        bar=
        [ "$2" = native ] && bar=$(awk -v name="$1" -v line="$line" -v n="$n" '
            $1 == name && $2 == line { printf ", bar %s %s", $3, n + 0 <= $3 ? "ok" : "MISSED" }' "$here/bars-actors")
        echo "             $2: $line $n$bar"
    done
    awk '!/^(ms|result) / && NF > 2 { last = $0 } END { if (last) print "             " last }' "$dir/$1.$2.log"
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
    others "$1" native
    [ -f "$dir/$1.Erlang.log" ] && others "$1" Erlang
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
