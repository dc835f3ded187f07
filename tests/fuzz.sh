#!/bin/sh
# fuzz.sh TARGET...: runs each fuzz target for SECONDS_EACH seconds, from a corpus of the suite's own packages.
set -u
. "$(dirname "$0")/lib.sh"
status=0
for target; do
    corpus=$T/fuzz/corpus-$target
    mkdir -p "$corpus"
    if [ "$target" = asm ]; then
        cp tests/programs/*.iona examples/*/*.iona "$corpus" 2>/dev/null
    elif [ "$target" = depend ]; then
        echo 'std@1.0, http-client@>=2.0,<3.0, math-lib@^1.2.3-rc.1+b' >"$corpus/list"
        echo '1.0.0-rc.1 1.0.0-rc.2' >"$corpus/versions"
        printf 'Signature-Version: 1\nKey: ed25519:%064d\nDigest: sha256:%064d\nSignature: %0128d\n\001Certificate-Version: 1\nKey: ed25519:%064d\nName: x\n' 0 0 0 0 >"$corpus/signature"
    else
        for file in tests/programs/*.iona; do
            assemble "$file" "$corpus/$(basename "$file" .iona).ionpack"
        done
        rm -f "$corpus"/*.log
    fi
    [ -d "$PACKS" ] && cp "$PACKS"/*.ionpack "$PACKS"/*.ionc "$corpus" 2>/dev/null
    chmod -R u+w "$corpus"
    if "$T/fuzz/$target" -max_total_time="$SECONDS_EACH" -max_len=8192 -timeout=10 -artifact_prefix="$T/fuzz/$target-" \
        -print_final_stats=0 "$corpus" >"$T/fuzz/$target.log" 2>&1; then
        echo "ok fuzz $target: $(grep -c . "$T/fuzz/$target.log") lines of log, $SECONDS_EACH s"
    else
        echo "not ok fuzz $target: see $T/fuzz/$target.log and $T/fuzz/$target-*"
        status=1
    fi
done
exit $status
