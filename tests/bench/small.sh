#!/bin/sh
# small.sh: every benchmark, made small, must come to the same result in the interpreter, with --jit and natively. How
# long it takes does not matter here. The line of a program that says how much it does ends in `; small: N`, which
# stands in for the number before it. With B and T set.
set -u
here=$(dirname "$0")
. "$here/../lib.sh"
dir=$T/bench-small
mkdir -p "$dir"

# result COMMAND...: what it prints, but for the time it took
result() {
    timeout -s KILL 60 "$@" </dev/null 2>&1 | grep -v '^[a-z]*-*ms \|^bytes \|^longest \|^pause-us \|^histogram \|^most-of-all \|^late-'
}

check() {
    name=$(basename "$1" .iona)
    sed 's/\(LOAD_CONST r[0-9]*, \)[0-9.]* *; small: \([0-9.]*\)$/\1\2/' "$1" >"$dir/$name.iona"
    if ! assemble "$dir/$name.iona" "$dir/$name.ionpack"; then
        echo "not ok bench: $name assembles"
        return
    fi
    want=$(result "$ORACLE" "$dir/$name.ionpack")
    case $name:$want in
    hello:hello | [!h]*:"result "[0-9-]*) ;;
    *) echo "not ok bench: $name in the interpreter: $want" ;;
    esac
    native "$dir/$name.ionpack" "$dir/$name.native" -O2
    [ "$(result "$IONC" --jit "$dir/$name.ionpack")" = "$want" ] && [ "$(result "$dir/$name.native")" = "$want" ] &&
        echo "ok bench: $name" || echo "not ok bench: $name: the results differ"
}

if [ $# -gt 0 ]; then
    check "$1"
else
    find "$here" -name "*.iona" ! -path "*/embed/*" ! -path "*/ffi/*" | sort | B="$B" T="$T" xargs -P "$CORES" -n 1 sh "$here/small.sh"
fi
