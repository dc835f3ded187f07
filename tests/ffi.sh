#!/bin/sh
# ffi.sh: native functions. Each folder of tests/ffi, and package/ in examples/native-*, is a package in the making: `c/NAME.c` becomes
# lib/linux/x86_64/NAME.so. It must print expected.txt (and errors.txt, where there is one, on standard error) and end with the
# status in `status` (0), in every way in which it can be run; where a line of `needs` names a library that is not there, it
# is left out. Then what is wrong with META-INF/FFI.ion. Usage: ffi.sh [FOLDER].
set -u
. "$(dirname "$0")/lib.sh"
dir=$T/ffi
mkdir -p "$dir"

# there LIBRARY: whether the loader finds it.
there() {
    /sbin/ldconfig -p 2>/dev/null | grep -q "$1"
}

# run NAME WAY COMMAND...: compares.
run() {
    run_name=$1 run_way=$2
    shift 2
    out=$dir/$run_name.out err=$dir/$run_name.err
    timeout -s KILL 120 "$@" >"$out" 2>"$err" </dev/null
    got=$?
    wanted=0
    [ -f "$from/status" ] && wanted=$(cat "$from/status")
    if [ $got != "$wanted" ]; then
        echo "not ok ffi: $run_name, $run_way: status $got (see $err)"
    elif ! cmp -s "$out" "$from/expected.txt"; then
        echo "not ok ffi: $run_name, $run_way: $(diff "$out" "$from/expected.txt" | sed -n 2p) (see $out)"
    elif [ -f "$from/errors.txt" ] && ! cmp -s "$err" "$from/errors.txt"; then
        echo "not ok ffi: $run_name, $run_way: $(diff "$err" "$from/errors.txt" | sed -n 2p) (see $err)"
    else
        echo "ok ffi: $run_name, $run_way"
    fi
}

# warnings NAME: the generated C compiles without any.
warnings() {
    for mode in "" -O0 --exact; do
        "$IONC" $mode --emit-c "$dir/$1.ionpack" -o "$dir/$1.c" 2>/dev/null
        for cc in "gcc -std=c11 -O1" "clang -std=c11" tcc; do
            command -v ${cc%% *} >/dev/null || continue
            $cc -Wall -Wextra -Iinclude -c "$dir/$1.c" -o "$dir/$1.o" >"$dir/$1.log" 2>&1 && [ ! -s "$dir/$1.log" ] && continue
            echo "not ok ffi: $1, warnings of $cc: $(head -n 1 "$dir/$1.log")"
            return
        done
    done
    echo "ok ffi: $1, no warnings"
}

one() {
    from=$1 name=$(basename "$1")
    work=$dir/$name
    for library in $(cat "$from/needs" 2>/dev/null); do
        there "$library" || {
            echo "skip ffi: $name needs $library"
            return
        }
    done
    rm -rf "$work" && mkdir -p "$work"
    parts=$from
    [ -d "$from/package" ] && parts=$from/package
    cp -r "$parts/META-INF" "$parts/classes" "$work"
    [ -d "$parts/lib" ] && cp -r "$parts/lib" "$work"
    for source in "$from"/c/*.c; do
        [ -f "$source" ] || continue
        mkdir -p "$work/lib/linux/x86_64"
        gcc -O1 -Wall -Wextra -shared -fPIC -Iinclude "$source" \
            -o "$work/lib/linux/x86_64/$(basename "$source" .c).so" -lpthread || return
    done
    pack=$dir/$name.ionpack
    "$IONC" --asm "$work" -o "$pack" || {
        echo "not ok ffi: $name is not assembled"
        return
    }
    warnings "$name"
    ION_SCHEDULERS=1 run "$name" "--jit" "$IONC" --jit "$pack"
    ION_SCHEDULERS=4 run "$name" "--jit on four schedulers" "$IONC" --jit "$pack"
    ION_STRESS_GC=1 run "$name" "--jit, collecting at every allocation" "$IONC" --jit "$pack"
    ION_STRESS_SLICE=1 run "$name" "--jit, in slices of one reduction" "$IONC" --jit "$pack"
    run "$name" "--jit --exact" "$IONC" --jit --exact "$pack"
    run "$name" "--jit -O0" "$IONC" --jit -O0 "$pack"
    for level in 0 2; do
        "$IONC" --cc "$NATIVE_CC" -O$level "$pack" -o "$work/$level" >"$work/log" 2>&1
        run "$name" "natively, -O$level" "$work/$level"
    done
    ION_STRESS_GC=1 run "$name" "natively, collecting at every allocation" "$work/2"
    if [ -z "${SANITIZE:-}" ]; then
        "$IONC" --cc tcc "$pack" -o "$work/tcc" >"$work/log" 2>&1
        run "$name" "natively, by tcc" "$work/tcc"
        "$IONC" --unit 20 "$pack" -o "$work/split" >"$work/log" 2>&1
        run "$name" "natively, in several units" "$work/split"
    fi
}

# refused LINE MESSAGE: what is said about a line of META-INF/FFI.ion.
refused() {
    rm -rf "$dir/bad" && mkdir -p "$dir/bad/META-INF"
    printf 'IonPack-Version: 1.0\nName: bad\nVersion: 1.0.0\nFFI-Libraries: a.so, b.so\n' >"$dir/bad/META-INF/MANIFEST.ion"
    printf '# declarations\n\n%s\n' "$1" >"$dir/bad/META-INF/FFI.ion"
    "$IONC" --asm "$dir/bad" -o "$dir/bad.ionpack"
    said=$("$IONC" --emit-c "$dir/bad.ionpack" -o "$dir/bad.c" 2>&1)
    status=$?
    if [ $status = 1 ] && [ "$said" = "ionc: $dir/bad.ionpack: META-INF/FFI.ion: line 3: $2" ]; then
        echo "ok ffi: refused: $1"
    else
        echo "not ok ffi: of '$1' it says '$said' (status $status)"
    fi
}

# denied LIST STATUS TEXT: the package `memory` with some capabilities taken away says this.
denied() {
    ION_DENY=$1 "$IONC" --jit "$dir/memory.ionpack" >"$dir/denied.out" 2>&1
    status=$?
    if [ $status = "$2" ] && grep -qF "$3" "$dir/denied.out"; then
        echo "ok ffi: without $1"
    else
        echo "not ok ffi: without $1: status $status (see $dir/denied.out)"
    fi
}

if [ $# = 1 ]; then
    one "${1%/}"
    exit
fi
find tests/ffi examples -name META-INF | sed 's|/META-INF$||; s|/package$||' | sort | xargs -P "$CORES" -n 1 sh "$0"
refused 'double hypot(double x)' "no colon behind a library's name"
refused 'c.so: double f()' 'FFI-Libraries does not name c.so'
refused 'a.so: f()' 'no type f'
refused 'a.so: double' "the function's name is missing"
refused 'a.so: char *f()' 'no type char'
refused 'a.so: const f()' 'no type const; text is `string` or `bytes`'
refused 'a.so: void *f()' 'pointers are of type `pointer`, text of type `string`'
refused 'a.so: int32 f(void *p)' 'pointers are of type `pointer`, text of type `string`'
refused 'a.so: bytes f()' 'a function cannot give bytes, as nobody knows how many; `pointer` or `string`'
refused 'a.so: void f(int32, void)' 'a parameter of type void'
refused 'a.so: int32 printf(string s, ...)' 'a function with a variable number of arguments cannot be called'
refused 'a.so: int32 f(int32 x' "')' is missing at the end"
refused 'a.so: int32 f(int32 x y)' "')' expected before 'y)'"
refused 'a.so: int32 f(int32 x) slowly' 'nothing but `blocking` may stand behind the declaration'
refused 'a.so: int32 f(int32 (*g)(int32)) blocking' 'a blocking function cannot take callbacks'
refused 'a.so: value f() blocking' 'a blocking function cannot take or give values'
refused 'a.so: int32 f(string (*g)())' 'a callback cannot give string'
refused 'a.so: int32 f(int32 (*g)(value v))' 'a callback cannot take value'
refused 'a.so: int32 f(int32 (g)())' "'*' expected before 'g)())'"
refused 'a.so: void f(int8,int8,int8,int8,int8,int8,int8,int8,int8,int8,int8,int8,int8,int8,int8,int8,int8)' 'more than 16 parameters'
denied ffi 1 'ffi:ion (for allocate in Main:main), ffi:libc.so.6 (for strtod in Main:main)'
denied ffi:libc.so.6 1 'ffi:libc.so.6 (for strtod in Main:main)'
denied ffi:nowhere.so 0 'Runtime error: not allowed'

# What a library is granted for is itself: not what it depends on, and by whatever path it is found.
own() { # LIBRARY DECLARATION FUNCTION
    rm -rf "$dir/own" && mkdir -p "$dir/own/META-INF" "$dir/own/classes"
    printf 'IonPack-Version: 1.0\nName: own\nVersion: 1.0.0\nMain-Class: Main\nFFI-Libraries: %s\n' "$1" >"$dir/own/META-INF/MANIFEST.ion"
    printf '%s: %s\n' "$1" "$2" >"$dir/own/META-INF/FFI.ion"
    printf '.function main (arity: 0)\n    LOAD_CONST r1, :__ffi:%s\n    LOAD_CONST r2, "1"\n    CALL r3, r1, [r2]\n    RETURN r3\n.end\n' "$3" >"$dir/own/classes/Main.iona"
    "$IONC" --asm "$dir/own" -o "$dir/own.ionpack"
}
says() { # NAME TEXT OPTION...
    name=$1 want=$2
    shift 2
    got=$("$IONC" "$@" --jit --print-result "$dir/own.ionpack" 2>&1)
    case $got in
    *"$want"*) echo "ok ffi: $name" ;;
    *) echo "not ok ffi: $name: $got" ;;
    esac
}
own libm.so.6 'int32 atoi(string s)' atoi
says "functions of what a library depends on are not its own" 'Function not found: atoi' --allow ffi:libm.so.6
own libc.so.6 'int32 atoi(string s)' atoi
says "its own are" 1 --allow ffi:libc.so.6
libc=$(ldd "$(command -v sh)" | sed -n 's/.* => \(\/.*\/libc\.so\.6\) .*/\1/p')
own "${libc:-/lib/libc.so.6}" 'int32 atoi(string s)' atoi
says "a library that is denied is denied by its path, too" "not allowed: ffi:/" --deny ffi:libc.so.6
