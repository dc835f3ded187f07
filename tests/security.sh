#!/bin/sh
# security.sh: what a program may do (runtime/capability.c, grant.c, compiler/needs.c), and who made a package (compiler/sign.c).
# With B and T set.
set -u
. "$(dirname "$0")/lib.sh"
IONC=$(cd "$B/bin" && pwd)/ionc
RT=$(cd "$B/lib" && pwd)/libionrt.a
include=$(pwd)/include
rm -rf "$T/security"
mkdir -p "$T/security/home" || exit 1
cd "$T/security" || exit 1
HOME=$(pwd)/home
unset XDG_DATA_HOME ION_PATH ION_REGISTRY ION_ALLOW ION_DENY ION_KEYS
export HOME

# ends NAME STATUS TEXT COMMAND...: all that it prints, on both ways.
ends() {
    name=$1 want_status=$2 want=$3
    shift 3
    got=$("$@" 2>&1)
    status=$?
    if [ "$got" = "$want" ] && [ $status = "$want_status" ]; then
        echo "ok security: $name"
    else
        echo "not ok security: $name"
        printf '%s\n' "wanted ($want_status): $want" "got ($status): $got" | sed 's/^/    /'
    fi
}

# ---- capabilities ----

cat >caps.iona <<'END'
.manifest IonPack-Version: 1.0
.manifest Name: caps
.manifest Version: 1.0.0
.manifest Main-Class: Main
.class Main
.function main (arity: 0)
    LOAD_CONST r1, "hello"
    LOAD_CONST r2, :__stdlib:PrintLn
    CALL r3, r2, [r1]
    LOAD_CONST r2, function:Main:child
    SPAWN r3, r2, []
    RETURN r3
.end
.function child (arity: 0)
    LOAD_CONST r1, 5
    LOAD_CONST r2, [:__stdlib:Eprint, :__stdlib:sleep]
    LOAD_CONST r3, 1
    GET_PROP r2, r2, r3
    CALL r3, r2, [r1]
    RETURN r3
.end
.function unused (arity: 0)
    LOAD_CONST r2, :__stdlib:ReadLine
    CALL r3, r2, []
    RETURN r3
.end
END
"$IONC" --asm caps.iona -o caps.ionpack
ends "all is granted" 0 hello "$IONC" --jit caps.ionpack
ends "what is needed is enough" 0 hello "$IONC" --allow io:stdout,io:stderr --allow=process:spawn,time:sleep --jit caps.ionpack
ends "stdio" 0 hello "$IONC" --allow stdio --jit caps.ionpack
ends "all that is missing is named" 1 "caps: not allowed: io:stdout (for PrintLn in Main:main), process:spawn (for SPAWN in Main:main), io:stderr (for Eprint in Main:child), time:sleep (for Sleep in Main:child)" \
    "$IONC" --allow none --jit caps.ionpack
ends "nothing has run" 1 "caps: not allowed: time:sleep (for Sleep in Main:child)" "$IONC" --deny time:sleep --jit caps.ionpack
ends "to deny is stronger, in any order" 1 "caps: not allowed: io:stdout (for PrintLn in Main:main)" "$IONC" --deny io:stdout --allow all --jit caps.ionpack
ends "what nothing refers to needs nothing" 0 hello "$IONC" --deny io:stdin --jit caps.ionpack
ends "by the environment" 1 "caps: not allowed: process:spawn (for SPAWN in Main:main)" env ION_DENY=process:spawn "$IONC" --jit caps.ionpack
ends "without optimisation" 1 "caps: not allowed: io:stdin (for ReadLine in Main:unused)" "$IONC" -O0 --no-opt=reach --deny io:stdin --jit caps.ionpack
"$IONC" --cc "$NATIVE_CC" --allow stdio caps.ionpack -o caps
ends "an executable" 0 hello ./caps
ends "an executable, narrowed" 1 "caps: not allowed: io:stderr (for Eprint in Main:child)" env ION_DENY=io:stderr ./caps
ends "narrowed by what is allowed" 1 "caps: not allowed: io:stderr (for Eprint in Main:child), time:sleep (for Sleep in Main:child)" env ION_ALLOW=io:stdout,process:spawn ./caps
"$IONC" --cc "$NATIVE_CC" --allow pure caps.ionpack -o caps
refusal="caps: not allowed: io:stdout (for PrintLn in Main:main), io:stderr (for Eprint in Main:child)"
ends "an executable that may not" 1 "$refusal" ./caps
ends "the environment cannot widen" 1 "$refusal" env ION_ALLOW=all ./caps
ends "nor by other lists" 1 "$refusal" env ION_ALLOW=io:stdout,io:stderr,pure ION_DENY=ffi ./caps
"$IONC" --allow pure --emit-c caps.ionpack -o caps.c
$NATIVE_CC -I "$include" caps.c "$RT" -lm -lpthread -o caps-c
ends "--emit-c has it too" 1 "$refusal" ./caps-c
ends "a bad list in the environment" 2 'ION_ALLOW: expected capabilities with commas between them, got "io"' env ION_ALLOW=io ./caps
ends "a bad list on the command line" 2 "ionc: --deny: no capability 'io:out'; there are io:stdout, io:stderr, io:stdin, resource:read, time:sleep, process:spawn, ffi, none, pure, stdio, all, ffi:LIBRARY (ionc --help shows the usage)" \
    "$IONC" --deny stdio,io:out --jit caps.ionpack
