#!/bin/sh
# dependencies.sh: packages that depend on others (compiler/resolve.c, search.c, link.c, lockfile.c, fetch.c): what is chosen, what
# is seen of it, that every way of running has it inside, what is refused and how. With B and T set.
set -u
. "$(dirname "$0")/lib.sh"
IONC=$(cd "$B/bin" && pwd)/ionc
RT=$(cd "$B/lib" && pwd)/libionrt.a
include=$(pwd)/include
rm -rf "$T/dependencies"
mkdir -p "$T/dependencies/lib" "$T/dependencies/home" || exit 1
cd "$T/dependencies" || exit 1
HOME=$(pwd)/home
unset XDG_DATA_HOME ION_PATH ION_REGISTRY
export HOME
system=$(dirname "$(dirname "$IONC")")/share/ion/packages
nowhere="., $HOME/.local/share/ion/packages, $system"

# pack FILE NAME VERSION DEPENDENCIES [EXPORTS]: makes a package; its classes come from standard input.
pack() {
    {
        printf '.manifest IonPack-Version: 1.0\n.manifest Name: %s\n.manifest Version: %s\n' "$2" "$3"
        [ -z "$4" ] || printf '.manifest Dependencies: %s\n' "$4"
        [ -z "${5-}" ] || printf '.manifest Exports: %s\n' "$5"
        cat
    } >"$2.iona"
    "$IONC" --asm "$2.iona" -o "$1" || echo "not ok dependencies: $1 is made"
}
# library FILE NAME VERSION DEPENDENCIES: one whose class says its version.
library() {
    pack "$1" "$2" "$3" "$4" <<END
.class $(echo "$2" | tr a-z A-Z)
.function version (arity: 0)
    LOAD_CONST r1, "$2 $3"
    RETURN r1
.end
END
}
# program FILE NAME DEPENDENCIES FUNCTION...: prints what the functions return.
program() {
    program_file=$1 program_name=$2 program_needs=$3
    shift 3
    {
        printf '.manifest Main-Class: Main\n.class Main\n.function main (arity: 0)\n    LOAD_CONST r9, :__stdlib:PrintLn\n'
        for function; do
            printf '    LOAD_CONST r1, '\''function:%s'\''\n    CALL r1, r1, []\n    CALL r2, r9, [r1]\n' "$function"
        done
        printf '.end\n.function own (arity: 0)\n    LOAD_CONST r1, "own"\n    RETURN r1\n.end\n'
    } | pack "$program_file" "$program_name" 1.0.0 "$program_needs"
}
# prints NAME TEXT COMMAND...
prints() {
    name=$1 want=$2
    shift 2
    got=$("$@" 2>&1)
    if [ "$got" = "$want" ]; then
        echo "ok dependencies: $name"
    else
        echo "not ok dependencies: $name"
        printf '%s\n' "wanted: $want" "got: $got" | sed 's/^/    /'
    fi
}
# refuses NAME MESSAGE COMMAND...: status 1, and that message alone.
refuses() {
    name=$1 want=$2
    shift 2
    got=$("$@" 2>&1)
    status=$?
    if [ "$got" = "ionc: $want" ] && [ $status = 1 ]; then
        echo "ok dependencies: $name"
    else
        echo "not ok dependencies: $name"
        printf '%s\n' "wanted: ionc: $want" "got ($status): $got" | sed 's/^/    /'
    fi
}

# ---- what is chosen ----

for version in 1.0.0 1.2.0 1.10.0 2.0.0-rc.1; do
    library lib/text-$version.ionpack text $version ""
done
library lib/text.ionpack text 3.0.0 ""
library lib/json-1.0.0.ionpack json 1.0.0 "text@^1.0"
library lib/json-1.1.0.ionpack json 1.1.0 "text@^1.0, std@1.0"
# chosen NAME DEPENDENCIES VERSION
chosen() {
    program app.ionpack app "$2" TEXT:version
    prints "$1: $2" "text $3" "$IONC" --jit -L lib app.ionpack
}
chosen "the highest" text 3.0.0
chosen "a prefix" text@1.2 1.2.0
chosen "exactly" text@1.0.0 1.0.0
chosen "a caret" text@^1.1 1.10.0
chosen "a tilde" "text@~1.2.0" 1.2.0
chosen "a range" "text@>=1.0,<1.5" 1.2.0
chosen "twice" "text@>=1.0, text@<3" 1.10.0
chosen "a prerelease that is asked for" "text@>=2.0.0-rc.0,<3" 2.0.0-rc.1
chosen "with another importer" "text, json" 1.10.0
chosen "an older importer makes it possible" "json, text@1.0.0" 1.0.0
program app.ionpack app "json@1.1, text" JSON:version text/TEXT:version Main:own app/Main:own own
prints "the tree" "app 1.0.0
  json 1.1.0  (json@1.1) lib/json-1.1.0.ionpack
    text 1.10.0  (text@^1.0) lib/text-1.10.0.ionpack
    std 1.0.0  (std@1.0; part of the runtime)
  text 1.10.0  (text; as above) lib/text-1.10.0.ionpack" "$IONC" --deps -L lib app.ionpack
want="json 1.1.0
text 1.10.0
own
own
own"
prints "--jit" "$want" "$IONC" --jit -Llib app.ionpack
"$IONC" --cc "$NATIVE_CC" -L lib app.ionpack -o app
mv lib away
prints "an executable has all inside" "$want" ./app
mv away lib
"$IONC" -L lib --emit-c app.ionpack -o app.c
$NATIVE_CC -I "$include" app.c "$RT" -lm -lpthread -o app-c
prints "--emit-c" "$want" ./app-c
library lib/a-1.0.0.ionpack a 1.0.0 "text@1.0.0"
library lib/a-2.0.0.ionpack a 2.0.0 "text@3"
library lib/b-1.0.0.ionpack b 1.0.0 "text@<2"
program back.ionpack back "a, b" A:version B:version
prints "a lower version, where the highest does not go with the rest" "a 1.0.0
b 1.0.0" "$IONC" --jit -L lib back.ionpack

# ---- where it is looked for ----

mkdir -p path system "$HOME/.local/share/ion/packages" data/ion/packages
library path/place-1.0.0.ionpack place 1.0.0 ""
program place.ionpack place-user "place" PLACE:version
prints "ION_PATH" "place 1.0.0" env ION_PATH=nothing:path "$IONC" --jit place.ionpack
library "$HOME/.local/share/ion/packages/place-1.1.0.ionpack" place 1.1.0 ""
prints "the user's folder" "place 1.1.0" env ION_PATH=path "$IONC" --jit place.ionpack
library data/ion/packages/place-1.2.0.ionpack place 1.2.0 ""
prints "XDG_DATA_HOME" "place 1.2.0" env XDG_DATA_HOME="$(pwd)/data" "$IONC" --jit place.ionpack
library place-1.3.0.ionpack place 1.3.0 ""
prints "the package's own folder" "place 1.3.0" env ION_PATH=path "$IONC" --jit place.ionpack
library system/place-1.4.0.ionpack place 1.4.0 ""
prints "a registry that is a folder" "place 1.4.0" "$IONC" --jit --registry system place.ionpack
prints "the first folder of two with one version" "place-user 1.0.0
  place 1.4.0  (place) path/place-1.4.0.ionpack" sh -c 'cp system/place-1.4.0.ionpack path && "$1" --deps -L path --registry system place.ionpack && rm path/place-1.4.0.ionpack' - "$IONC"
mkdir -p sub/folder
cp place-1.3.0.ionpack sub/folder/place.ionpack
"$IONC" --asm place-user.iona -o sub/folder/user.ionpack
rm -rf "$HOME/.local"
prints "the folder of a package that lies elsewhere" "place-user 1.0.0
  place 1.3.0  (place) sub/folder/place.ionpack" "$IONC" --deps sub/folder/user.ionpack
program super.ionpack super supervision own
prints "the system's folder" "super 1.0.0
  supervision 1.0.0  (supervision) $system/supervision.ionpack" "$IONC" --deps super.ionpack
cp lib/text-1.0.0.ionpack lib/other-1.0.0.ionpack
cp lib/text-1.0.0.ionpack lib/text-9.0.0.ionpack
program wrong.ionpack wrong other own
refuses "a file that says another name" "wrong.ionpack: lib/other-1.0.0.ionpack: META-INF/MANIFEST.ion: the package is called text, not other as its file" "$IONC" --jit -L lib wrong.ionpack
program wrong.ionpack wrong text@9 own
refuses "a file that says another version" "wrong.ionpack: lib/text-9.0.0.ionpack: META-INF/MANIFEST.ion: its version is 1.0.0, not 9.0.0 as its file says" "$IONC" --jit -L lib wrong.ionpack
rm lib/text-9.0.0.ionpack
cp lib/text-1.0.0.ionpack lib/plain.ionpack
program wrong.ionpack wrong plain own
refuses "a file without a version in its name that says another name is another package" "wrong.ionpack: META-INF/MANIFEST.ion: no package plain, for wrong 1.0.0 -> plain; looked for in ., lib, $HOME/.local/share/ion/packages, $system" "$IONC" --jit -L lib wrong.ionpack
printf 'no archive' >lib/broken-1.0.0.ionpack
program wrong.ionpack wrong broken own
refuses "a damaged package" "wrong.ionpack: lib/broken-1.0.0.ionpack: not a ZIP archive" "$IONC" --jit -L lib wrong.ionpack

# ---- what cannot be ----

program no.ionpack no "json@1.0, yaml@2" own
refuses "a missing package" "no.ionpack: META-INF/MANIFEST.ion: no package json, for no 1.0.0 -> json@1.0; looked for in $nowhere" "$IONC" --jit no.ionpack
refuses "another one" "no.ionpack: META-INF/MANIFEST.ion: no package yaml, for no 1.0.0 -> yaml@2; looked for in ., lib, $HOME/.local/share/ion/packages, $system" "$IONC" --jit -L lib no.ionpack
prints "--info of a package whose dependencies are missing" "no (arity 0)" sh -c '"$1" --info no.ionpack | sed -n "s/^Entry *Main:main/no/p"' - "$IONC"
program no.ionpack no "text@7" own
refuses "no such version" "no.ionpack: META-INF/MANIFEST.ion: no version of text suits no 1.0.0 -> text@7; there are 3.0.0, 1.10.0, 1.2.0, 1.0.0, 2.0.0-rc.1" "$IONC" --jit -L lib no.ionpack
program no.ionpack no "text@3, json" own
refuses "a conflict shows both chains" "no.ionpack: lib/json-1.1.0.ionpack: META-INF/MANIFEST.ion: no version of text suits both no 1.0.0 -> text@3 and no 1.0.0 -> json 1.1.0 -> text@^1.0; there are 3.0.0, 1.10.0, 1.2.0, 1.0.0, 2.0.0-rc.1" "$IONC" --jit -L lib no.ionpack
program no.ionpack no "std@2" own
refuses "another standard library" "no.ionpack: META-INF/MANIFEST.ion: no version of std suits no 1.0.0 -> std@2; there is 1.0.0" "$IONC" --jit -L lib no.ionpack
library lib/x-1.0.0.ionpack x 1.0.0 y
library lib/y-1.0.0.ionpack y 1.0.0 z
library lib/z-1.0.0.ionpack z 1.0.0 x
program no.ionpack no x own
refuses "a circle" "no.ionpack: lib/x-1.0.0.ionpack: META-INF/MANIFEST.ion: packages depend on each other in a circle: x -> y -> z -> x" "$IONC" --jit -L lib no.ionpack
program no.ionpack no no own
refuses "a package that depends on itself" "no.ionpack: META-INF/MANIFEST.ion: packages depend on each other in a circle: no -> no" "$IONC" --jit -L lib no.ionpack
program no.ionpack no "text@^x" own
refuses "a range that is none" "no.ionpack: META-INF/MANIFEST.ion: Dependencies: '^x' is no version and no range, of text" "$IONC" --jit -L lib no.ionpack
# A chain of 300 packages, and versions that never fit: neither deep nor long.
i=300
library lib/chain300.ionpack chain300 1.0.0 ""
while [ $i -gt 280 ]; do
    i=$((i - 1))
    library lib/chain$i.ionpack chain$i 1.0.0 "chain$((i + 1)), text@<=2"
done
program no.ionpack no chain280 own
prints "a long chain" own "$IONC" --jit -L lib no.ionpack

library lib/chain300.ionpack chain300 1.0.0 "text@>=3"
refuses "a long chain in a message" "no.ionpack: lib/chain300.ionpack: META-INF/MANIFEST.ion: no version of text suits both no 1.0.0 -> chain280 1.0.0 -> text@<=2 and no 1.0.0 -> chain280 1.0.0 -> chain281 1.0.0 -> chain282 1.0.0 -> chain283 1.0.0 -> chain284 1.0.0 -> chain285 1.0.0 -> chain286 1.0.0 -> chain287 1.0.0 -> chain288 1.0.0 -> ... -> chain291 1.0.0 -> chain292 1.0.0 -> chain293 1.0.0 -> chain294 1.0.0 -> chain295 1.0.0 -> chain296 1.0.0 -> chain297 1.0.0 -> chain298 1.0.0 -> chain299 1.0.0 -> chain300 1.0.0 -> text@>=3; there are 3.0.0, 1.10.0, 1.2.0, 1.0.0, 2.0.0-rc.1" "$IONC" --jit -L lib no.ionpack
library lib/chain300.ionpack chain300 1.0.0 chain280
refuses "a long circle" "no.ionpack: lib/chain280.ionpack: META-INF/MANIFEST.ion: packages depend on each other in a circle: chain280 -> chain281 -> chain282 -> chain283 -> chain284 -> chain285 -> chain286 -> chain287 -> chain288 -> chain289 -> ... -> chain291 -> chain292 -> chain293 -> chain294 -> chain295 -> chain296 -> chain297 -> chain298 -> chain299 -> chain300 -> chain280" "$IONC" --jit -L lib no.ionpack

# ---- what is seen ----

pack lib/shapes.ionpack shapes 1.0.0 "" "Circle , Text" <<'END'
.class Circle
.function area (arity: 0)
    LOAD_CONST r1, function:Inner:pi
    CALL r1, r1, []
    RETURN r1
.end
.class Inner
.function pi (arity: 0)
    LOAD_CONST r1, 3.14
    RETURN r1
.end
.class Text
.function version (arity: 0)
    LOAD_CONST r1, "of shapes"
    RETURN r1
.end
.class Main
.function own (arity: 0)
    LOAD_CONST r1, "the other own"
    RETURN r1
.end
.resource "pi.txt" "3.14159"
END
pack lib/solids.ionpack solids 1.0.0 "shapes" <<'END'
.class Text
.function version (arity: 0)
    LOAD_CONST r1, "of solids"
    RETURN r1
.end
.class Ball
.function resource (arity: 0)
    LOAD_CONST r1, "shapes/pi.txt"
    LOAD_CONST r2, :__stdlib:ReadResource
    CALL r1, r2, [r1]
    RETURN r1
.end
.function list (arity: 0)
    LOAD_CONST r2, :__stdlib:Resources
    CALL r1, r2, []
    RETURN r1
.end
.function mine (arity: 0)
    LOAD_CONST r1, "see/note"
    LOAD_CONST r2, :__stdlib:ReadResource
    CALL r1, r2, [r1]
    RETURN r1
.end
.resource "r" "of solids"
END
program see.ionpack see "shapes, solids" area Circle:area shapes/Text:version solids/Text:version own Ball:resource
prints "classes of others, by name, by package" "3.14
3.14
of shapes
of solids
own
3.14159" "$IONC" --jit -L lib see.ionpack
program see.ionpack see "shapes, solids" Text:version
refuses "a class that two packages export" "see.ionpack: classes/Main.ionc: offset 64: class Text could be any of: solids/Text, shapes/Text" "$IONC" --jit -L lib see.ionpack
program see.ionpack see "shapes, solids" version
refuses "a function that two packages export" "see.ionpack: classes/Main.ionc: offset 64: function version could be any of: solids/Text:version, shapes/Text:version" "$IONC" --jit -L lib see.ionpack
for class in Inner shapes/Inner; do
    program see.ionpack see "shapes" $class:pi
    refuses "a class that is not exported: $class" "see.ionpack: classes/Main.ionc: offset 64: no function $class:pi: class Inner of package shapes is not among its Exports" "$IONC" --jit -L lib see.ionpack
done
program see.ionpack see "solids" Circle:area
refuses "a class of a package that is not listed" "see.ionpack: classes/Main.ionc: offset 64: no function Circle:area: class Circle is of package shapes, which is not among the Dependencies of see" "$IONC" --jit -L lib see.ionpack
program see.ionpack see "shapes" pi
refuses "what there is does not list what is hidden" "see.ionpack: classes/Main.ionc: offset 64: no function pi; there are: Main:main, Main:own, shapes/Circle:area, shapes/Text:version" "$IONC" --jit -L lib see.ionpack
program see.ionpack see "solids" Ball:list Ball:mine
printf '\n.resource "note" "of see"\n' >>see.iona
"$IONC" --asm see.iona -o see.ionpack
prints "resources" "[note, solids/r, shapes/pi.txt]
of see" "$IONC" --jit -L lib see.ionpack
pack lib/net-work.ionpack net-work 1.0.0 "" <<'END'
.class http/Client
.function get (arity: 0)
    LOAD_CONST r1, "theirs"
    RETURN r1
.end
.class Main
.function main (arity: 0)
    LOAD_CONST r1, "their main"
    RETURN r1
.end
END
program see.ionpack see "net-work" http/Client:get net-work/http/Client:get net-work/Main:main Main:own
prints "classes with folders, and names that both have" "theirs
theirs
their main
own" "$IONC" --jit -L lib see.ionpack
cat >>see.iona <<'END'
.class "net-work/http/Client"
.function get (arity: 0)
    LOAD_CONST r1, "ours"
    RETURN r1
.end
END
"$IONC" --asm see.iona -o see.ionpack
"$IONC" --cc "$NATIVE_CC" -L lib see.ionpack -o see
prints "a package's own class goes first" "theirs
ours
their main
own" ./see
pack lib/lies.ionpack lies 1.0.0 "" "Lies, Nothing" <<'END'
.class Lies
.function f (arity: 0)
    RETURN r0
.end
END
program see.ionpack see "lies" own
prints "Exports of what is not there" "warning: see.ionpack: lib/lies.ionpack: META-INF/MANIFEST.ion: Exports: there is no class Nothing
own" "$IONC" --jit -L lib see.ionpack
pack lib/crash.ionpack crash 1.0.0 "" <<'END'
.class Crash
.function f (arity: 0)
    LOAD_CONST r1, 1
    CALL r1, r1, []
    RETURN r1
.end
END
program see.ionpack see "crash" Crash:f
prints "a crash in a package names it" "process 1 crashed: cannot call a number
  at crash/Crash:f, instruction 1: CALL r1, r1, []
  at Main:main, instruction 2: CALL r1, r1, []" "$IONC" --jit -L lib see.ionpack

# ---- locks ----

program app.ionpack app "json, text" JSON:version TEXT:version
"$IONC" --lock -L lib app.ionpack
sum() {
    sha256sum <"$1" | cut -d ' ' -f 1
}
prints "the lock" "# what the dependencies of a package are, by ionc --lock
Lock-Version: 1
json 1.1.0 sha256:$(sum lib/json-1.1.0.ionpack)
text 1.10.0 sha256:$(sum lib/text-1.10.0.ionpack)" cat app.lock
library lib/text-1.11.0.ionpack text 1.11.0 ""
prints "later builds keep to it" "json 1.1.0
text 1.10.0" "$IONC" --jit -L lib app.ionpack
prints "unless --update" "json 1.1.0
text 1.11.0" "$IONC" --jit --update -L lib app.ionpack
cp lib/text-1.10.0.ionpack kept
pack lib/text-1.10.0.ionpack text 1.10.0 "" <<'END'
.class TEXT
.function version (arity: 0)
    LOAD_CONST r1, "another"
    RETURN r1
.end
END
refuses "a sum that differs" "app.ionpack: lib/text-1.10.0.ionpack: its SHA-256 sum is $(sum lib/text-1.10.0.ionpack), app.lock says $(sum kept); --update takes it all the same" "$IONC" --jit -L lib app.ionpack
mkdir -p second && cp kept second/text-1.10.0.ionpack
prints "the one whose sum is right is taken" "json 1.1.0
text 1.10.0" "$IONC" --jit -L lib -L second app.ionpack
rm lib/text-1.10.0.ionpack
refuses "a package of the lock that is missing" "app.ionpack: app.lock: text 1.10.0 is in the lock, but not there; looked for in ., lib, $HOME/.local/share/ion/packages, $system" "$IONC" --jit -L lib app.ionpack
cp kept lib/text-1.10.0.ionpack
program app.ionpack app "json, text, b" JSON:version
refuses "a dependency that is not in the lock" "app.ionpack: app.lock: b is not in the lock, for app 1.0.0 -> b; ionc --lock makes it anew" "$IONC" --jit -L lib app.ionpack
program app.ionpack app "json, text@1.11" JSON:version
refuses "a lock that is out of date" "app.ionpack: META-INF/MANIFEST.ion: no version of text suits app 1.0.0 -> text@1.11; there is 1.10.0 (by app.lock; ionc --lock makes it anew)" "$IONC" --jit -L lib app.ionpack
program app.ionpack app "json, text" JSON:version
"$IONC" --lock -L lib app.ionpack -o elsewhere
prints "-o, --lock-file" "text 1.11.0" sh -c 'grep -o "^text [^ ]*" elsewhere' -
prints "--lock-file decides" "app 1.0.0
  json 1.1.0  (json) lib/json-1.1.0.ionpack
    text 1.11.0  (text@^1.0) lib/text-1.11.0.ionpack
    std 1.0.0  (std@1.0; part of the runtime)
  text 1.11.0  (text; as above) lib/text-1.11.0.ionpack" "$IONC" --deps -L lib --lock-file elsewhere app.ionpack
refuses "a lock that is named and missing" "app.ionpack: nothing.lock: cannot open: No such file or directory" "$IONC" --deps -L lib --lock-file nothing.lock app.ionpack
# lock NAME MESSAGE TEXT: a malformed lock
lock() {
    printf "$3" >bad.lock
    refuses "a lock: $1" "app.ionpack: bad.lock: $2" "$IONC" --deps -L lib --lock-file bad.lock app.ionpack
}
zeros=$(printf %064d 0)
lock "empty" "this is no lock: it does not begin with Lock-Version: 1" ""
lock "of another kind" "this is no lock: it does not begin with Lock-Version: 1" "Lock-Version: 2\njson 1.0.0 sha256:$zeros\n"
lock "too few words" "line 2 is not NAME VERSION sha256:SUM" "Lock-Version: 1\njson 1.0.0\n"
lock "a sum too short" "line 2 is not NAME VERSION sha256:SUM" "Lock-Version: 1\njson 1.0.0 sha256:00\n"
lock "another sum" "line 2 is not NAME VERSION sha256:SUM" "Lock-Version: 1\njson 1.0.0 md5:$zeros\n"
lock "no version" "line 3 is not NAME VERSION sha256:SUM" "Lock-Version: 1\n\njson one sha256:$zeros\n"
lock "a name twice" "line 3: json is there twice" "Lock-Version: 1\njson 1.0.0 sha256:$zeros\njson 1.0.0 sha256:$zeros\n"
lock "a NUL byte" "the lock is not UTF-8" 'Lock-Version: 1\n\000\n'

# ---- a registry by address ----

program app.ionpack app "json, text@1.0" JSON:version TEXT:version
rm -f app.lock
mkdir -p pipes && mkfifo pipes/text-1.0.9.ionpack
prints "a pipe is no package" "json 1.1.0
text 1.0.0" timeout 20 "$IONC" --jit -L pipes -L lib app.ionpack
mkdir -p registry/packs
cp lib/json-1.0.0.ionpack registry/
cp lib/text-1.0.0.ionpack registry/packs/t.ionpack
{
    echo "# a registry"
    echo "json 1.0.0 sha256:$(sum registry/json-1.0.0.ionpack) json-1.0.0.ionpack"
    echo "text 1.0.0 sha256:$(sum registry/packs/t.ionpack) packs/t.ionpack"
} >registry/index
registry=file://$(pwd)/registry
if "$IONC" --deps --registry "$registry" app.ionpack 2>&1 | grep -q 'libcurl'; then
    echo "skip dependencies: registries by address: no libcurl"
    exit 0
fi
rm -rf "$HOME/.local"
prints "fetched" "json 1.0.0
text 1.0.0" env ION_REGISTRY="$registry" "$IONC" --jit app.ionpack
mv registry gone
prints "and kept" "json 1.0.0
text 1.0.0" "$IONC" --jit app.ionpack
mv gone registry
rm -rf "$HOME/.local"
"$IONC" --lock --registry "$registry" app.ionpack
prints "a lock of what is fetched" "text 1.0.0 sha256:$(sum registry/packs/t.ionpack)" grep '^text' app.lock
prints "with a lock, a registry is not asked for what is there" "json 1.0.0
text 1.0.0" "$IONC" --jit --registry "$registry/nowhere" app.ionpack
rm -rf "$HOME/.local"
echo "text 1.0.1 sha256:$zeros packs/t.ionpack" >>registry/index
prints "and fetched by the lock" "json 1.0.0
text 1.0.0" "$IONC" --jit --registry "$registry" app.ionpack
rm -rf "$HOME/.local" app.lock
refuses "a sum that is not the index's" "app.ionpack: $registry/packs/t.ionpack: its SHA-256 sum is $(sum registry/packs/t.ionpack), the registry's index says $zeros" "$IONC" --jit --registry "$registry" app.ionpack
prints "is not kept" "" sh -c 'ls "$HOME/.local/share/ion/packages" | grep text' -
echo "text 1.0.0 sha256:$(sum registry/packs/t.ionpack) packs/none" >registry/index
program app.ionpack app "text" TEXT:version
refuses "a file that is not there" "app.ionpack: $registry/packs/none: cannot be fetched: Couldn't open file $(pwd)/registry/packs/none" "$IONC" --jit --registry "$registry" app.ionpack
refuses "no index" "app.ionpack: $registry/x/index: cannot be fetched: Couldn't open file $(pwd)/registry/x/index" "$IONC" --jit --registry "$registry/x" app.ionpack
prints "another protocol" "ionc: app.ionpack: ftp://localhost/index: cannot be fetched:" sh -c '"$1" --jit --registry ftp://localhost app.ionpack 2>&1 | grep -o "^.*cannot be fetched:"' - "$IONC"
echo "json 1.0.0 sha256:$(sum registry/json-1.0.0.ionpack) json-1.0.0.ionpack" >registry/index
echo "text 1.9.0 sha256:$(sum registry/packs/t.ionpack) packs/t.ionpack" >>registry/index
"$IONC" --jit --registry "$registry" app.ionpack >/dev/null 2>&1
prints "what is not what the index says is not kept" "" find . -name 'text-1.9.0*'
# index NAME LINE
index() {
    echo "$2" >registry/index
    refuses "an index: $1" "app.ionpack: $registry/index: line 1 is not NAME VERSION sha256:SUM FILE" "$IONC" --jit --registry "$registry" app.ionpack
}
index "too few words" "text 1.0.0 sha256:$zeros"
index "too many" "text 1.0.0 sha256:$zeros a b"
index "a path that climbs" "text 1.0.0 sha256:$zeros ../t"
index "a path that climbs, in disguise" "text 1.0.0 sha256:$zeros %2e%2e/t"
index "an absolute path" "text 1.0.0 sha256:$zeros /etc/passwd"
index "an address" "text 1.0.0 sha256:$zeros http://x/y"
index "a name with a slash" "te/xt 1.0.0 sha256:$zeros t"
index "no version" "text newest sha256:$zeros t"
