#!/bin/sh
# embed.sh: libion: the programs of tests/embed, the host with plugins, and the library as it is installed.
set -u
. "$(dirname "$0")/lib.sh"
dir=$T/embed
bin=$(cd "$B/bin" && pwd)

check() {
    name=$1
    shift
    if "$@"; then echo "ok embed: $name"; else echo "not ok embed: $name"; fi
}

export TSAN_OPTIONS="exitcode=$SANITIZER_STATUS:suppressions=tests/embed/thread.supp"
try() { # PROGRAM NAME
    timeout -s KILL 300 "$1" "$dir" >"$1.out" 2>"$1.err"
    status=$?
    sed -n "s/^\(ok\|not ok\|skip\) /\1 embed: $2: /p" "$1.out"
    check "$2 ends with status $status and prints nothing else" [ $status = 0 -a ! -s "$1.err" ]
}
for test in $EMBED_TESTS; do
    try "$test" "$(basename "$test")"
done
for test in threads_test blocking_test; do
    [ -n "$SANITIZE" ] || try "$RACES_B/test/embed/$test" "$test under ThreadSanitizer"
done

# ---- plugins ----

plugins=$dir/plugins
rm -rf "$plugins" && mkdir -p "$plugins"
for name in shout counter greedy; do
    "$IONC" --asm examples/plugin-host/$name.iona -o "$plugins/$name.ionpack"
done
(cd "$plugins" && printf 'one\ntwo\nthree\nfour\n' |
    "$bin/plugin-host" shout.ionpack counter.ionpack:allow=pure,host.log greedy.ionpack:fuel=100000) >"$plugins/out" 2>&1
check "a host with plugins" cmp -s "$plugins/out" examples/plugin-host/expected.txt

# One whose file changes; one that is not allowed what it wants.
(
    cd "$plugins" || exit 1
    {
        echo one
        sleep 1
        cp counter.ionpack other && mv other shout.ionpack
        echo two
        sleep 1
    } | "$bin/plugin-host" shout.ionpack:allow=pure counter.ionpack
) >"$plugins/out" 2>&1
check "a plugin whose file changes is loaded again" grep -q '^shout: has changed' "$plugins/out"
check "and is the new one" grep -q '^shout: 1$' "$plugins/out"
check "what a plugin is not allowed stops it alone" grep -q '^counter: cannot be loaded: .*process:spawn' "$plugins/out"

# ---- installed ----

if [ -n "$SANITIZE" ]; then
    echo "skip embed: installing is the same without sanitizers"
    exit 0
fi
root=$dir/root
rm -rf "$root"
make -s install DESTDIR="$(pwd)/$root" PREFIX=/usr B="$B" >"$dir/install.log" 2>&1
check "make install" [ -f "$root/usr/include/ion/ion.h" -a -f "$root/usr/lib/libion.a" -a -f "$root/usr/lib/pkgconfig/ion.pc" ]
for how in "$root/usr/lib/libion.so" "$root/usr/lib/libion.a $(sed -n 's/^Libs.private: //p' "$root/usr/lib/pkgconfig/ion.pc")"; do
    gcc -I"$root/usr/include" tests/embed/hostile_test.c -o "$dir/installed" $how -Wl,-rpath,"$(pwd)/$root/usr/lib" 2>"$dir/installed.log" &&
        "$dir/installed" "$dir" >"$dir/installed.out" 2>&1
    check "a host built with the installed ${how%% *}" [ $? = 0 ]
done
check "the library shows no other names" [ -z "$(nm -D --defined-only "$root/usr/lib/libion.so" | grep -v ' ion_\(status\|data\|package\|options\|runtime\|args\)_')" ]
for compiler in "gcc -std=c11" "clang -std=c11" "g++ -std=c++17 -x c++"; do
    command -v ${compiler%% *} >/dev/null || continue
    echo '#include <ion/ion.h>' >"$dir/header.c"
    check "ion.h compiles with $compiler" $compiler -Wall -Wextra -Werror -I"$root/usr/include" -c "$dir/header.c" -o /dev/null
done
