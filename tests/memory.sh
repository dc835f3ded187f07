#!/bin/sh
# memory.sh: what processes take, and that it is given back: what of tests/memory/stages.iona is resident at each stage.
set -u
. "$(dirname "$0")/lib.sh"
if [ -n "$SANITIZE" ]; then
    echo "skip memory: sanitizers need more"
    exit 0
fi
dir=$T/memory
rm -rf "$dir"
mkdir -p "$dir"
assemble "$(dirname "$0")/memory/stages.iona" "$dir/stages.ionpack" || exit 1

kb() { # PID: what is resident
    sed -n 's/^VmRSS:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$1/status"
}

# The program has to come to a stage, and soon no more than so much may be resident beyond the start, at once no less.
stage() { # NAME LEAST MOST
    read -r line <&4
    more=$(($(kb $pid) - start)) tries=0
    enough=$((more >= $2))
    while [ $more -gt "$3" ] && [ $tries -lt 30 ]; do
        sleep 0.1
        more=$(($(kb $pid) - start)) tries=$((tries + 1))
    done
    if [ "$line" = "$1" ] && [ $enough = 1 ] && [ $more -le "$3" ]; then
        echo "ok memory: $how: $1"
    else
        echo "not ok memory: $how: $1: at '$line', $more KB"
    fi
    echo >&3
}

stages() { # COMMAND...
    rm -f "$dir/in" "$dir/out"
    mkfifo "$dir/in" "$dir/out"
    "$@" <"$dir/in" >"$dir/out" &
    pid=$!
    exec 3>"$dir/in" 4<"$dir/out"
    read -r line <&4
    start=$(kb $pid)
    echo >&3
    stage "idle" 10000 15800 # 320 bytes each are 15625 KB, and something for the rest
    stage "idle have ended" 0 6000 # results are kept: 40 bytes each
    stage "hold an array" 15000 26000 # what is kept of those included
    stage "have recursed" 10000 22000
    stage "large heap" 20000 80000
    stage "large heap dropped" 0 10000
    stage "long text" 60000 75000
    stage "long text dropped" 0 10000
    exec 3>&- 4<&-
    wait $pid || echo "not ok memory: $how: status $?"
}

native "$dir/stages.ionpack" "$dir/stages" -O2
for schedulers in 1 2; do
    export ION_SCHEDULERS=$schedulers
    how="native, $schedulers schedulers"
    stages "$dir/stages"
    how="--jit, $schedulers schedulers"
    stages "$IONC" --jit "$dir/stages.ionpack"
done
