#!/bin/sh
# resources.sh: files that packages carry, in every way of running them (compiler/carry.c, emit.c, stub.c). Part of `tools`. With B and T
# set.
set -u
. "$(dirname "$0")/lib.sh"
IONC=$(cd "$B/bin" && pwd)/ionc
RT=$(cd "$B/lib" && pwd)/libionrt.a
include=$(pwd)/include
rm -rf "$T/resources"
mkdir -p "$T/resources/pack/resources/sub" "$T/resources/pack/classes" "$T/resources/pack/META-INF" "$T/resources/empty" || exit 1
cd "$T/resources" || exit 1

cat >pack/META-INF/MANIFEST.ion <<'END'
IonPack-Version: 1.0
Name: res
Version: 1.0.0
Main-Class: Main
Dependencies: other
END
cat >pack/classes/Main.iona <<'END'
.function main (arity: 1)
    LOAD_CONST r2, :__stdlib:ReadResource
    CALL r3, r2, [r0]
    LOAD_CONST r2, :__stdlib:Print
    CALL r3, r2, [r3]
    RETURN r3
.end
END
files="small bytes below exactly big sub/two"
: >pack/resources/empty
printf x >pack/resources/small
awk 'BEGIN { for (i = 0; i < 256; i++) printf "%c", i }' </dev/null | LC_ALL=C cat >pack/resources/bytes
printf 'a\000b??=\\"\n%%' >>pack/resources/bytes
head -c 4095 "$IONC" >pack/resources/below
head -c 4096 "$IONC" >pack/resources/exactly
head -c 3000000 "$IONC" >pack/resources/big
tail -c 5001 "$IONC" >pack/resources/sub/two
"$IONC" --asm pack -o res.ionpack
mkdir -p other/META-INF other/resources other/classes
printf 'IonPack-Version: 1.0\nName: other\nVersion: 1.0.0\n' >other/META-INF/MANIFEST.ion
tail -c 6000 "$IONC" >other/resources/data
printf '.function f (arity: 0)\n    RETURN r0\n.end\n' >other/classes/Other.iona
"$IONC" --asm other -o other.ionpack

# gives WAY COMMAND...: the program prints each file as it is.
gives() {
    way=$1 wrong=
    shift
    for file in $files; do
        "$@" "$file" 2>err | cmp -s - "pack/resources/$file" || wrong="$wrong $file"
    done
    "$@" other/data 2>err | cmp -s - other/resources/data || wrong="$wrong other/data"
    "$@" res/big 2>err | cmp -s - pack/resources/big || wrong="$wrong res/big"
    [ -z "$("$@" empty)" ] || wrong="$wrong empty"
    [ "$("$@" none)" = undefined ] || wrong="$wrong none"
    if [ -z "$wrong" ]; then echo "ok resources: $way"; else echo "not ok resources: $way:$wrong"; fi
}

gives "--jit" "$IONC" --jit res.ionpack
"$IONC" --cc "$NATIVE_CC" res.ionpack -o native; gives "native" ./native
rm native
"$IONC" -v --cc "$NATIVE_CC" res.ionpack -o native 2>&1 | grep -q 'taken from the cache' ||
    echo "not ok resources: nothing is taken from the cache"
gives "native, from the cache" ./native
printf y | dd of=pack/resources/big bs=1 seek=1000000 conv=notrunc 2>/dev/null # the size stays
"$IONC" --asm pack -o res.ionpack
"$IONC" --cc "$NATIVE_CC" res.ionpack -o native; gives "a cached executable does not hide a change" ./native
"$IONC" --unit 1 --cc "$NATIVE_CC" res.ionpack -o units; gives "several C files" ./units
"$IONC" -g --cc "$NATIVE_CC" res.ionpack -o debug; gives "-g" ./debug
if [ "$(wc -c <debug.c)" -lt 1000000 ]; then echo "ok resources: they are not in the C"; else echo "not ok resources: they are in the C"; fi
"$IONC" --emit-c res.ionpack -o plain.c
$NATIVE_CC -I "$include" plain.c "$RT" -lm -lpthread -o plain; gives "--emit-c" ./plain
if [ -z "$SANITIZE" ]; then
    for cc in tcc clang; do
        command -v $cc >/dev/null || { echo "skip resources: no $cc"; continue; }
        "$IONC" --cc $cc res.ionpack -o $cc-native; gives "$cc" ./$cc-native
        $cc -I "$include" plain.c "$RT" -lm -lpthread -o $cc-plain; gives "--emit-c, $cc" ./$cc-plain
    done
    PATH=$(pwd)/empty CC= "$IONC" res.ionpack -o stub; gives "the stub" ./stub
    if readelf -lW native | grep -q 'GNU_STACK.* RW '; then echo "ok resources: the stack is not executable"; else echo "not ok resources: the stack is executable"; fi
fi
