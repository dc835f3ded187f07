#!/bin/sh
# warnings.sh: the C of every program of the suite, as --emit-c gives it, compiles without a warning in each C compiler
# that is there.
set -u
. "$(dirname "$0")/lib.sh"
dir=$T/warnings
mkdir -p "$dir"

one() {
    name=$(basename "$1" .iona)
    pack=$dir/$name.ionpack
    assemble "$1" "$pack" || return 0 # malformed on purpose
    for mode in "" --exact --debug; do
        code=$dir/$name$mode.c
        "$IONC" --emit-c $mode "$pack" -o "$code" 2>/dev/null || continue
        for cc in "gcc -std=c11 -O2" "clang -std=c11" tcc; do
            command -v ${cc%% *} >/dev/null || continue
            $cc -Wall -Wextra -Iinclude -c "$code" -o "$code.o" >"$code.log" 2>&1 && [ ! -s "$code.log" ] && continue
            echo "not ok warnings: $name $mode with $cc: $(head -n 1 "$code.log")"
            return
        done
    done
    rm -f "$dir/$name"*.o "$dir/$name"*.c.log
    echo "ok warnings: $name"
}

if [ $# = 1 ]; then
    one "$1"
else
    for cc in clang tcc; do command -v $cc >/dev/null || echo "skip warnings: no $cc"; done
    find tests/programs examples -name '*.iona' ! -path '*/classes/*' | sort | xargs -P "$CORES" -n 1 sh "$0"
fi
