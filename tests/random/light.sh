#!/bin/sh
# light.sh N SEED [KIND]: N random programs from SEED on, compared in few processes (light/light.c). A line for each
# that differs; the first of them are made smaller.
set -u
here=$(dirname "$0")
. "$here/../lib.sh"
export ION_SCHEDULERS=1 # the reductions are compared, too
export B T SANITIZE
[ -x "$T/light" ] || {
    echo "not ok random-light: there is no $T/light"
    exit 1
}
dir=$T/random-light
rm -rf "$dir"
mkdir -p "$dir"
"$T/light" "$1" "$2" "$CORES" "$dir" ${3:-}
status=$?
[ "${SHRINK:-1}" = 1 ] || exit $status
find "$dir" -name '*-*.iona' | sort | head -3 | while read -r file; do
    kind=${file##*-}
    sh "$here/shrink.sh" "$file" "${file%.iona}.small" "${kind%.iona}" 0 && echo "shrunk: ${file%.iona}.small"
done
exit $status
