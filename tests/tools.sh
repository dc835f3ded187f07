#!/bin/sh
# tools.sh: the command line, its other names, and what it leaves behind when it fails.
set -u
. "$(dirname "$0")/lib.sh"
dir=$T/tools
rm -rf "$dir"
mkdir -p "$dir/empty"
hello=$dir/hello.ionpack
bin=$(cd "$B/bin" && pwd)
assemble examples/hello/hello.iona "$hello"
expected=$(cat examples/hello/expected.txt)

# ok NAME CONDITION...
check() {
    name=$1
    shift
    if "$@"; then echo "ok tools: $name"; else echo "not ok tools: $name"; fi
}
prints() { # TEXT COMMAND...
    want=$1
    shift
    [ "$("$@" 2>/dev/null)" = "$want" ]
}
says() { # STATUS PATTERN COMMAND...: ends so, with one line on standard error that holds the text
    want=$1 pattern=$2
    shift 2
    "$@" >"$dir/out" 2>"$dir/err"
    status=$?
    [ $status = "$want" ] && [ "$(wc -l <"$dir/err")" = 1 ] && grep -q -- "$pattern" "$dir/err"
}

check "ionc --jit" prints "$expected" "$bin/ionc" --jit "$hello"
check "ionvm PACK" prints "$expected" "$bin/ionvm" "$hello"
check "ionvm run PACK" prints "$expected" "$bin/ionvm" run "$hello"
check "ionvm info" sh -c '"$1"/ionvm info "$2" | grep -q "Main-Class *Main"' - "$bin" "$hello"
check "iondis and ionasm are inverse" sh -c '"$1"/iondis "$2" >"$3/a.iona" && "$1"/ionasm "$3/a.iona" -o "$3/a.ionpack" &&
    "$1"/iondis "$3/a.ionpack" | cmp -s - "$3/a.iona"' - "$bin" "$hello" "$dir"
check "--version" sh -c '"$1"/ionc --version | grep -q "^ionc [0-9]"' - "$bin"
check "--help" sh -c '"$1"/ionc --help | grep -q -- "--emit-c"' - "$bin"

native "$hello" "$dir/hello" -O1
check "native" prints "$expected" "$dir/hello"
check "native depends on libc and libm alone" sh -c '[ -n "$2" ] || ! ldd "$1" | grep -v "libc.so\|libm.so\|linux-vdso\|ld-linux"' - "$dir/hello" "$SANITIZE"
if [ -z "$SANITIZE" ]; then
    check "without a C compiler: the stub" sh -c 'PATH=$3/empty CC= "$1"/ionc "$2" -o "$3/stub"' - "$bin" "$hello" "$dir"
    check "the stub runs" prints "$expected" "$dir/stub"
    for cc in tcc clang; do
        command -v $cc >/dev/null || { echo "skip tools: no $cc"; continue; }
        check "--cc $cc" "$bin/ionc" --cc $cc "$hello" -o "$dir/hello-$cc"
        check "--cc $cc runs" prints "$expected" "$dir/hello-$cc"
    done
    check "-g leaves the C beside it" sh -c '"$1"/ionc -g "$2" -o "$3/debug" && [ -s "$3/debug.c" ]' - "$bin" "$hello" "$dir"
    make --no-print-directory install DESTDIR="$dir/root" PREFIX=/usr >/dev/null 2>&1
    check "installed" sh -c '"$3/root/usr/bin/ionc" "$2" -o "$3/installed" && "$3/installed" >/dev/null' - "$bin" "$hello" "$dir"
    check "installed: a library package" "$dir/root/usr/bin/ionc" --emit-c \
        "$dir/root/usr/share/ion/packages/supervision.ionpack" -o "$dir/library.c"
fi

printf 'no archive' >"$dir/bad.ionpack"
check "bad input: a line and status 1" says 1 "^ionc: $dir/bad.ionpack: " "$bin/ionc" "$dir/bad.ionpack" -o "$dir/never"
check "bad input leaves no file" test ! -e "$dir/never"
check "--max-code" says 1 "more than 3 instructions in the class" "$bin/ionc" --max-code 3 --jit "$hello"
check "no such file" says 1 "^ionc: " "$bin/ionc" --jit "$dir/nothing.ionpack"
check "no such compiler" says 1 "no C compiler" "$bin/ionc" --cc no-such-compiler "$hello" -o "$dir/never"
check "no such folder" says 1 "^ionc: " "$bin/ionc" --cc "$NATIVE_CC" "$hello" -o "$dir/nowhere/hello"
check "unknown option" says 2 "^ionc: " "$bin/ionc" --no-such-option
check "two things at once" says 2 "^ionc: --verify and --jit do not go together " "$bin/ionc" --verify --jit "$hello"
check "two things at once, one with an argument" says 2 "^ionc: --sign and --verify do not go together " "$bin/ionc" --sign key "$hello" --verify
check "--shared is for what is built" says 2 "^ionc: --shared has no meaning here " "$bin/ionc" --shared --jit "$hello"
check "--exact is with one scheduler" says 2 "^ionc: --exact is with one scheduler, not 4 " "$bin/ionc" --exact --schedulers 4 --jit "$hello"
assemble examples/nbody/nbody.iona "$dir/nbody.ionpack"
check "--explain of one function" sh -c '"$1"/ionc --explain "$2" energy | head -n 1 | grep -qx "Main:energy (arity 1)"' - "$bin" "$dir/nbody.ionpack"
check "--explain of one in a class" sh -c '[ "$("$1"/ionc --explain "$2" Main:energy | grep -c "^[^ ]")" = 1 ]' - "$bin" "$dir/nbody.ionpack"
check "--explain of all" sh -c '[ "$("$1"/ionc --explain "$2" | grep -c "^Main:")" -gt 2 ]' - "$bin" "$dir/nbody.ionpack"
check "--explain of no function" says 1 "no function energie" "$bin/ionc" --explain "$dir/nbody.ionpack" energie
check "--explain names the culprit" sh -c '"$1"/ionc --explain --no-opt=guesses "$2" momentum | grep -q "^    r7  *any  *frame  *+8  *+8 MUL <- +6 GET_PROP$"' - "$bin" "$dir/nbody.ionpack"
check "--explain without types" sh -c '"$1"/ionc --explain -O0 "$2" momentum | grep -q "^  body  *plain: -O0"' - "$bin" "$dir/nbody.ionpack"
sh tests/explain.sh
sh tests/observe.sh
sh tests/resources.sh
check "--no-opt of an unknown name" says 2 "no optimisation 'x'; there are .*, infer, " "$bin/ionc" --jit --no-opt=quiet,x "$hello"
check "--no-opt" prints "$expected" "$bin/ionc" --jit --no-opt quiet,infer --no-opt=unbox "$hello"
check "--no-opt leaves the optimised bodies out" sh -c '"$1"/ionc --asm tests/programs/recursion_fib.iona -o "$2/fib.ionpack" &&
    "$1"/ionc --emit-c "$2/fib.ionpack" | grep -q __fast && ! "$1"/ionc --emit-c --no-opt=infer "$2/fib.ionpack" | grep -q __fast' - "$bin" "$dir"
check "nothing to do" says 2 "^ionc: " "$bin/ionc"
check "nothing left behind" sh -c '[ -z "$(find "$1" -name "*.ionc-*")" ]' - "$dir"
check "full disk" sh -c '"$1"/ionc --emit-c "$2" >/dev/full 2>/dev/null; [ $? = 1 ]' - "$bin" "$hello"
check "a bare class is listed" sh -c '[ ! -d "$2" ] || "$1"/ionc --disasm "$2/test.ionc" | grep -q test_function' - "$bin" "$PACKS"

check "--debug traces" sh -c '"$1"/ionc --debug --jit "$2" 2>&1 >/dev/null | grep -q "trace 1 Main:main 0 run LOAD_CONST"' - "$bin" "$hello"
check "--print-result" sh -c '[ "$("$1"/ionc --print-result --jit "$2" | tail -n 1)" = "()" ]' - "$bin" "$hello"
