#!/bin/sh
# run.sh: runs all tests, or those named: unit includes docs tools dependencies security embed scale memory suite ffi races no-opt warnings packs random. Usage:
# make test [ONLY="suite packs"].
#
# Each part writes lines `ok …`, `not ok …`, `skip …` to a file in $T/log. What failed or was skipped is shown, with a
# count a part; the last line is the total, and the exit status says whether anything failed.
set -u
cd "$(dirname "$0")/.."
. tests/lib.sh
mkdir -p "$T/log"
parts=${*:-unit includes docs tools dependencies security embed scale memory suite ffi races no-opt warnings packs random}

unit() {
    for test in $UNIT; do
        timeout -s KILL 300 "$test" "$PACKS" >"$test.d.out" 2>&1
        status=$?
        grep -a '^ok\|^not ok\|^skip' "$test.d.out" | sed "s|^\(ok\|not ok\|skip\)|& $(basename "$test"):|"
        rm -f "$T/log/$(basename "$test").err"
        if [ $status != 0 ] && ! grep -q '^not ok' "$test.d.out"; then
            mv "$test.d.out" "$T/log/$(basename "$test").err"
            echo "not ok $(basename "$test"): ended with status $status (see $T/log/$(basename "$test").err)"
        fi
        rm -f "$test.d.out"
    done
}

includes() {
    sh tests/check-includes.sh
}

docs() {
    sh tests/docs.sh "$B/bin" README.md docs/*.md
}

tools() {
    sh tests/tools.sh
    sh tests/bench/small.sh
}

dependencies() {
    sh tests/dependencies.sh
}

security() {
    sh tests/security.sh
}

embed() {
    EMBED_TESTS=$EMBED_TESTS RACES_B=$RACES_B sh tests/embed.sh
}

scale() {
    sh tests/scale.sh
}

memory() {
    sh tests/memory.sh
}

warnings() {
    if [ -n "$SANITIZE" ]; then
        echo "skip warnings: the C is the same without sanitizers"
    else
        sh tests/warnings.sh
    fi
}

suite() {
    find tests/programs examples -name '*.iona' ! -path '*/classes/*' | sort | B="$B" T="$T" xargs -P "$CORES" -n 1 sh tests/check.sh
}

ffi() {
    sh tests/ffi.sh
}

# Under ThreadSanitizer, in a tree of its own ($RACES_B), unless there are other sanitizers.
races() {
    if [ -n "$SANITIZE" ]; then
        sh tests/races.sh
    else
        SEEDS="0 1" sh tests/races.sh
        B=$RACES_B SEEDS="0 1 2" sh tests/races.sh | sed 's/ races: / races under ThreadSanitizer: /'
    fi
}

no_opt() {
    WITHOUT=$(echo $NO_OPT)
    export WITHOUT
    suite
    unset WITHOUT
}

packs() {
    sh tests/packs.sh
}

random() {
    sh tests/random/light.sh "${RANDOM_LIGHT_N:-$([ -n "$SANITIZE" ] && echo 800 || echo 2500)}" "${RANDOM_SEED:-1}"
    sh tests/random/run.sh "${RANDOM_N:-150}" "${RANDOM_SEED:-1}"
}

export B T SANITIZE PACKS
passed=0 failed=0
for part in $parts; do
    log=$T/log/$part
    before=$(date +%s)
    "$(echo "$part" | tr - _)" >"$log" 2>&1
    seconds=$(($(date +%s) - before))
    grep -v '^ok' "$log"
    good=$(grep -c '^ok' "$log")
    bad=$(grep -c '^not ok' "$log")
    echo "$part: $good passed, $bad failed, $seconds s"
    passed=$((passed + good)) failed=$((failed + bad))
done
echo "$passed passed, $failed failed"
[ $failed = 0 ] && [ $passed -gt 0 ]
