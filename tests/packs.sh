#!/bin/sh
# packs.sh: packages made by other tools give the results that are known of them. With B, T and PACKS set.
set -u
. "$(dirname "$0")/lib.sh"
if [ ! -d "$PACKS" ]; then
    echo "skip packages made by other tools: there is no $PACKS"
    exit 0
fi
dir=$T/packs
mkdir -p "$dir"

# want NAME LAST-LINE: what --print-result shows at the end; an empty LAST-LINE: it only has to run.
want() {
    pack=$PACKS/$1.ionpack
    for way in jit native; do
        if [ $way = jit ]; then
            timeout -s KILL 30 "$IONC" --jit --print-result "$pack" >"$dir/$1.out" 2>"$dir/$1.err"
        else
            native "$pack" "$dir/$1.exe" &&
                ION_PRINT_RESULT=1 timeout -s KILL 30 "$dir/$1.exe" >"$dir/$1.out" 2>"$dir/$1.err"
        fi
        status=$?
        got=$(tail -n 1 "$dir/$1.out")
        if [ $status = 0 ] && { [ -z "$2" ] || [ "$got" = "$2" ]; }; then
            echo "ok $1, $way"
        else
            echo "not ok $1, $way: status $status, last line $got"
        fi
        cp "$dir/$1.out" "$dir/$1.$way.out"
    done
    "$ORACLE" --print-result "$pack" >"$dir/$1.oracle.out" 2>&1
    if [ "$got" = "$(tail -n 1 "$dir/$1.oracle.out")" ]; then
        echo "ok $1, the oracle agrees"
    else
        echo "not ok $1: the oracle's last line is $(tail -n 1 "$dir/$1.oracle.out")"
    fi
}

want hello-6a78734 42
want hello-1c81b82 42
want hello-2026 42
want complex-6a78734 "{name: Alice, age: 30, active: true}"
want complex-1c81b82 "{active: true, name: Alice, age: 30}"
want complex-2026 "{name: Alice, active: true, age: 30}"
want actors-6a78734 50 # its worker multiplies by 2
want actors-1c81b82 50
want actors-6fa5af2 625
want actors-2026 625
want control_flow_test-ca9d06d medium
want comparison_test-3b4776f true
want main-79c06b1 ""
want main-100aa00 ""

# The interleaving of two processes at a slice of four reductions, line by line.
cat >"$dir/actors.want" <<'END'
[DEBUG] Atom: :MAIN: Starting execution
[DEBUG] Atom: :MAIN: Worker function reference loaded
[DEBUG] Function: [Function: worker]
[DEBUG] Atom: :MAIN: About to spawn worker process
[DEBUG] Atom: :WORKER: Started, waiting for message
[DEBUG] Atom: :MAIN: Successfully spawned worker process
[DEBUG] Atom: :MAIN: About to send message to worker
[DEBUG] Atom: :MAIN: Message sent, now waiting for response
[DEBUG] Atom: :WORKER: Received message
[DEBUG] Number: 25
[DEBUG] Atom: :WORKER: Processed result
[DEBUG] Number: 625
[DEBUG] Atom: :WORKER: Sent result back to coordinator
[DEBUG] Atom: :MAIN: Received response from worker
[DEBUG] Number: 625
END
# interleaves WAY COMMAND...
interleaves() {
    way=$1
    shift
    "$@" >"$dir/actors.out" 2>"$dir/actors.err"
    if cmp -s "$dir/actors.out" "$dir/actors.want"; then
        echo "ok actors-2026 with slices of 4, $way"
    else
        echo "not ok actors-2026 with slices of 4, $way"
        diff "$dir/actors.want" "$dir/actors.out" | head -n 5
    fi
}
interleaves --jit "$IONC" --jit --exact --timeslice 4 "$PACKS/actors-2026.ionpack"
interleaves oracle "$ORACLE" --timeslice 4 "$PACKS/actors-2026.ionpack"
native "$PACKS/actors-2026.ionpack" "$dir/actors.exe" --exact --timeslice 4
interleaves native "$dir/actors.exe"

if "$IONC" --disasm "$PACKS/test.ionc" | grep -q 'RETURN\|LOAD_CONST'; then
    echo "ok test.ionc disassembles"
else
    echo "not ok test.ionc disassembles"
fi
