#!/bin/sh
# one.sh SEED: generates, compares and, on a difference, keeps and shrinks one random program. A third of each kind.
# Every tenth is built natively too.
set -u
here=$(dirname "$0")
. "$here/../lib.sh"
seed=$1
kind=process native=0
[ $((seed % 3)) = 0 ] && kind=plain
[ $((seed % 3)) = 1 ] && kind=warm
[ $((seed % 10)) = 0 ] && native=1
dir=$T/random/$seed
mkdir -p "$dir"
"$T/gen" "$seed" $kind >"$dir/p.iona"
why=$(sh "$here/compare.sh" "$dir/p.iona" "$dir" $kind $native)
case $? in
0)
    echo "ok random $seed"
    rm -rf "$dir"
    ;;
2)
    echo "passed over random $seed"
    rm -rf "$dir"
    ;;
*)
    [ "${SHRINK:-1}" = 1 ] && sh "$here/shrink.sh" "$dir/p.iona" "$dir/small.iona" $kind $native >/dev/null 2>&1
    echo "not ok random $seed $kind: $why (shrunk: $dir/small.iona)"
    ;;
esac
