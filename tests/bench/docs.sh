#!/bin/sh
# docs.sh: writes what run.sh measured last into docs/performance.md (between the two marks) and docs/performance.svg.
# With T set.
set -eu
here=$(dirname "$0")
dir=$T/bench
page=docs/performance.md
{
    cat "$dir/machine"
    echo
    awk -f "$here/table.awk" "$here/bars" "$dir/measured"
} >"$dir/table"
awk -v table="$dir/table" '
    /^<!-- end of table -->$/ { inside = 0 }
    !inside { print }
    /^<!-- table -->$/ { print "```"; while ((getline line < table) > 0) print line; print "```"; inside = 1 }' "$page" >"$dir/page"
cp "$dir/page" "$page"
awk -v machine="$(sed -n 's/^machine  *//p' "$dir/machine")" -f "$here/plot.awk" "$dir/measured" >docs/performance.svg
echo "wrote $page and docs/performance.svg"
