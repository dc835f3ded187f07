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

# ---- signatures ----

"$IONC" --keygen key "Ann Author" && "$IONC" --keygen other
ends "the secret key is for its owner alone" 0 "-rw-------" sh -c 'ls -l key | cut -c 1-10'
ends "keys are not written over" 1 "ionc: key: there is a key already: it would be lost" "$IONC" --keygen key
ends "the keys of a pair differ" 1 "" cmp -s key key.pub
public=$(cut -d ' ' -f 1 key.pub)
other_public=$(cut -d ' ' -f 1 other.pub)
cp caps.ionpack signed.ionpack
"$IONC" --sign key signed.ionpack
ends "--verify" 0 "signed by $public Ann Author" "$IONC" --verify signed.ionpack
ends "--verify with a key" 0 "signed by $public Ann Author" "$IONC" --verify --require-signature key.pub signed.ionpack
ends "--verify with a key itself" 0 "signed by $public Ann Author" "$IONC" --verify --require-signature "$public" signed.ionpack
ends "--verify with another key" 1 "ionc: signed.ionpack: META-INF/CERT.ion: signed by $public, which is not among the keys of other.pub" "$IONC" --verify --require-signature other.pub signed.ionpack
ends "--verify of what is not signed" 1 "ionc: caps.ionpack: the package is not signed" "$IONC" --verify caps.ionpack
ends "a signed package runs" 0 hello "$IONC" --jit signed.ionpack
ends "where a signature is required" 0 hello "$IONC" --jit --require-signature key.pub signed.ionpack
{
    echo "# whom we trust"
    cat other.pub
    echo
    cat key.pub
} >keys
ends "several keys" 0 hello "$IONC" --jit --require-signature keys signed.ionpack
ends "what is not signed is refused" 1 "ionc: caps.ionpack: the package is not signed" "$IONC" --jit --require-signature keys caps.ionpack
"$IONC" --require-signature keys caps.ionpack -o never 2>/dev/null
ends "and no file is made" 1 "" test -e never
"$IONC" --sign other signed.ionpack -o twice.ionpack
ends "signed anew" 0 "signed by $other_public" "$IONC" --verify twice.ionpack
"$IONC" --sign key signed.ionpack -o again.ionpack
ends "the same package and key, the same bytes" 0 "" cmp signed.ionpack again.ionpack
ends "a secret key is no key to check with" 1 "ionc: signed.ionpack: key: line 1 is no public key, ed25519: and 64 hex digits" "$IONC" --verify --require-signature key signed.ionpack
ends "a public key is no key to sign with" 1 "ionc: signed.ionpack: key.pub: this is no secret key, ed25519-secret: and 64 hex digits" "$IONC" --sign key.pub signed.ionpack
: >nothing
ends "a file without keys" 1 "ionc: signed.ionpack: nothing: there is no key in it" "$IONC" --verify --require-signature nothing signed.ionpack
ends "no such keys" 1 "ionc: signed.ionpack: none: cannot open: No such file or directory" "$IONC" --verify --require-signature none signed.ionpack
# A byte of the resource, with its checksum.
printf '.manifest IonPack-Version: 1.0\n.manifest Name: lib\n.manifest Version: 1.0.0\n.class L\n.function one (arity: 0)\n    LOAD_CONST r1, 1\n    RETURN r1\n.end\n.resource "r" "AAAA"\n' >lib.iona
"$IONC" --asm lib.iona -o lib.ionpack
printf '.manifest IonPack-Version: 1.0\n.manifest Name: user\n.manifest Version: 1.0.0\n.manifest Dependencies: lib\n.manifest Main-Class: M\n.class M\n.function main (arity: 0)\n    LOAD_CONST r1, function:L:one\n    CALL r1, r1, []\n    RETURN r1\n.end\n' >user.iona
"$IONC" --asm user.iona -o user.ionpack
"$IONC" --sign key user.ionpack
ends "dependencies must be signed too" 1 "ionc: user.ionpack: ./lib.ionpack: the package is not signed" "$IONC" --jit --require-signature key.pub user.ionpack
"$IONC" --sign other lib.ionpack
ends "by one of the keys" 1 "ionc: user.ionpack: ./lib.ionpack: META-INF/CERT.ion: signed by $other_public, which is not among the keys of key.pub" "$IONC" --jit --require-signature key.pub user.ionpack
ends "and then run" 0 1 "$IONC" --jit --print-result --require-signature keys user.ionpack
mkdir -p old
sed 's/Version: 1.0.0/Version: 0.9.0/' lib.iona >old.iona
"$IONC" --asm old.iona -o old/lib.ionpack
ends "what is not chosen needs no signature" 0 1 "$IONC" --jit --print-result -L old --require-signature keys user.ionpack
sed 's/AAAA/AAAB/' lib.ionpack >tampered.ionpack
ends "a changed byte" 1 "ionc: tampered.ionpack: resources/r: the checksum does not match" "$IONC" --verify tampered.ionpack
