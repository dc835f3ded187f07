#!/bin/sh
# shrink.sh FILE OUT KIND NATIVE: makes a program that compare.sh complains about smaller, as long as it complains.
#
# Instructions become NOP, in runs of falling length; then NOPs go (jumps are by label, so nothing moves). Whatever
# stage is tried, OUT holds the smallest program so far.
set -u
here=$(dirname "$0")
file=$1 out=$2 kind=$3 native=$4
work=$(mktemp -d "${TMPDIR:-/tmp}/shrink-XXXXXX")
trap 'rm -rf "$work"' EXIT
reason=$(ORACLE_LIMIT=2 LIMIT=4 sh "$here/compare.sh" "$file" "$work/c" "$kind" "$native")
[ $? = 1 ] || exit 1
# the kind of difference must stay: without the numbers in it
shape() { echo "$1" | sed 's/[.0-9]//g'; }
want=$(shape "$reason")

fails() {
    again=$(ORACLE_LIMIT=2 LIMIT=4 sh "$here/compare.sh" "$1" "$work/c" "$kind" "$native")
    [ $? = 1 ] && [ "$(shape "$again")" = "$want" ]
}

cp "$file" "$out"
run=64
while [ $run -ge 1 ]; do
    total=$(grep -c '^    [A-Z]' "$out")
    from=1
    while [ $from -le "$total" ]; do
        # instructions from..from+run-1 become NOP, unless all of them are already
        if awk -v from=$from -v to=$((from + run)) '
            /^    [A-Z]/ { n++; if (n >= from && n < to && !/^    NOP/) { print "    NOP"; changed = 1; next } }
            { print }
            END { exit !changed }' "$out" >"$work/try.iona" && fails "$work/try.iona"; then
            cp "$work/try.iona" "$out"
        fi
        from=$((from + run))
    done
    run=$((run / 2))
done
for length in 64 16 4 1; do
    total=$(grep -c '^    NOP' "$out")
    from=$total
    while [ "$from" -ge 1 ]; do
        low=$((from - length + 1))
        awk -v from="$low" -v to="$from" '/^    NOP/ { n++; if (n >= from && n <= to) next } { print }' "$out" >"$work/try.iona"
        if fails "$work/try.iona"; then
            cp "$work/try.iona" "$out"
        fi
        from=$((from - length))
    done
done
# labels that nothing refers to, functions that nothing names
awk 'NR == FNR { all = all "\n" $0; next } /^(L[0-9]+|out):$/ { l = substr($0, 1, length($0) - 1); if (all !~ ("[ ,(]" l "[^0-9:]")) next } { print }' \
    "$out" "$out" >"$work/try.iona"
fails "$work/try.iona" && cp "$work/try.iona" "$out"
for name in $(sed -n 's/^\.function \([a-z0-9]*\) .*/\1/p' "$out"); do
    [ "$name" = main ] && continue
    awk -v name="$name" '$1 == ".function" && $2 == name { skip = 1 } !skip { print } $1 == ".end" { skip = 0 }' "$out" >"$work/try.iona"
    fails "$work/try.iona" && cp "$work/try.iona" "$out"
done
echo "$reason"
exit 0
