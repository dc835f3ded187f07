#!/bin/sh
# ffi.sh: nanoseconds that a call of a C function takes: natively compiled, with --jit, in C and in LuaJIT, all in one run. With B
# and T set. ROUNDS=N: how often each runs, by turns; medians. The bars: a call with a declared type C's and 3 ns, one
# through libffi libffi's and 20 ns, a callback that of a bare closure and 40 ns.
set -u
here=$(dirname "$0")
. "$here/../lib.sh"
rounds=${ROUNDS:-5}
dir=$T/bench-ffi
rm -rf "$dir" && mkdir -p "$dir/pack/lib/linux/x86_64"
cp -r "$here/ffi/META-INF" "$here/ffi/classes" "$dir/pack"
library=$dir/pack/lib/linux/x86_64/bench.so
gcc -O2 -shared -fPIC "$here/ffi/bench.c" -o "$library" && gcc -O2 "$here/ffi/bare.c" -o "$dir/bare" -lffi -ldl || exit 1
"$IONC" --asm "$dir/pack" -o "$dir/bench.ionpack" && "$IONC" --cc gcc -O2 "$dir/bench.ionpack" -o "$dir/bench" || exit 1
export ION_SCHEDULERS=1
for round in $(seq "$rounds"); do
    "$dir/bare" "$library" >>"$dir/C"
    "$dir/bench" "$library" >>"$dir/native"
    "$IONC" --jit "$dir/bench.ionpack" "$library" >>"$dir/jit"
    command -v luajit >/dev/null && luajit "$here/ffi/bench.lua" "$library" >>"$dir/LuaJIT"
done

# median WHO KIND
median() {
    sed -n "s/^$2 //p" "$dir/$1" 2>/dev/null | sort -n | awk '{ t[NR] = $1 } END { if (NR) printf "%.1f", t[int((NR + 1) / 2)]; else printf "-" }'
}

sh "$here/machine.sh"
printf '\n%-10s %10s %10s %10s %10s\n' ns C LuaJIT native --jit
for row in "direct 3" "integer 3" "text 0" "libffi 20" "callback 40"; do
    set -- $row
    bar=
    [ "$2" != 0 ] && bar=$(awk -v c="$(median C "$1")" -v ours="$(median native "$1")" -v most="$2" \
        'BEGIN { printf "native C+%.1f, bar C+%d %s", ours - c, most, ours - c <= most ? "ok" : "MISSED" }')
    printf '%-10s %10s %10s %10s %10s   %s\n' "$1" "$(median C "$1")" "$(median LuaJIT "$1")" "$(median native "$1")" \
        "$(median jit "$1")" "$bar"
done
[ "$(cat "$dir/C" "$dir/native" "$dir/jit" | grep '^result ' | sort -u | wc -l)" = 5 ] || echo "the results differ"
