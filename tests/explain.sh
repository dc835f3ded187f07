#!/bin/sh
# explain.sh: what --explain says of a program is what --emit-c does: the same optimised bodies, C variables, direct calls,
# jumps to the start, inline caches, yield points and charges. Usage: explain.sh [FILE.iona], without a file all programs of the suite.
set -u
. "$(dirname "$0")/lib.sh"
dir=$T/explain
mkdir -p "$dir"

# claims EXPLANATION: what it says, a line each, in an order of its own.
claims() {
    awk '
    /^[^ ]/ { part = "" }
    /^  [a-z]/ { part = $1 }
    /^  body +optimised/ { print "optimised" }
    part == "registers" && $3 ~ /^[nb][0-9]+(_[0-9]+)?$/ { print "variable", $3 }
    part == "code" && /  ; (direct|inlined): / { print "direct" }
    part == "code" && /  ; inlined(, else a tail call)?: / { print "inlined" }
    part == "code" && /  ; inlined if it returns at once, else direct: / { print "direct"; print "inlined" }
    part == "code" && /  ; inline cache/ { print "cache" }
    part == "code" && /  ; inline cache; in the second version a C variable/ { print "kept" }
    part == "code" && /  ; in place: an element/ { print "element" }
    part == "code" && /  ; a jump to the start$/ { print "again" }
    part == "code" && /^    .*loop in two versions, / { print "versions" }
    part == "code" && /^    .*[0-9] reductions?$/ {
        if (/may yield/) print "yields"
        if ($(NF - 1) > 0) print "charge", $(NF - 1)
    }' "$1" | sort
}

# deeds C: the same, of the code.
deeds() {
    awk '
    /^static ion_result .*__fast\(.*[^;]$/ { print "optimised"; fast = 1; variables($0) }
    /^(static|const)/ && !/__fast\(/ { fast = 0 }
    fast && /^    (double|int) [nb]/ { variables($0) }
    fast && /__fast\(p, out, / { print "direct" }
    fast && /^P[0-9]+:$/ && !second { second = 1; print "versions" }
    /^H[0-9]+:$/ { second = 0 }
    second && /^    n[0-9_]+ = f[0-9]+;$/ { print "kept" }
    second && /^    f[0-9]+ = .*;$/ { print "kept" }
    second { next }
    fast && /^    if \(.*__leaf\(/ { print "inlined" }
    fast && /, &C\[[0-9]+\]\)/ { print "cache" }
    fast && /(ION_AT|ION_AT_NUMBER|ION_PUT_AT)\(/ { print "element" }
    fast && /^        goto E;$/ { print "again" }
    !fast && /^    ION_CHECK\(/ { print "yields" }
    !fast && /^    ION_CHARGE\(/ { print "charge", substr($0, 16) + 0 }
    function variables(line) {
        while (match(line, /[ ,(][nb][0-9]+(_[0-9]+)?[ ,)]/)) {
            print "variable", substr(line, RSTART + 1, RLENGTH - 2)
            line = substr(line, RSTART + RLENGTH - 1)
        }
    }' "$1" | sort
}

one() {
    name=$(basename "$1" .iona)
    pack=$dir/$name.ionpack
    assemble "$1" "$pack" || return 0 # malformed on purpose
    "$IONC" --emit-c "$pack" -o "$dir/$name.c" 2>/dev/null || return 0
    "$IONC" --explain "$pack" >"$dir/$name.txt" 2>"$dir/$name.err"
    status=$?
    claims "$dir/$name.txt" >"$dir/$name.claims"
    deeds "$dir/$name.c" >"$dir/$name.deeds"
    if [ $status = 0 ] && [ -s "$dir/$name.txt" ] && cmp -s "$dir/$name.claims" "$dir/$name.deeds" &&
        "$IONC" --explain --exact "$pack" >"$dir/$name.exact" 2>/dev/null; then
        echo "ok explain: $name"
    else
        echo "not ok explain: $name says $(diff "$dir/$name.claims" "$dir/$name.deeds" | sed -n '2p') (see $dir)"
    fi
}

if [ $# = 1 ]; then
    one "$1"
else
    find tests/programs examples -name '*.iona' ! -path '*/classes/*' | sort | xargs -P "$CORES" -n 1 sh "$0"
fi
