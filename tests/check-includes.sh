#!/bin/sh
# check-includes.sh: the rules about who includes whom. Lower layers of the runtime never include higher ones; generated
# C sees one header; each external library is used from one file; no .c file includes another.
set -u
cd "$(dirname "$0")/.."

# Layers by file name without its ending; a file that is not listed is in the layer of the header of its name, or on top.
awk '
BEGIN {
    n = split("value mem idmap random wheel messages number unicode|atom shape|dict visit|heap gc copy|process|object str print|sched|io|ops native program library", layers, "|")
    for (i = 1; i <= n; i++) {
        m = split(layers[i], names, " ")
        for (k = 1; k <= m; k++)
            rank[names[k]] = i
    }
}
function base(path) { sub(/.*\//, "", path); sub(/\.[ch]$/, "", path); return path }
/^#include "/ {
    split($0, part, "\"")
    to = base(part[2])
    from = base(FILENAME)
    if (part[2] ~ /\.c$/)
        bad(part[2] ": a .c file is included")
    header = FILENAME ~ /\.h$/
    if (!header || !(to in rank))
        next
    if (!(from in rank))
        rank[from] = 99
    if (rank[to] > rank[from])
        bad(part[2] " is of a higher layer")
}
function bad(why) { print "not ok includes: " FILENAME ": " why; failed = 1 }
END { if (!failed) print "ok includes: the layers of the headers hold" }
' runtime/*.h runtime/*.c compiler/*.[ch] compiler/embed/*.[ch] include/ion/*.h

# The lowest files know nothing of the scheduler.
low="value mem wheel number atom shape dict heap gc copy"
found=
for name in $low; do
    [ -f runtime/$name.c ] && grep -q '#include "\(sched\|io\|ops\|object\|print\|str\)\.h"' runtime/$name.c && found="$found $name.c"
done
[ -z "$found" ] && echo "ok includes: the heap and what lies below stand alone" ||
    echo "not ok includes: a higher layer is included by$found"

# only HEADER NAME: used from exactly one .c.
only() {
    users=$(grep -l "#include <$1>" compiler/*.[ch] compiler/embed/*.[ch] runtime/*.[ch] include/ion/*.h 2>/dev/null | tr '\n' ' ')
    case $users in
    *.c\ ) [ "$(echo "$users" | wc -w)" = 1 ] && echo "ok includes: $1 is used from $users" && return ;;
    esac
    echo "not ok includes: $1 is used from: $users"
}
only zip.h
only libtcc.h
only sodium.h
only ffi.h

# The ABI header stands alone, so that generated C needs nothing else.
if grep '#include' include/ion/abi.h | grep -qv '"runtime.def"'; then
    echo "not ok includes: abi.h includes more than the table of entry points"
else
    echo "ok includes: generated C sees one header"
fi
