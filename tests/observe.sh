#!/bin/sh
# observe.sh: what is seen of a running program from outside, and done to it: signals, dumps, counts, limits by option.
# Part of `tools`. Prints `ok` or `not ok` a check; what was left is in $T/observe.
set -u
. "$(dirname "$0")/lib.sh"
dir=$T/observe
rm -rf "$dir"
mkdir -p "$dir"
# An input that never ends and never brings anything.
mkfifo "$dir/silence"
exec 9<>"$dir/silence"

say() { # STATUS WHAT
    if [ "$1" = 0 ]; then echo "ok observe: $2"; else echo "not ok observe: $2 (see $dir)"; fi
}
# program NAME: assembles it and builds it, from standard input: instructions of main behind the one that prints "started".
program() {
    {
        printf '.function main (arity: 0)\n    LOAD_CONST r14, :__stdlib:PrintLn\n    LOAD_CONST r1, :started\n'
        printf '    CALL r2, r14, [r1]\n'
        cat
    } >"$dir/$1.iona"
    assemble "$dir/$1.iona" "$dir/$1.ionpack" && native "$dir/$1.ionpack" "$dir/$1" -O2 || say 1 "$1 builds"
}
# wait_for FILE WORDS: until a file holds them, ten seconds at most.
wait_for() {
    tries=100
    until grep -q "$2" "$1" 2>/dev/null; do
        tries=$((tries - 1))
        [ $tries -gt 0 ] || return 1
        sleep 0.1
    done
}

program busy <<'END'
    LOAD_CONST r1, function:waiter
    SPAWN r2, r1, []
    LOAD_CONST r1, "this goes to standard error at once"
    LOAD_CONST r3, :__stdlib:Eprint
    CALL r2, r3, [r1]
loop:
    JUMP loop
.end
.function waiter (arity: 0)
    RECEIVE r1
.end
END
program read <<'END'
    LOAD_CONST r1, :__stdlib:ReadLine
    CALL r2, r1, []
    CALL r2, r14, [r2]
.end
END
program sleep <<'END'
    LOAD_CONST r1, :__stdlib:Sleep
    LOAD_CONST r2, 1000000
    CALL r2, r1, [r2]
.end
END
program texts <<'END'
    LOAD_CONST r1, function:texts
    LOAD_CONST r3, "a"
    SPAWN r4, r1, [r3]
    LOAD_CONST r3, "b"
    SPAWN r5, r1, [r3]
    LOAD_CONST r3, "c"
    SPAWN r6, r1, [r3]
    LINK r4, r7
    LINK r5, r7
    LINK r6, r7
.end
.function texts (arity: 1)              ; lines of 200,000 times the argument, and short ones in between
    LOAD_CONST r1, 200000
    MUL r2, r0, r1
    LOAD_CONST r3, 20
    LOAD_CONST r4, 1
    LOAD_CONST r5, :__stdlib:PrintLn
again:
    CALL r6, r5, [r2]
    CALL r6, r5, [r0]
    SUB r3, r3, r4
    JUMP_IF_TRUE r3, again
    RETURN r3
.end
END
program waits <<'END'
    LOAD_CONST r1, function:busy
    LOAD_CONST r2, 0
    LOAD_CONST r3, 1
    LOAD_CONST r4, 200
again:
    SPAWN r5, r1, [r2]
    SPAWN r6, r1, [r4]
    LINK r5, r7
    SELECT r7, [r5, r6]
    LINK r6, r7
    ADD r2, r2, r3
    LESS_THAN r7, r2, r4
    JUMP_IF_TRUE r7, again
.end
.function busy (arity: 1)
    LOAD_CONST r1, 1
    ADD r0, r0, r1
loop:
    SUB r0, r0, r1
    JUMP_IF_TRUE r0, loop
    RETURN r0
.end
END
program spend <<'END'
    LOAD_CONST r1, function:forever
    SPAWN r2, r1, []
    SPAWN r2, r1, []
    SPAWN r2, r1, []
    CALL r2, r1, []
.end
.function forever (arity: 0)
loop:
    JUMP loop
.end
END
program deadlock <<'END'
    LOAD_CONST r1, function:deep
    CALL r2, r1, []
.end
.function deep (arity: 0)
    RECEIVE r1
    MOVE r2, r1
    RETURN r2
.end
END
program crash <<'END'
    LOAD_CONST r1, function:waiter
    SPAWN r2, r1, []
    LOAD_CONST r1, 1
    YIELD
    CALL r1, r1, []
.end
.function waiter (arity: 0)
    RECEIVE r1
.end
END

# ---- long texts: they are written piece by piece, and each is in one piece ----

for n in 1 4; do
    ION_SCHEDULERS=$n "$dir/texts" >"$dir/out" 2>"$dir/err"
    [ $? = 0 ] && [ "$(sort "$dir/out" | uniq -c | awk '{ print $1, length($2), substr($2, 1, 1) }' | sort | tr '\n' ' ')" = \
        "1 7 s 20 1 a 20 1 b 20 1 c 20 200000 a 20 200000 b 20 200000 c " ]
    say $? "long texts keep together, $n schedulers"
done

# ---- reductions: waiting is a matter of chance where there are several schedulers, and costs nothing ----

for i in 1 2 3 4 5 6 7 8; do
    ION_REDUCTIONS=1 ION_SCHEDULERS=4 ION_TIMESLICE=$((50 * i)) "$dir/waits" 2>&1 >/dev/null
done >"$dir/reductions"
[ "$(sort -u "$dir/reductions" | wc -l)" = 1 ]
say $? "a program spends the same reductions in each run on several schedulers"

# Fuel that all share: nobody ends before it is spent but for what others have of their slices, and what slices overdraw.
ION_LIMIT_TOTAL_FUEL=1000000 ION_REDUCTIONS=1 ION_SCHEDULERS=4 "$dir/spend" 2>"$dir/err" >"$dir/out"
[ $? = 1 ] && [ "$(grep -c 'limit:fuel' "$dir/err")" = 4 ] &&
    awk '/^reductions:/ { exit !($2 >= 1000000 - 3 * 2000 && $2 <= 1000000 + 4 * 16) }' "$dir/err"
say $? "fuel that all share is spent, and no more"

# ---- signals ----

# ended PROGRAM SIGNAL STATUS WHAT: the program is ended by the signal in order: its output is there.
ended() {
    timeout -k 20 -s "$2" --preserve-status 0.5 "$dir/$1" <&9 >"$dir/out" 2>"$dir/err"
    [ $? = "$3" ] && [ "$(cat "$dir/out")" = started ]
    say $? "$4"
}
for n in 1 4; do
    export ION_SCHEDULERS=$n
    for name in busy read sleep; do
        ended $name TERM 143 "$name, SIGTERM, $n schedulers"
    done
    ended busy INT 130 "SIGINT, $n schedulers"
    ION_VIRTUAL_TIME=1 ended read INT 130 "SIGINT while input is waited for under virtual time"
done
unset ION_SCHEDULERS
# Where nobody reads the output, it never gets out; the second signal does not wait for it.
program noisy <<'END'
    LOAD_CONST r1, "0123456789"
    LOAD_CONST r3, 10000
    MUL r1, r1, r3
loop:
    CALL r2, r14, [r1]
    JUMP loop
.end
END
mkfifo "$dir/unread"
exec 8<>"$dir/unread"
"$dir/noisy" >&8 2>/dev/null &
pid=$!
sleep 0.3
kill -TERM $pid
sleep 0.3
kill -0 $pid 2>/dev/null && kill -TERM $pid
wait $pid
[ $? = 143 ]
say $? "a second signal ends a program that cannot end in order"
exec 8<&-

# ---- dumps ----

for n in 1 4; do
    dump=$dir/dump.$n
    rm -f "$dir/err"
    ION_SCHEDULERS=$n ION_DUMP=$dump "$dir/busy" >"$dir/out" 2>"$dir/err" <&9 &
    pid=$!
    wait_for "$dir/err" "at once"
    kill -USR1 $pid
    wait_for "$dump" "end of dump"
    kill -USR1 $pid
    tries=50
    until [ "$(grep -c "end of dump" "$dump" 2>/dev/null)" = 2 ] || [ $tries = 0 ]; do sleep 0.1; tries=$((tries - 1)); done
    kill -TERM $pid
    wait $pid
    [ $? = 143 ] && [ "$(grep -c "^ion dump: asked for" "$dump")" = 2 ] &&
        grep -q "^process 1: runnable; mailbox 0, " "$dump" && grep -q "^  at busy:main, instruction 8: JUMP" "$dump" &&
        grep -q "^process 2: waits for a message; " "$dump" && grep -q "^  at busy:waiter, instruction 0: RECEIVE r1" "$dump"
    say $? "SIGUSR1 writes a dump, $n schedulers"
    ION_SCHEDULERS=$n ION_DUMP=$dump "$dir/deadlock" >"$dir/out" 2>"$dir/err"
    [ $? = 3 ] && [ "$(grep -c "^ion dump: deadlock" "$dump")" = 1 ] && grep -q "^  at deadlock:deep, " "$dump" &&
        grep -q "^  at deadlock:main, " "$dump"
    say $? "a deadlock writes a dump, $n schedulers"
    ION_SCHEDULERS=$n ION_DUMP=$dump "$dir/crash" >"$dir/out" 2>"$dir/err"
    [ $? = 1 ] && grep -q "^ion dump: the main process has ended badly" "$dump" &&
        grep -q "^process 1 crashed: cannot call a number" "$dump" && grep -q "^process 2: " "$dump"
    say $? "a crash of the main process writes a dump, $n schedulers"
    ION_SCHEDULERS=$n ION_DUMP=$dump ION_LIMIT_FUEL=10k "$dir/busy" >"$dir/out" 2>"$dir/err"
    [ $? = 1 ] && grep -q "^process 1 crashed: limit:fuel" "$dump"
    say $? "a limit writes a dump, $n schedulers"
done
"$dir/sleep" >"$dir/out" 2>&1 &
pid=$!
wait_for "/proc/$pid/comm" sleep
sleep 0.2
kill -USR1 $pid
wait $pid 2>/dev/null
[ $? = 138 ]
say $? "without ION_DUMP SIGUSR1 does what it does"
ION_DUMP=$dir/no/such/folder "$dir/deadlock" >"$dir/out" 2>"$dir/err"
[ $? = 3 ] && grep -q "^cannot write the dump" "$dir/err"
say $? "a dump that cannot be written: a line"

# ---- counts ----

ION_STATS=1 "$dir/deadlock" >"$dir/out" 2>"$dir/err"
grep -q "^stats: processes: 1$" "$dir/err" && grep -q "^stats: memory_peak: [1-9]" "$dir/err" &&
    grep -q "^stats: reductions: [1-9]" "$dir/err"
say $? "ION_STATS"
assemble examples/nbody/nbody.iona "$dir/nbody.ionpack" && native "$dir/nbody.ionpack" "$dir/nbody" -O2
ION_STRESS_GC=1 ION_STATS=1 "$dir/nbody" >"$dir/out" 2>"$dir/err"
grep -q "^stats: collections: [1-9]" "$dir/err" && grep -q "^stats: heap: [0-9]*$" "$dir/err"
say $? "collections are counted"

# ---- limits by option ----

"$IONC" --limit fuel=1k --limit=frames=2M --jit "$dir/busy.ionpack" >"$dir/out" 2>"$dir/err"
[ $? = 1 ] && grep -q "^process 1 crashed: limit:fuel" "$dir/err"
say $? "--limit with --jit"
native "$dir/busy.ionpack" "$dir/busy-limited" -O2 --limit total-fuel=1k && "$dir/busy-limited" >"$dir/out" 2>"$dir/err"
[ $? = 1 ] && grep -q "^process 1 crashed: limit:fuel" "$dir/err"
say $? "--limit in an executable"
ION_LIMIT_TOTAL_FUEL=0 ION_LIMIT_TIME=100 "$dir/busy-limited" >"$dir/out" 2>"$dir/err"
[ $? = 1 ] && grep -q "^process 1 crashed: limit:time" "$dir/err"
say $? "the environment has the last word"
for bad in fuel "fuel=" fuel=x fuel=1T fuel=-1 fuel=99999999999G fuels=1; do
    "$IONC" --limit "$bad" --jit "$dir/busy.ionpack" >"$dir/out" 2>"$dir/err"
    [ $? = 2 ] && [ "$(wc -l <"$dir/err")" = 1 ]
    say $? "--limit $bad is refused"
done
ION_LIMIT_HEAP=x "$dir/sleep" >"$dir/out" 2>"$dir/err"
[ $? = 2 ] && grep -q '^ION_LIMIT_HEAP: expected a number, .*, got "x"' "$dir/err"
say $? "ION_LIMIT_HEAP=x is refused"
